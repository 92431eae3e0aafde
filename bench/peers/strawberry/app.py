"""The ASGI application; the floor's pool opens and closes with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from strawberry.asgi import GraphQL

from bench.peers.floor.app import open_pool
from bench.peers.floor.work import Work
from bench.peers.strawberry.schema import State, schema


def create_app() -> Starlette:
    """What uvicorn serves."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        pool = await open_pool()
        State.work = Work(pool)
        yield
        await pool.close()

    served: GraphQL[None, None] = GraphQL(schema, graphql_ide=None)
    return Starlette(routes=[Route("/graphql", served), WebSocketRoute("/graphql", served)], lifespan=lifespan)

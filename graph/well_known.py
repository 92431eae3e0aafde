"""What an installation publishes at well-known paths: the keys by which anybody can check its access tokens."""

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from access.tokens import Tokens

JWKS = "/.well-known/jwks.json"
# Well below the time that a key is published before it signs.
_HEADERS = {"cache-control": "public, max-age=300", "x-content-type-options": "nosniff"}


def well_known_routes(tokens: Tokens) -> list[Route]:
    """The public halves of the keys, as a JSON Web Key Set."""

    async def keys(_: Request) -> Response:
        body = orjson.dumps({"keys": tokens.public_keys})
        return Response(body, headers=_HEADERS, media_type="application/jwk-set+json")

    return [Route(JWKS, keys)]

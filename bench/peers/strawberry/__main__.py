"""`python -m bench.peers.strawberry`: one process, told by its environment where to listen and what to ask."""

import os

import uvicorn

from bench.peers.strawberry.app import create_app


def serve() -> None:
    """Serves until it is ended."""
    uvicorn.run(
        create_app(),
        host="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    serve()

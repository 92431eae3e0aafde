"""What a run tears at: PostgreSQL, servers, a worker, a gateway, Redis where there is one, and the wires between."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import asyncpg

from chaos.part import Part
from chaos.plan import Plan
from chaos.wire import Place, Wire
from commands.demo_database import furnish
from models.database import DatabaseUrls
from models.embedded import EmbeddedPostgres
from models.migrate import plain
from settings import Settings
from simulation.keep_alive import Endpoint

MOMENT = datetime(2022, 3, 18, 1, 0, tzinfo=UTC)
"""Where every run's clock begins: eight in the morning of 18 March 2022 in Ho Chi Minh City."""

PROTOCOL = "covid19-hcmc-2022-03-17"
_NAME = "khaibao_chaos"
_SOCKET = ".s.PGSQL.5432"
_PATIENCE = 60.0
# All of a run's people come from one machine, and come back after every fault.
_LIMITS = ", ".join(
    f"{rule}=10000000 per 1 hour"
    for rule in (
        *("declare_by_phone", "declare_by_address", "text_to_unproven_phone", "watch_by_account", "watch_by_address"),
        *("sign_in_by_name", "sign_in_by_name_and_address", "sign_in_by_address"),
    )
)


class NotStarted(Exception):
    """A part did not come up; the text has its last words."""


class Database:
    """PostgreSQL of the run's own, which is killed and started again."""

    def __init__(self, folder: Path, programs: Path | None) -> None:
        self.postgres = EmbeddedPostgres(folder / "postgres", programs)
        self._data = folder / "postgres" / "data"
        self._host: Path | None = None
        self._busy = asyncio.Lock()

    async def start(self) -> DatabaseUrls:
        """Starts it; the three logins' URLs, which hold until it is started anew."""
        await self.postgres.start()
        urls = await self.postgres.database(_NAME)
        self._host = Path(_host(urls.owner))
        return urls

    def place(self) -> Place:
        """Its socket at this moment."""
        # Nobody listens at the second, as nobody listens where a server is down.
        return (self._host or Path("/nowhere")) / _SOCKET

    async def crash(self, sign: signal.Signals) -> None:
        """Ends it without letting it finish, and starts it again: SIGKILL, or SIGQUIT for pg_ctl's immediate."""
        async with self._busy:
            os.kill(int((self._data / "postmaster.pid").read_text().split()[0]), sign)
            await self.postgres.stop()
            await self.start()

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """The owner's connection, past every wire."""
        return await asyncpg.connect(host=str(self._host), user="khaibao_owner", database=_NAME)


class Installation:
    """All parts of a run; made by `installed`."""

    def __init__(self, plan: Plan, folder: Path, password: str) -> None:
        self.plan, self.folder, self.password = plan, folder, password
        self.database = Database(folder, plan.postgres)
        self.servers: list[Part] = []
        self.client_wires: list[Wire] = []
        self.database_wires: list[Wire] = []
        self.worker: Part | None = None
        self.gateway: Part | None = None
        self.redis: Part | None = None
        self.gateway_log = folder / "gateway.jsonl"
        self.environment: dict[str, str] = {}
        self._direct: list[str] = []
        self._gateway_url = ""
        self._session: aiohttp.ClientSession | None = None

    @property
    def endpoints(self) -> list[Endpoint]:
        """Where clients find each server, by way of its wire."""
        return [Endpoint("127.0.0.1", port_of(wire), "/graphql", secure=False) for wire in self.client_wires]

    async def mood(self, mood: str) -> None:
        """Tells the gateway what to do wrong."""
        if self._session is not None:
            async with self._session.post(f"{self._gateway_url}/mood", data=mood) as reply:
                reply.raise_for_status()

    async def taken(self) -> int:
        """How many messages the gateway has taken."""
        if self._session is None:
            return 0
        async with self._session.get(f"{self._gateway_url}/taken") as reply:
            return int((await reply.json())["taken"])

    async def open(self, stack: AsyncExitStack) -> None:
        """Starts everything; the stack ends it. Raises NotStarted, or what the embedded PostgreSQL raises."""
        stack.push_async_callback(self.database.postgres.stop)
        urls = await self.database.start()
        settings = Settings(mode="test", data_dir=self.folder, protocol_pin=PROTOCOL)
        await furnish(settings, urls, self.password)
        await self._set_clock(urls)
        self._session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5.0)))
        self._start_gateway(stack)
        broker = self._start_redis(stack)
        for number in range(self.plan.servers + 1):
            await self._lay_database_wire(number, stack)
        for number in range(self.plan.servers):
            await self._start_server(number, broker, stack)
        self._start_worker(broker, stack)
        await asyncio.gather(
            *(self._ready(server, wire) for server, wire in zip(self.servers, self._direct, strict=True))
        )

    async def _set_clock(self, urls: DatabaseUrls) -> None:
        owner = await asyncpg.connect(plain(urls.owner))
        try:
            offset = int((MOMENT - datetime.now(UTC)).total_seconds() * 1_000_000)
            await owner.execute("UPDATE installation SET clock_offset_us = $1", offset)
        finally:
            await owner.close()

    def _start_gateway(self, stack: AsyncExitStack) -> None:
        port = free_port()
        self._gateway_url = f"http://127.0.0.1:{port}"
        arguments = ["-m", "chaos.gateway", str(port), str(self.gateway_log), str(self.plan.seed)]
        self.gateway = self._part("gateway", arguments, dict(os.environ), stack)

    def _start_redis(self, stack: AsyncExitStack) -> str | None:
        if self.plan.redis is None:
            return None
        port = free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.redis = Part("redis", [self.plan.redis, *options], dict(os.environ), self.folder / "redis.log")
        stack.push_async_callback(self.redis.stop)
        self.redis.start()
        return f"redis://127.0.0.1:{port}"

    async def _lay_database_wire(self, number: int, stack: AsyncExitStack) -> None:
        folder = self.folder / f"wire-{number}"
        folder.mkdir(mode=0o700)
        wire = Wire(folder / _SOCKET, self.database.place)
        await wire.open()
        stack.callback(wire.close)
        self.database_wires.append(wire)

    async def _start_server(self, number: int, broker: str | None, stack: AsyncExitStack) -> None:
        port = free_port()
        wire = Wire(("127.0.0.1", free_port()), lambda: ("127.0.0.1", port))
        await wire.open()
        stack.callback(wire.close)
        self.client_wires.append(wire)
        environment = self._environment(number, broker) | {"KHAIBAO_BACKGROUND": "false"}
        self.environment = environment
        arguments = [*self._entry(), "serve", "--port", str(port)]
        self.servers.append(self._part(f"server-{number}", arguments, environment, stack))
        self._direct.append(f"http://127.0.0.1:{port}")

    def _start_worker(self, broker: str | None, stack: AsyncExitStack) -> None:
        environment = self._environment(self.plan.servers, broker)
        self.worker = self._part("worker", [*self._entry(), "worker"], environment, stack)

    def _entry(self) -> list[str]:
        return ["-m", "chaos.server"] if self.plan.plant else ["-m", "cli"]

    def _part(self, name: str, arguments: list[str], environment: dict[str, str], stack: AsyncExitStack) -> Part:
        part = Part(name, [sys.executable, *arguments], environment, self.folder / f"{name}.log")
        stack.push_async_callback(part.stop)
        part.start()
        return part

    def _environment(self, number: int, broker: str | None) -> dict[str, str]:
        host = quote(str(self.folder / f"wire-{number}"), safe="")
        application, service, owner = (
            f"postgres://{login}@/{_NAME}?host={host}" for login in ("khaibao_app", "khaibao_service", "khaibao_owner")
        )
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("KHAIBAO_")}
        told: dict[str, Any] = {
            "mode": "test",
            "data_dir": self.folder,
            "protocol_pin": PROTOCOL,
            "database_url": application,
            "service_url": service,
            "owner_url": owner,
            "broadcast_url": broker or service,
            "sms_gateways": "http",
            "http_sms_url": f"{self._gateway_url}/sms",
            "http_sms_secret": "of this run",
            "sms_residents": "true",
            "trusted_proxies": "127.0.0.0/8",
            "limits": _LIMITS,
            "access_token_seconds": 3600,
            "log_level": "warning",
        }
        if self.plan.plant:
            kept["CHAOS_PLANT"] = self.plan.plant
        return kept | {f"KHAIBAO_{name.upper()}": str(value) for name, value in told.items()}

    async def _ready(self, server: Part, url: str) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE
        while self._session is not None:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.get(f"{url}/health/ready") as reply:
                    if reply.status == 200:
                        return
            if server.starts > 3 or loop.time() > deadline:
                raise NotStarted(f"{server.name}: {server.last_words()}")
            await asyncio.sleep(0.1)


@asynccontextmanager
async def installed(plan: Plan, folder: Path) -> AsyncIterator[Installation]:
    """Everything that a run needs, furnished and serving; ended in order. Raises NotStarted."""
    async with AsyncExitStack() as stack:
        installation = Installation(plan, folder, secrets.token_urlsafe(12))
        await installation.open(stack)
        yield installation


def port_of(wire: Wire) -> int:
    """The port that a wire listens on."""
    if isinstance(wire.place, Path):
        raise TypeError("a wire of UNIX sockets has no port")
    return wire.place[1]


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _host(url: str) -> str:
    return parse_qs(urlsplit(url).query)["host"][0]

"""Sending what waits in the outbox: a gateway at the edge, and the rows that come of it."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from alerts import outbox
from alerts.gateway import Text
from alerts.gateways import Gateways
from alerts.outbox import Letter, Priority
from alerts.relay import Relay
from models.database import service_connection, service_transaction
from models.outbox_message import OutboxMessage
from models.state import MessageKind
from services.runtime import Runtime
from tests.integration.conftest import MOMENT

USEFUL = timedelta(minutes=5)


class Gateway:
    """Takes messages down; refuses as many as it is told to."""

    name = "fake"

    def __init__(self, *, refuses: int = 0) -> None:
        self.taken: list[Text] = []
        self.asked: list[UUID] = []
        self.called = asyncio.Event()
        self.refuses = refuses

    async def close(self) -> None:
        """Has nothing open."""

    async def send(self, text: Text) -> str | None:
        """Takes it, or not."""
        self.asked.append(text.id)
        if self.refuses:
            self.refuses -= 1
            raise ConnectionError(f"no line to {text.to}")
        await asyncio.sleep(0)
        self.taken.append(text)
        self.called.set()
        return f"own-{len(self.taken)}"


class Moment:
    """The monotonic clock of the gateways' rests, which a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def relay(runtime: Runtime, *gateways: Gateway, moment: Moment | None = None, seconds: float = 8.0) -> Relay:
    """A relay with these gateways in order, without jitter."""
    chain = Gateways(gateways, monotonic=moment or time.monotonic, draw=lambda: 0.0, seconds=seconds)
    return Relay(service_connection, runtime.sealer, chain, runtime.clock.now, draw=lambda: 0.0)


async def put(
    runtime: Runtime,
    *,
    priority: int = Priority.CODE,
    body: str = "x",
    kind: MessageKind = MessageKind.CODE,
    subject: UUID | None = None,
) -> UUID:
    """A message in the outbox, useful for five minutes from MOMENT."""
    letter = Letter(kind, priority, "+84912345678", body, MOMENT + USEFUL, subject)
    async with service_transaction() as connection:
        return await outbox.put(connection, runtime.sealer, letter, runtime.clock.now())


async def message(id: UUID) -> OutboxMessage:
    """Its row."""
    return await OutboxMessage.get(id=id, using_db=service_connection())


async def later(seconds: float) -> None:
    """As if this time had gone by for leases and waits, and for what texts wait for."""
    await service_connection().execute_query(
        "WITH moved AS (UPDATE outbox_message SET not_before = not_before - make_interval(secs => $1) RETURNING 1), "
        "opened AS (UPDATE gathering SET open_at = open_at - make_interval(secs => $1) RETURNING 1) "
        "SELECT count(*) FROM moved",
        [seconds],
    )


async def waits(id: UUID) -> float:
    """For how many seconds nobody will take the message."""
    _, rows = await service_connection().execute_query(
        "SELECT extract(epoch FROM not_before - clock_timestamp())::float8 AS s FROM outbox_message WHERE id = $1", [id]
    )
    return float(rows[0]["s"])


async def until(holds: Callable[[], bool]) -> None:
    """Returns when the condition holds, and fails after a while."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what tests look at here sets no event
            await asyncio.sleep(0.01)

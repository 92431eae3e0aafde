"""Faults that a run must find: each breaks one promise in the way in which such promises are usually broken.

Imported by `chaos.server` alone, in processes of a run that was asked for it.
"""

import asyncio
import random
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from alerts import listener, log, member
from alerts.gateway import MessageRefused, Text
from alerts.http_gateway import HttpGateway
from alerts.hub import Hub
from alerts.outbox_rows import Claimed, OutboxRows
from graph import socket_voice
from models.identifier import uuid7
from models.locks import ALERT_LOG_LOCK
from models.state import AlertChange, MessageState
from process.held_socket import HeldSocket
from services import declaration_order
from services.declaration_place import Place
from services.declaration_write import SubmissionRow

_SLOW_SECONDS = 0.05
_SLOW_SHARE = 0.15


def plant(name: str) -> None:
    """Builds a fault into this process. Raises KeyError for one that there is not."""
    PLANTS[name]()


def publish_before_commit() -> None:
    """Subscribers are told of an alert as soon as it is written, and the commit comes a moment later, or never."""
    hubs: list[Hub] = []
    append, start = log.append, Hub.start

    async def remembered(self: Hub) -> None:
        hubs.append(self)
        await start(self)

    async def told_at_once(
        connection: Any, alerts: Any, change: AlertChange, at: Any, account_id: UUID | None = None
    ) -> None:
        await append(connection, alerts, change, at, account_id)
        if change is not AlertChange.RAISED:
            return
        for hub in hubs:
            for event in (await log.look(connection, hub.position)).events:
                for one in hub._listeners:
                    one.offer(event)
                hub.position = event.seq
        # The flush to disk of a machine that has other things to do, or whose connection is lost before it.
        await asyncio.sleep(_SLOW_SECONDS / 2)
        if random.random() < _SLOW_SHARE:
            raise ConnectionResetError

    Hub.start = remembered  # type: ignore[method-assign]  # that is the fault
    log.append = told_at_once


def naive_cursor() -> None:
    """Numbers are drawn without the log's lock, so that one may be committed after a greater one was read."""
    append = log.append
    log._APPEND = log._APPEND.replace(f"pg_advisory_xact_lock({ALERT_LOG_LOCK})", "1")

    async def sometimes_slow(
        connection: Any, alerts: Any, change: AlertChange, at: Any, account_id: UUID | None = None
    ) -> None:
        await append(connection, alerts, change, at, account_id)
        if random.random() < _SLOW_SHARE:
            # As a transaction that waits for a row.
            await asyncio.sleep(_SLOW_SECONDS)

    log.append = sometimes_slow


def key_not_honoured() -> None:
    """A repeat under the same idempotency key is taken for another declaration."""
    made = declaration_order.DeclarationOrder._submission

    def under_another_key(self: Any, place: Place) -> SubmissionRow:
        row = made(self, place)
        return row._replace(idempotency_key=f"{row.idempotency_key}-{secrets.token_hex(4)}")

    declaration_order.DeclarationOrder._submission = under_another_key  # type: ignore[method-assign]  # that is the fault


def retry_forgotten() -> None:
    """A message that a gateway did not take is given up."""

    async def give_up(self: OutboxRows, message: Claimed, again: timedelta) -> None:
        await self._database().execute_query(
            "UPDATE outbox_message SET state = $2, reason = 'FORGOTTEN', sealed = '' WHERE id = $1",
            [message.id, MessageState.FAILED.value],
        )

    OutboxRows.put_off = give_up  # type: ignore[method-assign]  # that is the fault


def lost_reply_resent() -> None:
    """A reply that was lost is taken for a message that was not sent, and it is sent again as a new one."""
    send = HttpGateway.send

    async def sent_anew(self: HttpGateway, text: Text) -> str | None:
        try:
            return await send(self, text)
        except MessageRefused:
            raise
        except Exception:  # Whatever it was, the message may have been taken.
            return await send(self, Text(uuid7(), text.to, text.body, text.priority))

    HttpGateway.send = sent_anew  # type: ignore[method-assign]  # that is the fault


def unbounded_queue() -> None:
    """What a socket does not take waits in memory, however much it is and however long."""
    listener.QUEUE_BOUND = 1_000_000_000
    queues: dict[int, asyncio.Queue[str]] = {}
    writers: set[asyncio.Task[None]] = set()

    async def write(socket: Any, queue: "asyncio.Queue[str]") -> None:
        while True:
            await socket._send({"type": "websocket.send", "text": await queue.get()})

    async def put(self: Any, message: dict[str, Any]) -> None:
        queue = queues.get(id(self))
        if queue is None:
            queue = queues[id(self)] = asyncio.Queue()
            writers.add(asyncio.create_task(write(self, queue)))
        queue.put_nowait(orjson.dumps(message, default=str).decode())

    def written(self: HeldSocket, frame: bytes) -> bool:
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    socket_voice.Voice.put = put  # type: ignore[method-assign]  # that is the fault
    HeldSocket.write_frame = written  # type: ignore[method-assign]  # and that for what is made once for many
    setattr(member, "QUEUE_BOUND", 1_000_000_000)  # noqa: B010 - it is not exported, and that is the fault


PLANTS: dict[str, Callable[[], None]] = {
    "publish-before-commit": publish_before_commit,
    "naive-cursor": naive_cursor,
    "key-not-honoured": key_not_honoured,
    "retry-forgotten": retry_forgotten,
    "lost-reply-resent": lost_reply_resent,
    "unbounded-queue": unbounded_queue,
}
"""Every fault, by the name that CHAOS_PLANT gives it; several with commas."""

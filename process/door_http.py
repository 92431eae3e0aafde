"""HTTP/1.1 with a door: in a storm a request is refused as soon as it is read, before it becomes a task."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from process.held_http import HeldHttp
from process.plain_request import plain_request


class Door(Protocol):
    """What stands there; the lifespan hands it over as the state `door`."""

    @property
    def guarded(self) -> bool:
        """Whether it looks at whoever comes."""

    def refusal(self, headers: Mapping[bytes, bytes], peer: str | None, body: bytes) -> bytes | None:
        """The whole answer to a request that is refused at once; None lets it in."""

    def no_socket(self, headers: Mapping[bytes, bytes]) -> bytes:
        """The whole answer to whoever wants a socket and would wait too long for it; the connection is then closed."""


class DoorHttp(HeldHttp):
    """One connection. What comes while the door is guarded, whole and in plain form, is shown to it first."""

    _refused_at = float("-inf")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Looks for the door."""
        super().connection_made(transport)
        self._door: Door | None = self.app_state.get("door")

    def data_received(self, data: bytes) -> None:
        """Takes what has come."""
        door = self._door
        # At the begin of a request only, and behind none that is being answered: ours would be taken for its answer.
        if (
            door is None
            or not door.guarded
            or self._head
            or not self._in_head
            or self._answering()
            or not self._refused(door, data)
        ):
            super().data_received(data)

    def timeout_keep_alive_handler(self) -> None:
        """Closes the connection, unless somebody was refused on it since its silence was begun to be counted."""
        silent = self.loop.time() - self._refused_at
        if silent < self.timeout_keep_alive:
            self._close_after(self.timeout_keep_alive - silent)
        else:
            super().timeout_keep_alive_handler()

    def _refused(self, door: Door, data: bytes) -> bool:
        request = plain_request(data)
        if request is None:
            return False
        answer = door.refusal(request.headers, self.client[0] if self.client else None, request.body)
        if answer is None:
            return False
        self._wait_no_more()
        self.server_state.total_requests += 1
        self.transport.write(answer)
        if not request.kept:
            self.transport.close()
            return True
        self._refused_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            # One timer for all refusals of a connection: it looks when it is over at when the last of them was.
            self._close_after(self.timeout_keep_alive)
        return True

    def _close_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

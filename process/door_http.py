"""HTTP/1.1 with a door: in a storm a request is refused as soon as it is read, before it becomes a task."""

from typing import Protocol

from process.held_http import HeldHttp

_LONGEST_HEAD = 8 * 1024


class Door(Protocol):
    """What stands there; the lifespan hands it over as the state `door`."""

    @property
    def guarded(self) -> bool:
        """Whether it looks at whoever comes."""

    def refusal(self, headers: list[tuple[bytes, bytes]], peer: str | None, body: bytes) -> bytes | None:
        """The whole answer to a request that is refused at once; None lets it in."""


class DoorHttp(HeldHttp):
    """One connection. What comes while the door is guarded, and has come as a whole, is shown to it first."""

    _kept: list[bytes] | None = None
    # The body of a request that has not been let in yet; only for as long as a piece of what came is being read.

    def on_headers_complete(self) -> None:
        """The head is whole: it is let in, or kept until its body is there."""
        door: Door | None = self.app_state.get("door")
        if door is None or not door.guarded or not self._may_be_refused():
            super().on_headers_complete()
            return
        self._wait_no_more()
        self._in_head, self._head = False, 0
        self._kept = []

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._kept is None:
            super().on_body(body)
        else:
            self._kept.append(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._kept is not None:
            body = b"".join(self._kept)
            refusal = self.app_state["door"].refusal(self.headers, self.client[0] if self.client else None, body)
            if refusal is not None:
                self._kept = None
                self._answer(refusal)
                return
            self._let_in()
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Takes what has come. Whose body is slow to come is let in, where there is a bound for that."""
        super().data_received(data)
        if self._kept is not None:
            self._let_in()

    def _may_be_refused(self) -> bool:
        return (
            self.url == b"/graphql"
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and not self._answering()
            and self._head < _LONGEST_HEAD
        )

    def _let_in(self) -> None:
        kept, self._kept = self._kept or [], None
        super().on_headers_complete()
        for body in kept:
            super().on_body(body)

    def _answer(self, answer: bytes) -> None:
        self._in_head = True
        self.server_state.total_requests += 1
        self.transport.write(answer)
        if not self.parser.should_keep_alive():
            self.transport.close()
            return
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

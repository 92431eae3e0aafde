"""The connections of the storm: plain sockets that are asked all at once, for clients share the server's processors.

Most requests come over connections that are kept, as those between a proxy and its servers are; the others open one of
their own. There are as many as a proxy keeps to one server, and whoever finds all of them taken waits, as at a proxy:
that time is a part of how long they waited for their answer.
"""

import select
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

MOST_LINES = 10_000
"""As `maxconn` of a server in deploy/haproxy.cfg."""

_KEPT_SECONDS = 2.0
# Shorter than the server keeps one: what it closes at the moment in which it is used again would have no answer.
_LONGEST = 2**18
_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"content-length:"

Answered = Callable[["Request", int, bytes], None]


@dataclass(slots=True)
class Request:
    """What is sent, and since when it should have been; status 0 is what a torn connection or silence counts as."""

    kind: str
    content: bytes
    answered: Answered
    key: str = ""
    first: float = 0.0
    tries: int = 0
    sent: float = 0.0
    fresh: bool = False
    """Whether it comes over a connection of its own."""


class _Line:
    """One connection, which carries one request at a time."""

    __slots__ = ("connected", "free_since", "got", "request", "socket")

    def __init__(self, opened: socket.socket, request: Request) -> None:
        self.socket = opened
        self.request: Request | None = request
        self.got = b""
        self.connected = False
        self.free_since = 0.0


class Lines:
    """All connections to one server; whoever has them calls `poll` again and again."""

    def __init__(self, host: str, port: int) -> None:
        """Opens none yet."""
        self._address = (host, port)
        self._poll = select.epoll()
        self._lines: dict[int, _Line] = {}
        self._free: list[_Line] = []
        self._waiting: deque[Request] = deque()

    @property
    def under_way(self) -> int:
        """How many requests have no answer yet."""
        return len(self._waiting) + sum(line.request is not None for line in self._lines.values())

    def send(self, request: Request) -> None:
        """Sends it; on a kept connection, where it needs none of its own and one is free."""
        while self._free and not request.fresh:
            line = self._free.pop()
            if line.free_since + _KEPT_SECONDS < now():
                self._drop(line)
                continue
            line.request = request
            self._write(line)
            return
        if len(self._lines) < MOST_LINES:
            self._open(request)
        else:
            self._waiting.append(request)

    def poll(self, seconds: float) -> None:
        """Takes what has come, after so many seconds at the latest."""
        for number, event in self._poll.poll(seconds):
            line = self._lines.get(number)
            if line is None:
                continue
            if not line.connected and event & select.EPOLLOUT:
                line.connected = True
                self._poll.modify(number, select.EPOLLIN)
                self._write(line)
            elif event & ~select.EPOLLOUT:
                self._read(line)

    def expire(self, before: float) -> None:
        """Gives up on all that should have been sent before that moment."""
        for line in list(self._lines.values()):
            if line.request is not None and line.request.sent < before:
                self._end(line, 0, keep=False)
        while self._waiting and self._waiting[0].sent < before:
            request = self._waiting.popleft()
            request.answered(request, 0, b"")

    def _open(self, request: Request) -> None:
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines[opened.fileno()] = _Line(opened, request)
        # Under way or already there: in both cases the kernel says when it can be written to.
        opened.connect_ex(self._address)
        self._poll.register(opened.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def _write(self, line: _Line) -> None:
        assert line.request is not None
        try:
            # A request is smaller than what the kernel takes for a connection that has nothing under way.
            whole = line.socket.send(line.request.content) == len(line.request.content)
        except OSError:
            whole = False
        if not whole:
            self._end(line, 0, keep=False)

    def _read(self, line: _Line) -> None:
        try:
            got = line.socket.recv(_LONGEST)
        except BlockingIOError:
            return
        except OSError:
            got = b""
        if not got:
            self._end(line, 0, keep=False)
            return
        line.got = got = line.got + got if line.got else got
        head = got.find(_HEAD_ENDS)
        if head < 0:
            return
        said = got[:head].lower()
        _, found, length = said.partition(_LENGTH)
        begins = head + len(_HEAD_ENDS)
        if not found:
            self._end(line, 0, keep=False)
        elif len(got) >= begins + int(length.partition(b"\r\n")[0]):
            keep = b"\r\nconnection: close" not in said
            self._end(line, int(got[9:12]), body=got[begins:], keep=keep)

    def _end(self, line: _Line, status: int, *, body: bytes = b"", keep: bool) -> None:
        request, line.request, line.got = line.request, None, b""
        if not keep or request is None or request.fresh:
            self._drop(line)
        else:
            line.free_since = now()
            self._free.append(line)
        if request is not None:
            request.answered(request, status, body)
        if self._waiting:
            self.send(self._waiting.popleft())

    def _drop(self, line: _Line) -> None:
        number = line.socket.fileno()
        if self._lines.pop(number, None) is not None:
            self._poll.unregister(number)
            line.socket.close()
        if line in self._free:
            self._free.remove(line)


def now() -> float:
    """The clock of all the run's times."""
    return time.monotonic()

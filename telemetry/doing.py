"""Which operation the present task is at work for: its request id, and its span where traces are kept."""

from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol


class Span(Protocol):
    """A piece of work in a trace. It is told names and numbers of ours, and never a value that a caller sent."""

    def child(self, name: str, **notes: str | int) -> "Span":
        """A piece of work within this one, begun now."""

    def note(self, **notes: str | int) -> None:
        """Says more about it."""

    def rename(self, name: str) -> None:
        """Calls it otherwise, once it is known what it is."""

    def end(self, failure: str | None = None) -> None:
        """It is done; `failure` is a kind of error, where it was one."""


class Tracer(Protocol):
    """Begins traces."""

    def begin(self, name: str, traceparent: str | None = None, **notes: str | int) -> Span:
        """A piece of work of its own, or one in the trace that a W3C traceparent names."""

    def close(self) -> None:
        """Hands over what is still here; may take seconds, so not on the loop."""


@dataclass(frozen=True, slots=True)
class Doing:
    """An operation that somebody waits for."""

    request_id: str
    span: Span | None = None


# Of the task and not of the process: tasks that an operation starts inherit it, all others have none.
_DOING: ContextVar[Doing | None] = ContextVar("doing", default=None)

_NOTHING: AbstractContextManager[None] = nullcontext()


def doing() -> Doing | None:
    """What the present task is at work for, if anything."""
    return _DOING.get()


def begin_doing(what: Doing | None) -> None:
    """From here on the present task is at work for this, or for nothing any more."""
    _DOING.set(what)


def part(name: str, **notes: str | int) -> AbstractContextManager[None]:
    """A piece of the present operation's work, as a span where traces are kept; else nothing, for nearly nothing."""
    now = _DOING.get()
    return _NOTHING if now is None or now.span is None else Part(now.span.child(name, **notes))


def piece(tracer: Tracer | None, name: str, **notes: str | int) -> AbstractContextManager[None]:
    """A piece of work that belongs to no operation."""
    return _NOTHING if tracer is None else Part(tracer.begin(name, None, **notes))


class Part:
    """Ends a span with the block, and says the kind of error that ended it: its text may quote a person."""

    def __init__(self, span: Span) -> None:
        """The span has begun."""
        self._span = span

    def __enter__(self) -> None:
        """Nothing more to begin."""

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """It has ended, in whichever way."""
        self._span.end(kind.__name__ if kind else None)

"""Counting the statements that reach the database."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LOGGER = logging.getLogger("tortoise.db_client")

# The hub looks at the log all the time; its tasks began earlier and do not have this, those begun inside inherit it.
_counted: ContextVar[list[str] | None] = ContextVar("_counted", default=None)


class _Recorder(logging.Handler):
    """Keeps the text of every statement that Tortoise's clients send, whichever connection they send it on."""

    def emit(self, record: logging.LogRecord) -> None:
        counted = _counted.get()
        if counted is None or not isinstance(record.args, tuple) or not isinstance(record.args[0], str):
            return
        # How much of the tree a range is, is asked once a minute, by whoever comes first.
        if "FROM area -- breadth" not in record.args[0]:
            counted.append(record.args[0])


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent from here (and from tasks begun here) while it is open, in their order.

    A transaction's own BEGIN and COMMIT are not among them.
    """
    sent: list[str] = []
    recorder, level, propagates = _Recorder(), _LOGGER.level, _LOGGER.propagate
    _LOGGER.addHandler(recorder)
    _LOGGER.setLevel(logging.DEBUG)
    # pytest keeps what reaches the root logger, and with it the arguments of every statement.
    _LOGGER.propagate = False
    token = _counted.set(sent)
    try:
        yield sent
    finally:
        _counted.reset(token)
        _LOGGER.removeHandler(recorder)
        _LOGGER.setLevel(level)
        _LOGGER.propagate = propagates

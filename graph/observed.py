"""One operation as an operator sees it: a figure, a line in the log, and a span where traces are kept.

They name its root fields, what came of it and its request id; never who asked, and nothing that was sent.
"""

import asyncio
import time
from logging import DEBUG, INFO
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

from graph.confirming import Unconfirmed
from graph.context import Context
from telemetry.doing import Doing, begin_doing
from telemetry.meters import Outcome

if TYPE_CHECKING:
    from graph.running import Answer

FAILED = frozenset({"INTERNAL", "OVERLOADED", "UNAVAILABLE"})
"""Codes of what the caller can do nothing about."""

_SLOW_SECONDS = 1.0

logger = structlog.get_logger(__name__)


class Observed:
    """For as long as an operation runs; `take` is told each of its answers on its way out."""

    def __init__(self, context: Context) -> None:
        """Nothing begins yet."""
        self._context = context
        self._codes: set[str] = set()
        self._began = 0.0

    def __enter__(self) -> "Observed":
        """Begins: what the task does from here on is for this operation."""
        context, tracer = self._context, self._context.runtime.tracer
        span = tracer.begin("operation", context.traceparent, request_id=context.request_id) if tracer else None
        context.doing = Doing(context.request_id, span)
        begin_doing(context.doing)
        self._began = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Ends: it is counted, logged and its span sent."""
        begin_doing(None)
        context = self._context
        if kind is Unconfirmed:
            # It runs anew, and is counted then.
            if context.doing and context.doing.span:
                context.doing.span.end(kind.__name__)
            return
        seconds = time.perf_counter() - self._began
        # What was given up has no codes of its own. A subscription that is cancelled has only been left.
        given_up = kind is not None and issubclass(kind, asyncio.CancelledError) and not context.lasts
        outcome: Outcome = "failed" if given_up else self._outcome()
        operation, fields = context.roots
        # A subscription lasts as long as somebody looks at a screen.
        context.runtime.meters.operation(operation, fields, outcome, None if operation == "subscription" else seconds)
        level = INFO if outcome == "failed" or (seconds > _SLOW_SECONDS and not context.lasts) else DEBUG
        if logger.is_enabled_for(level):
            logger.log(
                level,
                "operation",
                request_id=context.request_id,
                kind=operation,
                fields=fields,
                outcome=outcome,
                codes=sorted(self._codes | set(context.problems)),
                ms=round(seconds * 1000, 1),
            )
        if context.doing and (span := context.doing.span):
            span.rename(f"{operation} {' '.join(fields)}")
            span.note(kind=operation, fields=" ".join(fields), outcome=outcome)
            span.end(min(self._codes & FAILED, default=kind.__name__ if outcome == "failed" and kind else None))

    def take(self, answer: "Answer") -> "Answer":
        """Notes the codes of an answer, and gives it back."""
        if answer.errors:
            meters = self._context.runtime.meters
            for error in answer.errors:
                self._codes.add(error.code)
                meters.refused(error.code)
                if error.code == "SLOW_SUBSCRIBER":
                    meters.slow("queue")
        return answer

    def _outcome(self) -> Outcome:
        if self._codes & FAILED:
            return "failed"
        return "refused" if self._codes or self._context.problems else "answered"

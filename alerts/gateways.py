"""The gateways in their order: one that fails is rested and tried again, and the next takes over meanwhile."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from alerts.backoff import rest
from alerts.gateway import Gateway, GatewayFault, MessageRefused, Text
from alerts.lanes import LANES
from telemetry.doing import Tracer, piece
from telemetry.meters import Meters, Sent

SEND_SECONDS = 8.0
"""How long one gateway may take for one message."""

_HANGING_SECONDS = 2.0
"""From when on a gateway that owes an answer is asked after the others."""

logger = structlog.get_logger(__name__)


class AllResting(Exception):
    """No gateway can be asked at the moment."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Which gateway took a message, and what it calls it."""

    gateway: str
    own: str | None


@dataclass(slots=True, eq=False)
class _Line:
    """A gateway and how it has done lately. Moments are of the monotonic clock."""

    gateway: Gateway
    failures: int = 0
    rests_until: float = 0.0
    asked_at: list[float] = field(default_factory=list)

    def room(self, now: float) -> int:
        """How many messages may be given to it: all, or one to see whether it has recovered, or none."""
        if self.failures == 0:
            return LANES
        return 1 if now >= self.rests_until and not self.asked_at else 0

    def hangs(self, now: float) -> bool:
        """Whether it owes an answer for so long that another had better be asked first."""
        return bool(self.asked_at) and now - min(self.asked_at) >= _HANGING_SECONDS


class Gateways:
    """All gateways of a process, the preferred one first."""

    def __init__(
        self,
        gateways: Sequence[Gateway],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
        seconds: float = SEND_SECONDS,
        meters: Meters | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """`draw` is the jitter of rests from 0 to 1, `seconds` the time that each gateway has for a message."""
        self._lines = [_Line(gateway) for gateway in gateways]
        self._monotonic = monotonic
        self._draw = draw
        self._seconds = seconds
        self._meters = meters or Meters()
        self._tracer = tracer

    @property
    def longest(self) -> float:
        """The most seconds that `send` can take."""
        return self._seconds * len(self._lines)

    @property
    def resting(self) -> list[str]:
        """The names of those that have failed and not recovered yet."""
        return [line.gateway.name for line in self._lines if line.failures]

    @property
    def names(self) -> list[str]:
        """All of them, in their order."""
        return [line.gateway.name for line in self._lines]

    def room(self) -> int:
        """How many messages more may be sent now; where all rest, none."""
        now = self._monotonic()
        return max((line.room(now) for line in self._lines), default=0)

    async def send(self, text: Text) -> Taken:
        """Gives the message to the first that takes it.

        Raises MessageRefused where each of all has refused it, AllResting where none could be asked, and otherwise
        what the last one that was asked raised: somebody may take it later.
        """
        refusals: list[MessageRefused] = []
        fault: Exception | None = None
        for line in self._order():
            # Asked again: while another was tried somebody else may have found this one out.
            if not line.room(self._monotonic()):
                continue
            try:
                return await self._ask(line, text)
            except MessageRefused as refusal:
                refusals.append(refusal)
            except Exception as error:  # Whatever it is, the next in order may do better.
                fault = error
        # Final only where nobody is left who could think otherwise.
        if refusals and len(refusals) == len(self._lines):
            raise refusals[0]
        raise fault or (GatewayFault("REFUSED_SO_FAR") if refusals else AllResting())

    async def close(self) -> None:
        """Closes the connections of all."""
        for line in self._lines:
            await line.gateway.close()

    def _order(self) -> list[_Line]:
        now = self._monotonic()
        # sorted() keeps the order among those that hang, and among those that do not.
        return sorted(self._lines, key=lambda line: line.hangs(now))

    async def _ask(self, line: _Line, text: Text) -> Taken:
        began = self._monotonic()
        line.asked_at.append(began)
        outcome: Sent = "failed"
        try:
            with piece(self._tracer, "gateway", gateway=line.gateway.name, priority=text.priority):
                async with asyncio.timeout(self._seconds):
                    own = await line.gateway.send(text)
            outcome = "taken"
        except MessageRefused:
            # It answered, and about this message alone: it is well.
            outcome = "refused"
            self._recovered(line)
            raise
        except Exception as error:
            self._failed(line, began, error)
            raise
        finally:
            line.asked_at.remove(began)
            self._meters.sent(line.gateway.name, text.priority, outcome, self._monotonic() - began)
        self._recovered(line)
        return Taken(line.gateway.name, own)

    def _failed(self, line: _Line, began: float, error: Exception) -> None:
        # Those that were asked together fail together: that is one failure and not a dozen.
        if line.failures and began < line.rests_until:
            return
        line.failures += 1
        seconds = rest(line.failures, self._draw()) / timedelta(seconds=1)
        line.rests_until = self._monotonic() + seconds
        logger.warning(
            "gateway_rested",
            gateway=line.gateway.name,
            # Its text may quote the recipient; a code of ours quotes nothing.
            error=error.code if isinstance(error, GatewayFault) else type(error).__name__,
            failures=line.failures,
            again_in=round(seconds, 1),
        )

    def _recovered(self, line: _Line) -> None:
        if line.failures:
            logger.info("gateway_back", gateway=line.gateway.name, failures=line.failures)
        line.failures, line.rests_until = 0, 0.0

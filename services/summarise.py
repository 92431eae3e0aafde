"""Seeing an area: what a summary is about. Its figures are read one by one: what nobody asked for costs nothing.

`summary_totals`, `summary_days`, `summary_alerts`, `summary_children` and `summary_stations` read them, each for any
number of summaries at once.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.policy import Action
from models.area import Area
from models.area_count import ALL_DAYS
from services.place import resolve_area
from services.problem import InvalidInput
from services.runtime import Runtime
from triage.fault import Fault

MOST_DAYS = 366
DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Summary:
    """An area, one disease, and the days from `from_` to `to`, both included; None leaves a side open.

    `jurisdiction` is the range that is summed, never more than its reader may see. `as_of` is the moment of reading and
    `today` its day.
    """

    area: Area
    jurisdiction: Jurisdiction
    disease: str
    as_of: datetime
    today: date
    from_: date | None = None
    to: date | None = None

    @property
    def whole(self) -> bool:
        """Whether it is about all days there ever were."""
        return self.from_ is None and self.to is None

    @property
    def first_day(self) -> date:
        """The first day whose figures count; the first of all days without `from_`."""
        return self.from_ or ALL_DAYS + timedelta(days=1)

    @property
    def last_day(self) -> date:
        """The last day whose figures count."""
        return self.to or self.today

    def of(self, area: Area) -> "Summary":
        """The same days of an area below this one."""
        return replace(self, area=area, jurisdiction=self.jurisdiction.narrow(area.lo, area.hi))


async def summarise(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    area_id: str | None = None,
    from_: date | None = None,
    to: date | None = None,
    disease: str | None = None,
) -> Summary:
    """What a summary of the area is about; nothing is counted yet. The disease is the installation's by default.

    Raises NotFound (unknown area, or outside), InvalidInput for days in the wrong order or more than 366 of them.
    """
    now = runtime.clock.now()
    today = runtime.clock.day(now)
    if from_ is not None:
        _check_days(from_, to or today)
    area, where = await resolve_area(actor, Action.SEE_SUMMARY, connection, area_id)
    return Summary(area, where, disease or runtime.disease, now, today, from_, to)


def batches(summaries: Collection[Summary]) -> Iterator[list[Summary]]:
    """The summaries that one statement can answer together: those of the same disease and days."""
    together: dict[tuple[str, date | None, date | None, date], list[Summary]] = {}
    for summary in dict.fromkeys(summaries):
        together.setdefault((summary.disease, summary.from_, summary.to, summary.today), []).append(summary)
    yield from together.values()


def ranges(batch: Collection[Summary]) -> tuple[list[int], list[int]]:
    """Where each summary's areas begin and end, as two arguments of a statement."""
    return [one.jurisdiction.lo for one in batch], [one.jurisdiction.hi for one in batch]


def span(batch: Collection[Summary]) -> Jurisdiction:
    """The range from the first area of any of these summaries to the last; what lies between is not all theirs."""
    lows, highs = ranges(batch)
    return Jurisdiction(min(lows), max(highs))


def _check_days(from_: date, to: date) -> None:
    if from_ == ALL_DAYS or (to - from_).days >= MOST_DAYS:
        earliest = to - min(timedelta(days=MOST_DAYS - 1), to - ALL_DAYS)
        raise InvalidInput((Fault(("from",), "OUT_OF_BOUNDS", {"minimum": earliest, "maximum": to}),))
    if to < from_:
        raise InvalidInput((Fault(("to",), "OUT_OF_BOUNDS", {"minimum": from_, "maximum": date.max}),))

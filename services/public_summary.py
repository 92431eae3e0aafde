"""What everybody may know of an area without signing in: counts in steps of ten, of days that are over."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as hour

from access.actor import Actor
from access.policy import Action, may
from services.limit_rules import Rule
from services.problem import InvalidInput, NotFound
from services.public_figures import Figures
from services.runtime import Runtime
from triage.fault import Fault

MOST_DAYS_BACK = 366


@dataclass(frozen=True, slots=True)
class PublicSummary:
    """The figures of an area and its parts; `as_of` is the end of their last day."""

    figures: Figures
    disease: str
    day: date
    as_of: datetime


async def public_summary(runtime: Runtime, actor: Actor, area_id: str, day: date | None = None) -> PublicSummary:
    """The figures of an area until the end of a day, by default the last that is over.

    Today is not told: whoever looked every minute would see one person declare. Raises NotFound for an unknown area,
    InvalidInput for a day that is not over or too long ago, TooManyRequests for whoever asks for ever other days.
    """
    if not may(actor, Action.SEE_PUBLIC_SUMMARY):
        raise NotFound
    latest = runtime.clock.day() - timedelta(days=1)
    earliest = latest - timedelta(days=MOST_DAYS_BACK)
    wanted = day or latest
    if not earliest <= wanted <= latest:
        raise InvalidInput((Fault(("day",), "OUT_OF_BOUNDS", {"minimum": earliest, "maximum": latest}),))
    figures = runtime.public.kept(runtime.disease, wanted)
    if figures is None:
        await runtime.limits.hit(Rule.PUBLIC_SUMMARY_BY_ADDRESS, actor.origin)
        figures = await runtime.public.of(runtime.disease, wanted)
    if area_id not in figures:
        raise NotFound
    ended = datetime.combine(wanted + timedelta(days=1), hour(), runtime.clock.zone())
    return PublicSummary(figures[area_id], runtime.disease, wanted, ended)

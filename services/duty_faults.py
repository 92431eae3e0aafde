"""What is wrong with a duty that somebody writes down, all of it at once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import time

from services.phone import e164
from services.problem import InvalidInput
from services.text_faults import text_faults
from triage.duty import WEEKDAYS
from triage.fault import Fault

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on duty, how they are called, and when; the times are those of the clock on the wall."""

    name: str
    phone: str
    weekdays: Collection[int]
    starts: time
    ends: time
    quiet_from: time | None = None
    quiet_until: time | None = None


@dataclass(frozen=True, slots=True)
class CheckedShift:
    """The same as it is kept: the phone in E.164 form, weekdays as digits, times as minutes since midnight."""

    name: str
    phone: str
    weekdays: str
    starts: int
    ends: int
    quiet_from: int | None
    quiet_until: int | None

    def hours(self) -> dict[str, str | int | None]:
        """All but who it is, by the names of the columns."""
        return {
            "weekdays": self.weekdays,
            "starts": self.starts,
            "ends": self.ends,
            "quiet_from": self.quiet_from,
            "quiet_until": self.quiet_until,
        }


def check_shift(shift: Shift, region: str) -> CheckedShift:
    """The shift as it is kept; `region` is how a number without a country code is read.

    Raises InvalidInput with every fault: REQUIRED, TOO_LONG, BAD_CHARACTER, BAD_PHONE, OUT_OF_BOUNDS.
    """
    phone = e164(shift.phone, region)
    faults = tuple(_faults(shift, phone))
    if phone is None or faults:
        raise InvalidInput(faults)
    return CheckedShift(
        name=" ".join(shift.name.split()),
        phone=phone,
        weekdays="".join(str(day) for day in sorted(set(shift.weekdays))),
        starts=_minutes(shift.starts),
        ends=_minutes(shift.ends),
        quiet_from=None if shift.quiet_from is None else _minutes(shift.quiet_from),
        quiet_until=None if shift.quiet_until is None else _minutes(shift.quiet_until),
    )


def _faults(shift: Shift, phone: str | None) -> Iterator[Fault]:
    yield from text_faults(("shift", "name"), shift.name, LONGEST_NAME)
    if phone is None:
        yield Fault(("shift", "phone"), "BAD_PHONE")
    if not shift.weekdays:
        yield Fault(("shift", "weekdays"), "REQUIRED")
    if any(day not in WEEKDAYS for day in shift.weekdays):
        yield Fault(("shift", "weekdays"), "OUT_OF_BOUNDS", {"minimum": WEEKDAYS[0], "maximum": WEEKDAYS[-1]})
    if (shift.quiet_from is None) != (shift.quiet_until is None):
        missing = "quiet_from" if shift.quiet_from is None else "quiet_until"
        yield Fault(("shift", missing), "REQUIRED")


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute

"""Who is on duty at a moment, and until when somebody is not to be woken: arithmetic on the clock on the wall."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

WEEKDAYS = range(1, 8)
"""Monday is 1 and Sunday 7, as ISO 8601 counts them."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when somebody is on duty, on which weekdays, and when only what is red may ring.

    Times of day are those of the clock on the wall. A shift belongs to the weekday on which it begins: one that ends at
    or before the hour of its beginning ends on the next day, and one that ends at that very hour lasts a whole day.
    """

    weekdays: Collection[int]
    starts: time
    ends: time
    quiet_from: time | None = None
    quiet_until: time | None = None

    def on_duty(self, at: datetime) -> bool:
        """Whether a moment, in the zone of the clock on the wall, is within a shift; its end is not."""
        now, today = at.time(), at.isoweekday()
        if self.starts < self.ends:
            return today in self.weekdays and self.starts <= now < self.ends
        yesterday = (at - _DAY).isoweekday()
        return (today in self.weekdays and now >= self.starts) or (yesterday in self.weekdays and now < self.ends)

    def quiet(self, at: datetime) -> timedelta:
        """How long from a moment on the quiet hours still last; nothing outside of them, or where there are none."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return timedelta()
        now = at.time()
        if self.quiet_from < self.quiet_until:
            within = self.quiet_from <= now < self.quiet_until
        else:
            within = now >= self.quiet_from or now < self.quiet_until
        if not within:
            return timedelta()
        left = _since_midnight(self.quiet_until) - _since_midnight(now)
        return left if left > timedelta() else left + _DAY


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)

"""The only source of now(): the database's time, plus an offset that only a demo or a test may set.

Every process follows the database's clock, so that workers on machines whose clocks disagree still order events alike.
Latencies are measured with a monotonic clock, never with this one.
"""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """A clock that is set from the database now and then, and runs on this process's monotonic clock in between."""

    def __init__(self, zone: str = "Asia/Ho_Chi_Minh") -> None:
        """Starts on this machine's own time until `follow` is called; `zone` is where days begin and end.

        Raises ZoneInfoNotFoundError for a zone that the system's data does not have.
        """
        self._zone = ZoneInfo(zone)
        self._anchor = datetime.now(UTC)
        self._seconds = self._anchor.timestamp()
        self._anchored_at = time.monotonic()
        self.offset = timedelta()
        """How far the installation's clock was moved; only a demo or a test has one."""
        self.machine_ahead_seconds = 0.0
        """How far this machine's clock was ahead of the database's at the last reading; the way there is in it."""
        self.readings = 0
        """How often it was set: whoever began to read before another has set it holds an old reading."""

    def follow(self, database_now: datetime, offset: timedelta) -> None:
        """Sets the clock by a reading of the database's own time and the installation's offset."""
        self.readings += 1
        self._anchor = database_now + offset
        self._seconds = database_now.timestamp()
        self._anchored_at = time.monotonic()
        self.offset = offset
        self.machine_ahead_seconds = (datetime.now(UTC) - database_now).total_seconds()

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self._anchor + timedelta(seconds=time.monotonic() - self._anchored_at)

    def unmoved(self) -> datetime:
        """The database's own time, in UTC, wherever the installation's clock was moved to."""
        return self.now() - self.offset

    def seconds(self) -> float:
        """The same as `unmoved`, in seconds since 1970, for whoever asks thousands of times a second."""
        return self._seconds + time.monotonic() - self._anchored_at

    def day(self, moment: datetime | None = None) -> date:
        """The day of a moment (now by default) in the installation's time zone."""
        return (moment or self.now()).astimezone(self._zone).date()

    def zone(self) -> ZoneInfo:
        """The installation's time zone."""
        return self._zone

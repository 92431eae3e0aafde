"""When people declare: from 11 to 22 March 2022, more every day, and by day rather than by night."""

import math
import random
from datetime import UTC, datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""The city's time; Vietnam has no summer time, so that a fixed offset serves."""

FIRST_MOMENT = datetime(2022, 3, 11, tzinfo=ZONE)
DAYS = 12

# Share of each hour of the day, from midnight on: little by night, most in the morning and after work.
_RHYTHM = (2, 1, 1, 1, 1, 3, 8, 18, 34, 42, 40, 30, 22, 24, 28, 30, 30, 28, 30, 36, 38, 30, 16, 6)

# The last quarter of an hour of a day stays empty: a clock that runs on while the last reports of a day are being
# taken must not carry them over midnight, where they would count for another day.
_SECONDS_OF_HOUR = (3600,) * 23 + (2700,)


def day_weights() -> list[float]:
    """The curve of the eleven days: an S that rises to the sixfold."""
    return [0.18 + 1 / (1 + math.exp((5.5 - day) / 1.9)) for day in range(DAYS)]


def draw_moments(count: int, draw: random.Random) -> list[datetime]:
    """As many moments (UTC), in order."""
    days = draw.choices(range(DAYS), day_weights(), k=count)
    hours = draw.choices(range(24), _RHYTHM, k=count)
    seconds = (
        day * 86400 + hour * 3600 + draw.randrange(_SECONDS_OF_HOUR[hour])
        for day, hour in zip(days, hours, strict=True)
    )
    return [FIRST_MOMENT.astimezone(UTC) + timedelta(seconds=second) for second in sorted(seconds)]

"""The installation's clock as the replay moves it, and real time found again from its readings."""

import time
from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime

from simulation.client import Client, Refused
from simulation.operations import MOVE_CLOCK


class MovedClock:
    """Moves the clock of a demo installation, and remembers each move."""

    def __init__(self, client: Client, token: Callable[[], str]) -> None:
        """`token` gives the administrator's, who alone may move it, as it is at the moment."""
        self._client = client
        self._token = token
        self._moments: list[float] = []
        self._behind: list[float] = []

    async def move(self, to: datetime) -> None:
        """Moves it. Raises Refused where the installation does not let it be moved."""
        data = (await self._client.call(MOVE_CLOCK, {"input": {"to": to.isoformat()}}, self._token()))["moveClock"]
        if data["__typename"] != "ClockMoved":
            raise Refused(data["code"], data["message"])
        now = datetime.fromisoformat(data["now"]).timestamp()
        # The answer was read a moment ago; halving that moment is more than exact enough for milliseconds.
        self._moments.append(to.timestamp())
        self._behind.append(time.time() - now)

    def seconds_since(self, at: datetime) -> float | None:
        """Real seconds from a reading of the moved clock until now; None where it is from before the first move.

        Holds where server and client run on one machine. Between two moves little real time passes, so that a reading
        belongs to the last move before it.
        """
        move = bisect_right(self._moments, at.timestamp()) - 1
        return None if move < 0 else time.time() - (at.timestamp() + self._behind[move])

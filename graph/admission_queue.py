"""The queue before the work: some are let in at once, some wait a moment, and nobody begins to wait too long.

Each lane waits by itself. Within one, those go first who were told to come back, in the order in which they first came,
then the others as they come.
"""

import asyncio
import math
import time
from bisect import insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from graph.admission_lane import PLACE, SHARES, Lane
from graph.admission_limit import Concurrency, Pace
from graph.admission_public import PublicPart
from graph.admission_strain import Strain

Rank = tuple[int, float]

# What takes about as long each time, and what this is all about. What staff ask for may be anything, a socket waits for
# its client, and a thousand quick reads would hide that declarations have become slow.
_MEASURED = frozenset({Lane.RED, Lane.DECLARE})
# Who comes back in their time has waited already, and is still answered within a second.
_PATIENCE = 1.6

_CROWDED_SECONDS = 0.5
_CROWDED_AGAIN = 0.05


class Full(Exception):
    """There is no room within the time that somebody may wait."""


@dataclass(slots=True, order=True)
class _Waiting:
    rank: Rank
    number: int
    turn: "asyncio.Future[None]" = field(compare=False)


class Queue:
    """The places of one process, and who waits for them."""

    def __init__(
        self,
        concurrency: Concurrency,
        waits: Mapping[Lane, float],
        most_waiting: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`waits` says for how many seconds somebody of a lane may wait, `most_waiting` how many at once."""
        self.concurrency = concurrency
        self.working = dict.fromkeys(Lane, 0)
        self._waits, self._most_waiting, self._clock = waits, most_waiting, clock
        self._waiting: dict[Lane, list[_Waiting]] = {lane: [] for lane in Lane}
        self._paces = {lane: Pace() for lane in Lane}
        self._coming = dict.fromkeys(Lane, 0)
        self._expecting = False
        self._strain = Strain()
        self._public = PublicPart(clock)
        self._number = 0
        self._crowded_until = float("-inf")
        self._taken = 0
        # Parts of places, of all lanes but the vital.

    def waiting(self, lane: Lane) -> int:
        """How many wait in a lane."""
        return len(self._waiting[lane])

    def rate(self, lane: Lane) -> float:
        """How many a second a lane gets done while it is full, as measured."""
        return self._paces[lane].rate(max(self.working[lane], self._own(lane)))

    def most_rate(self, lane: Lane) -> float:
        """The same where the other lanes leave it all that it may have."""
        return self._paces[lane].rate(self._most(lane))

    @property
    def crowded(self) -> bool:
        """Whether somebody was refused a moment ago."""
        return self._clock() < self._crowded_until

    @property
    def full(self) -> bool:
        """Whether somebody new of an ordinary lane may have to wait, or was refused a moment ago."""
        return self._taken >= self.concurrency.limit * PLACE or self.crowded

    def no_room(self, lane: Lane) -> bool:
        """Whether `enter` would refuse somebody new at once. Who is told that there is room is expected to come.

        What is read in one turn of the loop comes in the next: without being counted meanwhile, everybody who is read
        in it would be shown the same free place, and all but one of them would be refused at the far end of the way.
        """
        if lane is Lane.VITAL:
            return False
        coming = self._coming[lane]
        if coming < self._free_places(lane) or len(self._waiting[lane]) + coming < self._room(lane):
            if not self._expecting:
                self._expecting = True
                asyncio.get_running_loop().call_soon(self._expect_no_more)
            self._coming[lane] = coming + 1
            return False
        self._crowd()
        return True

    async def enter(self, lane: Lane, rank: Rank | None = None) -> bool:
        """Takes a place, which `leave` gives back; says whether it had to be waited for. Raises Full.

        `rank` orders those who wait; by default behind everybody who has one.
        """
        if lane is Lane.VITAL or (not self._waiting[lane] and self._free(lane)):
            self._take(lane)
            return False
        self._number += 1
        loop = asyncio.get_running_loop()
        one = _Waiting(rank or (1, self._clock()), self._number, loop.create_future())
        insort(self._waiting[lane], one)
        self._turn_away(lane)
        wait = self._waits[lane] * (_PATIENCE if rank else 1.0)
        deadline = loop.call_later(wait, self._late, lane, one)
        try:
            await one.turn
        except BaseException:
            if one in self._waiting[lane]:
                self._waiting[lane].remove(one)
            elif one.turn.done() and not one.turn.cancelled() and one.turn.exception() is None:
                # It was called and cancelled in the same moment: the place goes to the next.
                self._give_back(lane)
            raise
        finally:
            deadline.cancel()
        return True

    def leave(self, lane: Lane, seconds: float) -> None:
        """Gives a place back that was held for so long."""
        self._paces[lane].took(seconds, waited=bool(self._waiting[lane]))
        if lane is not Lane.PUBLIC:
            self._public.other_done()
        if lane in _MEASURED:
            full = self._taken >= self.concurrency.limit * PLACE or bool(self._waiting[lane])
            self.concurrency.took(seconds, full=full)
        self._give_back(lane)

    def _own(self, lane: Lane) -> int:
        share = SHARES[lane]
        return math.ceil(self.concurrency.limit * PLACE * share.own / share.takes)

    def _most(self, lane: Lane) -> int:
        share = SHARES[lane]
        return math.ceil(self.concurrency.limit * PLACE * share.most / share.takes)

    def _expect_no_more(self) -> None:
        self._expecting = False
        self._coming = dict.fromkeys(Lane, 0)

    def _free_places(self, lane: Lane) -> int:
        """How many more of a lane could begin at once."""
        if not self._free(lane):
            return 0
        working, takes = self.working[lane], SHARES[lane].takes
        most = min(math.ceil((self.concurrency.limit * PLACE - self._taken) / takes), self._most(lane) - working)
        # Of the public one after the other: whether the next may begin is another question once this one has.
        return 1 if lane is Lane.PUBLIC else max(most, self._own(lane) - working)

    def _free(self, lane: Lane) -> bool:
        if lane is Lane.PUBLIC and not self._public.may(self._strain.strained, self._others_wait):
            return False
        working = self.working[lane]
        if working < self._own(lane):
            return True
        return self._taken < self.concurrency.limit * PLACE and working < self._most(lane)

    def _others_wait(self) -> bool:
        return any(line for lane, line in self._waiting.items() if lane is not Lane.PUBLIC)

    def _take(self, lane: Lane) -> None:
        self.working[lane] += 1
        if lane is Lane.PUBLIC:
            self._public.served()
        if lane is not Lane.VITAL:
            self._taken += SHARES[lane].takes

    def _give_back(self, lane: Lane) -> None:
        self.working[lane] -= 1
        if lane is not Lane.VITAL:
            self._taken -= SHARES[lane].takes
        for next_lane, line in self._waiting.items():
            while line and self._free(next_lane):
                one = line.pop(0)
                if not one.turn.done():
                    self._take(next_lane)
                    one.turn.set_result(None)

    def _turn_away(self, lane: Lane) -> None:
        """Refuses from the end of the line all who could not be served in time, rather at once than when it is over."""
        line, room = self._waiting[lane], self._room(lane)
        while len(line) > room:
            self._crowd()
            last = line.pop()
            if not last.turn.done():
                last.turn.set_exception(Full())

    def _crowd(self) -> None:
        until = self._clock() + _CROWDED_SECONDS
        if until - self._crowded_until > _CROWDED_AGAIN:
            # Not at each of the thousands that are refused in a second.
            self._crowded_until = until
            self._strain.watch()

    def _room(self, lane: Lane) -> int:
        return max(1, min(self._most_waiting, int(self._waits[lane] * self.rate(lane))))

    def _late(self, lane: Lane, one: _Waiting) -> None:
        if not one.turn.done():
            self._crowd()
            self._waiting[lane].remove(one)
            one.turn.set_exception(Full())

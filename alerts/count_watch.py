"""Noticing that an area's figures have changed, without reading the figures."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.authenticate import Place
from access.jurisdiction import Jurisdiction
from access.policy import Action
from access.visible import scope
from models.area_count import ALL_DAYS
from models.identifier import first_of

# One statement a second for the whole process, whoever watches. An alert becomes overdue without any row changing.
_VERSIONS = "SELECT area_no, disease, version FROM area_count WHERE day = $1"
_FELL_DUE = "SELECT DISTINCT area_no FROM alert WHERE state IN ('RAISED', 'ESCALATED') AND due_at > $1 AND due_at <= $2"

# What is done to a case need not change a figure: a claim, a check-in that was missed. Identifiers sort by the moment
# at which they were made, before the commit and by the clock of the machine that made them: so the last ones are looked
# at for a while, and each counts once.
_DONE = "SELECT id, area_no FROM case_event WHERE id > $1"
# A hospital stands in no area: it hears of what is done to the cases that it was asked to take, and of the end of that.
_ASKED = """
SELECT DISTINCT r.hospital_id FROM case_event e JOIN referral r ON r.case_id = e.case_id WHERE e.id = ANY($1::uuid[])
"""
_LATE = timedelta(seconds=15)


class CountWatcher:
    """One watcher of an area; `changed` is set when anything in its range has, or who watches, or the range itself.

    `action` is what it needs; one that sees cases also hears of what was done to a case and changed no figure, and a
    hospital, which answers referrals, of what was done to the cases that it was asked to take.
    """

    def __init__(
        self, actor: Actor, area_id: str | None, where: Jurisdiction, action: Action = Action.SEE_SUMMARY
    ) -> None:
        """Begins as changed, so that a first look happens at once. `area_id` None is the actor's own area."""
        self.action = action
        self.actor = actor
        self.area_id = area_id
        self.where = where
        self.looks = 0
        """How often it has begun to look."""
        self.moved: Callable[[], None] | None = None
        """Called where it does not stand as it did."""
        self.changed = asyncio.Event()
        self.changed.set()

    async def begin(self) -> None:
        """Returns when there is something to look at. What changes from then on is another look."""
        await self.changed.wait()
        self.changed.clear()
        self.looks += 1

    def stand(self, place: Place) -> None:
        """Wakes the watcher where it does not stand as it did; it then asks for itself."""
        where = None
        if place.actor is not None:
            where = scope(place.actor, self.action).narrow(place.area.lo, place.area.hi)
        if place.actor != self.actor or where != self.where:
            self.changed.set()
            if self.moved is not None:
                self.moved()


class CountWatch:
    """Compares the versions of all wards with those of the last look."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self.watchers: set[CountWatcher] = set()
        """Everybody who watches, and is asked for."""
        self.hearing: set[CountWatcher] = set()
        """Who is told of changes: those who get none from a group, and the groups themselves."""
        self._versions: dict[tuple[int, str], int] = {}
        self._looked_at: datetime | None = None
        self._done: frozenset[UUID] = frozenset()

    def forget(self) -> None:
        """Knows nothing again, so that the next look tells everybody."""
        self._versions, self._looked_at, self._done = {}, None, frozenset()

    async def look(self, connection: AsyncpgDBClient, now: datetime) -> None:
        """Tells each watcher whose range holds a ward that has changed since the last look."""
        if not self.hearing:
            self._looked_at = None
            return
        _, rows = await connection.execute_query(_VERSIONS, [ALL_DAYS])
        versions = {(row["area_no"], row["disease"]): row["version"] for row in rows}
        changed = {place[0] for place, version in versions.items() if self._versions.get(place) != version}
        if self._looked_at is None:
            # Nobody watched until now, so what changed meanwhile is not known: everybody looks once.
            changed = {place[0] for place in versions}
        else:
            _, rows = await connection.execute_query(_FELL_DUE, [self._looked_at, now])
            changed |= {row["area_no"] for row in rows}
        self._versions, self._looked_at = versions, now
        worked, asked = await self._worked(connection)
        for watcher in self.hearing:
            if watcher.action is Action.ANSWER_REFERRAL:
                if watcher.actor.station_id in asked:
                    watcher.changed.set()
                continue
            heard = changed | worked if watcher.action is Action.SEE_CASES else changed
            if any(watcher.where.covers(area_no) for area_no in heard):
                watcher.changed.set()

    async def _worked(self, connection: AsyncpgDBClient) -> tuple[set[int], set[str]]:
        """The wards where something was done to a case since the last look, and the hospitals that are asked of one."""
        actions = {watcher.action for watcher in self.hearing}
        if not actions & {Action.SEE_CASES, Action.ANSWER_REFERRAL}:
            return set(), set()
        _, rows = await connection.execute_query(_DONE, [first_of(datetime.now(UTC) - _LATE)])
        new = {row["id"]: row["area_no"] for row in rows if row["id"] not in self._done}
        self._done = frozenset(row["id"] for row in rows)
        asked: set[str] = set()
        if new and Action.ANSWER_REFERRAL in actions:
            _, rows = await connection.execute_query(_ASKED, [list(new)])
            asked = {row["hospital_id"] for row in rows}
        return set(new.values()), asked

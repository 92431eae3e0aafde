"""What happens on a grove while it is watched: reports and answers, and losses of posts and sessions."""

import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from access.actor import ANONYMOUS, Actor
from models.account import Account
from models.area import Area
from models.database import service_connection, service_transaction
from models.state import Role
from services.acknowledge import acknowledge
from services.declare import declare
from services.end_sessions import bump_access, end_sessions
from tests.integration.made import BREATHLESS, OLD_AND_ILL, account
from tests.integration.scope.grove import Grove, move_somewhere
from tests.integration.scope.rows import Rows


@dataclass
class Happenings:
    """Draws what happens next. `watching` are the actors who may lose something."""

    grove: Grove
    chance: random.Random
    watching: list[Actor]
    moved: bool = False
    rows: Rows = field(init=False)

    async def step(self, rows: Rows) -> None:
        """One thing happens; `rows` is how everything stands."""
        self.rows = rows
        steps: list[Callable[[], Coroutine[Any, Any, None]]] = [
            *[self._declare] * 6,
            *[self._acknowledge] * 3,
            self._post,
            self._post,
            self._disable,
            self._sign_out,
        ]
        if self.chance.random() < 0.05:
            steps = [self._move]
        await self.chance.choice(steps)()

    async def _declare(self) -> None:
        made = self.grove.next_household(self.chance)
        yesterday = self.grove.runtime.clock.day() - timedelta(days=1)
        reports = [replace(self.chance.choice([BREATHLESS, OLD_AND_ILL]), test_on=yesterday) for _ in made.people]
        ward = self.chance.choice(self.grove.leaves())
        await declare(self.grove.runtime, ANONYMOUS, made.report(self.grove.codes[ward], reports))

    async def _acknowledge(self) -> None:
        waiting = [one for one in self.rows.alerts.values() if one["state"] in ("RAISED", "ESCALATED")]
        if waiting:
            alert = self.chance.choice(waiting)
            staff = await self._who_may(alert["area_id"])
            await acknowledge(self.grove.runtime, staff, alert["id"])

    async def _post(self) -> None:
        """Another area or role, as when areas change: the session stays, and what it may see is another thing."""
        if not (whom := self._whom()):
            return
        async with service_transaction() as connection:
            changed = {"area_id": self.chance.choice(list(self.grove.parents))}
            if self.chance.random() < 0.4:
                changed = {"role": self.chance.choice(list(Role))}
            await Account.filter(id=whom.account_id).using_db(connection).update(**changed)
            await bump_access(connection)
        self.grove.runtime.hub.wake()

    async def _disable(self) -> None:
        if not (whom := self._whom()):
            return
        async with service_transaction() as connection:
            now = self.grove.runtime.clock.now()
            await Account.filter(id=whom.account_id).using_db(connection).update(disabled_at=now)
            await end_sessions(connection, account_id=whom.account_id, reason="disabled")
            await bump_access(connection)
        self.grove.runtime.hub.wake()

    async def _sign_out(self) -> None:
        if not (whom := self._whom()) or whom.session_id is None:
            return
        async with service_transaction() as connection:
            await end_sessions(connection, session_id=whom.session_id, reason="sign_out")
        self.grove.runtime.hub.wake()

    async def _move(self) -> None:
        self.moved = True
        await move_somewhere(self.grove, self.chance)

    def _whom(self) -> Actor | None:
        with_account = [actor for actor in self.watching if actor.account_id is not None]
        return self.chance.choice(with_account) if with_account else None

    async def _who_may(self, area_id: str) -> Actor:
        """Somebody new of the whole tree, as it is numbered now."""
        top = next(one for one, above in self.grove.parents.items() if not above and self.grove.below(area_id, one))
        place = await Area.get(id=top, using_db=service_connection())
        return await account(self.grove.runtime, Role.DEPARTMENT, place)

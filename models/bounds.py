"""How far one transaction of the application's login can see: what row-level security is told of an actor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_GRANTEE = re.compile(r"[a-z]+:[A-Za-z0-9_.:-]+")
_NOWHERE = (0, -1)
_SETTINGS = (
    *(f"app.{kind}_{end}" for kind in ("counts", "alerts", "cases") for end in ("lo", "hi")),
    "app.grantee",
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Ranges of area numbers, both ends included, one for each kind of table; and who the actor is to a grant.

    `counts` opens counters, `alerts` the alerts and what a case is without a name, `cases` everything of a case.
    Without bounds a transaction sees no row of these tables.
    """

    counts: tuple[int, int] = _NOWHERE
    alerts: tuple[int, int] = _NOWHERE
    cases: tuple[int, int] = _NOWHERE
    grantee: str = ""

    def statement(self) -> str:
        """What tells the database, for as long as the transaction lasts. Raises ValueError for an odd grantee."""
        return "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in zip(_SETTINGS, self.values(), strict=True))

    def values(self) -> Sequence[str]:
        """What `condition` is told, in its order. Raises ValueError for an odd grantee."""
        if self.grantee and not _GRANTEE.fullmatch(self.grantee):
            raise ValueError("a grantee is a kind, a colon, and letters, digits, underscores, dots, colons or hyphens")
        ranges = (self.counts, self.alerts, self.cases)
        return [*(f"{end:d}" for one in ranges for end in one), self.grantee]

    @staticmethod
    def condition(first: int) -> str:
        """A condition, always true, that tells the database before it looks at the first row of its query.

        Its values are the statement's parameters from number `first` on. PostgreSQL asks what depends on no row once,
        before all rows; if it ever did not, the walls would be as they are for a transaction without bounds: shut.
        """
        told = " || ".join(f"set_config('{name}', ${first + at}, true)" for at, name in enumerate(_SETTINGS))
        return f"(SELECT {told}) IS NOT NULL"


NOTHING = Bounds()
"""What an actor without an account may see of these tables."""

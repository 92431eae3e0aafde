"""How far one transaction of the application's login can see: what row-level security is told of an actor."""

import re
from dataclasses import dataclass

_GRANTEE = re.compile(r"[a-z]+:[A-Za-z0-9_.:-]+")
_NOWHERE = (0, -1)


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
        if self.grantee and not _GRANTEE.fullmatch(self.grantee):
            raise ValueError("a grantee is a kind, a colon, and letters, digits, underscores, dots, colons or hyphens")
        ranges = (("counts", self.counts), ("alerts", self.alerts), ("cases", self.cases))
        told = [f"SET LOCAL app.{name}_lo = {lo:d}; SET LOCAL app.{name}_hi = {hi:d}" for name, (lo, hi) in ranges]
        return "; ".join([*told, f"SET LOCAL app.grantee = '{self.grantee}'"])


NOTHING = Bounds()
"""What an actor without an account may see of these tables."""

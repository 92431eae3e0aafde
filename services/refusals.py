"""Refusals, added up per minute: somebody who tries every door leaves a few lines, not a million."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from access.actor import SYSTEM, Actor
from access.trail import Line, append
from clock import Clock
from models.database import service_connection

MOST_KINDS = 500
"""Beyond it a minute's further kinds of refusal are counted together."""

_LONGEST_NAME = 64
_OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Refused:
    """A kind of refusal: of whom, from where, of what, and why."""

    actor: str
    account: UUID | None
    origin: str | None
    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """An act that was tried at a name. The name stays in memory: it may be a password in the wrong field."""

    act: str
    name: str
    account_id: UUID | None


_THE_OTHERS = Refused(_OTHERS, None, None, _OTHERS, _OTHERS)


class Refusals:
    """What a process has refused since it last wrote it down, in bounded memory."""

    def __init__(self) -> None:
        """Nothing was refused yet."""
        self._process = uuid4()
        self._counts: Counter[Refused] = Counter()
        self._attempts: Counter[Attempt] = Counter()
        self._since: datetime | None = None

    def note(self, actor: Actor, field: str, code: str, at: datetime) -> None:
        """One refusal of a field of the API, with the code that the caller was told."""
        self._add(Refused(actor.kind, actor.account_id, actor.origin, field, code), 1, at)

    def is_first(self, act: str, name: str, account_id: UUID | None) -> bool:
        """Whether this attempt at a name is the minute's first, which has a line of its own; the others add up.

        Of names that no account has it is told in the same way, or the time that a line takes would tell them apart.
        """
        attempt = Attempt(act, name[:_LONGEST_NAME], account_id)
        if attempt in self._attempts:
            self._attempts[attempt] += 1
            return False
        if len(self._attempts) >= MOST_KINDS:
            return False
        self._attempts[attempt] = 0
        return True

    async def write(self, clock: Clock) -> None:
        """Writes one line for all refusals since the last time, and one for each name that was tried again and again.

        Raises what the database raises; what was counted is then kept for the next time.
        """
        counts, attempts, since = self._counts, self._attempts, self._since
        self._counts, self._attempts, self._since = Counter(), Counter(), None
        now = clock.now()
        lines = [
            Line(SYSTEM, one.act, now, [str(one.account_id)] if one.account_id else [], {"count": count})
            for one, count in attempts.items()
            if count
        ]
        if counts:
            lines.append(Line(SYSTEM, "refused", now, [], self._detail(counts, since)))
        if not lines:
            return
        try:
            # For nobody in particular, so by the service's login: the application's could not say whose it is.
            await append(service_connection(), lines)
        except BaseException:
            for kind, count in counts.items():
                self._add(kind, count, since or now)
            self._attempts.update(attempts)
            raise

    def _add(self, kind: Refused, count: int, at: datetime) -> None:
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            kind = _THE_OTHERS
        self._counts[kind] += count
        self._since = min(self._since, at) if self._since else at

    def _detail(self, counts: Counter[Refused], since: datetime | None) -> dict[str, object]:
        return {
            "process": str(self._process),
            "since": since.isoformat() if since else None,
            "refusals": [
                {
                    "actor": kind.actor,
                    "account": str(kind.account) if kind.account else None,
                    "origin": kind.origin,
                    "field": kind.field,
                    "code": kind.code,
                    "count": count,
                }
                for kind, count in counts.most_common()
            ],
        }

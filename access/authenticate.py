"""From a bearer token to an actor, asked anew for every operation: who was disabled is out at once.

The token only names the session. What it may do and where is in the session's, the account's and the area's rows.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.at_once import AtOnce
from access.jurisdiction import EVERYWHERE, NOWHERE, Jurisdiction
from access.ticket import GRACE, Ticket
from access.tokens import BadToken, Claims, Tokens
from models.at_hand import Runner
from models.database import service_at_hand
from models.state import Restriction, Role

PRESUMED_SECONDS = 5
"""For how long who was looked up may be presumed to stand; as long as a socket whose hub hears of nothing."""
_KEPT = 10_000

# One statement, because it runs before every operation of staff: session, account and the area's present range. The
# database's own time, because a session lasts real hours, also where a demo has moved the clock.
_WHO = """
s.id, s.phone_hash, s.restriction, s.wrote_position,
  a.id AS account_id, a.role, a.area_id, a.station_id, a.display_name, a.doctor, r.lo, r.hi
"""
_STANDS = "s.ended_at IS NULL AND s.expires_at > clock_timestamp()"
_AND_WHERE = """
LEFT JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
LEFT JOIN area r ON r.id = a.area_id
"""
_VERSION = "(SELECT coalesce(max(access_version), 0) AS access_version FROM installation) v"
_STANDING = f"""
SELECT v.access_version, s.expires_at > clock_timestamp() + interval '{PRESUMED_SECONDS} s' AS lasts, {_WHO}
FROM {_VERSION}, session s {_AND_WHERE} WHERE s.id = ANY($1::uuid[]) AND {_STANDS}
"""

# With the number that grows whenever something is taken from somebody, as of the same moment: whoever has this answer
# and later finds the same number knows that the answer still holds. One row at least, for the number.
_PLACES = f"""
SELECT v.access_version, k.number, w.lo AS asked_lo, w.hi AS asked_hi, {_WHO}
FROM {_VERSION}
LEFT JOIN unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS k (session_id, area_id, number) ON true
LEFT JOIN session s ON s.id = k.session_id AND {_STANDS}
{_AND_WHERE}
LEFT JOIN area w ON w.id = k.area_id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who watches: the actor, and the area that they named; None is the actor's own, whichever that is."""

    actor: Actor
    area_id: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """The actor as they stand now, None where they stand no more, and the range of the area that was named."""

    actor: Actor | None
    area: Jurisdiction


class Unauthenticated(Exception):
    """The token is unknown or expired, or its session has ended, or its account was disabled."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Who stood a moment ago, and until when that may be presumed."""

    actor: Actor
    until: float


class Standings:
    """Who stands, asked anew for each who asks; those who ask at the same moment share a statement."""

    def __init__(
        self, database: Callable[[], Runner] = service_at_hand, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """`database` gives the connection to ask with, `seconds` the time by which a look grows old."""
        self._database, self._seconds = database, seconds
        self._asked: AtOnce[UUID, Actor | None] = AtOnce(self._ask)
        self._kept: dict[UUID, _Kept] = {}

    def presumed(self, tokens: Tokens, token: str, origin: str | None, request_id: str | None) -> Actor | None:
        """The actor whose token this is, as they stood a moment ago; None where nobody has looked.

        To be shown only what a statement reads that finds the `access_version` unchanged (`models.alone.Alone`):
        whatever takes something from somebody makes it grow, in the same transaction.
        """
        claims = tokens.known(token)
        kept = None if claims is None else self._kept.get(claims.session_id)
        if claims is None or kept is None or kept.until <= self._seconds():
            return None
        return replace(kept.actor, origin=origin, request_id=request_id, ticket=ticket_of(claims))

    async def of(self, session_id: UUID, *, patient: bool = False) -> Actor | None:
        """The actor of a session as it stands now; None where it has ended. `patient` as of `AtOnce.ask`."""
        return await self._asked.ask(session_id, patient=patient)

    async def authenticate(self, tokens: Tokens, token: str, *, patient: bool = False) -> Actor:
        """The actor whose token this is, with a ticket for as long as it lives. Raises Unauthenticated."""
        try:
            claims = await tokens.check(token)
        except BadToken:
            raise Unauthenticated from None
        actor = await self.of(claims.session_id, patient=patient)
        if actor is None:
            raise Unauthenticated
        return replace(actor, ticket=ticket_of(claims))

    async def as_now(self, actor: Actor, *, patient: bool = False) -> Actor:
        """The same actor as of now. Raises Unauthenticated where session or ticket have ended meanwhile."""
        if actor.session_id is None:
            return actor
        now = _renewed(actor, await self.of(actor.session_id, patient=patient))
        if now is None:
            raise Unauthenticated
        return now

    async def _ask(self, sessions: list[UUID]) -> list[Actor | None]:
        # From before they were asked for: so no session is presumed to last longer than the database has said.
        until = self._seconds() + PRESUMED_SECONDS
        found: dict[UUID, Actor] = {}
        for row in await _look(sessions, self._database()):
            if (actor := _actor(row)) is not None:
                found[row["id"]] = actor
                if row["lasts"] and actor.kind == "ACCOUNT":
                    self._keep(row["id"], _Kept(actor, until))
        return [found.get(one) for one in sessions]

    def _keep(self, session_id: UUID, kept: _Kept) -> None:
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[session_id] = kept


async def authenticate(tokens: Tokens, token: str, connection: AsyncpgDBClient) -> Actor:
    """The actor whose token this is, with a ticket for as long as it lives. Raises Unauthenticated."""
    return await Standings(lambda: connection).authenticate(tokens, token)


def ticket_of(claims: Claims) -> Ticket:
    """A ticket until the token's end. The grace after it is never longer than the token itself lived."""
    return Ticket(claims.expires_at, min(GRACE, claims.expires_at - claims.issued_at))


async def as_now(actor: Actor, connection: AsyncpgDBClient) -> Actor:
    """The same actor as of now. Raises Unauthenticated where the session has ended meanwhile, or the ticket is over."""
    if actor.session_id is None:
        return actor
    found = await standing([actor.session_id], connection)
    now = _renewed(actor, found.get(actor.session_id))
    if now is None:
        raise Unauthenticated
    return now


async def standing(sessions: list[UUID], connection: Runner) -> dict[UUID, Actor]:
    """The actors of these sessions as they stand now; a session that has ended is not in the answer."""
    if not sessions:
        return {}
    found = {row["id"]: _actor(row) for row in await _look(sessions, connection)}
    return {id: actor for id, actor in found.items() if actor is not None}


async def _look(sessions: list[UUID], connection: Runner) -> Sequence[Any]:
    return (await connection.execute_query(_STANDING, [sessions]))[1]


async def places(asked: Sequence[Asked], connection: AsyncpgDBClient) -> tuple[int, list[Place]]:
    """Where those who watch stand now, in their order, and the access version as of the same moment."""
    sessions, areas = [one.actor.session_id for one in asked], [one.area_id for one in asked]
    _, rows = await connection.execute_query(_PLACES, [sessions, areas])
    rows = sorted((row for row in rows), key=lambda row: row["number"] or 0)
    found = [Place(_renewed(one.actor, _actor(row)), _named(one, row)) for one, row in zip(asked, rows, strict=False)]
    return int(rows[0]["access_version"]), found


async def access_version(connection: AsyncpgDBClient) -> int:
    """The number that grows whenever something is taken from somebody."""
    _, rows = await connection.execute_query("SELECT coalesce(max(access_version), 0) AS version FROM installation")
    return int(rows[0]["version"])


def _named(asked: Asked, row: Any) -> Jurisdiction:
    if asked.area_id is None:
        return EVERYWHERE
    return NOWHERE if row["asked_lo"] is None else Jurisdiction(row["asked_lo"], row["asked_hi"])


def _renewed(actor: Actor, now: Actor | None) -> Actor | None:
    """The same connection's actor as it stands now, with its own ticket; None where it stands no more."""
    if actor.session_id is None:
        return actor
    if now is None or (actor.ticket is not None and actor.ticket.over()):
        return None
    if now == actor and (now.wrote, now.access_version) == (actor.wrote, actor.access_version):
        # Thousands who watch stand as they did: a copy of each, every few seconds, would be thrown away.
        return actor
    return replace(now, origin=actor.origin, request_id=actor.request_id, ticket=actor.ticket)


def _actor(row: Any) -> Actor | None:
    """The actor of a row; None where there is no session, or the account was disabled."""
    if row["id"] is None:
        return None
    restriction = Restriction(row["restriction"]) if row["restriction"] else None
    if row["phone_hash"] is not None:
        return Actor("RESIDENT", session_id=row["id"], phone_hash=row["phone_hash"], restriction=restriction)
    if row["account_id"] is None or row["lo"] is None:
        return None
    return Actor(
        "ACCOUNT",
        account_id=row["account_id"],
        session_id=row["id"],
        role=Role(row["role"]),
        area_id=row["area_id"],
        station_id=row["station_id"],
        # A hospital stands in an area, and sees nothing of it but who was referred to it.
        jurisdiction=NOWHERE if row["role"] == Role.HOSPITAL else Jurisdiction(row["lo"], row["hi"]),
        display_name=row["display_name"],
        doctor=row["doctor"],
        restriction=restriction,
        wrote=row["wrote_position"] or 0,
        access_version=row["access_version"],
    )

"""Where every read starts: the rows of a table that an actor may see, and none beyond them."""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from access.actor import Actor
from access.bounds import grantee
from access.jurisdiction import NOWHERE, Jurisdiction
from access.policy import Action, may
from models.alert import Alert, AlertEvent
from models.area_count import AckHistogram, AreaCount
from models.case import Assessment, Case
from models.case_event import CaseEvent
from models.case_grant import CaseGrant
from models.certificate import Certificate
from models.check_in import CheckIn
from models.contact_attempt import ContactAttempt
from models.declaration import Declaration
from models.dispensing import Dispensing
from models.duty import Duty
from models.evidence import Evidence
from models.person_merge import PersonMerge
from models.referral import Referral
from models.release_test import ReleaseTest
from models.state import DeclarationState, StationKind
from models.station import Station
from models.stock import StockBalance, StockEntry
from models.transfer import Transfer

Scoped = TypeVar(
    "Scoped",
    AckHistogram,
    Alert,
    AlertEvent,
    AreaCount,
    Assessment,
    Case,
    CaseEvent,
    Certificate,
    CheckIn,
    ContactAttempt,
    Declaration,
    Dispensing,
    Duty,
    Evidence,
    PersonMerge,
    Referral,
    ReleaseTest,
    Station,
    StockBalance,
    StockEntry,
)
OfCase = TypeVar(
    "OfCase",
    Alert,
    Assessment,
    Case,
    CaseEvent,
    Certificate,
    CheckIn,
    ContactAttempt,
    Declaration,
    Dispensing,
    Evidence,
    PersonMerge,
    Referral,
    ReleaseTest,
)
Named = TypeVar("Named", Case, Declaration)

_ACTION: dict[type, Action] = {
    Alert: Action.SEE_ALERTS,
    AlertEvent: Action.SEE_ALERTS,
    AreaCount: Action.SEE_SUMMARY,
    AckHistogram: Action.SEE_SUMMARY,
    Assessment: Action.SEE_CASES,
    Case: Action.SEE_CASES,
    CaseEvent: Action.SEE_CASES,
    Certificate: Action.SEE_CASES,
    CheckIn: Action.SEE_CASES,
    ContactAttempt: Action.SEE_CASES,
    Declaration: Action.SEE_DECLARATIONS,
    Dispensing: Action.SEE_CASES,
    Duty: Action.KEEP_ROSTER,
    Evidence: Action.SEE_EVIDENCE,
    PersonMerge: Action.SEE_CASES,
    Referral: Action.SEE_CASES,
    ReleaseTest: Action.SEE_CASES,
    Station: Action.SEE_STATIONS,
    StockBalance: Action.KEEP_STOCK,
    StockEntry: Action.KEEP_STOCK,
}

# By which column a row is of a declaration: what a resident's grant opens.
_DECLARATION = {Assessment: "declaration_id", Declaration: "id", Evidence: "declaration_id"}

# By which column a row is of a case: what a station's grant opens.
_CASE = {
    Alert: "case_id",
    Assessment: "case_id",
    Case: "id",
    CaseEvent: "case_id",
    Certificate: "case_id",
    CheckIn: "case_id",
    ContactAttempt: "case_id",
    Declaration: "case_id",
    Dispensing: "case_id",
    Evidence: "case_id",
    PersonMerge: "case_id",
    Referral: "case_id",
    ReleaseTest: "case_id",
}

# Of a case all that its table has, but not who it is; for those who see alerts without a name.
_OUTLINES = """
SELECT id, person_id, disease, area_id, area_no, station_id, state, verified, sex, age_band, severe, high_risk, danger,
  rank, opened_at, confirmed_at, contacted_at, closed_at, anonymised_at, version,
  ''::bytea AS identity, '' AS phone_hash
FROM case_outline WHERE id = ANY($1::uuid[]) AND area_no BETWEEN $2 AND $3
"""

# Of a case how it stands, where the resident's phone is the one it was opened from; how ill the person is only as far
# as the resident has said it. Somebody else may have reported the same person, and nobody is to learn that a neighbour
# is ill by typing a national id.
_OWN_OUTLINES = """
SELECT c.id, c.person_id, c.disease, c.area_id, c.area_no, c.station_id, c.sex, c.age_band, c.anonymised_at,
  CASE WHEN c.own THEN c.state ELSE 'SUSPECTED' END AS state,
  CASE WHEN c.own THEN c.confirmed_at END AS confirmed_at, CASE WHEN c.own THEN c.contacted_at END AS contacted_at,
  CASE WHEN c.own THEN c.closed_at END AS closed_at, CASE WHEN c.own THEN c.version ELSE 1 END AS version,
  CASE WHEN c.own THEN c.check_in_due END AS check_in_due,
  CASE WHEN c.own THEN c.last_check_in_at END AS last_check_in_at,
  CASE WHEN c.own THEN c.checks_missed ELSE 0 END AS checks_missed, c.test_on, c.release_on, c.vaccine_doses,
  ''::bytea AS identity, '' AS phone_hash, o.*
FROM case_outline c JOIN (
  SELECT d.case_id, bool_or(d.verified) AS verified, bool_or(d.severe) AS severe, bool_or(d.high_risk) AS high_risk,
    (array_agg(d.danger ORDER BY d.rank))[1] AS danger, min(d.rank) AS rank, min(d.submitted_at) AS opened_at
  FROM declaration d JOIN case_grant g ON g.declaration_id = d.id
  WHERE d.case_id = ANY($1::uuid[]) AND g.grantee = $2 AND g.ended_at IS NULL GROUP BY d.case_id
) o ON o.case_id = c.id
"""

_OWN_CASES = "SELECT id FROM case_outline WHERE own AND id = ANY($1::uuid[])"


def scope(actor: Actor, action: Action) -> Jurisdiction:
    """The range of area numbers in which the actor may do this; empty where the role may not at all."""
    return actor.jurisdiction if may(actor, action) else NOWHERE


def narrowed(actor: Actor, model: type[Scoped], where: Jurisdiction) -> Jurisdiction:
    """The part of a range in which an account may see the rows of a table: what `visible` says, for SQL of our own."""
    seen = scope(actor, _ACTION[model])
    return where.narrow(seen.lo, seen.hi)


def visible(actor: Actor, model: type[Scoped], connection: AsyncpgDBClient) -> QuerySet[Scoped]:
    """The rows of a table that the actor may see, as a query to narrow further.

    For an account those of its areas, for a resident what their phone has declared: declarations and assessments.
    """
    if actor.kind == "RESIDENT" and model in _DECLARATION and may(actor, Action.SEE_OWN):
        own = CaseGrant.filter(grantee=grantee(actor), ended_at__isnull=True, declaration_id__isnull=False)
        within = _any_of(_DECLARATION[model], Subquery(own.using_db(connection).values("declaration_id")))
    else:
        where = scope(actor, _ACTION[model])
        within = Q(area_no__gte=where.lo, area_no__lte=where.hi)
    return model.filter(within).using_db(connection)


def reachable(actor: Actor, model: type[OfCase], connection: AsyncpgDBClient) -> QuerySet[OfCase]:
    """What is visible, and of cases beyond the actor's areas those that were granted to the actor's station.

    For what is asked for by its identifier: a granted case is in nobody's list of an area.
    """
    seen = visible(actor, model, connection)
    station = grantee(actor)
    if actor.kind != "ACCOUNT" or station is None or not may(actor, _ACTION[model]):
        return seen
    where = scope(actor, _ACTION[model])
    cases = CaseGrant.filter(grantee=station, ended_at__isnull=True, declaration_id__isnull=True)
    granted = _any_of(_CASE[model], Subquery(cases.using_db(connection).values("case_id")))
    return model.filter(Q(area_no__gte=where.lo, area_no__lte=where.hi) | granted).using_db(connection)


def referable(actor: Actor, connection: AsyncpgDBClient) -> QuerySet[Station]:
    """The hospitals that the actor may ask to take somebody: wherever they are, for the own district may have none."""
    stations = Station.filter(kind=StationKind.HOSPITAL, active=True).using_db(connection)
    return stations if may(actor, Action.REFER_CASE) else stations.filter(id__in=[])


def visible_transfers(actor: Actor, connection: AsyncpgDBClient, *, granted: bool = False) -> QuerySet[Transfer]:
    """What went from or to the actor's areas: both sides see it. `granted` also those of cases that were granted to
    the actor's station."""
    where = scope(actor, Action.SEE_CASES)
    within = Q(area_no__gte=where.lo, area_no__lte=where.hi) | Q(from_no__gte=where.lo, from_no__lte=where.hi)
    station = grantee(actor)
    if granted and actor.kind == "ACCOUNT" and station is not None and may(actor, Action.SEE_CASES):
        cases = CaseGrant.filter(grantee=station, ended_at__isnull=True, declaration_id__isnull=True)
        within |= _any_of("case_id", Subquery(cases.using_db(connection).values("case_id")))
    return Transfer.filter(within).using_db(connection)


def by_grant(actor: Actor, rows: Sequence[Named]) -> Sequence[Named]:
    """The same rows, read through `reachable`, with those beyond the actor's areas marked as granted.

    A resident's report that was taken as it came, because its case was confirmed already, looks as if it waited: it may
    be somebody else's case.
    """
    for row in rows:
        row.granted = not actor.jurisdiction.covers(row.area_no)
        if actor.kind == "RESIDENT":
            _hide_what_was_known(row)
    return rows


def _hide_what_was_known(row: Case | Declaration) -> None:
    if isinstance(row, Declaration) and taken_as_it_came(row):
        row.state, row.handled_at = DeclarationState.SUBMITTED, None


def taken_as_it_came(row: Declaration) -> bool:
    """Whether a report was accepted by nobody, in the moment in which it came: its case was confirmed before."""
    return row.state == DeclarationState.ACCEPTED and row.handled_at == row.submitted_at


def names(actor: Actor, row: Case | Declaration) -> bool:
    """Whether the actor may see who a row is about.

    Staff who see persons, within their areas and of what was granted to their station; of a declaration whoever has
    sent it.
    """
    if actor.kind == "RESIDENT":
        return isinstance(row, Declaration) and row.granted and may(actor, Action.SEE_OWN)
    return may(actor, Action.SEE_PERSON) and (actor.jurisdiction.covers(row.area_no) or row.granted)


async def outlines(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> list[Case]:
    """The cases of these identifiers where the actor may see alerts, with an empty `identity` and `phone_hash`."""
    where = scope(actor, Action.SEE_ALERTS)
    _, rows = await connection.execute_query(_OUTLINES, [list(ids), where.lo, where.hi])
    return [Case(**row) for row in rows]


async def own_outlines(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> list[Case]:
    """The cases of these identifiers that a resident's declarations belong to, with an empty `identity`.

    How severe, since when and how certain it is are those of the resident's own reports; the state is the case's.
    """
    if not may(actor, Action.SEE_OWN):
        return []
    _, rows = await connection.execute_query(_OWN_OUTLINES, [list(ids), grantee(actor)])
    return [Case(**{name: value for name, value in row.items() if name != "case_id"}) for row in rows]


async def own_check_ins(actor: Actor, connection: AsyncpgDBClient, case_ids: Collection[UUID]) -> QuerySet[CheckIn]:
    """What a resident's own phone has reported of these cases, as a query to narrow further.

    Only of those that were opened from that phone, and nothing that staff have entered: they may have it from others.
    """
    owned: list[UUID] = []
    if actor.kind == "RESIDENT" and may(actor, Action.SEE_OWN):
        _, rows = await connection.execute_query(_OWN_CASES, [list(case_ids)])
        owned = [row["id"] for row in rows]
    return CheckIn.filter(case_id__in=owned, account_id__isnull=True).using_db(connection)


def _any_of(column: str, found: Subquery) -> Q:
    condition: dict[str, Any] = {f"{column}__in": found}
    return Q(**condition)

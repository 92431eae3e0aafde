"""Certificates: those of an area, which wait the longest first, and those of what a resident's phone has declared."""

from collections.abc import Collection, Sequence
from datetime import UTC
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.policy import Action, may
from access.visible import visible
from models.certificate import Certificate
from models.database import service_transaction
from models.declaration import Declaration
from models.release_test import ReleaseTest
from models.state import CertificateState
from services.batch import MOST_A_CASE, padded
from services.cursor import page_cursor, read_page_cursor
from services.merged_cases import families, shown_in
from services.own_case import own_cases
from services.page import Page, page_size
from services.place import resolve_area
from services.problem import InvalidCursor, NotFound


async def list_certificates(
    actor: Actor,
    connection: AsyncpgDBClient,
    area_id: str | None = None,
    states: Collection[CertificateState] | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Page[Certificate]:
    """A page of the certificates of an area, in the order in which they were asked for.

    Raises NotFound (unknown area, outside, or a role that releases nobody), InvalidInput (`first` out of bounds),
    InvalidCursor.
    """
    size = page_size(first)
    _, where = await resolve_area(actor, Action.RELEASE_CASE, connection, area_id)
    found = visible(actor, Certificate, connection).filter(area_no__gte=where.lo, area_no__lte=where.hi)
    if states is not None:
        found = found.filter(state__in=list(states))
    if after is not None:
        found = found.filter(_later(after))
    rows = await found.order_by("asked_at", "id").limit(size + 1)
    shown = rows[:size]
    cursors = [page_cursor("certificates", 0, row.asked_at, row.id) for row in shown]
    return Page(shown, cursors, len(rows) > size)


async def certificates_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Sequence[UUID]
) -> dict[UUID, list[Certificate]]:
    """The certificates of these cases, newest first, where the actor may see them."""
    rows = visible(actor, Certificate, connection).filter(case_id__in=padded(case_ids)).order_by("-asked_at", "-id")
    found: dict[UUID, list[Certificate]] = {}
    for row in await rows:
        found.setdefault(row.case_id, []).append(row)
    return {case_id: ones[:MOST_A_CASE] for case_id, ones in found.items()}


async def release_tests_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Sequence[UUID]
) -> dict[UUID, list[ReleaseTest]]:
    """The tests at the end of these isolations, newest first, where the actor may see them, with those of the cases
    that rest in them. A resident sees those of the cases that were opened from their own phone.
    """
    if actor.kind == "RESIDENT":
        return await _own_tests(actor, case_ids)
    shown = await shown_in(actor, connection, case_ids)
    found: dict[UUID, list[ReleaseTest]] = {}
    rows = visible(actor, ReleaseTest, connection).filter(case_id__in=padded(shown)).order_by("-sent_at", "-id")
    for row in await rows:
        for case_id in shown[row.case_id]:
            found.setdefault(case_id, []).append(row)
    return {case_id: ones[:MOST_A_CASE] for case_id, ones in found.items()}


async def _own_tests(actor: Actor, case_ids: Sequence[UUID]) -> dict[UUID, list[ReleaseTest]]:
    if not may(actor, Action.SEE_OWN):
        return {}
    # The service's login: no resident has bounds of cases. Narrowed by `own_cases`; a merge says that all are one
    # person's, and by all of them the end of the isolation is judged.
    async with service_transaction() as connection:
        own = await own_cases(connection, actor, case_ids)
        family = await families(connection, list(own)) if own else {}
        rows = await ReleaseTest.filter(case_id__in=list(family)).order_by("-sent_at", "-id").using_db(connection)
    return {id: [row for row in rows if family[row.case_id] == goes_on][:MOST_A_CASE] for id, goes_on in own.items()}


async def own_certificates(
    actor: Actor, declaration_id: UUID | None = None, first: int | None = None, after: str | None = None
) -> Page[tuple[Certificate, UUID]]:
    """The certificates of what a resident's phone has declared, each with the declaration by which it is theirs.

    In the order in which they were asked for; of one declaration alone where it is named. Raises NotFound for whoever
    is no resident, InvalidInput (`first` out of bounds), InvalidCursor.
    """
    if not may(actor, Action.FETCH_CERTIFICATE) or actor.kind != "RESIDENT" or not actor.phone_hash:
        raise NotFound
    size = page_size(first)
    later = Q() if after is None else _later(after)
    # The service's login: no resident has bounds of cases. Narrowed to declarations granted to this phone, and of those
    # to cases that were opened from it: somebody else's case that a report has joined is not told of.
    async with service_transaction() as connection:
        declarations = visible(actor, Declaration, connection)
        if declaration_id is not None:
            declarations = declarations.filter(id=declaration_id)
        by_case = {row.case_id: row.id for row in await declarations.order_by("submitted_at", "id")}
        own = await own_cases(connection, actor, list(by_case))
        # The certificate of a case that rests in another is that of the one that goes on.
        by_end = {end: by_case[id] for id, end in own.items()} | {id: by_case[id] for id in own}
        rows = Certificate.filter(later, case_id__in=padded(by_end)).order_by("asked_at", "id").limit(size + 1)
        found = await rows.using_db(connection) if by_end else []
    shown = found[:size]
    cursors = [page_cursor("certificates", 0, row.asked_at, row.id) for row in shown]
    return Page([(row, by_end[row.case_id]) for row in shown], cursors, len(found) > size)


def _later(after: str) -> Q:
    _, at, id = read_page_cursor("certificates", after)
    try:
        moment = at.astimezone(UTC)
    except OverflowError as error:
        raise InvalidCursor from error
    return Q(asked_at__gt=moment) | Q(asked_at=moment, id__gt=id)

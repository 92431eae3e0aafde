"""Referrals: those to a hospital for the hospital, those of an area for its stations."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.policy import Action, may
from access.visible import reachable, visible
from models.referral import Referral
from models.state import ReferralState, Role
from services.batch import MOST_A_CASE, padded
from services.cursor import page_cursor, read_page_cursor
from services.page import Page, page_size
from services.place import resolve_area
from services.problem import NotFound


async def list_referrals(
    actor: Actor,
    connection: AsyncpgDBClient,
    states: Collection[ReferralState] | None = None,
    area_id: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Page[Referral]:
    """A page, the newest first: to a hospital those that it was asked and that are not over, to others their area's.

    Raises NotFound, InvalidInput (`first` out of bounds), InvalidCursor.
    """
    size = page_size(first)
    if actor.role is Role.HOSPITAL:
        if area_id is not None or not may(actor, Action.ANSWER_REFERRAL):
            raise NotFound
        referrals = reachable(actor, Referral, connection).filter(hospital_id=actor.station_id or "")
    else:
        _, where = await resolve_area(actor, Action.REFER_CASE, connection, area_id)
        referrals = visible(actor, Referral, connection).filter(area_no__gte=where.lo, area_no__lte=where.hi)
    if states is not None:
        referrals = referrals.filter(state__in=list(states))
    if after is not None:
        _, at, id = read_page_cursor("referrals", after)
        referrals = referrals.filter(Q(requested_at__lt=at) | Q(requested_at=at, id__lt=id))
    rows = await referrals.order_by("-requested_at", "-id").limit(size + 1)
    shown = rows[:size]
    return Page(shown, [page_cursor("referrals", 0, row.requested_at, row.id) for row in shown], len(rows) > size)


async def referrals_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Collection[UUID]
) -> dict[UUID, list[Referral]]:
    """The referrals of each case that the actor may see, newest first, 50 of a case at the most.

    A hospital is not told which other hospitals were asked.
    """
    found: dict[UUID, list[Referral]] = {case_id: [] for case_id in case_ids}
    rows = reachable(actor, Referral, connection).filter(case_id__in=padded(case_ids))
    if actor.role is Role.HOSPITAL:
        rows = rows.filter(hospital_id=actor.station_id or "")
    for row in await rows.order_by("-id"):
        if len(found[row.case_id]) < MOST_A_CASE:
            found[row.case_id].append(row)
    return found

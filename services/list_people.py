"""The accounts of an area, for those who manage people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.people import SHOWN, visible_accounts
from access.policy import Action
from models.state import Role
from services.cursor import number_cursor
from services.number_order import read_number
from services.page import Page, page_size
from services.place import resolve_area
from services.problem import InvalidCursor


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """An account without anything secret; `area_no` is its area's number."""

    id: UUID
    username: str
    display_name: str
    role: Role
    area_id: str
    area_no: int
    station_id: str | None
    created_at: datetime
    disabled_at: datetime | None
    must_change_password: bool
    second_factor: bool
    version: int
    doctor: bool


async def list_people(
    actor: Actor, connection: AsyncpgDBClient, area_id: str | None, first: int | None = None, after: str | None = None
) -> Page[StaffAccount]:
    """A page of accounts in the order of the tree.

    Raises NotFound (unknown area, outside, or a role that sees no accounts), InvalidInput (`first` out of bounds),
    InvalidCursor.
    """
    size = page_size(first)
    _, where = await resolve_area(actor, Action.SEE_ACCOUNTS, connection, area_id)
    accounts = visible_accounts(actor, connection).filter(area__lo__gte=where.lo, area__lo__lte=where.hi)
    if after is not None:
        number, id = read_number("accounts", after)
        accounts = accounts.filter(Q(area__lo__gt=number) | Q(area__lo=number, id__gt=_uuid(id)))
    rows = await accounts.order_by("area__lo", "id").limit(size + 1).values(*SHOWN, area_no="area__lo")
    shown = [_of(row) for row in rows[:size]]
    return Page(shown, [number_cursor("accounts", row.area_no, str(row.id)) for row in shown], len(rows) > size)


async def people_by_id(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> dict[UUID, StaffAccount]:
    """The accounts of these identifiers that the actor may see."""
    rows = await visible_accounts(actor, connection).filter(id__in=list(ids)).values(*SHOWN, area_no="area__lo")
    return {row["id"]: _of(row) for row in rows}


def _of(row: dict[str, Any]) -> StaffAccount:
    confirmed = row.pop("totp_confirmed_at")
    return StaffAccount(**row, second_factor=confirmed is not None)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidCursor from error

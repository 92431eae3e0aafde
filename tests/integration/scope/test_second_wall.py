"""The database's own wall, table by table: the application's login on a connection of its own, without our code."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from models.bounds import NOTHING, Bounds
from models.database import DatabaseUrls
from models.migrate import plain
from models.row_security import TABLES
from models.state import GrantKind
from services.runtime import Runtime
from tests.integration.scope.rows import UNWATCHED
from tests.integration.scope.town import Town, found_town

WALLED = sorted(name for name, table in TABLES.items() if table.seen is not None)
UNSEEN = {"outbox_message": "the application writes messages and never reads one"}
"""Walled tables of which the application sees no row, whatever its bounds."""

THROUGH_CASE = """
SELECT t.ctid::text AS at FROM {table} t WHERE EXISTS (
  SELECT FROM illness_case c WHERE c.area_id = $1 AND {condition})
"""
OF_WARD = {
    "assessment": "c.id = t.case_id",
    "audit": "c.area_no = t.area_no",
    "alert_event": "c.area_no = t.area_no",
    "case_event": "c.id = t.case_id",
    "case_grant": "false",
    "certificate": "c.id = t.case_id",
    "check_in": "c.id = t.case_id",
    "contact_attempt": "c.id = t.case_id",
    "dispensing": "c.id = t.case_id",
    "evidence": "c.id = t.case_id",
    "outbox_message": "false",
    "person": "c.person_id = t.id",
    "person_key": "c.person_id = t.person_id",
    "person_merge": "c.id = t.case_id",
    "referral": "c.id = t.case_id",
    "release_test": "c.id = t.case_id",
    "stock_balance": "c.area_no = t.area_no",
    "stock_entry": "c.area_no = t.area_no",
    "transfer": "c.area_no IN (t.area_no, t.from_no)",
}
"""How a row of a table without an `area_id` is of a ward, by its case; a grant is its grantee's, and of no ward."""

CARED = (
    ("case_event", "case_id, area_no, kind, at, actor, state, version", "id, area_no, 'CLAIMED', now(), '', state, 1"),
    (
        "check_in",
        "case_id, area_no, idempotency_key, body_hash, at, report, severe, high_risk, rank, reasons, missing, protocol",
        "id, area_no, 'once', '', now(), '', false, false, 5, '[]', '[]', ''",
    ),
    (
        "contact_attempt",
        "case_id, area_no, at, account_id, outcome, advice",
        "id, area_no, now(), gen_random_uuid(), 'REACHED', '[]'",
    ),
    (
        "dispensing",
        "case_id, area_no, station_id, pack, quantity, at, account_id, consent, protocol",
        "id, area_no, 'somewhere', 'a', 1, now(), gen_random_uuid(), true, ''",
    ),
    (
        "person_merge",
        "case_id, area_no, merged_case_id, person_id, merged_person_id, state_before, detail, at, account_id",
        "id, area_no, id, person_id, person_id, state, '', now(), gen_random_uuid()",
    ),
)
"""What the town's stations have done for each case: a row of each table, by its columns and their values."""

MOVING = {"transfer": "area_no = $1, from_no = $1"}
"""Walled tables whose rows are of two wards: what goes to another one is written by the ward that it comes from."""


@dataclass
class Place:
    """A ward's bounds for everything, and the number of another ward."""

    bounds: Bounds
    other_no: int


@pytest.fixture(scope="module")
async def town(ground: Runtime, urls: DatabaseUrls, owner: asyncpg.Connection) -> Town:
    """The town, in which each walled table has a row of the ward and of others."""
    town = await found_town(ground, urls, owner)
    await owner.execute(
        "INSERT INTO ack_histogram (area_id, area_no, disease, day, bucket, count)"
        " SELECT area_id, area_no, disease, day, 1, 1 FROM area_count"
    )
    await owner.execute(
        "INSERT INTO audit (id, at, actor, action, area_no, objects, detail)"
        " SELECT gen_random_uuid(), now(), 'ACCOUNT', 'made', area_no, '[]', '{}' FROM illness_case"
    )
    await owner.execute(
        "INSERT INTO evidence (id, kind, case_id, area_no, created_at, uploaded_at)"
        " SELECT gen_random_uuid(), 'TEST', id, area_no, now(), now() FROM illness_case"
    )
    await owner.execute(
        "INSERT INTO case_grant (id, case_id, grantee, kind, granted_at)"
        " SELECT gen_random_uuid(), id, 'station:somewhere', $1, now() FROM illness_case",
        GrantKind.SENDER.value,
    )
    for table, columns, values in CARED:
        await owner.execute(f"INSERT INTO {table} (id, {columns}) SELECT gen_random_uuid(), {values} FROM illness_case")
    await owner.execute(
        "INSERT INTO stock_balance (id, station_id, area_no, pack, balance)"
        " SELECT id || ':a', id, area_no, 'a', 1 FROM station"
    )
    await owner.execute(
        "INSERT INTO stock_entry (id, station_id, area_no, pack, change, balance, kind, at, account_id)"
        " SELECT gen_random_uuid(), id, area_no, 'a', 1, 1, 'RECEIVED', now(), gen_random_uuid() FROM station"
    )
    return town


@pytest.fixture
async def place(town: Town, owner: asyncpg.Connection) -> Place:
    """The ward, as bounds."""
    numbers = {row["id"]: (row["lo"], row["hi"]) for row in await owner.fetch("SELECT id, lo, hi FROM area")}
    ward = numbers["ward"]
    return Place(Bounds(counts=ward, alerts=ward, cases=ward), numbers["sibling"][0])


@pytest.fixture
async def application(urls: DatabaseUrls, town: Town) -> AsyncIterator[asyncpg.Connection]:
    """A new connection of the application's login."""
    connection = await asyncpg.connect(plain(urls.application))
    yield connection
    await connection.close()


async def seen(connection: asyncpg.Connection, table: str) -> set[str]:
    """Where the rows are that this connection sees; none where it may only write."""
    if TABLES[table].application == "INSERT":
        return set()
    return {row["at"] for row in await connection.fetch(f"SELECT ctid::text AS at FROM {table}")}


async def of_ward(owner: asyncpg.Connection, table: str, ward: str) -> set[str]:
    """Where the ward's rows are, read past the wall."""
    if table in OF_WARD:
        rows = await owner.fetch(THROUGH_CASE.format(table=table, condition=OF_WARD[table]), ward)
    else:
        rows = await owner.fetch(f"SELECT ctid::text AS at FROM {table} WHERE area_id = $1", ward)
    return {row["at"] for row in rows}


@pytest.mark.parametrize("table", WALLED)
async def test_without_bounds_there_is_no_row_and_no_error(application: asyncpg.Connection, table: str) -> None:
    assert await seen(application, table) == set()
    async with application.transaction():
        assert await seen(application, table) == set()
        await application.execute(NOTHING.statement())
        assert await seen(application, table) == set()


@pytest.mark.parametrize("table", WALLED)
async def test_bounds_are_over_with_their_transaction(
    application: asyncpg.Connection, place: Place, table: str
) -> None:
    async with application.transaction():
        await application.execute(place.bounds.statement())
        await seen(application, table)
    # The settings are empty texts on this connection from now on, which are no numbers.
    assert await seen(application, table) == set()


@pytest.mark.parametrize("table", WALLED)
async def test_a_ward_s_bounds_show_the_ward_s_rows_and_no_other(
    application: asyncpg.Connection, owner: asyncpg.Connection, place: Place, table: str
) -> None:
    async with application.transaction():
        await application.execute(place.bounds.statement())
        found = await seen(application, table)
    assert found == (set() if table in UNSEEN else await of_ward(owner, table, "ward"))
    every = await owner.fetch(f"SELECT FROM {table}")
    assert len(every) > len(found) or table in (*UNSEEN, "duty")


@pytest.mark.parametrize("table", [name for name in WALLED if "UPDATE" in TABLES[name].application])
async def test_no_row_is_moved_into_another_ward(
    application: asyncpg.Connection, owner: asyncpg.Connection, place: Place, table: str
) -> None:
    column = await owner.fetchval(_COLUMN, table, "area_no")
    if column is None:
        return
    transaction = application.transaction()
    await transaction.start()
    await application.execute(place.bounds.statement())
    if await seen(application, table):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await application.execute(f"UPDATE {table} SET {MOVING.get(table, 'area_no = $1')}", place.other_no)
    await transaction.rollback()


@pytest.mark.parametrize("table", [name for name in WALLED if "UPDATE" in TABLES[name].application])
async def test_no_row_of_another_ward_is_changed(
    application: asyncpg.Connection, owner: asyncpg.Connection, place: Place, table: str
) -> None:
    key = await owner.fetchval(_COLUMN, table, "id") or "hash"
    outside = await owner.fetch(f"SELECT {key} AS key FROM {table}")
    within = await of_ward(owner, table, "ward")
    transaction = application.transaction()
    await transaction.start()
    await application.execute(place.bounds.statement())
    changed = [
        await application.execute(f"UPDATE {table} SET {key} = {key} WHERE {key} = $1", row["key"]) for row in outside
    ]
    await transaction.rollback()
    assert changed.count("UPDATE 1") == len(within)


@pytest.mark.parametrize(
    "table", [name for name in WALLED if "INSERT" in TABLES[name].application and TABLES[name].written != "true"]
)
async def test_no_row_is_added_to_another_ward(
    application: asyncpg.Connection, owner: asyncpg.Connection, place: Place, table: str
) -> None:
    if await owner.fetchval(_COLUMN, table, "area_no") is None:
        return
    row = await owner.fetchrow(f"SELECT to_jsonb(t) AS row FROM {table} t WHERE area_no = $1", place.other_no)
    if row is None:
        return
    transaction = application.transaction()
    await transaction.start()
    await application.execute(place.bounds.statement())
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await application.execute(
            f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, $1::jsonb)", row["row"]
        )
    await transaction.rollback()


async def test_a_grant_is_its_grantee_s_alone(application: asyncpg.Connection, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "UPDATE case_grant SET grantee = 'station:here' WHERE kind = 'SENDER'"
        " AND case_id = (SELECT id FROM illness_case LIMIT 1)"
    )
    counts: dict[str, Any] = {}
    for grantee in ("station:here", "station:elsewhere", "phone:here", ""):
        async with application.transaction():
            await application.execute(Bounds(grantee=grantee).statement())
            counts[grantee] = [len(await seen(application, table)) for table in ("case_grant", "illness_case")]
    assert counts == {"station:here": [1, 1], "station:elsewhere": [0, 0], "phone:here": [0, 0], "": [0, 0]}


async def test_neither_login_can_pass_the_wall(owner: asyncpg.Connection, urls: DatabaseUrls) -> None:
    for url in (urls.application, urls.service):
        connection = await asyncpg.connect(plain(url))
        try:
            rows = await connection.fetch(_POWERS)
        finally:
            await connection.close()
        assert [dict(row) for row in rows] == [{"rolsuper": False, "rolbypassrls": False, "owns": 0, "member": 0}]


async def test_the_wall_stands_for_the_owner_too(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = ANY($1)", WALLED
    )
    assert {(row["relname"], row["relrowsecurity"], row["relforcerowsecurity"]) for row in rows} == {
        (table, True, True) for table in WALLED
    }


def test_every_table_that_names_an_area_or_a_case_is_walled_or_says_why_not() -> None:
    assert set(UNWATCHED) <= set(TABLES)


_COLUMN = "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND column_name = $2"
_POWERS = """
SELECT r.rolsuper, r.rolbypassrls, (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid) AS owns,
  (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) AS member
FROM pg_roles r WHERE r.rolname = current_user
"""

"""Rotating: everything that an older key has sealed or hashed is made anew with the current one, while all go on.

A batch is a transaction of its own that locks its rows and steps over those that others hold. What is left is what the
rows themselves say: the key's name stands in front of every sealed value and hash. So it can be killed at any moment
and begun again, and two that run at once do each half.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.sealing import UnsealError, sealed_prefix
from access.trail import record
from models.database import service_connection, service_transaction
from services.end_sessions import bump_access
from services.key_columns import SEALED, Sealed
from services.rehash_people import Batch, rehash_grants, rehash_person_keys
from services.runtime import Runtime

BATCH = 400
_ROUNDS = 5

Progress = Callable[[str, int, int], None]
"""Hears of a table how many of how many rows are done."""


class KeysStillUsed(Exception):
    """Something is still made with an older key; the message says what, and what to do."""


@dataclass(slots=True)
class Rotated:
    """How many rows of each table were made anew, and how many keys of persons and grants could not be.

    Those have no source any more, because what was reported is anonymous; nothing is found by them and they are gone.
    """

    rows: dict[str, int] = field(default_factory=dict)
    sessions_ended: int = 0
    without_source: int = 0


async def rotate(runtime: Runtime, actor: Actor, progress: Progress) -> Rotated:
    """Brings everything under the ring's current key. To be called when every process has read that key.

    Raises KeysStillUsed where rows cannot be opened, or where somebody goes on writing with an older key.
    """
    name, done = runtime.sealer.ring.current.name, Rotated()
    unopened = 0
    for _ in range(_ROUNDS):
        if ended := await _end_sessions(name):
            runtime.hub.wake()
        done.sessions_ended += ended
        left = await rows_left(name)
        if not any(left.values()):
            break
        unopened = 0
        for column in SEALED:
            unopened += await _column(runtime, column, left[f"{column.table}.{column.column}"], done, progress)
        for table, rehash in (("person_key", rehash_person_keys), ("case_grant", rehash_grants)):
            done.without_source += await _hashes(runtime, table, rehash, left[table], done, progress)
    left = {table: rows for table, rows in (await rows_left(name)).items() if rows}
    async with service_transaction() as connection:
        detail: dict[str, object] = {"rows": done.rows, "left": left, "sessions_ended": done.sessions_ended}
        await record(connection, actor, "rotate_keys", runtime.clock.now(), [name], detail=detail)
    if left:
        rows = ", ".join(f"{count} of {table}" for table, count in left.items())
        why = (
            f"{unopened} do not open with any key that is known here: restore these rows or their key from a backup"
            if unopened
            else "a process that serves writes with an older key: see that it reads this key file, and start it again"
        )
        raise KeysStillUsed(f"still under an older key: {rows}; {why}")
    return done


async def rows_left(name: str) -> dict[str, int]:
    """How many rows of each column and table are not under the key of this name."""
    left = {}
    for column in SEALED:
        condition = _condition(column)
        values: list[object] = [sealed_prefix(name), f"{name}."] if column.phone else [sealed_prefix(name)]
        statement = f"SELECT count(*) AS n FROM {column.table} WHERE {condition}"
        left[f"{column.table}.{column.column}"] = await _count(statement, values)
    for table, hashed in (("person_key", "hash"), ("session", "phone_hash"), ("verification", "phone_hash")):
        left[table] = await _count(
            f"SELECT count(*) AS n FROM {table} WHERE {hashed} IS NOT NULL AND NOT starts_with({hashed}, $1)",
            [f"{name}."],
        )
    left["case_grant"] = await _count(
        "SELECT count(*) AS n FROM case_grant WHERE grantee LIKE 'phone:%' AND NOT starts_with(grantee, $1)",
        [f"phone:{name}."],
    )
    return left


async def _end_sessions(name: str) -> int:
    """Residents' sessions and codes of an older key: of a phone that was proven nothing but the hash was kept."""
    async with service_transaction() as connection:
        ended, _ = await connection.execute_query(
            "DELETE FROM session WHERE phone_hash IS NOT NULL AND NOT starts_with(phone_hash, $1) RETURNING id",
            [f"{name}."],
        )
        await connection.execute_query("DELETE FROM verification WHERE NOT starts_with(phone_hash, $1)", [f"{name}."])
        if ended:
            await bump_access(connection)
    return int(ended)


async def _column(runtime: Runtime, column: Sealed, total: int, done: Rotated, progress: Progress) -> int:
    """Seals a column anew, batch by batch; how many rows did not open."""
    after: UUID | str | None = None
    seen = unopened = 0
    while total:
        async with service_transaction() as connection:
            rows = await _claim(connection, column, runtime.sealer.ring.current.name, after)
            sealed, hashes, ids = [], [], []
            for row in rows:
                place = f"{column.place}:{row['id']}"
                try:
                    value, phone_hash = _anew(runtime, column, place, row["sealed"])
                except UnsealError:
                    unopened += 1
                    continue
                ids.append(row["id"])
                sealed.append(value)
                hashes.append(phone_hash)
            await _store(connection, column, ids, sealed, hashes)
        seen += len(rows)
        done.rows[column.table] = done.rows.get(column.table, 0) + len(ids)
        progress(column.table, min(seen, total), total)
        if len(rows) < BATCH:
            break
        after = rows[-1]["id"]
    return unopened


def _anew(runtime: Runtime, column: Sealed, place: str, sealed: bytes) -> tuple[bytes, str]:
    anew = runtime.sealer.reseal(place, sealed)
    if not column.phone:
        return anew, ""
    return anew, runtime.pseudonymiser.phone(str(runtime.sealer.open(place, anew)["phone"]))


async def _claim(connection: AsyncpgDBClient, column: Sealed, name: str, after: UUID | str | None) -> list[Any]:
    # NO KEY: an alert that is being raised for a case refers to it, and must not wait for that.
    values: list[object] = [sealed_prefix(name), f"{name}."] if column.phone else [sealed_prefix(name)]
    beyond = ""
    if after is not None:
        values.append(after)
        beyond = f" AND id > ${len(values)}"
    _, rows = await connection.execute_query(
        f"SELECT id, {column.column} AS sealed FROM {column.table} WHERE {_condition(column)}{beyond} "
        f"ORDER BY id LIMIT {BATCH} FOR NO KEY UPDATE SKIP LOCKED",
        values,
    )
    return list(rows)


async def _store(
    connection: AsyncpgDBClient, column: Sealed, ids: list[Any], sealed: list[bytes], hashes: list[str]
) -> None:
    if not ids:
        return
    # The version stays: nothing that anybody sees of the row has changed.
    kind = "text" if isinstance(ids[0], str) else "uuid"
    hashed = ", phone_hash = u.phone_hash" if column.phone else ""
    await connection.execute_query(
        f"UPDATE {column.table} t SET {column.column} = u.sealed{hashed} "
        f"FROM unnest($1::{kind}[], $2::bytea[], $3::text[]) AS u (id, sealed, phone_hash) WHERE t.id = u.id",
        [ids, sealed, hashes],
    )


def _condition(column: Sealed) -> str:
    """Rows that hold something, and not under the key whose prefixes are $1 and, for a phone's hash, $2."""
    old = f"substr({column.column}, 1, length($1::bytea)) <> $1"
    if column.phone:
        old = f"({old} OR NOT starts_with(phone_hash, $2))"
    return f"{column.column} IS NOT NULL AND {column.column} <> '' AND {old}"


async def _hashes(
    runtime: Runtime,
    table: str,
    rehash: Callable[[Runtime, AsyncpgDBClient, str, int], Awaitable[Batch]],
    total: int,
    done: Rotated,
    progress: Progress,
) -> int:
    """Makes a table's hashes anew, batch by batch; how many had no source any more."""
    seen, lost, after = 0, 0, ""
    while total:
        async with service_transaction() as connection:
            batch = await rehash(runtime, connection, after, BATCH)
        seen, lost, after = seen + batch.rows, lost + batch.without_source, batch.after
        done.rows[table] = done.rows.get(table, 0) + batch.rows - batch.without_source
        progress(table, min(seen, total), total)
        if batch.rows < BATCH:
            break
    return lost


async def _count(statement: str, values: list[object]) -> int:
    _, rows = await service_connection().execute_query(statement, values)
    return int(rows[0]["n"])

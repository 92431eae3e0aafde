"""Dropping a key for good: only when nothing that the database holds was made with it."""

from datetime import timedelta

from access.actor import Actor
from access.keys import KeyRing, Standing
from access.sealing import sealed_prefix
from access.trail import record
from models.database import service_connection, service_transaction
from services.key_columns import SEALED
from services.runtime import Runtime

REPEATS = timedelta(days=7)
"""For how long a client may repeat a declaration that it has sent: its body is compared under the key of then."""

_HASHED = (
    ("illness_case", "phone_hash"),
    ("submission", "phone_hash"),
    ("person_key", "hash"),
    ("session", "phone_hash"),
    ("verification", "phone_hash"),
)


class KeyNeeded(Exception):
    """The key cannot go; the message says what for it is needed."""


async def drop_key(runtime: Runtime, actor: Actor, name: str) -> None:
    """Takes a retired key out of the key file. Raises KeyNeeded and KeyFileError."""
    ring = runtime.sealer.ring
    ring.reload()
    key = ring.find(name)
    if key is None:
        raise KeyNeeded(f"there is no key {name}; khaibao keys list shows those that are known")
    if key.standing is not Standing.RETIRED:
        raise KeyNeeded(f"{name} is in use: only a retired key can go, and khaibao keys rotate retires")
    if needed := await uses(runtime, name):
        what = ", ".join(f"{rows} of {column}" for column, rows in needed.items())
        raise KeyNeeded(f"{name} is needed by {what}")
    _take_out(ring, name)
    async with service_transaction() as connection:
        await record(connection, actor, "drop_key", runtime.clock.now(), [name])


async def uses(runtime: Runtime, name: str) -> dict[str, int]:
    """How many rows were made with a key, by column; columns without any are left out."""
    sealed = [(one.table, one.column) for one in SEALED] + [("audit", "why")]
    counts: list[tuple[str, str, str | bytes]]
    counts = [(f"{table}.{column}", _SEALED.format(table, column), sealed_prefix(name)) for table, column in sealed]
    counts += [(f"{table}.{column}", _HASH.format(table, column), f"{name}.") for table, column in _HASHED]
    counts += [
        ("case_grant.grantee", _HASH.format("case_grant", "grantee"), f"phone:{name}."),
        ("audit_link.key", "SELECT count(*) AS n FROM audit_link WHERE key = $1", name),
    ]
    found = {column: await _count(statement, [value]) for column, statement, value in counts}
    since = runtime.clock.now() - REPEATS
    found["submission.body_hash"] = await _count(
        f"{_HASH.format('submission', 'body_hash')} AND submitted_at > $2", [f"{name}.", since]
    )
    return {column: rows for column, rows in found.items() if rows}


_SEALED = "SELECT count(*) AS n FROM {0} WHERE substr({1}, 1, length($1::bytea)) = $1"
_HASH = "SELECT count(*) AS n FROM {0} WHERE starts_with({1}, $1)"


def _take_out(ring: KeyRing, name: str) -> None:
    ring.write([key for key in ring.all if key.name != name])


async def _count(statement: str, values: list[object]) -> int:
    _, rows = await service_connection().execute_query(statement, values)
    return int(rows[0]["n"])

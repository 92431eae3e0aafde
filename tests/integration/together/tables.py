"""All tables that a declaration writes, as values that are the same whatever identifiers and moments were drawn."""

from collections import defaultdict
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from models.database import DatabaseUrls
from models.migrate import plain
from services.runtime import Runtime

TABLES = (
    *("submission", "declaration", "person", "person_key", "illness_case", "assessment", "case_grant", "alert"),
    *("alert_event", "outbox_message", "audit", "area_count", "evidence"),
)
_DRAWN = {"id", "seq", "submitted_at", "assessed_at", "opened_at", "raised_at", "due_at", "at", "granted_at"}
_DRAWN |= {"created_at", "written_at", "handled_at", "useful_until", "not_before", "receipt_code", "confirmed_at"}
_DRAWN |= {"contacted_at", "check_in_due", "uploaded_at", "last_action_at", "acknowledged_at"}


async def emptied(urls: DatabaseUrls) -> None:
    """Nothing was declared. Row by row: for the few rows of a story that takes a hundredth of what TRUNCATE does."""
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        for name in ("alert_event", "alert", "case_grant", "assessment", "case_event", "declaration", "submission"):
            await owner.execute(f"DELETE FROM {name}")
        for name in ("illness_case", "person_key", "person", "outbox_message", "audit", "area_count", "evidence"):
            await owner.execute(f"DELETE FROM {name}")
    finally:
        await owner.close()


async def tables(runtime: Runtime, urls: DatabaseUrls) -> dict[str, list[Any]]:
    """The rows of every table, in an order of their values."""
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        rows = {name: [dict(row) for row in await owner.fetch(f"SELECT * FROM {name}")] for name in TABLES}
    finally:
        await owner.close()
    named = _names(rows)
    found: dict[str, list[Any]] = {}
    for name, those in rows.items():
        if name == "alert_event":
            found[name] = _events(those, named)
            continue
        values = [_row(runtime, name, row, named) for row in those]
        found[name] = sorted(values, key=repr)
    return found


def _names(rows: dict[str, list[dict[str, Any]]]) -> dict[Any, str]:
    """What each row is called: by the household's key and the place in it, not by what was drawn."""
    named: dict[Any, str] = {}
    keys = {}
    for row in rows["submission"]:
        keys[row["id"]] = row["idempotency_key"]
        named[row["id"]] = f"submission {row['idempotency_key']}"
    of_case: dict[Any, list[str]] = defaultdict(list)
    for row in rows["declaration"]:
        place = f"{keys[row['submission_id']]} {row['position']}"
        named[row["id"]] = f"declaration {place}"
        of_case[row["case_id"]].append(place)
    of_person: dict[Any, list[str]] = defaultdict(list)
    for row in rows["illness_case"]:
        named[row["id"]] = f"case of {' and '.join(sorted(of_case[row['id']]))}"
        of_person[row["person_id"]].append(named[row["id"]])
    for row in rows["person"]:
        named[row["id"]] = f"person of {' and '.join(sorted(of_person[row['id']]))}"
    for row in rows["alert"]:
        named[row["id"]] = f"alert {row['kind']} of {named[row['declaration_id']]}"
    for row in rows["evidence"]:
        named[row["id"]] = f"photo {row['id']}"
    return named


def _row(runtime: Runtime, table: str, row: dict[str, Any], named: dict[Any, str]) -> Any:
    def opened(place: str, value: bytes) -> Any:
        if not value:
            return value
        told = runtime.sealer.open(f"{place}:{row['id']}", value)
        # A text tells the receipt's code, or the alert's identifier.
        return sorted(told) if table == "outbox_message" else sorted(told.items(), key=repr)

    sealed = {"identity": "case", "report": "declaration", "contact": "submission", "sealed": "outbox"}
    found: dict[str, Any] = {"id": named.get(row.get("id"))}
    for name, value in row.items():
        if name in _DRAWN:
            continue
        if name in sealed and value is not None:
            found[name] = opened(sealed[name], value)
        elif name == "account_id":
            found[name] = value is not None
        elif name == "objects":
            found[name] = sorted(named.get(UUID(one), one) for one in orjson.loads(value))
        else:
            found[name] = named.get(value, value) if value.__hash__ else value
    if table == "audit":
        del found["id"]
    return sorted(found.items(), key=lambda item: item[0])


def _events(rows: list[dict[str, Any]], named: dict[Any, str]) -> list[Any]:
    """Each alert's events in the order of the log; between alerts of different people there is none to hold."""
    events: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["seq"]):
        told = [(name, value) for name, value in row.items() if name not in _DRAWN | {"alert_id"}]
        events[named[row["alert_id"]]].append(told)
    return sorted(events.items())

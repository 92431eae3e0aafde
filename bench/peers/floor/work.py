"""The work of the floor: the statements of bench/peers/sql, and dictionaries."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson

_SQL = {file.stem: file.read_text(encoding="utf-8") for file in (Path(__file__).parent.parent / "sql").glob("*.sql")}

# Random bytes of the sizes that the program's ciphertext has: made once, because sealing is what peers are spared.
_CONTACT, _IDENTITY, _REPORT = os.urandom(143), os.urandom(237), os.urandom(348)
_HASH = "k1." + "x" * 48
_MISSING = orjson.dumps([[f"criterion_{place}", "respiratory_rate"] for place in range(7)]).decode()
_PROTOCOL = "covid19-hcmc-2022-03-17"
_ADVICE = "Trạm y tế sẽ gọi cho quý vị. Nếu khó thở, tím môi hoặc đau ngực, hãy gọi 115 ngay." * 2


class Work:
    """What is asked of it."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        # The installation's clock stands in March 2022, so many seconds behind ours.
        self._behind = timedelta(seconds=float(os.environ["PEER_BEHIND"]))
        self._area: tuple[str, int, int] | None = None

    def _now(self) -> datetime:
        return datetime.now(UTC) - self._behind

    async def declare(
        self, idempotency_key: str, ward: str, sex: str, symptoms: list[str], national_id: str | None
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Writes everything of one person who declares; the receipt, and the event where it calls somebody."""
        now = self._now()
        day = now.date()
        severe = "dyspnoea" in symptoms
        keys = [_key() for _ in range(2 if national_id else 1)]
        ids = [_uuid7() for _ in range(7)]
        code, due = _code(), now + timedelta(minutes=30)
        async with self._pool.acquire() as connection:
            await connection.execute(_SQL["opening"])
            try:
                place = await connection.fetchrow(_SQL["place"], ward, day, "covid19", keys)
                await connection.fetch(
                    _SQL["declare"],
                    *(ids[0], idempotency_key, _HASH, code, "covid19", place["id"], place["lo"]),
                    *(place["station_id"], _key(), _CONTACT, now, day, ids[1], ids[2], ids[3], _IDENTITY),
                    *(sex.lower(), "18-49", severe, "RED" if severe else None, 0 if severe else 3),
                    *(_REPORT, ids[4], '[["dyspnoea",null]]' if severe else "[]", _MISSING, _PROTOCOL),
                    *(keys, False, ids[5], _HASH, str(ids[0]), ids[6] if severe else None),
                    due if severe else None,
                )
                if severe:
                    await connection.execute(_SQL["event"], ids[6], now)
            except BaseException:
                await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")
        receipt = {
            "__typename": "Receipt",
            "code": code,
            "advice": _ADVICE,
            "station": {"name": place["station_name"], "phone": place["station_phone"]},
            "declarations": [{"id": str(ids[1]), "state": "SUBMITTED"}],
        }
        return receipt, _event(place, ids, now, due) if severe else None

    async def declarations(self, first: int) -> list[dict[str, Any]]:
        """The most dangerous declarations of the city."""
        _, lo, hi = await self._city()
        rows = await self._pool.fetch(_SQL["declarations"], lo, hi, first + 1)
        return [dict(row) for row in rows[:first]]

    async def worklist(self, first: int) -> list[dict[str, Any]]:
        """What calls in the city."""
        _, lo, hi = await self._city()
        rows = await self._pool.fetch(_SQL["worklist"], lo, hi, first + 1, self._now())
        return [_item(row) for row in rows[:first]]

    async def summary(self) -> list[dict[str, Any]]:
        """The city's figures, then each district's."""
        city, _, _ = await self._city()
        now = self._now()
        return [_figures(row) for row in await self._pool.fetch(_SQL["summary"], city, now.date(), now, "covid19")]

    async def _city(self) -> tuple[str, int, int]:
        if self._area is None:
            self._area = tuple(await self._pool.fetchrow("SELECT id, lo, hi FROM area WHERE parent_id IS NULL"))
        return self._area


def _event(place: Any, ids: list[UUID], at: datetime, due: datetime) -> dict[str, Any]:
    area, case = {"id": place["id"], "name": place["name"]}, {"id": str(ids[2]), "ageBand": "18-49"}
    alert = {"id": str(ids[6]), "kind": "SEVERE", "danger": "RED", "dueAt": due, "area": area, "case": case}
    return {"cursor": str(ids[6]), "change": "RAISED", "at": at, "alert": alert}


def _item(row: Any) -> dict[str, Any]:
    case = {"id": row["case"], "state": row["state"], "ageBand": row["ageBand"], "openedAt": row["openedAt"]}
    item = {name: row[name] for name in ("kind", "since", "dueAt", "overdue")}
    return {**item, "case": {**case, "area": {"name": row["area"]}}, "alert": {"id": row["alert"]}}


def _figures(row: Any) -> dict[str, Any]:
    figures = {name: row[name] for name in ("declared", "confirmed", "active", "severe", "highRisk")}
    return {"area": {"name": row["name"]}, **figures, "alerts": {"open": row["open"], "overdue": row["overdue"]}}


def _key() -> str:
    return "k1." + os.urandom(24).hex()


def _code() -> str:
    return os.urandom(6).hex()[:10].upper()


def _uuid7() -> UUID:
    return UUID(int=(time.time_ns() // 1_000_000 << 80) | 0x7 << 76 | 0x2 << 62 | int.from_bytes(os.urandom(7), "big"))

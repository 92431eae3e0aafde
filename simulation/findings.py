"""What an installation says afterwards: its summary, its list of alerts, and its log from the beginning."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulation.audience import entry_of
from simulation.client import Client
from simulation.journal import Entry
from simulation.keep_alive import Endpoint
from simulation.live import LiveOperation
from simulation.operations import ALERTS, COMMITTEE_ALERTS, SUMMARY

Counts = tuple[int, int, int]
"""Declared, severe, high-risk."""

_SILENCE = 3.0
_NOTHING: Counts = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert as the list has it."""

    kind: str
    danger: str | None
    state: str
    ward: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: the whole, by district, by day, and each alert by its identity."""

    whole: Counts
    districts: dict[str, Counts]
    days: dict[date, Counts]
    alerts: dict[str, Listed]

    def since(self, before: "Findings") -> "Findings":
        """What came on top of an earlier finding."""
        return Findings(
            _less(self.whole, before.whole),
            {id: _less(counts, before.districts.get(id, _NOTHING)) for id, counts in self.districts.items()},
            {day: _less(counts, before.days.get(day, _NOTHING)) for day, counts in self.days.items()},
            {id: alert for id, alert in self.alerts.items() if id not in before.alerts},
        )


async def read_findings(client: Client, token: str, first_day: date, last_day: date) -> Findings:
    """Asks for the figures of the days between, and for every alert, page by page."""
    summary = (await client.call(SUMMARY, {"from": first_day, "to": last_day}, token))["areaSummary"]
    alerts: dict[str, Listed] = {}
    after = None
    while True:
        page = (await client.call(ALERTS, {"after": after}, token))["alerts"]
        alerts.update(
            (node["id"], Listed(node["kind"], node["danger"], node["state"], node["area"]["id"]))
            for node in page["nodes"]
        )
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    return Findings(
        _counts(summary),
        {child["area"]["id"]: _counts(child) for child in summary["children"]},
        {date.fromisoformat(day["date"]): _counts(day) for day in summary["byDay"]},
        alerts,
    )


async def read_log(endpoint: Endpoint, token: str, begin: str, end: str) -> list[Entry]:
    """The log's events after `begin` up to the position `end`, by a subscription of its own: the order that holds.

    Also ends after three silent seconds, for where the last position is no event's.
    """
    entries: list[Entry] = []
    arrived = asyncio.Event()

    def take(data: dict[str, Any]) -> None:
        entries.append(entry_of(data["alerts"]))
        arrived.set()

    after = {"after": begin}
    subscription = LiveOperation(endpoint, lambda: token, COMMITTEE_ALERTS, lambda: after, take)
    reading = asyncio.create_task(subscription.run())
    try:
        while begin != end and not (entries and entries[-1].cursor == end):
            arrived.clear()
            try:
                await asyncio.wait_for(arrived.wait(), _SILENCE)
            except TimeoutError:
                break
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    return entries


def _counts(figures: dict[str, Any]) -> Counts:
    return figures["declared"], figures["severe"], figures["highRisk"]


def _less(counts: Counts, before: Counts) -> Counts:
    return counts[0] - before[0], counts[1] - before[1], counts[2] - before[2]

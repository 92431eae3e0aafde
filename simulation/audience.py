"""Everybody who listens: stations, committees, and those who only watch the figures."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulation.answering import Answering
from simulation.client import Client
from simulation.course import Course
from simulation.journal import Entry, Journal
from simulation.keep_alive import Endpoint
from simulation.live import LiveOperation
from simulation.moved_clock import MovedClock
from simulation.operations import COMMITTEE_ALERTS, LIVE_SUMMARY, POSITION, STATION_ALERTS
from simulation.staff import username
from simulation.tree import Tree
from simulation.waiting import until
from simulation.ward import Ward


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who listens: an account, and the wards it is entitled to; `ward` is set for a station."""

    account: str
    wards: frozenset[str]
    ward: str | None = None


def seats(tree: Tree, count: int | None, expected: Callable[[Ward], int]) -> list[Seat]:
    """The city's committee, the districts' committees and the stations; where `count` is less, some of each.

    Of the stations those with the most alerts come first, so that a small audience still hears something.
    """
    city = Seat(username("committee", tree.city.code), tree.city.wards)
    districts = [Seat(username("committee", place.code), place.wards) for place in tree.districts]
    stations = [
        Seat(username("station", ward.code), frozenset([ward.id]), ward.id)
        for ward in sorted(tree.wards, key=lambda ward: (-expected(ward), ward.code))
    ]
    everybody = 1 + len(districts) + len(stations)
    if count is None or count >= everybody:
        return [city, *districts, *stations]
    few = max(1, count * len(districts) // everybody)
    return [city, *districts[:few], *stations][: max(count, 1)]


def figure_watchers(tree: Tree) -> list[str]:
    """The accounts that have the figures on their screens all day: the city, two districts and two stations."""
    districts = [username("committee", place.code) for place in tree.districts[:2]]
    stations = [username("station", ward.code) for ward in tree.wards[:2]]
    return [username("committee", tree.city.code), *districts, *stations]


@dataclass(slots=True)
class LiveFigures:
    """The figures of a live summary: what has come on top of the first ones."""

    first: dict[str, Any]
    declared: int = 0
    severe: int = 0
    high_risk: int = 0

    def take(self, figures: dict[str, Any]) -> None:
        """Takes up the present figures."""
        self.declared = figures["declared"] - self.first["declared"]
        self.severe = figures["severe"] - self.first["severe"]
        self.high_risk = figures["highRisk"] - self.first["highRisk"]


class Audience:
    """The open sockets and what each of them has heard."""

    def __init__(
        self, endpoint: Endpoint, tokens: Mapping[str, str], course: Course, answering: Answering, clock: MovedClock
    ) -> None:
        self._endpoint = endpoint
        self._tokens = tokens
        self._course = course
        self._answering = answering
        self._clock = clock
        self.journals: list[Journal] = []
        self.alert_sockets: list[LiveOperation] = []
        self.figures: dict[str, LiveFigures] = {}
        self._figure_sockets: list[LiveOperation] = []
        self._accounts: list[str] = []

    async def prepare(self, listeners: Sequence[Seat], watchers: Sequence[str], client: Client) -> None:
        """Asks for the position that each subscriber begins at: what is raised from then on, it must hear."""
        for seat in listeners:
            position = (await client.call(POSITION, token=self._tokens[seat.account]))["alerts"]["cursor"]
            self._add_listener(seat, position)
        for account in watchers:
            self._figure_sockets.append(
                LiveOperation(
                    self._endpoint, self._token_of(account), LIVE_SUMMARY, lambda: {}, self._take_figures(account)
                )
            )
            self._accounts.append(account)
        self._course.wanted_sockets = len(self.sockets)

    @property
    def sockets(self) -> list[LiveOperation]:
        """All of them."""
        return self.alert_sockets + self._figure_sockets

    async def renew(self, account: str) -> None:
        """Shows an account's newer token on its sockets."""
        for socket, owner in zip(self.sockets, self._accounts, strict=True):
            if owner == account:
                await socket.renew()

    def _token_of(self, account: str) -> Callable[[], str]:
        return lambda: self._tokens[account]

    async def run(self) -> None:
        """Keeps all of them connected until it is cancelled. Raises Refused (in a group) where one is not let in."""
        async with asyncio.TaskGroup() as group:
            for socket in self.sockets:
                group.create_task(socket.run())

    async def opened(self) -> None:
        """Returns when every socket has been let in and has asked for its events."""
        for socket in self.sockets:
            await socket.opened.wait()
        await until(lambda: len(self.figures) == len(self._figure_sockets), lambda: len(self.figures))

    def heard(self) -> int:
        """How many events have come to all sockets together."""
        return sum(len(journal.entries) for journal in self.journals)

    def still_open(self) -> int:
        """How many are open at this moment."""
        return sum(socket.open for socket in self.sockets)

    def _add_listener(self, seat: Seat, position: str) -> None:
        journal = Journal(seat.account, seat.wards)
        station = seat.ward is not None
        self.journals.append(journal)
        self._accounts.append(seat.account)
        self.alert_sockets.append(
            LiveOperation(
                self._endpoint,
                self._token_of(seat.account),
                STATION_ALERTS if station else COMMITTEE_ALERTS,
                lambda: {"after": journal.last_cursor or position},
                self._take_at_station(journal) if station else self._take(journal),
            )
        )

    def _take(self, journal: Journal) -> Callable[[dict[str, Any]], None]:
        def take(data: dict[str, Any]) -> None:
            journal.add(entry_of(data["alerts"]))

        return take

    def _take_at_station(self, journal: Journal) -> Callable[[dict[str, Any]], None]:
        course, answering, clock = self._course, self._answering, self._clock

        def take(data: dict[str, Any]) -> None:
            arrived = time.monotonic()
            event = data["alerts"]
            entry = entry_of(event)
            if entry.change == "RAISED" and entry.alert not in journal.raised:
                alert = event["alert"]
                at = datetime.fromisoformat(event["at"])
                course.arrived += 1
                sent = course.sent_at.get(alert["case"]["person"]["phone"])
                if sent is not None:
                    course.delivery_seconds.append(arrived - sent)
                written = clock.seconds_since(at)
                if written is not None:
                    course.commit_seconds.append(written)
                answering.hear(entry.alert, alert["case"]["id"], entry.ward, alert["danger"], at)
            journal.add(entry)

        return take

    def _take_figures(self, account: str) -> Callable[[dict[str, Any]], None]:
        def take(data: dict[str, Any]) -> None:
            figures = data["areaSummary"]
            self.figures.setdefault(account, LiveFigures(figures)).take(figures)

        return take


def entry_of(event: dict[str, Any]) -> Entry:
    """An event of the API as a line of the log."""
    return Entry(event["cursor"], event["alert"]["id"], event["change"], event["alert"]["area"]["id"])

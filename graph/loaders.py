"""Children in batches: each loader is one statement for all the objects of one answer.

A loader calls a service, and services start in `access.visible`: so none can slip past scope.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from datetime import date
from functools import cached_property, partial
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from graph.remembered import Memory, Remembered
from graph.shared_load import SharedLoad
from services.list_certificates import certificates_of_cases, release_tests_of_cases
from services.list_people import StaffAccount, people_by_id
from services.list_referrals import referrals_of_cases
from services.list_timeline import Line, Wanted, timelines
from services.list_transfers import transfers_of_cases
from services.list_work import kinds_of
from services.load_accounts import account_names
from services.load_alert_cases import cases_of_alerts
from services.load_alerts import alerts_by_id, alerts_of_cases
from services.load_areas import areas_by_id, children_of_areas
from services.load_assessments import assessments_of_declarations, latest_assessment_of_cases
from services.load_cases import cases_by_id
from services.load_check_ins import CheckInsWanted, check_ins_of_cases
from services.load_contacts import contacts_of_cases
from services.load_declarations import declarations_by_id, declarations_of_cases
from services.load_dispensings import dispensings_of_cases
from services.load_episodes import episodes_of_persons, merges_of_cases
from services.load_escalations import escalations_of_alerts
from services.load_evidence import evidence_of_cases, evidence_of_declarations
from services.load_stations import stations_by_id
from services.operation import Operation
from services.pack_options import PackOption, pack_options
from services.page import Page
from services.rows import (
    Alert,
    AlertEvent,
    Area,
    Assessment,
    Case,
    Certificate,
    CheckIn,
    ContactAttempt,
    Declaration,
    Dispensing,
    Evidence,
    PersonMerge,
    Referral,
    ReleaseTest,
    Station,
    Transfer,
)
from services.runtime import Runtime
from services.summarise import Summary
from services.summary_alerts import AckTimes, overdue_of, times_of
from services.summary_children import children_of
from services.summary_days import DayCounts, days_of
from services.summary_stations import Cover, StationSummary, connected_of, cover_of, stations_of
from services.summary_totals import Counts, totals_of
from services.work_kind import WorkKind

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Loaders:
    """The loaders of one operation, each made when it is first asked: declaring needs none of them."""

    def __init__(self, runtime: Runtime, actor: Actor, operation: Operation, remembered: Remembered) -> None:
        """Loads for this actor from the snapshot of this operation."""
        self._runtime = runtime
        self._actor, self._operation, self._remembered = actor, operation, remembered
        self._children: dict[date, DataLoader[str, list[Area] | None]] = {}

    @cached_property
    def alerts(self) -> DataLoader[UUID, Alert | None]:
        """Alerts by id."""
        return self._loader(partial(alerts_by_id, self._actor))

    @cached_property
    def cases(self) -> DataLoader[UUID, Case | None]:
        """Cases by id."""
        return self._loader(partial(cases_by_id, self._actor))

    @cached_property
    def alert_cases(self) -> DataLoader[UUID, Case | None]:
        """Cases by id, for whoever sees their alerts."""
        return self._loader(partial(cases_of_alerts, self._actor))

    @cached_property
    def declarations(self) -> DataLoader[UUID, Declaration | None]:
        """Declarations by id."""
        return self._loader(partial(declarations_by_id, self._actor))

    @cached_property
    def case_alerts(self) -> DataLoader[UUID, list[Alert] | None]:
        """Alerts by their case's id."""
        return self._loader(partial(alerts_of_cases, self._actor))

    @cached_property
    def check_ins(self) -> DataLoader[CheckInsWanted, Page[CheckIn]]:
        """Pages of cases' check-ins."""
        return self._whole(partial(check_ins_of_cases, self._actor))

    @cached_property
    def case_contacts(self) -> DataLoader[UUID, list[ContactAttempt] | None]:
        """Attempts to reach somebody by their case's id."""
        return self._loader(partial(contacts_of_cases, self._actor))

    @cached_property
    def case_packs(self) -> DataLoader[Case, list[PackOption] | None]:
        """Which packs the persons of cases could be given."""
        return self._loader(partial(pack_options, self._runtime, self._actor, self._operation.seen))

    @cached_property
    def case_dispensings(self) -> DataLoader[UUID, list[Dispensing] | None]:
        """Packs that were given by their case's id."""
        return self._loader(partial(dispensings_of_cases, self._actor))

    @cached_property
    def episodes(self) -> DataLoader[UUID, list[Case] | None]:
        """Cases by their person's id."""
        return self._loader(partial(episodes_of_persons, self._actor))

    @cached_property
    def case_merges(self) -> DataLoader[UUID, list[PersonMerge] | None]:
        """Merges by the id of either case."""
        return self._loader(partial(merges_of_cases, self._actor))

    @cached_property
    def case_referrals(self) -> DataLoader[UUID, list[Referral] | None]:
        """Referrals by their case's id."""
        return self._loader(partial(referrals_of_cases, self._actor))

    @cached_property
    def case_declarations(self) -> DataLoader[UUID, list[Declaration] | None]:
        """Declarations by their case's id."""
        return self._loader(partial(declarations_of_cases, self._actor))

    @cached_property
    def case_transfers(self) -> DataLoader[UUID, list[Transfer] | None]:
        """Where cases went, by the case's id."""
        return self._loader(partial(transfers_of_cases, self._actor))

    @cached_property
    def case_evidence(self) -> DataLoader[UUID, list[Evidence] | None]:
        """Photos by their case's id."""
        return self._loader(partial(evidence_of_cases, self._actor))

    @cached_property
    def declaration_evidence(self) -> DataLoader[UUID, list[Evidence] | None]:
        """Photos by their declaration's id."""
        return self._loader(partial(evidence_of_declarations, self._actor))

    @cached_property
    def case_assessments(self) -> DataLoader[UUID, Assessment | None]:
        """The newest assessment by its case's id."""
        return self._loader(partial(latest_assessment_of_cases, self._actor))

    @cached_property
    def case_certificates(self) -> DataLoader[UUID, list[Certificate] | None]:
        """Certificates by their case's id."""
        return self._loader(partial(certificates_of_cases, self._actor))

    @cached_property
    def case_release_tests(self) -> DataLoader[UUID, list[ReleaseTest] | None]:
        """Tests at the end of isolations by their case's id."""
        return self._loader(partial(release_tests_of_cases, self._actor))

    @cached_property
    def declaration_assessments(self) -> DataLoader[UUID, Assessment | None]:
        """Assessments by their declaration's id."""
        return self._loader(partial(assessments_of_declarations, self._actor))

    @cached_property
    def escalations(self) -> DataLoader[UUID, list[AlertEvent] | None]:
        """How far alerts have climbed, by the alert's id."""
        return self._loader(partial(escalations_of_alerts, self._actor))

    @cached_property
    def timelines(self) -> DataLoader[Wanted, Page[Line] | None]:
        """Pages of cases' timelines."""
        return self._loader(partial(timelines, self._actor))

    @cached_property
    def work_kinds(self) -> DataLoader[tuple[Jurisdiction, UUID], tuple[WorkKind, ...]]:
        """All that cases call for, by where they are in a list and their id."""
        return self._whole(partial(kinds_of, self._runtime))

    @cached_property
    def account_names(self) -> DataLoader[UUID, str | None]:
        """Accounts' names by id."""
        return self._loader(partial(account_names, self._actor))

    @cached_property
    def people(self) -> DataLoader[UUID, StaffAccount | None]:
        """Accounts by id, for those who manage people."""
        return self._loader(partial(people_by_id, self._actor))

    @cached_property
    def areas(self) -> DataLoader[str, Area | None]:
        """Areas by identity."""
        return self._remembering(self._remembered.areas, areas_by_id)

    @cached_property
    def stations(self) -> DataLoader[str, Station | None]:
        """Stations by code."""
        return self._remembering(self._remembered.stations, stations_by_id)

    @cached_property
    def totals(self) -> DataLoader[Summary, Counts | None]:
        """The counters of summaries."""
        return self._loader(totals_of)

    @cached_property
    def days(self) -> DataLoader[Summary, list[DayCounts] | None]:
        """The days of summaries."""
        return self._loader(days_of)

    @cached_property
    def overdue(self) -> DataLoader[Summary, int | None]:
        """How many alerts of summaries are overdue."""
        return self._loader(overdue_of)

    @cached_property
    def times(self) -> DataLoader[Summary, AckTimes | None]:
        """How long acknowledging took."""
        return self._loader(times_of)

    @cached_property
    def parts(self) -> DataLoader[Summary, list[Summary] | None]:
        """The summaries of the areas below."""
        return self._loader(children_of)

    @cached_property
    def summary_stations(self) -> DataLoader[Summary, list[StationSummary] | None]:
        """The stations of summaries."""
        return self._loader(partial(stations_of, self._actor))

    @cached_property
    def connected(self) -> DataLoader[str, bool | None]:
        """Whether stations have a live socket open."""
        return self._loader(_connected)

    @cached_property
    def cover(self) -> DataLoader[str, Cover | None]:
        """Who could be reached at stations."""
        return self._loader(cover_of)

    def area_children(self, at: date) -> DataLoader[str, list[Area] | None]:
        """The parts of areas as of one day."""
        if at not in self._children:
            self._children[at] = self._loader(partial(_children_at, at))
        return self._children[at]

    def _remembering(
        self, memory: Memory[V], load: Callable[[AsyncpgDBClient, list[str]], Awaitable[Mapping[str, V]]]
    ) -> DataLoader[str, V | None]:
        async def batch(keys: list[str]) -> list[V | None]:
            if missing := memory.missing(keys):
                async with self._operation.reading() as connection:
                    memory.keep(await load(connection, missing))
            return [memory.get(key) for key in keys]

        return SharedLoad(load_fn=batch)

    def _whole(self, load: Callable[[AsyncpgDBClient, list[K]], Awaitable[Mapping[K, V]]]) -> DataLoader[K, V]:
        async def batch(keys: list[K]) -> list[V]:
            async with self._operation.reading() as connection:
                found = await load(connection, keys)
            return [found[key] for key in keys]

        return SharedLoad(load_fn=batch)

    def _loader(self, load: Callable[[AsyncpgDBClient, list[K]], Awaitable[Mapping[K, V]]]) -> DataLoader[K, V | None]:
        async def batch(keys: list[K]) -> list[V | None]:
            async with self._operation.reading() as connection:
                found = await load(connection, keys)
            return [found.get(key) for key in keys]

        return SharedLoad(load_fn=batch)


async def _children_at(at: date, connection: AsyncpgDBClient, ids: list[str]) -> dict[str, list[Area]]:
    return await children_of_areas(connection, ids, at)


async def _connected(connection: AsyncpgDBClient, ids: list[str]) -> dict[str, bool]:
    return dict.fromkeys(await connected_of(connection, ids), True)

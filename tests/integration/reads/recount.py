"""A summary's figures counted from the rows themselves, by the definitions of the glossary."""

import math
from dataclasses import dataclass
from datetime import date, datetime

from models.alert import Alert
from models.area import Area
from models.case import Case
from models.case_event import CaseEvent
from models.database import service_connection
from models.declaration import Declaration
from models.state import OPEN_ALERT_STATES, CaseState
from services.runtime import Runtime
from services.summary_totals import Counts


@dataclass
class Rows:
    """All there is, to be counted in Python."""

    runtime: Runtime
    declarations: list[Declaration]
    cases: list[Case]
    alerts: list[Alert]
    events: list[CaseEvent]

    def counts(self, where: Area, first: date, last: date) -> Counts:
        """The counts of an area from one day to another; `last_action_at` is left out."""

        def within(moment: datetime | None) -> bool:
            return moment is not None and first <= self.runtime.clock.day(moment) <= last

        def by(moment: datetime | None) -> bool:
            return moment is not None and self.runtime.clock.day(moment) <= last

        declarations = [one for one in self.declarations if where.lo <= one.area_no <= where.hi]
        cases = [one for one in self.cases if where.lo <= one.area_no <= where.hi]
        alerts = self.alerts_of(where)
        declared = [one for one in declarations if first <= one.day <= last]
        return Counts(
            declared=len(declared),
            severe=sum(one.severe for one in declared),
            high_risk=sum(one.high_risk for one in declared),
            confirmed=sum(within(one.confirmed_at) for one in cases),
            active=sum(by(one.confirmed_at) and not by(one.closed_at) for one in cases),
            hospitalised=sum(self.state(one, last) is CaseState.HOSPITALISED for one in cases),
            completed=sum(one.state is CaseState.COMPLETED and within(one.closed_at) for one in cases),
            deceased=sum(one.state is CaseState.DECEASED and within(one.closed_at) for one in cases),
            pending=sum(one.day <= last and not by(one.handled_at) for one in declarations),
            contacted=sum(within(one.contacted_at) for one in cases),
            alerts=sum(within(one.raised_at) for one in alerts),
            open_alerts=sum(
                by(one.raised_at) and not by(one.acknowledged_at) and not by(one.resolved_at) for one in alerts
            ),
            acknowledged=sum(within(one.acknowledged_at) for one in alerts),
        )

    def state(self, case: Case, day: date) -> CaseState:
        """How a case stood on the evening of a day, by its timeline."""
        until = [one for one in self.events if one.case_id == case.id and self.runtime.clock.day(one.at) <= day]
        return max(until, key=lambda one: one.version).state if until else CaseState.SUSPECTED

    def overdue(self, where: Area) -> int:
        """How many open alerts of an area are past their due time now."""
        now = self.runtime.clock.now()
        return sum(one.state in OPEN_ALERT_STATES and one.due_at < now for one in self.alerts_of(where))

    def seconds(self, where: Area, share: float, first: date, last: date) -> float | None:
        """Within how many seconds this share of what was acknowledged in these days was acknowledged."""
        seconds = sorted(
            (one.acknowledged_at - one.raised_at).total_seconds()
            for one in self.alerts_of(where)
            if one.acknowledged_at and first <= self.runtime.clock.day(one.acknowledged_at) <= last
        )
        return seconds[max(1, math.ceil(share * len(seconds))) - 1] if seconds else None

    def alerts_of(self, where: Area) -> list[Alert]:
        """The alerts of an area."""
        return [one for one in self.alerts if where.lo <= one.area_no <= where.hi]


async def all_rows(runtime: Runtime) -> Rows:
    """Everything that the tables hold."""
    service = service_connection()
    return Rows(
        runtime,
        await Declaration.all().using_db(service),
        await Case.all().using_db(service),
        await Alert.all().using_db(service),
        await CaseEvent.all().using_db(service),
    )

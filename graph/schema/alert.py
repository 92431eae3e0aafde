"""Calls to a station to act."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.plain_shown import Shown, choice, of_type
from graph.schema.action_enums import AlertAction
from graph.schema.area import Area, area_or_none
from graph.schema.assessment import Reason, reasons_of
from graph.schema.enums import AlertChange, AlertKind, AlertState, Danger, Level, Outcome
from graph.schema.later import later
from graph.schema.node import Node
from graph.schema.page import Connection
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from graph.schema.station import Station, station_or_none
from models.state import OPEN_ALERT_STATES
from services import rows
from services.allowed_actions import alert_actions
from services.watch_alerts import AlertEventView

if TYPE_CHECKING:
    from graph.schema.case import Case


COLUMNS: Mapping[str, Shown] = {
    **of_type("Alert"),
    **{name: Shown(name) for name in ("disease", "verified", "protocol", "version")},
    "kind": choice("kind", AlertKind),
    "danger": choice("danger", Danger),
    "state": choice("state", AlertState),
    "level": choice("level", Level),
    "outcome": choice("outcome", Outcome),
    "raisedAt": Shown("raised_at"),
    "dueAt": Shown("due_at"),
    "acknowledgedAt": Shown("acknowledged_at"),
    "resolvedAt": Shown("resolved_at"),
}
"""The fields that are shown as the table has them."""


@strawberry.type(description="Nobody had answered in time, so the level above was called.")
class Escalation:
    """See the description."""

    level: Level = strawberry.field(description="Who was called.")
    at: datetime = strawberry.field(description="When.")


@strawberry.type(description="A call to a station to act on one case.")
class Alert(Node):
    """See the description."""

    kind: AlertKind = strawberry.field(description="What it calls for.")
    danger: Danger | None = strawberry.field(description="How dangerous; null where it is not about severe signs.")
    disease: str = strawberry.field(description="The code of the disease.")
    state: AlertState = strawberry.field(description="Whether somebody has taken it.")
    level: Level = strawberry.field(description="Who is called now.")
    verified: bool = strawberry.field(description="Whether the phone of the report was proven to be the sender's.")
    raised_at: datetime = strawberry.field(description="When it was raised.")
    due_at: datetime = strawberry.field(description="Until when it must be answered.")
    acknowledged_at: datetime | None = strawberry.field(description="When somebody took it.")
    resolved_at: datetime | None = strawberry.field(description="When it was over.")
    outcome: Outcome | None = strawberry.field(description="How it was resolved.")
    protocol: str = strawberry.field(description="The version of the protocol that raised it.")
    version: int = strawberry.field(description="Grows with every change.")
    row: strawberry.Private[rows.Alert]
    case_row: strawberry.Private[rows.Case | None] = None

    @classmethod
    def of(cls, row: rows.Alert, case: rows.Case | None = None) -> "Alert":
        """The alert of a row, with the row of its case where that is at hand."""
        return cls(
            id=strawberry.ID(global_id("Alert", row.id)),
            kind=row.kind,
            danger=row.danger,
            disease=row.disease,
            state=row.state,
            level=row.level,
            verified=row.verified,
            raised_at=row.raised_at,
            due_at=row.due_at,
            acknowledged_at=row.acknowledged_at,
            resolved_at=row.resolved_at,
            outcome=row.outcome,
            protocol=row.protocol,
            version=row.version,
            row=row,
            case_row=case,
        )

    @resolved("Why it was raised: the protocol's criteria that held.")
    def reasons(self, info: Info) -> list[Reason]:
        """From the row and the protocol; no statement."""
        return reasons_of(self.row.reasons, self.row.protocol, info.context)

    @resolved("Whether it is open past its due time.")
    def overdue(self, info: Info) -> bool:
        """By the installation's clock."""
        return self.row.state in OPEN_ALERT_STATES and self.row.due_at < info.context.runtime.clock.now()

    @resolved("What you may do with it as it stands.")
    def allowed_actions(self, info: Info) -> list[AlertAction]:
        """By role and state."""
        return [AlertAction(action) for action in alert_actions(info.context.actor, self.row)]

    @resolved("How it has climbed since it was raised, in order; at most 50.")
    async def escalations(self, info: Info) -> list["Escalation"]:
        """Loaded for all alerts of the answer at once."""
        return [
            Escalation(level=row.level, at=row.at)
            for row in await info.context.loaders.escalations.load(self.row.id) or ()
        ]

    @resolved("Who took it; null while nobody has.")
    def acknowledged_by(self, info: Info) -> Staff | None:
        """Loaded for all alerts of the answer at once."""
        return staff_or_none(info, self.row.acknowledged_by)

    @resolved("Who resolved it.")
    def resolved_by(self, info: Info) -> Staff | None:
        """Loaded for all alerts of the answer at once."""
        return staff_or_none(info, self.row.resolved_by)

    @resolved("The ward it belongs to.")
    def area(self, info: Info) -> Area | None:
        """Loaded for all alerts of the answer at once."""
        return area_or_none(info, self.row.area_id)

    @resolved("The ward's station; null where the ward has none.")
    def station(self, info: Info) -> Station | None:
        """Loaded for all alerts of the answer at once."""
        return station_or_none(info, self.row.station_id)

    @resolved("The case it is about. Without a name for those who may see no person.")
    def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graph.schema.case")] | None:
        """At hand in a live event; otherwise loaded for all alerts of the answer at once."""
        from graph.schema.case import Case

        return Case.of(self.case_row) if self.case_row else later(_load_case(info, self.row.case_id))


async def _load_case(info: Info, id: UUID) -> "Case | None":
    from graph.schema.case import Case

    row = await info.context.loaders.alert_cases.load(id)
    return Case.of(row) if row else None


@strawberry.type(description="A page of alerts, most dangerous first, then the longest waiting.")
class AlertConnection(Connection[Alert]):
    """See the description."""

    cursor: str = strawberry.field(
        description="Where the alert log stood when this was read: subscribe `after` it and miss nothing."
    )


@strawberry.type(description="Something that has happened to an alert.")
class AlertEvent:
    """See the description."""

    cursor: str = strawberry.field(description="Keep it: a subscription `after` it goes on with the next event.")
    change: AlertChange = strawberry.field(description="What has happened.")
    at: datetime = strawberry.field(description="When it happened.")
    alert: Alert = strawberry.field(description="The alert as it was then.")
    account_id: strawberry.Private[UUID | None]

    @resolved("Whose act it was; null where it was nobody's.")
    def by(self, info: Info) -> Staff | None:
        """One statement, where it was somebody's."""
        return staff_or_none(info, self.account_id)

    @classmethod
    def of(cls, event: AlertEventView) -> "AlertEvent":
        """The event of the log."""
        return cls(
            cursor=event.cursor,
            change=event.change,
            at=event.at,
            alert=Alert.of(event.alert, event.case),
            account_id=event.account_id,
        )

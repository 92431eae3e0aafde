"""What a station does next."""

from datetime import datetime
from uuid import UUID

import strawberry

from access.jurisdiction import Jurisdiction
from graph.context import Info
from graph.plain_shown import TYPENAME, Fields, Shown, of_table
from graph.plain_worklist import ALERT_AREA, CASE_AREA, KIND, OVERDUE, TO_DO
from graph.schema import alert, area, case
from graph.schema.alert import Alert
from graph.schema.area import Area
from graph.schema.assessment import Reason, reasons_of
from graph.schema.case import Case
from graph.schema.later import later
from graph.schema.page import Connection
from graph.schema.resolved import resolved
from graph.schema.work_enums import WorkKind
from graph.work_texts import to_do_text, why_text
from services import work_item
from services.count_work import WorkCounts

PLAIN: Fields = {
    TYPENAME: Shown("case.id", lambda ids: ["WorkItem"] * len(ids)),
    "kind": Shown(KIND),
    "since": Shown("alert.raised_at"),
    "dueAt": Shown("alert.due_at"),
    "overdue": Shown(OVERDUE),
    "protocol": Shown("alert.protocol"),
    "toDo": Shown(TO_DO),
    "case": {**of_table("case", case.COLUMNS), "area": of_table(CASE_AREA, area.COLUMNS)},
    "alert": {
        **of_table("alert", alert.COLUMNS),
        "overdue": Shown(OVERDUE),
        "area": of_table(ALERT_AREA, area.COLUMNS),
    },
}
"""The fields of an item that an open alert calls for, as the tables of cases, alerts and areas have them."""


@strawberry.type(description="One case, and what it calls for next.")
class WorkItem:
    """See the description."""

    kind: WorkKind = strawberry.field(description="The most urgent of its kinds: by this one it stands in the list.")
    since: datetime = strawberry.field(description="Since when it waits.")
    due_at: datetime | None = strawberry.field(description="Until when it is to be done; null where no time was set.")
    row: strawberry.Private[work_item.WorkItem]

    @classmethod
    def of(cls, row: work_item.WorkItem) -> "WorkItem":
        """The item that was read."""
        return cls(kind=row.kind, since=row.since, due_at=row.due_at, row=row)

    @resolved("All that it calls for, most urgent first.")
    def kinds(self, info: Info) -> list[WorkKind]:
        """At hand, or looked up for all items of the answer at once."""
        row = self.row
        return list(row.kinds) if row.within is None else later(_kinds_of(info, row.within, row.case.id))

    @resolved(
        "Why it is there, in a line and in the language of Accept-Language: the criteria of its alert with their "
        "values and the protocol's version, or what else it waits for."
    )
    def why(self, info: Info) -> str:
        """From the rows at hand."""
        alert, case = self.row.alert, self.row.case
        number = case.checks_missed if self.kind is WorkKind.MISSED_CHECK_IN else case.unreached
        text = why_text(self.kind, info.context.language, number, case.release_on)
        if alert is None:
            return text
        said = [f"{one.text} ({one.value})" if one.value else one.text for one in self._reasons(info)]
        return ", ".join([*(said or [text]), alert.protocol])

    @resolved("The protocol's criteria that held, where it is about an alert.")
    def reasons(self, info: Info) -> list[Reason]:
        """From the alert's row and the protocol."""
        return self._reasons(info)

    @resolved("The version of the protocol that called for it, where it is about an alert.")
    def protocol(self) -> str | None:
        """From the alert's row."""
        return self.row.alert.protocol if self.row.alert else None

    @resolved("What is to be done, in the language of Accept-Language.")
    def to_do(self, info: Info) -> str:
        """By its kind."""
        return to_do_text(self.kind, info.context.language)

    @resolved("Whether its time has passed.")
    def overdue(self, info: Info) -> bool:
        """By the installation's clock."""
        return self.due_at is not None and self.due_at < info.context.runtime.clock.now()

    @resolved("The case.")
    def case(self) -> Case:
        """At hand."""
        return Case.of(self.row.case)

    @resolved("The alert that it is about, where its kind is one of an alert.")
    def alert(self) -> Alert | None:
        """At hand."""
        return Alert.of(self.row.alert, self.row.case) if self.row.alert else None

    def _reasons(self, info: Info) -> list[Reason]:
        alert = self.row.alert
        return reasons_of(alert.reasons, alert.protocol, info.context) if alert else []


async def _kinds_of(info: Info, within: Jurisdiction, case_id: UUID) -> list[WorkKind]:
    return list(await info.context.loaders.work_kinds.load((within, case_id)))


@strawberry.type(description="A page of the worklist: most urgent first, then most dangerous, then longest waiting.")
class WorkItemConnection(Connection[WorkItem]):
    """See the description."""


@strawberry.type(description="How many items of a worklist are of one kind.")
class WorkCount:
    """See the description."""

    kind: WorkKind = strawberry.field(description="The kind by which they stand in the list.")
    items: int = strawberry.field(description="How many.")


@strawberry.type(description="How a worklist stands: whoever shows it reads it anew.")
class WorklistChange:
    """See the description."""

    area: Area = strawberry.field(description="The area.")
    as_of: datetime = strawberry.field(description="The moment of the counts.")
    items: int = strawberry.field(description="How many items it has.")
    kinds: list[WorkCount] = strawberry.field(description="How many of each kind, most urgent first; none with 0.")

    @classmethod
    def of(cls, counts: WorkCounts) -> "WorklistChange":
        """The counts that were read."""
        kinds = [WorkCount(kind=kind, items=items) for kind, items in counts.kinds.items()]
        return cls(area=Area.of(counts.area), as_of=counts.as_of, items=sum(one.items for one in kinds), kinds=kinds)

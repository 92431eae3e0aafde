"""Residents' reports, as the staff and their senders see them."""

from collections.abc import Mapping
from datetime import datetime

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.plain_shown import Shown, choice, of_type
from graph.schema.action_enums import DeclarationAction
from graph.schema.area import Area, area_or_none
from graph.schema.asked import AskedInformation
from graph.schema.assessment import Assessment, stored_assessment
from graph.schema.case import Case
from graph.schema.enums import Danger, DeclarationState
from graph.schema.evidence import Evidence
from graph.schema.node import Node
from graph.schema.reported import ReportedPerson
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from graph.schema.station import Station, station_or_none
from services import rows
from services.allowed_actions import declaration_actions
from services.reported import reported
from services.request_information import asked_of

COLUMNS: Mapping[str, Shown] = {
    **of_type("Declaration"),
    **{name: Shown(name) for name in ("disease", "verified", "severe", "version")},
    "state": choice("state", DeclarationState),
    "danger": choice("danger", Danger),
    "highRisk": Shown("high_risk"),
    "possibleDuplicate": Shown("possible_duplicate"),
    "submittedAt": Shown("submitted_at"),
    "handledAt": Shown("handled_at"),
}
"""The fields that are shown to accounts as the table has them."""


@strawberry.type(description="One person reported.")
class Declaration(Node):
    """See the description."""

    disease: str = strawberry.field(description="The code of the disease.")
    state: DeclarationState = strawberry.field(description="Where it stands.")
    verified: bool = strawberry.field(description="Whether the phone was proven to be the sender's.")
    severe: bool = strawberry.field(description="Whether severe signs were declared.")
    high_risk: bool = strawberry.field(description="Whether the person is at high risk.")
    danger: Danger | None = strawberry.field(description="How dangerous; null where it is not severe.")
    submitted_at: datetime = strawberry.field(description="When it arrived.")
    handled_at: datetime | None = strawberry.field(description="When the station settled it.")
    version: int = strawberry.field(description="Grows with every change; give it back when you change it.")
    row: strawberry.Private[rows.Declaration]

    @classmethod
    def of(cls, row: rows.Declaration) -> "Declaration":
        """The declaration of a row."""
        return cls(
            id=strawberry.ID(global_id("Declaration", row.id)),
            disease=row.disease,
            state=row.state,
            verified=row.verified,
            severe=row.severe,
            high_risk=row.high_risk,
            danger=row.danger,
            submitted_at=row.submitted_at,
            handled_at=row.handled_at,
            version=row.version,
            row=row,
        )

    @resolved(
        "Whether the person seems to have an open case already: look at it, for the phone was not proven. "
        "Never said to a resident."
    )
    def possible_duplicate(self, info: Info) -> bool:
        """Nobody learns by declaring that somebody is known here."""
        return bool(self.row.possible_duplicate) and info.context.actor.kind == "ACCOUNT"

    @resolved("The person as reported, for whoever has sent it and the staff who care for them; null for others.")
    def reported(self, info: Info) -> ReportedPerson | None:
        """Unsealed here and kept nowhere."""
        context = info.context
        found = reported(context.runtime, context.actor, self.row, context.operation.seen)
        return ReportedPerson.of(found) if found else None

    @resolved("What you may do with it as it stands.")
    def allowed_actions(self, info: Info) -> list[DeclarationAction]:
        """By role and state."""
        return [DeclarationAction(action) for action in declaration_actions(info.context.actor, self.row)]

    @resolved("What the station has asked of whoever has sent it, for them and for the staff; null where nothing was.")
    def asked(self, info: Info) -> AskedInformation | None:
        """Unsealed here and kept nowhere."""
        context = info.context
        found = asked_of(context.runtime, context.actor, self.row, context.operation.seen)
        return AskedInformation.of(found) if found else None

    @resolved("Who has entered it for somebody on the phone, for staff; null where it came from a resident.")
    def entered_by(self, info: Info) -> Staff | None:
        """Loaded for all declarations of the answer at once."""
        return staff_or_none(info, self.row.entered_by) if info.context.actor.kind == "ACCOUNT" else None

    @resolved("The ward it belongs to.")
    def area(self, info: Info) -> Area | None:
        """Loaded for all declarations of the answer at once."""
        return area_or_none(info, self.row.area_id)

    @resolved("The ward's station; null where the ward has none.")
    def station(self, info: Info) -> Station | None:
        """Loaded for all declarations of the answer at once."""
        return station_or_none(info, self.row.station_id)

    @resolved("The case it belongs to.")
    async def case(self, info: Info) -> Case | None:
        """Loaded for all declarations of the answer at once."""
        row = await info.context.loaders.cases.load(self.row.case_id)
        return Case.of(row) if row else None

    @resolved("Photos that were sent with it or added to it, newest first. Without a `url` for who has sent it.")
    async def evidence(self, info: Info) -> list[Evidence]:
        """Loaded for all declarations of the answer at once."""
        return [Evidence.of(row) for row in await info.context.loaders.declaration_evidence.load(self.row.id) or ()]

    @resolved("What triage concluded of it.")
    async def assessment(self, info: Info) -> Assessment | None:
        """Loaded for all declarations of the answer at once."""
        row = await info.context.loaders.declaration_assessments.load(self.row.id)
        return stored_assessment(row, info.context) if row else None

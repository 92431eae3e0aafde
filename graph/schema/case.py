"""Illness episodes."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.plain_shown import Shown, choice, of_type
from graph.schema.action_enums import CaseAction
from graph.schema.alert import Alert
from graph.schema.area import Area, area_or_none
from graph.schema.assessment import Assessment, stored_assessment
from graph.schema.cared import Cared
from graph.schema.ending import Ending
from graph.schema.enums import CaseState, Danger, Sex
from graph.schema.evidenced import Evidenced
from graph.schema.followed import Followed
from graph.schema.handled import Handled
from graph.schema.node import Node
from graph.schema.passed_on import PassedOn
from graph.schema.person import Person
from graph.schema.personal import Personal
from graph.schema.resolved import resolved
from graph.schema.station import Station, station_or_none
from services import rows
from services.allowed_actions import case_actions
from services.identify import identify

if TYPE_CHECKING:
    from graph.schema.declaration import Declaration

COLUMNS: Mapping[str, Shown] = {
    **of_type("Case"),
    **{name: Shown(name) for name in ("disease", "severe", "verified", "version")},
    "state": choice("state", CaseState),
    "danger": choice("danger", Danger),
    "sex": choice("sex", Sex),
    "highRisk": Shown("high_risk"),
    "ageBand": Shown("age_band"),
    "openedAt": Shown("opened_at"),
    "confirmedAt": Shown("confirmed_at"),
    "contactedAt": Shown("contacted_at"),
    "closedAt": Shown("closed_at"),
    "anonymisedAt": Shown("anonymised_at"),
}
"""The fields that are shown to accounts as the table has them."""


@strawberry.type(description="One illness episode of one person.")
class Case(Cared, Ending, Followed, Handled, Node, Evidenced, PassedOn, Personal):
    """See the description."""

    disease: str = strawberry.field(description="The code of the disease.")
    state: CaseState = strawberry.field(description="Where it stands.")
    severe: bool = strawberry.field(description="Whether severe signs were ever declared.")
    high_risk: bool = strawberry.field(description="Whether the person is at high risk.")
    danger: Danger | None = strawberry.field(description="The greatest danger declared; null where never severe.")
    verified: bool = strawberry.field(description="Whether the phone was proven to be the sender's.")
    sex: Sex = strawberry.field(description="The person's sex.")
    age_band: str = strawberry.field(description="The band of ages the person is in, such as 66-79 or 80+.")
    opened_at: datetime = strawberry.field(description="When it was first declared.")
    confirmed_at: datetime | None = strawberry.field(description="When the station confirmed it.")
    contacted_at: datetime | None = strawberry.field(description="When somebody first spoke with the person.")
    closed_at: datetime | None = strawberry.field(description="When it came to its end.")
    anonymised_at: datetime | None = strawberry.field(
        description="When it was made anonymous: nobody knows any more whose it was."
    )
    version: int = strawberry.field(description="Grows with every change; give it back when you change the case.")
    row: strawberry.Private[rows.Case]

    @classmethod
    def of(cls, row: rows.Case) -> "Case":
        """The case of a row."""
        return cls(
            id=strawberry.ID(global_id("Case", row.id)),
            disease=row.disease,
            state=CaseState(row.state),
            severe=row.severe,
            high_risk=row.high_risk,
            danger=row.danger,
            verified=row.verified,
            sex=Sex(row.sex),
            age_band=row.age_band,
            opened_at=row.opened_at,
            confirmed_at=row.confirmed_at,
            contacted_at=row.contacted_at,
            closed_at=row.closed_at,
            anonymised_at=row.anonymised_at,
            version=row.version,
            row=row,
        )

    @resolved("Who it is, for the staff who care for them; null for everybody else.")
    def person(self, info: Info) -> Person | None:
        """Unsealed here and kept nowhere."""
        context = info.context
        identity = identify(context.runtime, context.actor, self.row, context.operation.seen)
        return Person.of(identity) if identity else None

    @resolved("What you may do with it as it stands.", by_account=True)
    def allowed_actions(self, info: Info) -> list[CaseAction]:
        """By role and state."""
        return [
            CaseAction(action)
            for action in case_actions(info.context.actor, self.row, info.context.runtime.clock.now())
        ]

    @resolved("The ward it belongs to.")
    def area(self, info: Info) -> Area | None:
        """Loaded for all cases of the answer at once."""
        return area_or_none(info, self.row.area_id)

    @resolved("The ward's station; null where the ward has none.")
    def station(self, info: Info) -> Station | None:
        """Loaded for all cases of the answer at once."""
        return station_or_none(info, self.row.station_id)

    @resolved("What triage concluded of its newest report.")
    async def assessment(self, info: Info) -> Assessment | None:
        """Loaded for all cases of the answer at once."""
        row = await info.context.loaders.case_assessments.load(self.row.id)
        return stored_assessment(row, info.context) if row else None

    @resolved("Its alerts, and those of the cases that were merged into it, most dangerous first; at most 50.")
    async def alerts(self, info: Info) -> list[Alert]:
        """Loaded for all cases of the answer at once."""
        rows = await info.context.loaders.case_alerts.load(self.row.id) or ()
        return [Alert.of(row, self.row if row.case_id == self.row.id else None) for row in rows]

    @resolved("The reports it was made of, and those of the cases that were merged into it, newest first; at most 50.")
    async def declarations(
        self, info: Info
    ) -> list[Annotated["Declaration", strawberry.lazy("graph.schema.declaration")]]:
        """Loaded for all cases of the answer at once."""
        from graph.schema.declaration import Declaration

        return [Declaration.of(row) for row in await info.context.loaders.case_declarations.load(self.row.id) or ()]

"""Referrals to hospitals."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.later import later
from graph.schema.referral_enums import ReferralAction, ReferralState
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from graph.schema.station import Station, station_or_none
from services import rows
from services.allowed_actions import referral_actions
from services.referral_words import referral_words
from services.watch_referrals import ReferralCounts

if TYPE_CHECKING:
    from graph.schema.case import Case


@strawberry.type(description="A hospital that was asked to take the person of a case.")
class Referral:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The referral's id.")
    state: ReferralState = strawberry.field(description="Where it stands.")
    requested_at: datetime = strawberry.field(description="When the hospital was asked.")
    answered_at: datetime | None = strawberry.field(description="When the hospital last answered.")
    admitted_at: datetime | None = strawberry.field(description="When the person came.")
    ended_at: datetime | None = strawberry.field(
        description="When it was over: since then the hospital sees nothing of it."
    )
    version: int = strawberry.field(description="Grows with every change; give it back when you change it.")
    row: strawberry.Private[rows.Referral]

    @classmethod
    def of(cls, row: rows.Referral) -> "Referral":
        """The referral of a row."""
        return cls(
            id=strawberry.ID(global_id("Referral", row.id)),
            state=row.state,
            requested_at=row.requested_at,
            answered_at=row.answered_at,
            admitted_at=row.admitted_at,
            ended_at=row.ended_at,
            version=row.version,
            row=row,
        )

    @resolved("The hospital that was asked.")
    def hospital(self, info: Info) -> Station | None:
        """Loaded for all of the answer at once."""
        return station_or_none(info, self.row.hospital_id)

    @resolved("The station that has asked.")
    def station(self, info: Info) -> Station | None:
        """Loaded for all of the answer at once."""
        return station_or_none(info, self.row.station_id)

    @resolved("Who has asked.")
    def requested_by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.requested_by)

    @resolved("What you may do with it as it stands.")
    def allowed_actions(self, info: Info) -> list[ReferralAction]:
        """By role and state."""
        return [ReferralAction(action) for action in referral_actions(info.context.actor, self.row)]

    @resolved("The case; null where it is not yours any more.")
    def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graph.schema.case")] | None:
        """Loaded for all of the answer at once."""
        return later(_load_case(info, self.row))

    @resolved("Why the hospital was asked, for those who care for the person; null for everybody else.")
    async def reason(self, info: Info) -> str | None:
        """Unsealed here and kept nowhere."""
        return (await _words(info, self.row))[0]

    @resolved("What was answered, for those who care for the person; null for everybody else.")
    async def answer(self, info: Info) -> str | None:
        """Unsealed here and kept nowhere."""
        return (await _words(info, self.row))[1]


async def _load_case(info: Info, row: rows.Referral) -> "Case | None":
    from graph.schema.case import Case

    case = await info.context.loaders.cases.load(row.case_id)
    return Case.of(case) if case else None


async def _words(info: Info, row: rows.Referral) -> tuple[str | None, str | None]:
    context = info.context
    case = await context.loaders.cases.load(row.case_id)
    if case is None:
        return None, None
    return referral_words(context.runtime, context.actor, case, row, context.operation.seen)


@strawberry.type(description="How many referrals stand in a state.")
class ReferralCount:
    """See the description."""

    state: ReferralState = strawberry.field(description="The state.")
    referrals: int = strawberry.field(description="How many.")


@strawberry.type(description="How a hospital's list of referrals stands: whoever shows it reads it anew.")
class ReferralsChange:
    """See the description."""

    as_of: datetime = strawberry.field(description="The moment of the counts.")
    referrals: int = strawberry.field(description="How many there are.")
    states: list[ReferralCount] = strawberry.field(description="How many of each state; none with 0.")

    @classmethod
    def of(cls, counts: ReferralCounts) -> "ReferralsChange":
        """The counts that were read."""
        states = [ReferralCount(state=state, referrals=found) for state, found in counts.states.items()]
        return cls(as_of=counts.as_of, referrals=sum(one.referrals for one in states), states=states)

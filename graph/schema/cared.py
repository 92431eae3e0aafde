"""What a case shows of the care that the person was given."""

import strawberry

from access.policy import Action, may
from graph.context import Info
from graph.schema.contact import ContactAttempt
from graph.schema.dispensing import Dispensing, PackOption
from graph.schema.referral import Referral
from graph.schema.resolved import resolved
from services import rows


@strawberry.type
class Cared:
    """The part of a case that is about care."""

    row: strawberry.Private[rows.Case]

    @resolved("The attempts to reach the person, newest first; at most 50.")
    async def contacts(self, info: Info) -> list[ContactAttempt]:
        """Loaded for all cases of the answer at once."""
        return [
            ContactAttempt.of(one, self.row) for one in await info.context.loaders.case_contacts.load(self.row.id) or ()
        ]

    @resolved("How many attempts to reach the person have failed since the last that did not; null where not yours.")
    def unreached(self, info: Info) -> int | None:
        """Of the row; whoever sees the case without its person is not told how well it is looked after."""
        return self.row.unreached if may(info.context.actor, Action.SEE_CASES) else None

    @resolved("The packs of medicine that were given, newest first; at most 50.")
    async def dispensings(self, info: Info) -> list[Dispensing]:
        """Loaded for all cases of the answer at once."""
        return [
            Dispensing.of(one, self.row) for one in await info.context.loaders.case_dispensings.load(self.row.id) or ()
        ]

    @resolved("The packs of the protocol in force, and what stands against each; none for those who give no medicine.")
    async def packs(self, info: Info) -> list[PackOption]:
        """Loaded for all cases of the answer at once."""
        context = info.context
        return [PackOption.of(one, context.language) for one in await context.loaders.case_packs.load(self.row) or ()]

    @resolved("The hospitals that were asked to take the person, newest first; at most 50. A hospital sees its own.")
    async def referrals(self, info: Info) -> list[Referral]:
        """Loaded for all cases of the answer at once."""
        return [Referral.of(one) for one in await info.context.loaders.case_referrals.load(self.row.id) or ()]

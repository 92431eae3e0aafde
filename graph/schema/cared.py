"""What a case shows of the care that the person was given."""

import strawberry

from access.policy import Action, may
from graph.context import Info
from graph.schema.contact import ContactAttempt
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

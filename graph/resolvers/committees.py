"""What committees may do beyond watching."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.inputs import RevealPersonInput
from graph.schema.payload import PersonRevealed, RevealPersonResult
from graph.schema.person import Person
from graph.schema.resolved import mutating
from services.reveal_person import reveal_person


@strawberry.type
class CommitteeMutation:
    """To be told a name."""

    @mutating(
        "Tells a committee who a case of its areas is about. The reason stays on record, where those who lead the "
        "station and the centre of the case see it.",
        Action.REVEAL_PERSON,
    )
    async def reveal_person(self, info: Info, input: RevealPersonInput) -> RevealPersonResult:
        """The person, once it is on record."""
        actor, id = info.context.account(), uuid_of("Case", input.case_id)
        return PersonRevealed(person=Person.of(await reveal_person(info.context.runtime, actor, id, input.reason)))

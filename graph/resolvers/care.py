"""The care that people are given: what is done and recorded."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.case import Case
from graph.schema.contact_payload import ContactRecorded, RecordContactInput, RecordContactResult
from graph.schema.resolved import mutating
from services.record_contact import record_contact


@strawberry.type
class CareMutation:
    """To record and to give."""

    @mutating(
        "Records an attempt to reach the person of a case; a confirmed one whose person is reached is isolated.",
        Action.RECORD_CONTACT,
    )
    async def record_contact(self, info: Info, input: RecordContactInput) -> RecordContactResult:
        """The case as it stands."""
        actor, id = info.context.account(), uuid_of("Case", input.case_id)
        await info.context.next_mutation()
        row = await record_contact(
            info.context.runtime, actor, id, input.outcome, input.advice, input.note, input.version
        )
        return ContactRecorded(case=Case.of(row))

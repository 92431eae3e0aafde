"""The care that people are given: what is done and recorded."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.care_input import DispensePackInput
from graph.schema.care_problem import DispensePackResult, PackDispensed
from graph.schema.case import Case
from graph.schema.contact_payload import ContactRecorded, RecordContactInput, RecordContactResult
from graph.schema.dispensing import Dispensing
from graph.schema.resolved import mutating
from services.dispense_pack import dispense_pack
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

    @mutating(
        "Gives a pack of medicine, by the protocol's conditions, and takes it from the stock. Which packs there are "
        "and what stands against them, `Case.packs` says.",
        Action.DISPENSE_PACK,
    )
    async def dispense_pack(self, info: Info, input: DispensePackInput) -> DispensePackResult:
        """What was given."""
        actor, id, order = info.context.account(), uuid_of("Case", input.case_id), input.order()
        await info.context.next_mutation()
        case, row = await dispense_pack(info.context.runtime, actor, id, order, input.version)
        return PackDispensed(case=Case.of(case), dispensing=Dispensing.of(row, case))

"""What a household gets back at once, and what its code opens later."""

from datetime import date, datetime

import strawberry

from graph.global_id import global_id
from graph.language import Language
from graph.schema.assessment import Assessment
from graph.schema.enums import CaseState, DeclarationState
from graph.schema.text import said
from services import receipt

# What the household has to do something about comes first, then what it still waits for.
_URGENCY = {DeclarationState.NEEDS_INFO: 0, DeclarationState.SUBMITTED: 1}


@strawberry.type(description="Who answers for the household's ward.")
class ReceiptStation:
    """See the description."""

    name: str = strawberry.field(description="The station's name.")
    phone: str | None = strawberry.field(description="Its telephone number; null where none is known.")


@strawberry.type(description="The case that a declaration has opened.")
class ReceiptCase:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The case's id.")
    state: CaseState = strawberry.field(description="Where it stands.")
    assessment: Assessment = strawberry.field(description="What triage concluded of the report.")


@strawberry.type(description="One person of the declaration, in the order they were sent.")
class ReceiptDeclaration:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The declaration's id.")
    state: DeclarationState = strawberry.field(description="Where it stands.")
    case: ReceiptCase = strawberry.field(description="The case that it belongs to.")


class _Told(ReceiptDeclaration):
    """One whose case is made when somebody asks for it: an app shows the code and what to do."""

    def __init__(self, person: receipt.DeclaredPerson, language: Language) -> None:
        self.id = strawberry.ID(global_id("Declaration", person.id))
        self.state = person.state
        self._person, self._language = person, language

    @property
    def case(self) -> ReceiptCase:  # type: ignore[override]  # read only, which is all that the engine does with it
        person = self._person
        return ReceiptCase(
            id=strawberry.ID(global_id("Case", person.case_id)),
            state=person.case_state,
            assessment=Assessment.of(person.assessment, self._language),
        )


@strawberry.type(description="The answer to a declaration, the same for every repeat of it.")
class Receipt:
    """See the description."""

    code: str = strawberry.field(description="To be kept, and read out on the phone: no letter looks like another.")
    submitted_at: datetime = strawberry.field(description="When it arrived.")
    area_name: str = strawberry.field(description="The ward's name.")
    declarations: list[ReceiptDeclaration] = strawberry.field(description="The people, in the order they were sent.")
    station: ReceiptStation | None = strawberry.field(description="Who will call; null where the ward has no station.")
    advice: str = strawberry.field(description="What to do now, in the language of Accept-Language.")

    @classmethod
    def of(cls, found: receipt.Receipt, language: Language) -> "Receipt":
        """The receipt, filled at once: declaring must not wait for field after field."""
        return cls(
            code=found.code,
            submitted_at=found.submitted_at,
            area_name=found.area_name,
            declarations=[_Told(person, language) for person in found.people],
            station=_station(found.station),
            advice=said(found.advice, language),
        )


@strawberry.type(description="What a receipt's code tells anybody: that it has arrived, and where it stands.")
class ReceiptStatus:
    """See the description."""

    code: str = strawberry.field(description="The receipt's code in its written form.")
    submitted_at: datetime = strawberry.field(description="When it arrived.")
    area_name: str = strawberry.field(description="The ward's name.")
    state: DeclarationState = strawberry.field(
        description="Where the household stands: NEEDS_INFO and SUBMITTED of any person before everything else."
    )
    states: list[DeclarationState] = strawberry.field(description="Where each person's report stands, in order.")
    station: ReceiptStation | None = strawberry.field(description="Who answers for the ward.")
    advice: str = strawberry.field(description="What anybody should do who has declared.")
    next_check_in_due: datetime | None = strawberry.field(
        description="Until when the household's next check-in has to come; null where none is awaited."
    )
    release_on: list[date | None] = strawberry.field(
        description="The day on which each person's isolation may end as of what is known, in order; null where none "
        "was confirmed. What is still needed is told to the phone: `release` of the case in `myDeclarations`."
    )

    @classmethod
    def of(cls, found: receipt.ReceiptStatus, language: Language) -> "ReceiptStatus":
        """The status."""
        return cls(
            code=found.code,
            submitted_at=found.submitted_at,
            area_name=found.area_name,
            state=min(found.states, key=lambda state: _URGENCY.get(state, len(_URGENCY))),
            states=list(found.states),
            station=_station(found.station),
            advice=said(found.advice, language),
            next_check_in_due=found.next_check_in_due,
            release_on=list(found.release_on),
        )


def _station(found: receipt.ReceiptStation | None) -> ReceiptStation | None:
    return ReceiptStation(name=found.name, phone=found.phone) if found else None

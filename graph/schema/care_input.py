"""What is said where medicine is given and kept."""

from datetime import date

import strawberry

from graph.global_id import key_of
from graph.schema.declare_input import VitalsInput
from services.dispense_pack import Answers, PackOrder
from services.keep_stock import StockOrder


@strawberry.input(description="What was asked and measured where the pack is given; it counts before what is on file.")
class PackAnswersInput:
    """See the description."""

    onset_on: date | None = strawberry.field(default=None, description="The day of the first symptoms.")
    pregnant: bool | None = strawberry.field(default=None, description="Whether the person is pregnant.")
    breastfeeding: bool | None = strawberry.field(default=None, description="Whether the person is breastfeeding.")
    vitals: VitalsInput | None = strawberry.field(default=None, description="What was measured.")

    def answers(self) -> Answers:
        """As the services take it."""
        vitals = self.vitals.given() if self.vitals else {}
        return Answers(self.onset_on, self.pregnant, self.breastfeeding, vitals)


@strawberry.input(description="Which pack is given to whom.")
class DispensePackInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    pack: str = strawberry.field(description="The pack's code, as the protocol has it.")
    consent: bool = strawberry.field(default=False, description="Whether the person has agreed in writing.")
    answers: PackAnswersInput | None = strawberry.field(
        default=None, description="What was asked and measured on the spot."
    )
    note: str | None = strawberry.field(default=None, description="In your own words; kept sealed.")
    station_id: strawberry.ID | None = strawberry.field(
        default=None, description="The station from whose stock it is taken; without it your own, or that of the case."
    )
    version: int | None = strawberry.field(
        default=None, description="The version you have seen: if somebody has changed it since, that is a conflict."
    )

    def order(self) -> PackOrder:
        """As the services take it. Raises NotFound for what is no station's id."""
        return PackOrder(
            pack=self.pack,
            consent=self.consent,
            answers=self.answers.answers() if self.answers else Answers(),
            words=self.note,
            station_id=None if self.station_id is None else key_of("Station", self.station_id),
        )


@strawberry.input(description="A change of a station's stock.")
class StockInput:
    """See the description."""

    station_id: strawberry.ID = strawberry.field(description="The station's id.")
    pack: str = strawberry.field(description="The pack's code.")
    quantity: int = strawberry.field(
        description="How many have come or were sent back; of a correction by how many the balance was wrong, with its "
        "sign."
    )
    reason: str | None = strawberry.field(
        default=None, description="Why; a correction has to say it. Nothing of a person: it is not sealed."
    )
    seen: int | None = strawberry.field(
        default=None,
        description="The balance you have seen: if it is another meanwhile, that is a conflict; the same sent twice "
        "counts once.",
    )

    def order(self) -> StockOrder:
        """As the services take it. Raises NotFound for what is no station's id."""
        return StockOrder(key_of("Station", self.station_id), self.pack, self.quantity, self.reason, self.seen)

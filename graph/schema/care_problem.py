"""What is refused where medicine is given."""

from typing import Annotated

import strawberry
from strawberry.types.field import StrawberryField

from graph.context import Info
from graph.messages import problem_text
from graph.schema.case import Case
from graph.schema.dispensing import Dispensing, PackReason
from graph.schema.problem import Conflict, InvalidInput, NotFound, Problem
from graph.schema.stock import StockEntry
from services import dispense_pack, stock_change


@strawberry.type(description="The protocol's conditions for the pack are not met. All reasons are listed.")
class PackRefused(Problem):
    """See the description."""

    # A code as in OutOfStock: whoever asks for both in one selection could not if their types differed.
    pack: str = strawberry.field(description="The pack's code.")
    reasons: list[PackReason] = strawberry.field(description="Every reason.")
    protocol: str = strawberry.field(description="The version of the protocol.")


@strawberry.type(description="The station has fewer than that.")
class OutOfStock(Problem):
    """See the description."""

    pack: str = strawberry.field(description="The pack's code.")
    balance: int = strawberry.field(description="How many there are.")


class PackRefusedHandler(strawberry.ExceptionHandler[dispense_pack.PackRefused, PackRefused]):
    """From the services' refusal to the API's."""

    def handle(self, exception: dispense_pack.PackRefused, *, field: StrawberryField, info: Info) -> PackRefused:
        """Every reason in the caller's language."""
        info.context.told(exception.code)
        language = info.context.language
        return PackRefused(
            code=exception.code,
            message=problem_text("PACK_REFUSED", language),
            pack=exception.pack.code,
            reasons=[PackReason.of(one, language) for one in exception.reasons],
            protocol=exception.protocol,
        )


class OutOfStockHandler(strawberry.ExceptionHandler[stock_change.OutOfStock, OutOfStock]):
    """From the services' refusal to the API's."""

    def handle(self, exception: stock_change.OutOfStock, *, field: StrawberryField, info: Info) -> OutOfStock:
        """With how many there are."""
        info.context.told(exception.code)
        message = problem_text("OUT_OF_STOCK", info.context.language)
        return OutOfStock(code=exception.code, message=message, pack=exception.pack, balance=exception.balance)


CARE_HANDLERS = (PackRefusedHandler(), OutOfStockHandler())


@strawberry.type(description="The pack was given.")
class PackDispensed:
    """See the description."""

    case: Case = strawberry.field(description="The case as it stands now.")
    dispensing: Dispensing = strawberry.field(description="What was given.")


@strawberry.type(description="The stock was changed.")
class StockChanged:
    """See the description."""

    entry: StockEntry = strawberry.field(description="The change, with the balance after it.")


DispensePackResult = Annotated[
    PackDispensed | PackRefused | OutOfStock | InvalidInput | NotFound | Conflict,
    strawberry.union("DispensePackResult", description="The pack as given, or why it is not."),
]
ChangeStockResult = Annotated[
    StockChanged | OutOfStock | InvalidInput | NotFound | Conflict,
    strawberry.union("ChangeStockResult", description="The change, or why the stock stays as it is."),
]

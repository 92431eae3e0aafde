"""Packs that were given, and those that could be."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.language import Language
from graph.schema.pack import Pack
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from graph.schema.station import Station, station_or_none
from graph.schema.text import said
from services import rows
from services.dispensing_note import dispensing_note
from services.pack_options import PackOption as Option
from triage.pack import Refusal


@strawberry.type(description="Why a pack is not given.")
class PackReason:
    """See the description."""

    code: str = strawberry.field(
        description="For programs: doctor_only, consent_missing, already_given, onset_unknown, onset_too_long_ago, or "
        "the code of one of the pack's exclusions."
    )
    text: str = strawberry.field(description="For people, in the language of Accept-Language.")
    missing: list[str] = strawberry.field(
        description="What would have to be known: ask or measure it, and send it as `answers`."
    )

    @classmethod
    def of(cls, found: Refusal, language: Language) -> "PackReason":
        """The reason in a language."""
        return cls(code=found.code, text=said(found.text, language), missing=list(found.missing))


@strawberry.type(description="A pack that the person of a case could be given, or why not.")
class PackOption:
    """See the description."""

    pack: Pack = strawberry.field(description="The pack.")
    possible: bool = strawberry.field(description="Whether you could give it now.")
    reasons: list[PackReason] = strawberry.field(description="Everything that stands against it.")
    in_stock: int = strawberry.field(description="How many the station has.")

    @classmethod
    def of(cls, found: Option, language: Language) -> "PackOption":
        """The option in a language."""
        return cls(
            pack=Pack.of(found.pack, language),
            possible=found.possible,
            reasons=[PackReason.of(one, language) for one in found.reasons],
            in_stock=found.in_stock,
        )


@strawberry.type(description="A pack that was given.")
class Dispensing:
    """See the description."""

    pack: str = strawberry.field(description="The pack's code.")
    at: datetime = strawberry.field(description="When.")
    consent: bool = strawberry.field(description="Whether the person has agreed in writing.")
    protocol: str = strawberry.field(description="The version of the protocol by which it was given.")
    row: strawberry.Private[rows.Dispensing]
    case: strawberry.Private[rows.Case]

    @classmethod
    def of(cls, row: rows.Dispensing, case: rows.Case) -> "Dispensing":
        """The dispensing of a row, with its case."""
        return cls(pack=row.pack, at=row.at, consent=row.consent, protocol=row.protocol, row=row, case=case)

    @resolved("Who gave it.")
    def by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.account_id)

    @resolved("The station from whose stock it was taken.")
    def station(self, info: Info) -> Station | None:
        """Loaded for all of the answer at once."""
        return station_or_none(info, self.row.station_id)

    @resolved("What was said, for the staff who care for the person; null for everybody else.")
    def note(self, info: Info) -> str | None:
        """Unsealed here and kept nowhere."""
        context = info.context
        return dispensing_note(context.runtime, context.actor, self.case, self.row, context.operation.seen)

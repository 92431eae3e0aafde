"""What a station has asked of whoever has sent a declaration."""

from datetime import datetime

import strawberry

from graph.schema.described import describe
from services import request_information
from services.request_information import AskedField

__all__ = ["AskedField", "AskedInformation"]

describe(
    AskedField,
    "What of a declaration a station can ask for.",
    {
        "FULL_NAME": "The full name.",
        "BIRTH": "The date or year of birth.",
        "SEX": "The sex the person is registered with.",
        "NATIONAL_ID": "The number of the identity card.",
        "RELATION": "Who the person is to whoever has sent it.",
        "STREET": "House number and street.",
        "TEST": "The kind and day of the test.",
        "SYMPTOMS": "The symptoms.",
        "ONSET": "The day on which they began.",
        "CONDITIONS": "The underlying conditions.",
        "VACCINE_DOSES": "How many doses of vaccine were received.",
        "PREGNANCY": "Whether the person is pregnant or breastfeeds.",
        "VITALS": "What was measured.",
        "TEST_PHOTO": "A photo of the test.",
        "IDENTITY_PHOTO": "A photo of the identity paper.",
    },
)


@strawberry.type(description="What a station has asked of whoever has sent a declaration.")
class AskedInformation:
    """See the description."""

    fields: list[AskedField] = strawberry.field(description="What is asked for.")
    note: str | None = strawberry.field(description="In the station's own words.")
    at: datetime = strawberry.field(description="Since when.")
    until: datetime | None = strawberry.field(
        description="Until when it can be answered before the declaration expires; null where no protocol is in force."
    )

    @classmethod
    def of(cls, found: request_information.Asked) -> "AskedInformation":
        """What was asked."""
        return cls(fields=list(found.fields), note=found.note, at=found.at, until=found.until)

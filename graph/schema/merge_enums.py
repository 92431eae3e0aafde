"""The words of merging persons and of putting right who they are."""

from graph.schema.described import describe
from services.identity_field import IdentityField
from services.likeness import LikenessSign, UnlikenessSign

describe(
    IdentityField,
    "What of a person can be chosen when two are merged.",
    {
        "NAME": "The name.",
        "BIRTH": "The birth date or year, and the band of ages with it.",
        "SEX": "The sex.",
        "PHONE": "The phone: the resident who has proven it sees how the case stands.",
        "NATIONAL_ID": "The number of the identity paper.",
        "STREET": "Street and house.",
        "CONTACT": "Who has declared it, and the e-mail address.",
        "TEST_DAY": "The day of the positive test with the doses of vaccine, from which the isolation counts.",
    },
)
describe(
    LikenessSign,
    "What speaks for two cases being of one person, the strongest first.",
    {
        "SAME_PERSON": "They are known as one person's already, and both are open.",
        "SAME_NATIONAL_ID": "The number of the identity paper is the same.",
        "SAME_PHONE_AND_NAME": "The phone is the same, and the name is the same or nearly so.",
        "SAME_NAME_AND_BIRTH": "Name and birth are the same.",
        "SAME_PHONE_AND_BIRTH": "Phone and birth are the same.",
        "SIMILAR_NAME": "The name is the same or nearly so, and no birth speaks against it.",
    },
)
describe(
    UnlikenessSign,
    "What speaks against two cases being of one person.",
    {
        "OTHER_NATIONAL_ID": "The numbers of the identity papers are different.",
        "OTHER_NAME": "The names are different.",
        "OTHER_BIRTH": "The births are different.",
        "OTHER_SEX": "The sexes are different.",
    },
)

__all__ = ["IdentityField", "LikenessSign", "UnlikenessSign"]

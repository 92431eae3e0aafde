"""What of a person can be chosen when two are merged, and put right when it was taken down wrongly."""

from enum import StrEnum


class IdentityField(StrEnum):
    """One thing that is known of a person. What belongs together is one field: a birth, a contact."""

    NAME = "NAME"
    BIRTH = "BIRTH"
    SEX = "SEX"
    PHONE = "PHONE"
    NATIONAL_ID = "NATIONAL_ID"
    STREET = "STREET"
    CONTACT = "CONTACT"
    TEST_DAY = "TEST_DAY"


SEALED: dict[IdentityField, tuple[str, ...]] = {
    IdentityField.NAME: ("name",),
    IdentityField.BIRTH: ("birth_date", "birth_year"),
    IdentityField.PHONE: ("phone",),
    IdentityField.NATIONAL_ID: ("national_id",),
    IdentityField.STREET: ("street",),
    IdentityField.CONTACT: ("email", "declared_by"),
}
"""What a field is in a case's sealed identity."""

COLUMNS: dict[IdentityField, tuple[str, ...]] = {
    IdentityField.BIRTH: ("age_band",),
    IdentityField.SEX: ("sex",),
    IdentityField.TEST_DAY: ("test_on", "vaccine_doses", "release_on"),
}
"""What a field is in a case's columns. The phone's hash is no choice: it follows from the phone."""

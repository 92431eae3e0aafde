"""The keyed hashes by which a person is known again."""

from access.pseudonym import Pseudonymiser


def person_keys(
    pseudonymiser: Pseudonymiser, phone: str, name: str, birth: str, national_id: str | None
) -> list[list[str]]:
    """By phone, name and birth, and by the national id where one was given: each under every known key, the current
    one first. `phone` is in E.164 form, `birth` a date or a year."""
    keys = [pseudonymiser.identities(phone, name, birth)]
    if national_id:
        keys.append(pseudonymiser.national_ids(national_id))
    return keys

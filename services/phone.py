"""Phone numbers as people write them, to one form."""

import phonenumbers


def e164(text: str, region: str) -> str | None:
    """The number in E.164 form, or None where libphonenumber says that it cannot be one.

    `region` (such as VN) is how a number without a country code is read.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

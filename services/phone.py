"""Phone numbers as people write them, to one form."""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata


def e164(text: str, region: str) -> str | None:
    """The number in E.164 form, or None where libphonenumber says that it cannot be one.

    `region` (such as VN) is how a number without a country code is read.
    """
    plain = _plain_mobile(region)
    if plain is not None and (found := plain.fullmatch(text)):
        return f"+{phonenumbers.country_code_for_region(region)}{found[1]}"
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def _plain_mobile(region: str) -> re.Pattern[str] | None:
    """What the library's own tables say of a region's mobile numbers, as nearly everybody writes theirs: the digits and
    nothing else. Reading such a number in the library takes thirty times as long.

    None where a country shares its code with others, or where more has to be taken off a number than one digit.
    """
    known = PhoneMetadata.metadata_for_region(region)
    if (
        known is None
        or known.country_code is None
        or phonenumbers.region_codes_for_country_code(known.country_code) != (region,)
    ):
        return None
    trunk, mobile, all_kinds = known.national_prefix_for_parsing, known.mobile, known.general_desc
    if trunk is None or not re.fullmatch("[0-9]", trunk) or known.national_prefix_transform_rule:
        return None
    if mobile is None or all_kinds is None:
        return None
    lengths = "|".join(f"[0-9]{{{length}}}" for length in mobile.possible_length)
    patterns = (lengths, all_kinds.national_number_pattern, mobile.national_number_pattern)
    number = f"(?!{trunk})" + "".join(rf"(?=(?:{pattern})\Z)" for pattern in patterns)
    # What one dials to call abroad stands in front of another country's number.
    home = f"(?!{known.international_prefix}){trunk}"
    return re.compile(rf"(?:{home}|\+{known.country_code})({number}[0-9]+)", re.ASCII)

"""How often what may be tried: one table, and how an operator changes a line of it."""

from collections.abc import Mapping
from enum import StrEnum

from limits import RateLimitItem, RateLimitItemPerSecond, parse


class Rule(StrEnum):
    """What is counted, and of whom."""

    SIGN_IN_BY_NAME_AND_ADDRESS = "sign_in_by_name_and_address"
    SIGN_IN_BY_NAME = "sign_in_by_name"
    SIGN_IN_BY_ADDRESS = "sign_in_by_address"
    REFRESH_BY_ADDRESS = "refresh_by_address"
    CODE_BY_ADDRESS = "code_by_address"
    CODE_TRY_BY_ADDRESS = "code_try_by_address"
    CODE_TRY_BY_PHONE_AND_ADDRESS = "code_try_by_phone_and_address"
    DECLARE_BY_PHONE = "declare_by_phone"
    DECLARE_BY_ACCOUNT = "declare_by_account"
    DECLARE_BY_ADDRESS = "declare_by_address"
    TEXT_TO_UNPROVEN_PHONE = "text_to_unproven_phone"
    CHECK_IN_BY_PHONE = "check_in_by_phone"
    WATCH_BY_ACCOUNT = "watch_by_account"
    WATCH_BY_ADDRESS = "watch_by_address"
    RECEIPT_BY_ADDRESS = "receipt_by_address"
    CERTIFICATE_BY_ADDRESS = "certificate_by_address"
    EXPORT_BY_PHONE = "export_by_phone"
    REVEAL_BY_ACCOUNT = "reveal_by_account"
    UPLOAD_BY_SENDER = "upload_by_sender"
    UPLOAD_BY_ADDRESS = "upload_by_address"
    UPLOAD_TRY_BY_TICKET = "upload_try_by_ticket"
    PUBLIC_SUMMARY_BY_ADDRESS = "public_summary_by_address"


BOUNDS: Mapping[Rule, str] = {
    # Only tries that failed. Strict where one place tries one name; generous where many places do, for whoever wants
    # to lock somebody out has many places, and its owner comes in from a place where they have been before.
    Rule.SIGN_IN_BY_NAME_AND_ADDRESS: "10 per 15 minutes",
    Rule.SIGN_IN_BY_NAME: "100 per 15 minutes",
    # A carrier, or the department's own network, puts thousands behind one address.
    Rule.SIGN_IN_BY_ADDRESS: "1000 per 15 minutes",
    Rule.REFRESH_BY_ADDRESS: "20000 per 1 hour",
    # A phone gets one code a minute and five an hour; those bounds are in `services.phone_code`.
    Rule.CODE_BY_ADDRESS: "300 per 1 hour",
    Rule.CODE_TRY_BY_ADDRESS: "600 per 1 hour",
    # As many and as long as a code serves; whatever the place, five wrong tries end a code.
    Rule.CODE_TRY_BY_PHONE_AND_ADDRESS: "5 per 5 minutes",
    # Calls, each of a household of up to ten; a repeat under the same key does not count.
    Rule.DECLARE_BY_PHONE: "30 per 1 hour",
    # A station or a kiosk declares for all who come.
    Rule.DECLARE_BY_ACCOUNT: "600 per 1 hour",
    # More than the whole city declared in its worst hour.
    Rule.DECLARE_BY_ADDRESS: "10000 per 1 hour",
    # Texts that a declaration has arrived; more are not sent, and nobody is refused for it.
    Rule.TEXT_TO_UNPROVEN_PHONE: "3 per 1 day",
    # Two a day for each of a household of ten, and again whenever somebody feels worse; repeats count.
    Rule.CHECK_IN_BY_PHONE: "60 per 1 hour",
    # Openings: a screen on a bad line comes back again and again, and after a restart all of them at once.
    Rule.WATCH_BY_ACCOUNT: "300 per 10 minutes",
    Rule.WATCH_BY_ADDRESS: "5000 per 10 minutes",
    # Codes of receipts that nobody was ever given.
    Rule.RECEIPT_BY_ADDRESS: "600 per 1 hour",
    # Codes of certificates that nobody was ever given; a door where papers are read comes behind one address.
    Rule.CERTIFICATE_BY_ADDRESS: "600 per 1 hour",
    # Each opens everything that a phone has ever declared.
    Rule.EXPORT_BY_PHONE: "10 per 1 hour",
    Rule.REVEAL_BY_ACCOUNT: "30 per 1 hour",
    # Tickets for photos: ten people with four each, and a station that photographs what is brought to it.
    Rule.UPLOAD_BY_SENDER: "240 per 1 hour",
    Rule.UPLOAD_BY_ADDRESS: "20000 per 1 hour",
    # Tries of one photo, each of which a decoder works on.
    Rule.UPLOAD_TRY_BY_TICKET: "20 per 1 hour",
    # Days that had to be reckoned, for most are remembered.
    Rule.PUBLIC_SUMMARY_BY_ADDRESS: "300 per 1 hour",
}
"""Amount and window of each rule; KHAIBAO_LIMITS changes single ones, in these words."""


def bound_of(text: str) -> RateLimitItem:
    """The bound in words such as `30 per 1 hour`. Raises ValueError."""
    item = parse(text)
    # In seconds, because the library's own keys name the unit: 60 per minute and 60 per 60 seconds are one counter.
    bound = RateLimitItemPerSecond(item.amount, item.get_expiry(), namespace="khaibao")
    if bound.amount < 1 or bound.multiples < 1:
        raise ValueError(f"{text} lets nobody through")
    return bound


def changed_bounds(text: str) -> dict[Rule, str]:
    """The rules of a list such as `declare_by_phone=60 per 1 hour, watch_by_account=600 per 10 minutes`.

    Raises ValueError with one line that says what is wrong.
    """
    changed: dict[Rule, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, bound = (side.strip() for side in part.partition("="))
        if name not in set(Rule):
            raise ValueError(f"{name} is no limit; they are {', '.join(Rule)}")
        try:
            bound_of(bound)
        except ValueError:
            raise ValueError(f"{name} wants an amount and a time, such as {BOUNDS[Rule(name)]}") from None
        changed[Rule(name)] = bound
    return changed

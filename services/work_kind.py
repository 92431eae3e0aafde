"""What a case calls for next: the kinds of work, in the order in which they are done."""

from collections.abc import Mapping
from enum import StrEnum


class WorkKind(StrEnum):
    """Why a case is in the worklist. Most urgent first: an item stands where its most urgent kind stands."""

    RED_ALERT = "RED_ALERT"
    AMBER_ALERT = "AMBER_ALERT"
    HIGH_RISK_ALERT = "HIGH_RISK_ALERT"
    MISSED_CHECK_IN = "MISSED_CHECK_IN"
    REFERRAL_REFUSED = "REFERRAL_REFUSED"
    TRANSFER_TO_ACCEPT = "TRANSFER_TO_ACCEPT"
    REPLY = "REPLY"
    DECLARATION_TO_CONFIRM = "DECLARATION_TO_CONFIRM"
    CASE_TO_CONFIRM = "CASE_TO_CONFIRM"
    TAKEN_ALERT = "TAKEN_ALERT"
    TO_CONTACT = "TO_CONTACT"
    UNREACHED = "UNREACHED"
    REFERRAL_WAITING = "REFERRAL_WAITING"
    TEST_TO_VERIFY = "TEST_TO_VERIFY"
    RELEASE_DUE = "RELEASE_DUE"
    CERTIFICATE_TO_SIGN = "CERTIFICATE_TO_SIGN"
    FOLLOW_UP = "FOLLOW_UP"
    AWAITING_REPLY = "AWAITING_REPLY"
    IN_HOSPITAL = "IN_HOSPITAL"
    LOST = "LOST"


IN_ORDER = tuple(WorkKind)

PLACE: Mapping[WorkKind, int] = {kind: place for place, kind in enumerate(IN_ORDER)}
"""Where a kind stands in the order, from 0."""

CALLS = frozenset({WorkKind.RED_ALERT, WorkKind.AMBER_ALERT, WorkKind.HIGH_RISK_ALERT})
"""The first of the order, and of open alerts alone: a page that they fill is read without looking at anything else."""

OF_ALERTS = CALLS | {WorkKind.MISSED_CHECK_IN, WorkKind.TAKEN_ALERT}
"""The kinds that may be about an alert."""

"""The enums of referrals, each value with its meaning."""

from enum import StrEnum

from graph.schema.described import describe
from models.state import ReferralState

__all__ = ["ReferralAction", "ReferralState"]


class ReferralAction(StrEnum):
    """What a viewer may do with a referral now."""

    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"
    START_TRANSFER = "START_TRANSFER"
    ADMIT = "ADMIT"
    DISCHARGE = "DISCHARGE"
    DISCHARGE_RECOVERED = "DISCHARGE_RECOVERED"
    CANCEL = "CANCEL"
    RECORD_DEATH = "RECORD_DEATH"


describe(
    ReferralState,
    "Where a referral stands.",
    {
        "REQUESTED": "The hospital was asked and has not answered.",
        "ACCEPTED": "The hospital takes the person.",
        "IN_TRANSFER": "The person is on the way.",
        "ADMITTED": "The person is in the hospital.",
        "REFUSED": "The hospital does not take the person.",
        "CANCELLED": "The station has taken it back.",
        "DISCHARGED": "The person has left the hospital.",
        "DIED": "The person has died.",
    },
)
describe(
    ReferralAction,
    "What the viewer may do with a referral as it stands.",
    {
        "ACCEPT": "Take the person: `acceptReferral`.",
        "REFUSE": "Say why not: `refuseReferral`.",
        "START_TRANSFER": "Say that the person is on the way: `startTransfer`.",
        "ADMIT": "Say that the person has come: `admitCase`.",
        "DISCHARGE": "Send the person home, still in isolation: `dischargeCase`.",
        "DISCHARGE_RECOVERED": "Send the person home, recovered: `dischargeCase`.",
        "CANCEL": "Take it back: `cancelReferral`.",
        "RECORD_DEATH": "Record that the person has died: `recordDeath`.",
    },
)

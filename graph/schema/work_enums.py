"""The kinds of work, each with its meaning."""

from graph.schema.described import describe
from services.work_kind import WorkKind

__all__ = ["WorkKind"]

describe(
    WorkKind,
    "Why a case is in the worklist, most urgent first.",
    {
        "RED_ALERT": "An alert of danger RED that nobody has taken.",
        "AMBER_ALERT": "An alert of danger AMBER that nobody has taken.",
        "HIGH_RISK_ALERT": "An alert of somebody at high risk that nobody has taken.",
        "MISSED_CHECK_IN": "Somebody who was to check in and did not.",
        "REFERRAL_REFUSED": "Somebody who is to go to hospital, and no hospital that was asked takes them.",
        "TRANSFER_TO_ACCEPT": "Another ward has sent it here.",
        "REPLY": "The resident has completed a declaration.",
        "DECLARATION_TO_CONFIRM": "A declaration that nobody has decided on.",
        "CASE_TO_CONFIRM": "A suspected case that nobody has decided on.",
        "TAKEN_ALERT": "An alert that somebody has taken and nobody has resolved.",
        "TO_CONTACT": "Confirmed, and nobody has spoken with the person.",
        "UNREACHED": "Attempts to reach the person have failed.",
        "REFERRAL_WAITING": "A hospital was asked, or takes the person, who has not arrived there.",
        "TEST_TO_VERIFY": "A test at the end of the isolation was sent.",
        "RELEASE_DUE": "The isolation may end.",
        "CERTIFICATE_TO_SIGN": "A certificate awaits its signature.",
        "FOLLOW_UP": "At home, and nothing is due before the next check-in.",
        "AWAITING_REPLY": "The resident was asked for what is missing and has not answered.",
        "IN_HOSPITAL": "In hospital; nothing is due.",
        "LOST": "Lost to follow-up; nothing is due.",
    },
)

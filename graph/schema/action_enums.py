"""What a viewer may do with something as it stands: the acts of its life cycle that somebody chooses to do."""

from enum import StrEnum

from graph.schema.described import describe


class DeclarationAction(StrEnum):
    """What a viewer may do with a declaration now."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    MARK_DUPLICATE = "MARK_DUPLICATE"
    REQUEST_INFORMATION = "REQUEST_INFORMATION"
    COMPLETE = "COMPLETE"
    REROUTE = "REROUTE"
    RETURN = "RETURN"
    WITHDRAW = "WITHDRAW"


class CaseAction(StrEnum):
    """What a viewer may do with a case now."""

    CONFIRM = "CONFIRM"
    DISMISS = "DISMISS"
    REFER = "REFER"
    RETURN = "RETURN"
    ADMIT = "ADMIT"
    DISCHARGE = "DISCHARGE"
    DISCHARGE_RECOVERED = "DISCHARGE_RECOVERED"
    EXTEND = "EXTEND"
    RELEASE = "RELEASE"
    CERTIFY = "CERTIFY"
    REVOKE = "REVOKE"
    DECLARE_DEAD = "DECLARE_DEAD"
    LOSE = "LOSE"
    FIND = "FIND"
    MERGE = "MERGE"
    UNMERGE = "UNMERGE"
    CORRECT = "CORRECT"
    CLAIM = "CLAIM"
    RELEASE_CLAIM = "RELEASE_CLAIM"
    CONTACT = "CONTACT"
    CHECK_IN = "CHECK_IN"
    DISPENSE = "DISPENSE"
    HAND_OVER = "HAND_OVER"
    TEST = "TEST"


class AlertAction(StrEnum):
    """What a viewer may do with an alert now."""

    ACKNOWLEDGE = "ACKNOWLEDGE"
    RESOLVE = "RESOLVE"


describe(
    DeclarationAction,
    "What the viewer may do with a declaration as it stands.",
    {
        "ACCEPT": "Take it as it is.",
        "REJECT": "Refuse it, with a reason.",
        "MARK_DUPLICATE": "Say that it is the same as another one.",
        "REQUEST_INFORMATION": "Ask the resident for what is missing.",
        "COMPLETE": "Answer what the station has asked, or correct it.",
        "REROUTE": "Send it on to another ward.",
        "RETURN": "Send it back to the ward that it came from.",
        "WITHDRAW": "Take it back.",
    },
)
describe(
    CaseAction,
    "What the viewer may do with a case as it stands.",
    {
        "CONFIRM": "Say that it is a case: `confirmCase`.",
        "DISMISS": "Say that it is none: `dismissCase`.",
        "REFER": "Ask a hospital to take the person.",
        "RETURN": "Take a referral back: the person stays at home.",
        "ADMIT": "Take the person into the hospital.",
        "DISCHARGE": "Send the person home from the hospital, still in isolation.",
        "DISCHARGE_RECOVERED": "Send the person home from the hospital, recovered.",
        "EXTEND": "Let the isolation go on, for the test was positive.",
        "RELEASE": "Say that the isolation is over.",
        "CERTIFY": "Sign the certificate.",
        "REVOKE": "Revoke the certificate.",
        "DECLARE_DEAD": "Say that the person has died.",
        "LOSE": "Say that nobody can reach the person.",
        "FIND": "Say that the person was found again.",
        "MERGE": "Say that it is the same as another case: `mergePersons`.",
        "UNMERGE": "Take the merging back: `unmergePersons`.",
        "CORRECT": "Put right who the person is: `correctPerson`.",
        "CLAIM": "Take it in hand for a while: `claimCase`.",
        "RELEASE_CLAIM": "Give it out of hand: `releaseClaim`.",
        "CONTACT": "Record that the person was called.",
        "CHECK_IN": "Report symptoms and vitals.",
        "DISPENSE": "Give out a pack of medicine.",
        "HAND_OVER": "Hand it over to another ward.",
        "TEST": "Send or enter a test at the end of the isolation.",
    },
)
describe(
    AlertAction,
    "What the viewer may do with an alert as it stands.",
    {"ACKNOWLEDGE": "Take it: `acknowledgeAlert`.", "RESOLVE": "Say what came of it: `resolveAlert`."},
)

"""What a line of a timeline can say: the kinds of models.state, with what is declared and what happens to alerts."""

from enum import StrEnum

from graph.schema.described import describe


class TimelineKind(StrEnum):
    """What a line of a case's timeline says: each CaseEventKind, ALERT_ with each AlertChange, and DECLARED."""

    DECLARED = "DECLARED"
    CONFIRMED = "CONFIRMED"
    DISMISSED = "DISMISSED"
    DECLARATION_ACCEPTED = "DECLARATION_ACCEPTED"
    DECLARATION_REJECTED = "DECLARATION_REJECTED"
    DECLARATION_DUPLICATE = "DECLARATION_DUPLICATE"
    DECLARATION_WITHDRAWN = "DECLARATION_WITHDRAWN"
    DECLARATION_EXPIRED = "DECLARATION_EXPIRED"
    INFORMATION_REQUESTED = "INFORMATION_REQUESTED"
    INFORMATION_GIVEN = "INFORMATION_GIVEN"
    CLAIMED = "CLAIMED"
    CLAIM_ENDED = "CLAIM_ENDED"
    CONTACTED = "CONTACTED"
    NOT_REACHED = "NOT_REACHED"
    ISOLATED = "ISOLATED"
    CHECKED_IN = "CHECKED_IN"
    CHECK_IN_MISSED = "CHECK_IN_MISSED"
    EVIDENCE_ADDED = "EVIDENCE_ADDED"
    EVIDENCE_REMOVED = "EVIDENCE_REMOVED"
    PACK_DISPENSED = "PACK_DISPENSED"
    REFERRED = "REFERRED"
    REFERRAL_ACCEPTED = "REFERRAL_ACCEPTED"
    REFERRAL_REFUSED = "REFERRAL_REFUSED"
    REFERRAL_CANCELLED = "REFERRAL_CANCELLED"
    IN_TRANSFER = "IN_TRANSFER"
    ADMITTED = "ADMITTED"
    DISCHARGED = "DISCHARGED"
    DECEASED = "DECEASED"
    HAND_OVER_ASKED = "HAND_OVER_ASKED"
    HANDED_OVER = "HANDED_OVER"
    HAND_OVER_REFUSED = "HAND_OVER_REFUSED"
    REROUTED = "REROUTED"
    SENT_BACK = "SENT_BACK"
    LOST = "LOST"
    FOUND = "FOUND"
    TESTED = "TESTED"
    TEST_VERIFIED = "TEST_VERIFIED"
    RELEASE_DUE = "RELEASE_DUE"
    EXTENDED = "EXTENDED"
    RELEASED = "RELEASED"
    CERTIFIED = "CERTIFIED"
    CERTIFICATE_REVOKED = "CERTIFICATE_REVOKED"
    MERGED = "MERGED"
    UNMERGED = "UNMERGED"
    CORRECTED = "CORRECTED"
    ALERT_RAISED = "ALERT_RAISED"
    ALERT_ESCALATED = "ALERT_ESCALATED"
    ALERT_REMINDED = "ALERT_REMINDED"
    ALERT_RAISED_AGAIN = "ALERT_RAISED_AGAIN"
    ALERT_ACKNOWLEDGED = "ALERT_ACKNOWLEDGED"
    ALERT_RESOLVED = "ALERT_RESOLVED"
    ALERT_CARRIED = "ALERT_CARRIED"
    ALERT_WORSENED = "ALERT_WORSENED"


describe(
    TimelineKind,
    "What a line of a case's timeline says has happened.",
    {
        "DECLARED": "The person was declared.",
        "CONFIRMED": "The station said that it is a case.",
        "DISMISSED": "The station said that it is none.",
        "DECLARATION_ACCEPTED": "A report was accepted.",
        "DECLARATION_REJECTED": "A report was refused.",
        "DECLARATION_DUPLICATE": "A report was found to be the same as another.",
        "DECLARATION_WITHDRAWN": "The resident took a report back.",
        "DECLARATION_EXPIRED": "What the station had asked for did not come.",
        "INFORMATION_REQUESTED": "The station asked for what is missing.",
        "INFORMATION_GIVEN": "A report was completed.",
        "CLAIMED": "Somebody took it in hand.",
        "CLAIM_ENDED": "They gave it out of hand.",
        "CONTACTED": "The person was reached.",
        "NOT_REACHED": "The person was not reached.",
        "ISOLATED": "The isolation at home began.",
        "CHECKED_IN": "Symptoms and vitals were reported.",
        "CHECK_IN_MISSED": "They were not reported in time.",
        "EVIDENCE_ADDED": "A photo was added.",
        "EVIDENCE_REMOVED": "A photo was taken away; nobody can look at it any more.",
        "PACK_DISPENSED": "A pack of medicine was given out.",
        "REFERRED": "A hospital was asked to take the person.",
        "REFERRAL_ACCEPTED": "The hospital will.",
        "REFERRAL_REFUSED": "The hospital will not.",
        "REFERRAL_CANCELLED": "The station has taken the referral back.",
        "IN_TRANSFER": "The person is on the way to the hospital.",
        "ADMITTED": "The hospital has taken the person in.",
        "DISCHARGED": "The hospital has sent the person home.",
        "DECEASED": "The person has died.",
        "HAND_OVER_ASKED": "Another ward was asked to take the case over.",
        "HANDED_OVER": "It has.",
        "HAND_OVER_REFUSED": "It has not.",
        "REROUTED": "The report was sent on to another ward.",
        "SENT_BACK": "The report came back from there.",
        "LOST": "Nobody can reach the person.",
        "FOUND": "The person was found again.",
        "TESTED": "A test at the end of the isolation was sent or entered.",
        "TEST_VERIFIED": "The station has looked at the test.",
        "RELEASE_DUE": "The isolation may end.",
        "EXTENDED": "The isolation goes on.",
        "RELEASED": "The isolation is over.",
        "CERTIFIED": "The certificate was signed.",
        "CERTIFICATE_REVOKED": "The certificate was revoked.",
        "MERGED": "It was merged with another case of the person.",
        "UNMERGED": "That was taken back.",
        "CORRECTED": "Who the person is was put right.",
        "ALERT_RAISED": "An alert was raised.",
        "ALERT_ESCALATED": "The level above was called.",
        "ALERT_REMINDED": "The top was called once more.",
        "ALERT_RAISED_AGAIN": "The alert was not resolved in time, and the station was called once more.",
        "ALERT_ACKNOWLEDGED": "Somebody took the alert.",
        "ALERT_RESOLVED": "The alert was over.",
        "ALERT_CARRIED": "The alert went to another area with its case.",
        "ALERT_WORSENED": "The person became worse, and the station was called once more.",
    },
)

"""The states and kinds that rows can be in; the words are those of docs/glossary.md."""

from enum import StrEnum


class Mode(StrEnum):
    """What an installation is for; only DEMO and TEST may move their clock."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class Role(StrEnum):
    """What an account is at its place; the policy table says what each may do."""

    STATION_STAFF = "STATION_STAFF"
    STATION_HEAD = "STATION_HEAD"
    MEDICAL_CENTRE = "MEDICAL_CENTRE"
    COMMITTEE = "COMMITTEE"
    DEPARTMENT = "DEPARTMENT"
    ADMINISTRATOR = "ADMINISTRATOR"
    HOSPITAL = "HOSPITAL"


class Restriction(StrEnum):
    """What a session has to do before it may do anything else."""

    PASSWORD = "PASSWORD"
    SECOND_FACTOR = "SECOND_FACTOR"


class GrantKind(StrEnum):
    """Why a case is open to somebody beyond its area's range."""

    RESIDENT = "RESIDENT"
    HOSPITAL = "HOSPITAL"
    SENDER = "SENDER"
    RECEIVER = "RECEIVER"


class StationKind(StrEnum):
    """A ward's own health station, the district's medical centre above it, or a hospital that takes its patients."""

    WARD_STATION = "WARD_STATION"
    MEDICAL_CENTRE = "MEDICAL_CENTRE"
    HOSPITAL = "HOSPITAL"


class DeclarationState(StrEnum):
    """Where a resident's report stands."""

    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    NEEDS_INFO = "NEEDS_INFO"
    REJECTED = "REJECTED"
    DUPLICATE = "DUPLICATE"
    REROUTED = "REROUTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


class CaseState(StrEnum):
    """Where an illness episode stands."""

    SUSPECTED = "SUSPECTED"
    CONFIRMED = "CONFIRMED"
    NOT_A_CASE = "NOT_A_CASE"
    HOME_ISOLATION = "HOME_ISOLATION"
    REFERRED = "REFERRED"
    HOSPITALISED = "HOSPITALISED"
    RELEASE_DUE = "RELEASE_DUE"
    COMPLETED = "COMPLETED"
    CERTIFIED = "CERTIFIED"
    DECEASED = "DECEASED"
    LOST_TO_FOLLOW_UP = "LOST_TO_FOLLOW_UP"
    MERGED = "MERGED"


class AlertKind(StrEnum):
    """What an alert calls a station for."""

    SEVERE = "SEVERE"
    HIGH_RISK = "HIGH_RISK"
    MISSED_CHECK_IN = "MISSED_CHECK_IN"


class Danger(StrEnum):
    """How dangerous a severe report is: RED is to be called now."""

    RED = "RED"
    AMBER = "AMBER"


class AlertState(StrEnum):
    """Whether somebody has taken an alert."""

    RAISED = "RAISED"
    ESCALATED = "ESCALATED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RESOLVED = "RESOLVED"


class AlertChange(StrEnum):
    """What an event of the alert log says has happened to the alert."""

    RAISED = "RAISED"
    ESCALATED = "ESCALATED"
    REMINDED = "REMINDED"
    RAISED_AGAIN = "RAISED_AGAIN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RESOLVED = "RESOLVED"
    CARRIED = "CARRIED"
    WORSENED = "WORSENED"


class Outcome(StrEnum):
    """How an alert was resolved."""

    ADVISED = "ADVISED"
    DISPENSED = "DISPENSED"
    VISITED = "VISITED"
    REFERRED = "REFERRED"
    UNREACHABLE = "UNREACHABLE"
    FALSE_ALARM = "FALSE_ALARM"


class CaseEventKind(StrEnum):
    """What a line of a case's timeline says has happened; what happens to its alerts stands in the alert log."""

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


class ContactOutcome(StrEnum):
    """How an attempt to reach somebody ended."""

    REACHED = "REACHED"
    NO_ANSWER = "NO_ANSWER"
    WRONG_NUMBER = "WRONG_NUMBER"
    REFUSED = "REFUSED"


class StockChange(StrEnum):
    """Why a station's stock of a pack has changed."""

    RECEIVED = "RECEIVED"
    DISPENSED = "DISPENSED"
    RETURNED = "RETURNED"
    CORRECTED = "CORRECTED"


class ReferralState(StrEnum):
    """Where a referral to a hospital stands."""

    REQUESTED = "REQUESTED"
    ACCEPTED = "ACCEPTED"
    IN_TRANSFER = "IN_TRANSFER"
    ADMITTED = "ADMITTED"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"
    DISCHARGED = "DISCHARGED"
    DIED = "DIED"


class TransferKind(StrEnum):
    """How a case goes to another ward: a report that was sent to the wrong one, or somebody who has moved."""

    REROUTE = "REROUTE"
    HAND_OVER = "HAND_OVER"


class TransferState(StrEnum):
    """Whether the other ward has taken the case."""

    REQUESTED = "REQUESTED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"


class EvidenceKind(StrEnum):
    """What a photo shows."""

    TEST = "TEST"
    IDENTITY_PAPER = "IDENTITY_PAPER"


class TestResult(StrEnum):
    """What a test at the end of the isolation has shown."""

    NEGATIVE = "NEGATIVE"
    POSITIVE = "POSITIVE"


class CertificateState(StrEnum):
    """Where a certificate stands."""

    AWAITING_SIGNATURE = "AWAITING_SIGNATURE"
    SIGNED = "SIGNED"
    REVOKED = "REVOKED"


class Level(StrEnum):
    """Who is called: the ward's station first, then up."""

    STATION = "station"
    MEDICAL_CENTRE = "medical_centre"
    CITY = "city"


class DutyChannel(StrEnum):
    """How somebody on duty is called."""

    SMS = "SMS"


class MessageKind(StrEnum):
    """What a message is about."""

    CODE = "CODE"
    RECEIVED = "RECEIVED"
    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"
    NEEDS_INFO = "NEEDS_INFO"
    RELEASED = "RELEASED"
    ALERT = "ALERT"
    CERTIFICATE = "CERTIFICATE"
    REFERRAL = "REFERRAL"


class MessageState(StrEnum):
    """Where a message stands: waiting, taken by a gateway, known to have arrived or not, or not sent for a reason."""

    QUEUED = "QUEUED"
    HANDED_OVER = "HANDED_OVER"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


OPEN_ALERT_STATES = (AlertState.RAISED, AlertState.ESCALATED)
WAITING_DECLARATION_STATES = (DeclarationState.SUBMITTED, DeclarationState.NEEDS_INFO, DeclarationState.REROUTED)
"""What a station has not decided on yet."""

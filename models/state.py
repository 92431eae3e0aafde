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


class Restriction(StrEnum):
    """What a session has to do before it may do anything else."""

    PASSWORD = "PASSWORD"
    SECOND_FACTOR = "SECOND_FACTOR"


class GrantKind(StrEnum):
    """Why a case is open to somebody beyond its area's range."""

    RESIDENT = "RESIDENT"
    HOSPITAL = "HOSPITAL"
    SENDER = "SENDER"


class StationKind(StrEnum):
    """A ward's own health station, or the district's medical centre above it."""

    WARD_STATION = "WARD_STATION"
    MEDICAL_CENTRE = "MEDICAL_CENTRE"


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


class Outcome(StrEnum):
    """How an alert was resolved."""

    ADVISED = "ADVISED"
    DISPENSED = "DISPENSED"
    VISITED = "VISITED"
    REFERRED = "REFERRED"
    UNREACHABLE = "UNREACHABLE"
    FALSE_ALARM = "FALSE_ALARM"


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


class MessageState(StrEnum):
    """Where a message stands: waiting, taken by a gateway, known to have arrived or not, or not sent for a reason."""

    QUEUED = "QUEUED"
    HANDED_OVER = "HANDED_OVER"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


OPEN_ALERT_STATES = (AlertState.RAISED, AlertState.ESCALATED)

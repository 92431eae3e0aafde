"""The enums of the API: the states and kinds of models.state, each value with its meaning."""

from enum import Enum, StrEnum

from graph.schema.described import describe
from models.state import (
    AlertChange,
    AlertKind,
    AlertState,
    CaseState,
    Danger,
    DeclarationState,
    DutyChannel,
    Level,
    Mode,
    Outcome,
    Restriction,
    Role,
    StationKind,
)
from services.dismiss import DismissReason

__all__ = [
    "AccountAction",
    "AlertChange",
    "AlertKind",
    "AlertState",
    "CaseState",
    "Danger",
    "DeclarationState",
    "DismissReason",
    "DutyChannel",
    "Level",
    "Mode",
    "Outcome",
    "Restriction",
    "Role",
    "Sex",
    "StationKind",
    "Weekday",
]


class Sex(StrEnum):
    """What a resident is registered as; children's bounds and pregnancy depend on it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Weekday(Enum):
    """The days of the week, as ISO 8601 numbers them."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7


class AccountAction(StrEnum):
    """What a viewer may do with somebody's account now."""

    RESET_PASSWORD = "RESET_PASSWORD"
    CHANGE = "CHANGE"
    DISABLE = "DISABLE"
    ENABLE = "ENABLE"


describe(
    Sex,
    "The sex a person is registered with.",
    {"FEMALE": "Female.", "MALE": "Male.", "OTHER": "Neither, or not said."},
)
describe(
    AccountAction,
    "What the viewer may do with an account as it stands.",
    {
        "RESET_PASSWORD": "Give a password for one sign-in: `resetPassword`.",
        "CHANGE": "Give it another role or place: `changeAccount`.",
        "DISABLE": "Let it sign in no more: `disableAccount`.",
        "ENABLE": "Let it sign in again: `enableAccount`.",
    },
)
describe(
    Mode,
    "What an installation is for.",
    {
        "PRODUCTION": "Real residents.",
        "DEMO": "Made-up residents; the clock can be moved and accounts are printed.",
        "TEST": "Automatic tests; the clock can be moved.",
    },
)
describe(
    Role,
    "What an account is at its place.",
    {
        "STATION_STAFF": "Doctor or nurse of a ward's health station.",
        "STATION_HEAD": "Head of a ward's health station.",
        "MEDICAL_CENTRE": "A district's medical centre.",
        "COMMITTEE": "A people's committee: figures and alerts without names.",
        "DEPARTMENT": "The city's Department of Health.",
        "ADMINISTRATOR": "Keeps accounts and areas; sees nothing of a patient.",
        "HOSPITAL": "A hospital: sees whom stations have referred to it.",
    },
)
describe(
    StationKind,
    "What kind of station it is.",
    {
        "WARD_STATION": "A ward's own health station.",
        "MEDICAL_CENTRE": "The medical centre of a district.",
        "HOSPITAL": "A hospital.",
    },
)
describe(
    DeclarationState,
    "Where a resident's report stands.",
    {
        "SUBMITTED": "Sent in; nobody has looked at it yet.",
        "ACCEPTED": "The station has accepted it.",
        "NEEDS_INFO": "The station has asked for more.",
        "REJECTED": "The station has refused it.",
        "DUPLICATE": "The same as another one.",
        "REROUTED": "It was passed on to another ward.",
        "WITHDRAWN": "The resident has taken it back.",
        "EXPIRED": "It was never completed.",
    },
)
describe(
    CaseState,
    "Where an illness episode stands.",
    {
        "SUSPECTED": "Declared, not looked at yet.",
        "CONFIRMED": "The station says that it is a case.",
        "NOT_A_CASE": "The station says that it is none.",
        "HOME_ISOLATION": "Ill at home.",
        "REFERRED": "Sent to a hospital.",
        "HOSPITALISED": "In a hospital.",
        "RELEASE_DUE": "The isolation may end.",
        "COMPLETED": "The isolation is over.",
        "CERTIFIED": "The certificate was given.",
        "DECEASED": "The person has died.",
        "LOST_TO_FOLLOW_UP": "Nobody can reach the person.",
        "MERGED": "The same as another case of the person, which goes on for it.",
    },
)
describe(
    AlertKind,
    "What an alert calls a station for.",
    {
        "SEVERE": "Severe signs were declared.",
        "HIGH_RISK": "The person is old and has an underlying condition.",
        "MISSED_CHECK_IN": "A person at high risk has stopped reporting.",
    },
)
describe(
    Danger,
    "How dangerous a severe report is.",
    {"RED": "Call now.", "AMBER": "Call soon."},
)
describe(
    AlertState,
    "Whether somebody has taken an alert.",
    {
        "RAISED": "Nobody has taken it yet.",
        "ESCALATED": "Nobody took it in time, so the level above was called.",
        "ACKNOWLEDGED": "Somebody has taken it.",
        "RESOLVED": "It is over; its outcome says how.",
    },
)
describe(
    AlertChange,
    "What has happened to an alert.",
    {
        "RAISED": "It was raised.",
        "ESCALATED": "The level above was called.",
        "REMINDED": "It is at the top, nobody has taken it, and the top is called once more.",
        "RAISED_AGAIN": "It was taken, and not resolved in time: the station is called once more.",
        "ACKNOWLEDGED": "Somebody has taken it.",
        "RESOLVED": "It is over.",
        "CARRIED": "Its case went to another area, and it went along.",
        "WORSENED": "The person has become worse: the station is called once more.",
    },
)
describe(
    Outcome,
    "How an alert was resolved.",
    {
        "ADVISED": "The person was advised on the phone.",
        "DISPENSED": "Medicine was given out.",
        "VISITED": "Somebody went to the person.",
        "REFERRED": "The person was sent to a hospital.",
        "UNREACHABLE": "Nobody could be reached.",
        "FALSE_ALARM": "There was nothing.",
    },
)
describe(
    Restriction,
    "What a session has to do before it may do anything else.",
    {"PASSWORD": "Set a password of one's own.", "SECOND_FACTOR": "Set up the second factor."},
)
describe(
    Level,
    "Who is called to answer an alert.",
    {"STATION": "The ward's health station.", "MEDICAL_CENTRE": "The district's medical centre.", "CITY": "The city."},
)
describe(
    DismissReason,
    "Why a report is no case.",
    {
        "NEGATIVE_TEST": "The test was negative.",
        "DUPLICATE": "It is the same as another report.",
        "NOT_A_RESIDENT": "The person does not live there.",
        "PRANK": "Nobody is ill.",
        "OTHER": "For another reason.",
    },
)
describe(DutyChannel, "How somebody on duty is called.", {"SMS": "By text message."})
describe(
    Weekday,
    "A day of the week.",
    {
        "MONDAY": "Monday.",
        "TUESDAY": "Tuesday.",
        "WEDNESDAY": "Wednesday.",
        "THURSDAY": "Thursday.",
        "FRIDAY": "Friday.",
        "SATURDAY": "Saturday.",
        "SUNDAY": "Sunday.",
    },
)

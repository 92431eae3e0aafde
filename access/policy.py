"""What each role may do: one table."""

from enum import StrEnum

from access.actor import Actor
from models.state import Restriction, Role


class Action(StrEnum):
    """Something that an actor asks to do. Each root field of the API names one."""

    SEE_INSTALLATION = "see_installation"
    SEE_AREAS = "see_areas"
    SEE_PROTOCOL = "see_protocol"
    SEE_PUBLIC_SUMMARY = "see_public_summary"
    SEE_NODE = "see_node"
    DECLARE = "declare"
    SEE_RECEIPT = "see_receipt"
    VERIFY_PHONE = "verify_phone"
    SIGN_IN = "sign_in"
    KEEP_SESSION = "keep_session"
    SEE_SELF = "see_self"
    CHANGE_OWN_PASSWORD = "change_own_password"
    SET_SECOND_FACTOR = "set_second_factor"
    SEE_OWN = "see_own"
    CLAIM_RECEIPT = "claim_receipt"
    EXPORT_OWN = "export_own"
    SEE_ALERTS = "see_alerts"
    SEE_CASES = "see_cases"
    SEE_DECLARATIONS = "see_declarations"
    SEE_PERSON = "see_person"
    REVEAL_PERSON = "reveal_person"
    SEE_STATIONS = "see_stations"
    SEE_SUMMARY = "see_summary"
    ACKNOWLEDGE_ALERT = "acknowledge_alert"
    RESOLVE_ALERT = "resolve_alert"
    CONFIRM_CASE = "confirm_case"
    DISMISS_CASE = "dismiss_case"
    SEE_AUDIT = "see_audit"
    ERASE_PERSON = "erase_person"
    SEE_ACCOUNTS = "see_accounts"
    RESET_PASSWORD = "reset_password"
    CHANGE_ACCOUNT = "change_account"
    KEEP_ROSTER = "keep_roster"
    MOVE_CLOCK = "move_clock"


MEANING: dict[Action, str] = {
    Action.SEE_INSTALLATION: "See what this installation is, and its clock.",
    Action.SEE_AREAS: "See the tree of areas.",
    Action.SEE_PROTOCOL: "Read the triage rules in force.",
    Action.SEE_PUBLIC_SUMMARY: "See counts of areas in which small ones are suppressed.",
    Action.SEE_NODE: "Ask for an object by its id; each kind of object asks for its own action as well.",
    Action.DECLARE: "Declare the ill people of a household.",
    Action.SEE_RECEIPT: "See where a receipt stands, by its code; nothing of a person.",
    Action.VERIFY_PHONE: "Prove a phone by a code that was sent to it.",
    Action.SIGN_IN: "Sign in as a member of staff.",
    Action.KEEP_SESSION: "Renew, refresh and end one's own session.",
    Action.SEE_SELF: "See who one is signed in as.",
    Action.CHANGE_OWN_PASSWORD: "Change one's own password.",
    Action.SET_SECOND_FACTOR: "Set up one's own second factor.",
    Action.SEE_OWN: "See the declarations and cases that one's own phone has reported.",
    Action.CLAIM_RECEIPT: "Take a receipt over that was given before the phone was proven.",
    Action.EXPORT_OWN: "Take along all that is kept of one's own declarations.",
    Action.SEE_ALERTS: "See and watch alerts, with age band, sex and reasons; never a name.",
    Action.SEE_CASES: "See cases and what belongs to them.",
    Action.SEE_DECLARATIONS: "See declarations.",
    Action.SEE_PERSON: "See who a case is: name, birth, phone, national id, street.",
    Action.REVEAL_PERSON: "See who one case is, with a reason that is kept.",
    Action.SEE_STATIONS: "See stations.",
    Action.SEE_SUMMARY: "See and watch the figures of an area and of its stations.",
    Action.ACKNOWLEDGE_ALERT: "Take an alert.",
    Action.RESOLVE_ALERT: "Say what came of an alert.",
    Action.CONFIRM_CASE: "Say that a suspected case is one.",
    Action.DISMISS_CASE: "Say that a suspected case is none.",
    Action.SEE_AUDIT: "See who has looked at a case and what was done to it.",
    Action.ERASE_PERSON: "Erase who somebody is, keeping the statistics.",
    Action.SEE_ACCOUNTS: "See the accounts of an area.",
    Action.RESET_PASSWORD: "Give an account a first password anew.",
    Action.CHANGE_ACCOUNT: "Change an account's role or area, or disable it.",
    Action.KEEP_ROSTER: "See and say who is on duty: a head at the own station, a centre there and at its stations.",
    Action.MOVE_CLOCK: "Move the clock of a demo or test installation.",
}
"""What each action is, in a sentence for the documentation."""


# What a session that has yet to set a password or a second factor may do: that, and end.
_RESTRICTED = {
    Restriction.PASSWORD: frozenset({Action.SEE_SELF, Action.KEEP_SESSION, Action.CHANGE_OWN_PASSWORD}),
    Restriction.SECOND_FACTOR: frozenset({Action.SEE_SELF, Action.KEEP_SESSION, Action.SET_SECOND_FACTOR}),
}

_ANYONE = frozenset(
    {
        Action.SEE_INSTALLATION,
        Action.SEE_AREAS,
        Action.SEE_PROTOCOL,
        Action.SEE_PUBLIC_SUMMARY,
        # What a node is opens with it: each kind asks for its own action, in `visible`.
        Action.SEE_NODE,
        Action.DECLARE,
        Action.SEE_RECEIPT,
        Action.VERIFY_PHONE,
        Action.SIGN_IN,
        Action.KEEP_SESSION,
        Action.SEE_SELF,
    }
)
_RESIDENT = frozenset({Action.SEE_OWN, Action.CLAIM_RECEIPT, Action.EXPORT_OWN})
_ACCOUNT = frozenset({Action.CHANGE_OWN_PASSWORD, Action.SET_SECOND_FACTOR})
_CARE = _ACCOUNT | {
    Action.SEE_ALERTS,
    Action.SEE_CASES,
    Action.SEE_DECLARATIONS,
    Action.SEE_PERSON,
    Action.SEE_STATIONS,
    Action.SEE_SUMMARY,
    Action.ACKNOWLEDGE_ALERT,
    Action.RESOLVE_ALERT,
    Action.CONFIRM_CASE,
    Action.DISMISS_CASE,
}
# Those who lead see what was done to a case, get their people back in who have forgotten a password, and say who of
# them is called when.
_LEADS = frozenset({Action.SEE_AUDIT, Action.SEE_ACCOUNTS, Action.RESET_PASSWORD, Action.KEEP_ROSTER})

POLICY: dict[Role, frozenset[Action]] = {
    Role.STATION_STAFF: _ANYONE | _CARE,
    Role.STATION_HEAD: _ANYONE | _CARE | _LEADS,
    Role.MEDICAL_CENTRE: _ANYONE | _CARE | _LEADS,
    # A committee sees counts and alerts without a name: no cases, no declarations, and a person only with a reason.
    Role.COMMITTEE: _ANYONE
    | _ACCOUNT
    | {Action.SEE_ALERTS, Action.SEE_STATIONS, Action.SEE_SUMMARY, Action.REVEAL_PERSON},
    Role.DEPARTMENT: _ANYONE | _CARE | _LEADS | {Action.ERASE_PERSON, Action.CHANGE_ACCOUNT},
    # An administrator keeps accounts and areas, and sees nothing of a patient.
    Role.ADMINISTRATOR: _ANYONE
    | _ACCOUNT
    | {
        Action.SEE_STATIONS,
        Action.SEE_SUMMARY,
        Action.SEE_ACCOUNTS,
        Action.RESET_PASSWORD,
        Action.CHANGE_ACCOUNT,
        Action.MOVE_CLOCK,
    },
}


def may(actor: Actor, action: Action) -> bool:
    """Whether the actor's role has this action at all; where it holds is a question for `visible`."""
    if actor.restriction is not None and action not in _RESTRICTED[actor.restriction]:
        # What needs no session may be done with one that is not finished, too.
        return action in _ANYONE
    if actor.kind == "RESIDENT":
        return action in _ANYONE or action in _RESIDENT
    if actor.role is None:
        return action in _ANYONE
    return action in POLICY[actor.role]

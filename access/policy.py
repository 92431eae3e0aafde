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
    CLAIM_CASE = "claim_case"
    HANDLE_DECLARATION = "handle_declaration"
    AMEND_DECLARATION = "amend_declaration"
    UPLOAD_EVIDENCE = "upload_evidence"
    SEE_EVIDENCE = "see_evidence"
    REMOVE_EVIDENCE = "remove_evidence"
    CHECK_IN = "check_in"
    RECORD_CONTACT = "record_contact"
    DISPENSE_PACK = "dispense_pack"
    PRESCRIBE = "prescribe"
    KEEP_STOCK = "keep_stock"
    REFER_CASE = "refer_case"
    ANSWER_REFERRAL = "answer_referral"
    START_TRANSFER = "start_transfer"
    RECORD_DEATH = "record_death"
    HAND_OVER_CASE = "hand_over_case"
    CLOSE_CASE = "close_case"
    RELEASE_CASE = "release_case"
    SIGN_CERTIFICATE = "sign_certificate"
    FETCH_CERTIFICATE = "fetch_certificate"
    VERIFY_CERTIFICATE = "verify_certificate"
    MERGE_PERSONS = "merge_persons"
    CORRECT_PERSON = "correct_person"


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
    Action.CLAIM_CASE: "Take a case in hand for a while, so that two do not call the same person.",
    Action.HANDLE_DECLARATION: "Accept, reject, send on or ask about a declaration; enter one for somebody.",
    Action.AMEND_DECLARATION: "Complete what was asked about; withdraw what one's own phone has declared.",
    Action.UPLOAD_EVIDENCE: "Send a photo of a test or an identity paper.",
    Action.SEE_EVIDENCE: "See the photos of a case; each look is on record.",
    Action.REMOVE_EVIDENCE: "Take a photo away: of one's own declaration while it waits, or as staff, with a reason.",
    Action.CHECK_IN: "Report symptoms and vitals of somebody who is ill at home.",
    Action.RECORD_CONTACT: "Record that somebody was called, and what was advised.",
    Action.DISPENSE_PACK: "Give out a pack of medicine.",
    Action.PRESCRIBE: "Give out a pack that only a doctor may.",
    Action.KEEP_STOCK: "Enter what a station receives, returns or finds missing.",
    Action.REFER_CASE: "Ask a hospital to take somebody.",
    Action.ANSWER_REFERRAL: "Take, refuse, admit and discharge whom a hospital was asked to take.",
    Action.START_TRANSFER: "Say that somebody is on the way to the hospital that takes them.",
    Action.RECORD_DEATH: "Record that somebody has died.",
    Action.HAND_OVER_CASE: "Hand a case over to another ward, and take one that was handed over.",
    Action.CLOSE_CASE: "Say that somebody has died, cannot be found, or was found again.",
    Action.RELEASE_CASE: "Verify tests and say that an isolation is over.",
    Action.SIGN_CERTIFICATE: "Sign and revoke certificates.",
    Action.FETCH_CERTIFICATE: "Fetch the certificate of one's own declaration.",
    Action.VERIFY_CERTIFICATE: "Ask whether a certificate is valid, by its code; nothing of a person.",
    Action.MERGE_PERSONS: "Say that two cases are of one person, and take that back.",
    Action.CORRECT_PERSON: "Put right who a case is, with a reason that is kept.",
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
        Action.VERIFY_CERTIFICATE,
        # A report of somebody whose code has not come has a photo, too.
        Action.UPLOAD_EVIDENCE,
    }
)
_RESIDENT = frozenset(
    {
        Action.SEE_OWN,
        Action.CLAIM_RECEIPT,
        Action.EXPORT_OWN,
        Action.AMEND_DECLARATION,
        Action.CHECK_IN,
        Action.FETCH_CERTIFICATE,
        Action.REMOVE_EVIDENCE,
    }
)
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
    Action.CLAIM_CASE,
    Action.HANDLE_DECLARATION,
    Action.AMEND_DECLARATION,
    Action.SEE_EVIDENCE,
    Action.REMOVE_EVIDENCE,
    Action.CHECK_IN,
    Action.RECORD_CONTACT,
    Action.DISPENSE_PACK,
    Action.PRESCRIBE,
    Action.KEEP_STOCK,
    Action.REFER_CASE,
    Action.START_TRANSFER,
    Action.RECORD_DEATH,
    Action.HAND_OVER_CASE,
    Action.CLOSE_CASE,
    Action.RELEASE_CASE,
    Action.MERGE_PERSONS,
    Action.CORRECT_PERSON,
}
# Those who lead see what was done to a case, get their people back in who have forgotten a password, and say who of
# them is called when.
_LEADS = frozenset({Action.SEE_AUDIT, Action.SEE_ACCOUNTS, Action.RESET_PASSWORD, Action.KEEP_ROSTER})

POLICY: dict[Role, frozenset[Action]] = {
    Role.STATION_STAFF: _ANYONE | _CARE,
    Role.STATION_HEAD: _ANYONE | _CARE | _LEADS | {Action.SIGN_CERTIFICATE},
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
    # A hospital sees the cases that were referred to it, by their grants, and no area's.
    Role.HOSPITAL: _ANYONE
    | _ACCOUNT
    | {
        Action.SEE_CASES,
        Action.SEE_DECLARATIONS,
        Action.SEE_PERSON,
        Action.SEE_EVIDENCE,
        Action.SEE_STATIONS,
        Action.ANSWER_REFERRAL,
        Action.START_TRANSFER,
        Action.RECORD_DEATH,
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

"""What each role may do: one table."""

from enum import StrEnum

from access.actor import Actor
from models.state import Role


class Action(StrEnum):
    """Something that an actor asks to do. Each root field of the API names one."""

    DECLARE = "declare"
    SEE_RECEIPT = "see_receipt"
    SEE_AREAS = "see_areas"
    SEE_PROTOCOL = "see_protocol"
    VERIFY_PHONE = "verify_phone"
    SIGN_IN = "sign_in"
    SEE_SELF = "see_self"
    SEE_ALERTS = "see_alerts"
    SEE_CASES = "see_cases"
    SEE_DECLARATIONS = "see_declarations"
    SEE_PERSON = "see_person"
    SEE_STATIONS = "see_stations"
    SEE_SUMMARY = "see_summary"
    ACKNOWLEDGE_ALERT = "acknowledge_alert"
    RESOLVE_ALERT = "resolve_alert"
    CONFIRM_CASE = "confirm_case"
    DISMISS_CASE = "dismiss_case"
    MOVE_CLOCK = "move_clock"


_ANYONE = frozenset(
    {
        Action.DECLARE,
        Action.SEE_RECEIPT,
        Action.SEE_AREAS,
        Action.SEE_PROTOCOL,
        Action.VERIFY_PHONE,
        Action.SIGN_IN,
    }
)
_CARE = frozenset(
    {
        Action.SEE_SELF,
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
)

POLICY: dict[Role, frozenset[Action]] = {
    Role.STATION_STAFF: _ANYONE | _CARE,
    Role.STATION_HEAD: _ANYONE | _CARE,
    Role.MEDICAL_CENTRE: _ANYONE | _CARE,
    # A committee sees counts and alerts without a name: no cases, no declarations, no person.
    Role.COMMITTEE: _ANYONE | {Action.SEE_SELF, Action.SEE_ALERTS, Action.SEE_STATIONS, Action.SEE_SUMMARY},
    Role.DEPARTMENT: _ANYONE | _CARE,
    # An administrator keeps accounts and areas, and sees nothing of a patient.
    Role.ADMINISTRATOR: _ANYONE | {Action.SEE_SELF, Action.SEE_STATIONS, Action.SEE_SUMMARY, Action.MOVE_CLOCK},
}


def may(actor: Actor, action: Action) -> bool:
    """Whether the actor's role has this action at all; where it holds is a question for `visible`."""
    if actor.role is None:
        return action in _ANYONE
    return action in POLICY[actor.role]

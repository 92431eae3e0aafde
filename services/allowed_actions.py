"""What an actor may do with something as it stands, so that a screen offers no button that will be refused."""

from access.actor import Actor
from access.people import Post, may_manage
from access.policy import Action, may
from models.alert import Alert
from models.case import Case
from models.state import OPEN_ALERT_STATES, AlertState, CaseState
from services.list_people import StaffAccount


def alert_actions(actor: Actor, alert: Alert) -> list[str]:
    """ACKNOWLEDGE while nobody has taken it, RESOLVE once somebody has."""
    covered = actor.jurisdiction.covers(alert.area_no)
    if alert.state in OPEN_ALERT_STATES and covered and may(actor, Action.ACKNOWLEDGE_ALERT):
        return ["ACKNOWLEDGE"]
    if alert.state == AlertState.ACKNOWLEDGED and covered and may(actor, Action.RESOLVE_ALERT):
        return ["RESOLVE"]
    return []


def case_actions(actor: Actor, case: Case) -> list[str]:
    """CONFIRM and DISMISS while the case is a suspected one."""
    if case.state != CaseState.SUSPECTED or not actor.jurisdiction.covers(case.area_no):
        return []
    actions = {"CONFIRM": Action.CONFIRM_CASE, "DISMISS": Action.DISMISS_CASE}
    return [name for name, action in actions.items() if may(actor, action)]


def account_actions(actor: Actor, account: StaffAccount) -> list[str]:
    """RESET_PASSWORD while it may sign in; CHANGE always, and DISABLE or ENABLE, whichever changes something."""
    post = Post(account.role, account.area_no, account.station_id)
    actions = []
    if account.disabled_at is None and may_manage(actor, Action.RESET_PASSWORD, account.id, post):
        actions.append("RESET_PASSWORD")
    if may_manage(actor, Action.CHANGE_ACCOUNT, account.id, post):
        actions += ["CHANGE", "ENABLE" if account.disabled_at else "DISABLE"]
    return actions

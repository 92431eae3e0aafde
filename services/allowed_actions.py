"""What an actor may do with something as it stands, so that a screen offers no button that will be refused.

What a state allows is the table of its life cycle (`triage/lifecycle.py`), and who may do it at all is the policy's.
Conditions that need another look, such as stock or a test, are not asked here: the act itself answers for them.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache

from access.actor import Actor
from access.people import Post, may_manage
from access.policy import Action, may
from models.alert import Alert
from models.case import Case
from models.declaration import Declaration
from models.referral import Referral
from models.state import Role
from services.list_people import StaffAccount
from triage.lifecycle import ALERT, CASE, DECLARATION, HEAD, HOSPITAL, REFERRAL, RESIDENT, STATION, Lifecycle

DECLARATION_ACTS: Mapping[str, Mapping[str, Action]] = {
    "ACCEPT": {STATION: Action.HANDLE_DECLARATION},
    "REJECT": {STATION: Action.HANDLE_DECLARATION},
    "MARK_DUPLICATE": {STATION: Action.HANDLE_DECLARATION},
    "REQUEST_INFORMATION": {STATION: Action.HANDLE_DECLARATION},
    "COMPLETE": {STATION: Action.HANDLE_DECLARATION, RESIDENT: Action.AMEND_DECLARATION},
    "REROUTE": {STATION: Action.HANDLE_DECLARATION},
    "RETURN": {STATION: Action.HANDLE_DECLARATION},
    "WITHDRAW": {RESIDENT: Action.AMEND_DECLARATION},
}
"""The acts of a declaration that somebody chooses, and what the policy calls them, by who does them."""

CASE_ACTS: Mapping[str, Mapping[str, Action]] = {
    "CONFIRM": {STATION: Action.CONFIRM_CASE},
    "DISMISS": {STATION: Action.DISMISS_CASE},
    "REFER": {STATION: Action.REFER_CASE},
    "RETURN": {STATION: Action.REFER_CASE},
    "ADMIT": {HOSPITAL: Action.ANSWER_REFERRAL},
    "DISCHARGE": {HOSPITAL: Action.ANSWER_REFERRAL},
    "DISCHARGE_RECOVERED": {HOSPITAL: Action.ANSWER_REFERRAL},
    "EXTEND": {STATION: Action.RELEASE_CASE},
    "RELEASE": {STATION: Action.RELEASE_CASE},
    "CERTIFY": {HEAD: Action.SIGN_CERTIFICATE},
    "REVOKE": {HEAD: Action.SIGN_CERTIFICATE},
    "DECLARE_DEAD": {STATION: Action.RECORD_DEATH, HOSPITAL: Action.RECORD_DEATH},
    "LOSE": {STATION: Action.CLOSE_CASE},
    "FIND": {STATION: Action.CLOSE_CASE},
    "MERGE": {STATION: Action.MERGE_PERSONS},
    "UNMERGE": {STATION: Action.MERGE_PERSONS},
    "CORRECT": {STATION: Action.CORRECT_PERSON},
    "CLAIM": {STATION: Action.CLAIM_CASE},
    "RELEASE_CLAIM": {STATION: Action.CLAIM_CASE},
    "CONTACT": {STATION: Action.RECORD_CONTACT},
    "CHECK_IN": {STATION: Action.CHECK_IN, RESIDENT: Action.CHECK_IN},
    "DISPENSE": {STATION: Action.DISPENSE_PACK},
    "HAND_OVER": {STATION: Action.HAND_OVER_CASE},
    "TEST": {STATION: Action.RELEASE_CASE, RESIDENT: Action.CHECK_IN},
}
"""The acts of a case that somebody chooses, and what the policy calls them, by who does them."""

REFERRAL_ACTS: Mapping[str, Mapping[str, Action]] = {
    "ACCEPT": {HOSPITAL: Action.ANSWER_REFERRAL},
    "REFUSE": {HOSPITAL: Action.ANSWER_REFERRAL},
    "START_TRANSFER": {STATION: Action.START_TRANSFER, HOSPITAL: Action.START_TRANSFER},
    "ADMIT": {HOSPITAL: Action.ANSWER_REFERRAL},
    "DISCHARGE": {HOSPITAL: Action.ANSWER_REFERRAL},
    "DISCHARGE_RECOVERED": {HOSPITAL: Action.ANSWER_REFERRAL},
    "CANCEL": {STATION: Action.REFER_CASE},
    "RECORD_DEATH": {STATION: Action.RECORD_DEATH, HOSPITAL: Action.RECORD_DEATH},
}
"""The acts of a referral, and what the policy calls them, by who does them."""

ALERT_ACTS: Mapping[str, Mapping[str, Action]] = {
    "ACKNOWLEDGE": {STATION: Action.ACKNOWLEDGE_ALERT},
    "RESOLVE": {STATION: Action.RESOLVE_ALERT},
}
"""The acts of an alert that somebody chooses, and what the policy calls them."""

FOLLOWING: Mapping[str, str] = {
    "case WITHDRAW": "the last of its declarations was withdrawn",
    "case ISOLATE": "somebody reached the person",
    "case ANSWER": "its referral was answered, or somebody is on the way",
    "alert CANCEL": "its case was dismissed",
}
"""Acts of people that follow from another one, so that nobody is offered them: which one that is."""

_STAFF = frozenset({STATION, HEAD})
_NOBODY: frozenset[str] = frozenset()


def alert_actions(actor: Actor, alert: Alert) -> list[str]:
    """ACKNOWLEDGE while nobody has taken it, RESOLVE once somebody has."""
    parties = _STAFF if actor.jurisdiction.covers(alert.area_no) else _NOBODY
    return _chosen(actor, ALERT, ALERT_ACTS, alert.state, parties)


def declaration_actions(actor: Actor, declaration: Declaration) -> list[str]:
    """What its station may do in its ward, and the resident with what the own phone has declared."""
    return _chosen(actor, DECLARATION, DECLARATION_ACTS, declaration.state, _parties(actor, declaration))


def case_actions(actor: Actor, case: Case, now: datetime) -> list[str]:
    """What its station may do in its ward, a hospital with whom it was asked to take, a resident with their own.

    Whoever has it in hand may give it out of hand; while somebody has, nobody else can claim it. To a resident the
    state is that of an outline: so the same is offered whether or not somebody else has reported the person, too.
    """
    mine = case.claimed_by is not None and case.claimed_by == actor.account_id
    claimed = case.claimed_until is not None and case.claimed_until > now
    out = {"CLAIM"} if claimed and not mine else set()
    if not (claimed and mine):
        out.add("RELEASE_CLAIM")
    acts = _chosen(actor, CASE, CASE_ACTS, case.state, _parties(actor, case))
    return [act for act in acts if act not in out]


def referral_actions(actor: Actor, referral: Referral) -> list[str]:
    """What the station may do with a referral of its ward, and the hospital with one to itself."""
    if actor.role is Role.HOSPITAL:
        parties = frozenset({HOSPITAL}) if referral.hospital_id == actor.station_id else _NOBODY
    else:
        parties = _STAFF if actor.jurisdiction.covers(referral.area_no) else _NOBODY
    return _chosen(actor, REFERRAL, REFERRAL_ACTS, referral.state, parties)


def account_actions(actor: Actor, account: StaffAccount) -> list[str]:
    """RESET_PASSWORD while it may sign in; CHANGE always, and DISABLE or ENABLE, whichever changes something."""
    post = Post(account.role, account.area_no, account.station_id)
    actions = []
    if account.disabled_at is None and may_manage(actor, Action.RESET_PASSWORD, account.id, post):
        actions.append("RESET_PASSWORD")
    if may_manage(actor, Action.CHANGE_ACCOUNT, account.id, post):
        actions += ["CHANGE", "ENABLE" if account.disabled_at else "DISABLE"]
    return actions


def _parties(actor: Actor, row: Case | Declaration) -> frozenset[str]:
    """As whom the actor stands before a row that was read for them."""
    if actor.kind == "RESIDENT":
        return frozenset({RESIDENT})
    if actor.role is Role.HOSPITAL:
        return frozenset({HOSPITAL}) if row.granted else _NOBODY
    return _STAFF if actor.jurisdiction.covers(row.area_no) else _NOBODY


def _chosen(
    actor: Actor,
    lifecycle: Lifecycle,
    acts: Mapping[str, Mapping[str, Action]],
    state: str,
    parties: Collection[str],
) -> list[str]:
    offered = _offered(lifecycle.name, state) if parties else ()
    found = (act for act, party in offered if party in parties and may(actor, acts[act][party]))
    return list(dict.fromkeys(found))


_TABLES = {
    one.name: (one, acts)
    for one, acts in (
        (DECLARATION, DECLARATION_ACTS),
        (CASE, CASE_ACTS),
        (ALERT, ALERT_ACTS),
        (REFERRAL, REFERRAL_ACTS),
    )
}


@cache
def _offered(name: str, state: str) -> tuple[tuple[str, str], ...]:
    """Each act that the state allows with who may choose it, in the table's order. Kept: a live event asks for it."""
    lifecycle, acts = _TABLES[name]
    return tuple(
        (one.act, party) for one in lifecycle.open(state) for party in one.by if party in acts.get(one.act, {})
    )

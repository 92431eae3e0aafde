"""The lanes of admission: what each is for, and how much of a process it may have."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from access.policy import Action


class Lane(IntEnum):
    """Who asks for what. The lower the number, the sooner a free place is theirs."""

    VITAL = 0
    """Staff who answer an alert, or do what a life may hang on: never waits, is never refused."""
    RED = 1
    """Declarations and check-ins with red signs: refused last."""
    STAFF = 2
    """Everything else that staff do."""
    STREAM = 3
    """Openings of sockets and subscriptions."""
    SESSION = 4
    """Proving who one is, and staying so."""
    DECLARE = 5
    """Declarations, check-ins and what belongs to them."""
    PUBLIC = 6
    """What anybody and residents read, and everything that is not known."""


NAMES: Mapping[Lane, str] = {lane: lane.name.lower() for lane in Lane}
"""What the figures call them."""


PLACE = 2
"""A place's parts."""


@dataclass(frozen=True, slots=True)
class Share:
    """What part of a process's places a lane may have at most, and which is its own whatever the others do."""

    most: float
    own: float
    takes: int = PLACE
    """How many parts of a place one of the lane takes."""


# Two declarations have one place: those that are at work at the same moment share a transaction, so that most of them
# wait and do no work, and the more they are, the less each of them costs.
_DECLARED = 1


SHARES: Mapping[Lane, Share] = {
    # Their own parts make more than a whole: a lane that comes to its own finds it although the others have filled
    # everything, and the process is then fuller than its limit for as long as a request takes.
    Lane.RED: Share(1.0, 0.5, _DECLARED),
    Lane.STAFF: Share(0.6, 0.25),
    Lane.STREAM: Share(0.4, 0.15),
    Lane.SESSION: Share(0.4, 0.15),
    Lane.DECLARE: Share(0.8, 0.3, _DECLARED),
    Lane.PUBLIC: Share(0.4, 0.1),
}

_VITAL = frozenset(
    {
        Action.ACKNOWLEDGE_ALERT,
        Action.RESOLVE_ALERT,
        # A bed for whoever cannot breathe, the way there, and who it is that has to be found.
        Action.REFER_CASE,
        Action.ANSWER_REFERRAL,
        Action.START_TRANSFER,
        Action.REVEAL_PERSON,
    }
)
_SESSION = frozenset({Action.SIGN_IN, Action.KEEP_SESSION, Action.VERIFY_PHONE})
_DECLARE = frozenset(
    {
        Action.DECLARE,
        Action.CHECK_IN,
        Action.AMEND_DECLARATION,
        Action.UPLOAD_EVIDENCE,
        Action.CLAIM_RECEIPT,
    }
)
JUDGED = frozenset({Action.DECLARE, Action.CHECK_IN})
"""What is looked at for red signs."""


def lane_of(kind: str, action: Action | None, *, staff: bool) -> Lane:
    """The lane of one root field, before anything is known of what it was sent."""
    if kind == "subscription":
        return Lane.STREAM
    if action in _SESSION:
        return Lane.SESSION
    if staff and kind == "mutation" and action in _VITAL:
        return Lane.VITAL
    if action in JUDGED:
        return Lane.DECLARE
    if staff:
        return Lane.STAFF
    return Lane.DECLARE if action in _DECLARE else Lane.PUBLIC

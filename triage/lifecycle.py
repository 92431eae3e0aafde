"""The life cycles of a declaration, a case and an alert: each one table of acts, and nothing happens beside it.

Source of the states and their order: the Department of Health's workflow for cases at home (docs/glossary.md has the
words). An act names the states it may be done in, the state it leads to, who may do it and what must hold besides.
"""

from dataclasses import dataclass
from functools import cached_property

RESIDENT = "resident"
STATION = "station"
HEAD = "station head"
HOSPITAL = "hospital"
SYSTEM = "system"

SAME = None
"""The target of an act that leaves the state as it is."""

BEFORE = "(the state before)"
"""The target of an act that takes another one back: the state in which that one was done."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One act: allowed in each of `sources`, leading to `target`, by one of `by`, where `condition` holds."""

    act: str
    sources: tuple[str, ...]
    target: str | None
    by: tuple[str, ...]
    condition: str = ""


class NotAllowed(Exception):
    """The act is not in the table for this state; `allowed` are the acts that are."""

    def __init__(self, act: str, state: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{act} is not possible in state {state}; possible are: {', '.join(allowed) or 'none'}")
        self.act, self.state, self.allowed = act, state, allowed


@dataclass(frozen=True)
class Lifecycle:
    """All acts of one kind of object. `states` in the order in which they are usually gone through."""

    name: str
    initial: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...]

    def allowed(self, state: str) -> tuple[str, ...]:
        """The acts that may be done in this state, in the table's order."""
        return self._allowed.get(state, ())

    def open(self, state: str) -> tuple[Transition, ...]:
        """The same as `allowed`, with who may do each of them."""
        return tuple(one for one in self.transitions if state in one.sources)

    def target(self, act: str, state: str, before: str | None = None) -> str:
        """The state that the act leads to from `state`; `before` is where an act that takes one back returns to.

        Raises NotAllowed where the table has no such act for the state, ValueError where `before` is missing.
        """
        transition = self._by_act.get((act, state))
        if transition is None:
            raise NotAllowed(act, state, self.allowed(state))
        if transition.target is SAME:
            return state
        if transition.target == BEFORE:
            if before is None:
                raise ValueError(f"{act} returns to the state before, which is not known")
            return before
        return transition.target

    @cached_property
    def ends(self) -> frozenset[str]:
        """The states in which nothing can be done any more that changes the state."""
        moving = {source for one in self.transitions if one.target is not SAME for source in one.sources}
        return frozenset(self.states) - moving

    @cached_property
    def _by_act(self) -> dict[tuple[str, str], Transition]:
        return {(one.act, source): one for one in self.transitions for source in one.sources}

    @cached_property
    def _allowed(self) -> dict[str, tuple[str, ...]]:
        return {state: tuple(one.act for one in self.transitions if state in one.sources) for state in self.states}


_WAITING = ("SUBMITTED", "NEEDS_INFO", "REROUTED")

DECLARATION = Lifecycle(
    name="declaration",
    initial="SUBMITTED",
    states=(
        "SUBMITTED",
        "NEEDS_INFO",
        "REROUTED",
        "ACCEPTED",
        "REJECTED",
        "DUPLICATE",
        "WITHDRAWN",
        "EXPIRED",
    ),
    transitions=(
        Transition("ACCEPT", _WAITING, "ACCEPTED", (STATION,)),
        Transition("REJECT", _WAITING, "REJECTED", (STATION,), "a reason is given"),
        Transition("MARK_DUPLICATE", _WAITING, "DUPLICATE", (STATION,), "another declaration or case is named"),
        Transition("REQUEST_INFORMATION", _WAITING, "NEEDS_INFO", (STATION,), "what is missing is named"),
        Transition("COMPLETE", ("NEEDS_INFO",), "SUBMITTED", (RESIDENT, STATION), "the report has no faults"),
        Transition("REROUTE", _WAITING, "REROUTED", (STATION,), "to another ward"),
        Transition("RETURN", ("REROUTED",), "SUBMITTED", (STATION,), "the ward it was sent to sends it back"),
        Transition("WITHDRAW", _WAITING, "WITHDRAWN", (RESIDENT,)),
        Transition("EXPIRE", ("NEEDS_INFO",), "EXPIRED", (SYSTEM,), "nothing came within the protocol's time"),
    ),
)

_HOME = ("CONFIRMED", "HOME_ISOLATION", "RELEASE_DUE")
_ILL = ("CONFIRMED", "HOME_ISOLATION", "REFERRED", "HOSPITALISED", "RELEASE_DUE")
_OPEN = ("SUSPECTED", *_ILL, "LOST_TO_FOLLOW_UP")

CASE = Lifecycle(
    name="case",
    initial="SUSPECTED",
    states=(
        "SUSPECTED",
        "CONFIRMED",
        "HOME_ISOLATION",
        "REFERRED",
        "HOSPITALISED",
        "RELEASE_DUE",
        "COMPLETED",
        "CERTIFIED",
        "NOT_A_CASE",
        "DECEASED",
        "LOST_TO_FOLLOW_UP",
        "MERGED",
    ),
    transitions=(
        Transition("CONFIRM", ("SUSPECTED",), "CONFIRMED", (STATION,)),
        Transition("DISMISS", ("SUSPECTED",), "NOT_A_CASE", (STATION,), "a reason is given"),
        Transition("WITHDRAW", ("SUSPECTED",), "NOT_A_CASE", (RESIDENT,), "all of its declarations were withdrawn"),
        Transition("EXPIRE", ("SUSPECTED",), "NOT_A_CASE", (SYSTEM,), "all of its declarations are over"),
        Transition("ISOLATE", ("CONFIRMED",), "HOME_ISOLATION", (STATION,), "the person was reached and advised"),
        # From there again where the hospital that was asked has refused: another one is asked.
        Transition("REFER", (*_HOME, "REFERRED"), "REFERRED", (STATION,), "no other hospital is asked"),
        Transition("ANSWER", ("REFERRED",), SAME, (STATION, HOSPITAL), "its referral moves on"),
        Transition("RETURN", ("REFERRED",), "HOME_ISOLATION", (STATION,), "no hospital takes the person"),
        Transition("ADMIT", ("REFERRED",), "HOSPITALISED", (HOSPITAL,)),
        Transition("DISCHARGE", ("HOSPITALISED",), "HOME_ISOLATION", (HOSPITAL,)),
        Transition("DISCHARGE_RECOVERED", ("HOSPITALISED",), "RELEASE_DUE", (HOSPITAL,)),
        Transition("FALL_DUE", ("CONFIRMED", "HOME_ISOLATION"), "RELEASE_DUE", (SYSTEM,), "on the protocol's day"),
        Transition("EXTEND", ("RELEASE_DUE",), "HOME_ISOLATION", (STATION, SYSTEM), "the test was positive"),
        Transition("RELEASE", _HOME, "COMPLETED", (STATION,), "the protocol's day and test"),
        Transition("CERTIFY", ("COMPLETED",), "CERTIFIED", (HEAD,), "the certificate is signed"),
        Transition("REVOKE", ("CERTIFIED",), "COMPLETED", (HEAD,), "a reason is given"),
        Transition("DECLARE_DEAD", _ILL, "DECEASED", (STATION, HOSPITAL)),
        Transition("LOSE", _HOME, "LOST_TO_FOLLOW_UP", (STATION,), "three attempts in a row failed"),
        Transition("FIND", ("LOST_TO_FOLLOW_UP",), BEFORE, (STATION,)),
        # Not of somebody whom a hospital was asked to take or has: it could not act on a case that rests in another.
        Transition(
            "MERGE",
            ("SUSPECTED", *_HOME, "LOST_TO_FOLLOW_UP"),
            "MERGED",
            (STATION,),
            "the other case is open, of the same person and disease, and confirmed if this one is",
        ),
        Transition("UNMERGE", ("MERGED",), BEFORE, (STATION,)),
        Transition("CORRECT", (*_OPEN, "COMPLETED", "CERTIFIED"), SAME, (STATION,), "something was taken down wrongly"),
        Transition("CLAIM", _OPEN, SAME, (STATION,), "nobody else has it in hand"),
        Transition("RELEASE_CLAIM", _OPEN, SAME, (STATION,), "whoever has it in hand"),
        Transition("CONTACT", ("SUSPECTED", *_ILL, "LOST_TO_FOLLOW_UP"), SAME, (STATION,)),
        # Also somebody who waits for a hospital, or whom nobody could find: what they report must never be turned away.
        Transition("CHECK_IN", ("SUSPECTED", *_HOME, "REFERRED", "LOST_TO_FOLLOW_UP"), SAME, (RESIDENT, STATION)),
        Transition("MISS_CHECK_IN", _HOME, SAME, (SYSTEM,), "none came within the protocol's time"),
        Transition("DISPENSE", _HOME, SAME, (STATION,), "the protocol's conditions of the pack, and stock"),
        Transition("HAND_OVER", ("SUSPECTED", *_HOME), SAME, (STATION,), "the other ward accepts"),
        Transition("TEST", _HOME, SAME, (RESIDENT, STATION)),
    ),
)

ALERT = Lifecycle(
    name="alert",
    initial="RAISED",
    states=("RAISED", "ESCALATED", "ACKNOWLEDGED", "RESOLVED"),
    transitions=(
        Transition("ACKNOWLEDGE", ("RAISED", "ESCALATED"), "ACKNOWLEDGED", (STATION,)),
        Transition("RESOLVE", ("ACKNOWLEDGED",), "RESOLVED", (STATION,), "an outcome is given"),
        Transition(
            "CANCEL", ("RAISED", "ESCALATED"), "RESOLVED", (STATION, SYSTEM), "its case is none, or its reason is gone"
        ),
        Transition("ESCALATE", ("RAISED", "ESCALATED"), "ESCALATED", (SYSTEM,), "nobody answered in time"),
        Transition("RAISE_AGAIN", ("ACKNOWLEDGED",), "RAISED", (SYSTEM,), "not resolved in time"),
        Transition("WORSEN", ("RAISED", "ESCALATED", "ACKNOWLEDGED"), "RAISED", (SYSTEM,), "a check-in was worse"),
    ),
)

_ASKED = ("REQUESTED", "ACCEPTED", "IN_TRANSFER")

REFERRAL = Lifecycle(
    name="referral",
    initial="REQUESTED",
    states=("REQUESTED", "ACCEPTED", "IN_TRANSFER", "ADMITTED", "DISCHARGED", "DIED", "REFUSED", "CANCELLED"),
    transitions=(
        Transition("ACCEPT", ("REQUESTED",), "ACCEPTED", (HOSPITAL,)),
        Transition("REFUSE", _ASKED, "REFUSED", (HOSPITAL,), "a reason is given"),
        Transition("START_TRANSFER", ("ACCEPTED",), "IN_TRANSFER", (STATION, HOSPITAL)),
        # Whoever comes by ambulance does not wait for an answer.
        Transition("ADMIT", _ASKED, "ADMITTED", (HOSPITAL,)),
        Transition("DISCHARGE", ("ADMITTED",), "DISCHARGED", (HOSPITAL,)),
        Transition("DISCHARGE_RECOVERED", ("ADMITTED",), "DISCHARGED", (HOSPITAL,)),
        Transition("CANCEL", _ASKED, "CANCELLED", (STATION,), "a reason is given"),
        Transition("RECORD_DEATH", (*_ASKED, "ADMITTED"), "DIED", (STATION, HOSPITAL)),
    ),
)

LIFECYCLES = (DECLARATION, CASE, ALERT, REFERRAL)

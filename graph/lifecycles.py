"""The life cycles as a page of the documentation: drawn and listed from the tables that hold them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from access.policy import Action
from services.allowed_actions import ALERT_ACTS, CASE_ACTS, DECLARATION_ACTS, FOLLOWING, REFERRAL_ACTS
from triage.lifecycle import BEFORE, LIFECYCLES, SAME, Lifecycle, Transition

FILE = Path(__file__).parents[1] / "docs" / "lifecycles.md"

_ACTS: Mapping[str, Mapping[str, Mapping[str, Action]]] = {
    "declaration": DECLARATION_ACTS,
    "case": CASE_ACTS,
    "alert": ALERT_ACTS,
    "referral": REFERRAL_ACTS,
}
_MOST_DRAWN = 4
"""Acts of more states than that would cover the drawing with lines, and stand beneath it."""

_HEAD = """# Life cycles

Printed from `triage/lifecycle.py` by `khaibao lifecycle --write`; `make check` holds that it is up to date.

A declaration, a case, an alert and a referral each have one table of acts, and nothing happens beside it: an act that
the table does not have for the present state is refused as a `Conflict` with `WRONG_STATE`, the state, and the acts
that it allows. Whoever sees one of them is told in `allowedActions` which of these acts are theirs: the table's for the
state, which the policy (`docs/roles.md`) allows their role, within their area. What an act needs besides stands under
*where*, and the act itself answers for it. *(same)* leaves the state as it is; *(the state before)* is the one in which
the act was done that is taken back.

Every change of a case is a line of its timeline (`Case.timeline`) with who, when, the state and version that came of it
and, for those who may see the person, why. Every change carries a version: who has seen an older one is refused with
what the others have changed since (`Conflict.changes`), and nothing is overwritten in silence.
"""


def printed() -> str:
    """The page."""
    return _HEAD + "".join(_section(one) for one in LIFECYCLES)


def up_to_date() -> bool:
    """Whether the file says what the code says."""
    return FILE.exists() and FILE.read_text(encoding="utf-8") == printed()


def write() -> None:
    """Writes the file anew."""
    FILE.write_text(printed(), encoding="utf-8")


def _section(lifecycle: Lifecycle) -> str:
    lines = ["", f"## {lifecycle.name.capitalize()}", "", *_drawing(lifecycle), ""]
    drawn = {act for acts in _arrows(lifecycle).values() for act in acts}
    if left := [one for one in _moving(lifecycle) if one.act not in drawn]:
        lines += ["Not drawn, for there would be too many lines:", ""]
        lines += [f"- {one.act}: {', '.join(one.sources)} → {_target(one)}" for one in left]
        lines.append("")
    lines += ["| act | in | leads to | by | where | what the policy calls it |", "|---|---|---|---|---|---|"]
    lines += [_row(lifecycle, one) for one in lifecycle.transitions]
    lines += ["", "| state | what it allows |", "|---|---|"]
    lines += [
        f"| {state} | {', '.join(lifecycle.allowed(state)) or 'nothing: it is an end'} |" for state in lifecycle.states
    ]
    return "\n".join(lines) + "\n"


def _drawing(lifecycle: Lifecycle) -> Iterator[str]:
    """A state diagram of Mermaid, in which acts between the same two states share a line."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {lifecycle.initial}"
    arrows = _arrows(lifecycle)
    for (source, target), acts in arrows.items():
        yield f"    {source} --> {target}: {', '.join(acts)}"
    for state in lifecycle.states:
        if state in lifecycle.ends and any(state == target for _, target in arrows):
            yield f"    {state} --> [*]"
    yield "```"


def _arrows(lifecycle: Lifecycle) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for one in _moving(lifecycle):
        if _drawn(one):
            for source in one.sources:
                for target in _targets(lifecycle, one, source):
                    found.setdefault((source, target), []).append(one.act)
    return found


def _targets(lifecycle: Lifecycle, transition: Transition, source: str) -> list[str]:
    """Where the act leads from a state; what takes another act back leads to wherever that one can be done."""
    if transition.target != BEFORE:
        return [transition.target] if transition.target is not None else []
    leading = [one for one in _moving(lifecycle) if one.target == source and _drawn(one)]
    return list(dict.fromkeys(state for one in leading for state in one.sources))


def _moving(lifecycle: Lifecycle) -> list[Transition]:
    return [one for one in lifecycle.transitions if one.target is not SAME]


def _drawn(transition: Transition) -> bool:
    return len(transition.sources) <= _MOST_DRAWN


def _target(transition: Transition) -> str:
    return transition.target or "(same)"


def _row(lifecycle: Lifecycle, one: Transition) -> str:
    cells = (one.act, ", ".join(one.sources), _target(one), ", ".join(one.by), one.condition, _called(lifecycle, one))
    return f"| {' | '.join(cells)} |"


def _called(lifecycle: Lifecycle, one: Transition) -> str:
    """The actions of the policy, or what the act follows from where nobody chooses it."""
    chosen = _ACTS[lifecycle.name].get(one.act, {})
    if chosen:
        return ", ".join(dict.fromkeys(f"`{action.value}`" for action in chosen.values()))
    follows = FOLLOWING.get(f"{lifecycle.name} {one.act}")
    return f"follows: {follows}" if follows else "by itself"

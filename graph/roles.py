"""The policy as a page of the documentation: each role, each action, and the root fields that ask for it."""

from pathlib import Path

from access.actor import ANONYMOUS, Actor
from access.policy import MEANING, Action, may
from graph.api import Mutation, Query, Subscription
from graph.schema.resolved import actions
from models.state import Restriction, Role

FILE = Path(__file__).parents[1] / "docs" / "roles.md"

ACTORS: dict[str, Actor] = {
    "anonymous": ANONYMOUS,
    "resident": Actor("RESIDENT"),
    **{role.value.lower().replace("_", " "): Actor("ACCOUNT", role=role) for role in Role},
}
"""Everybody there is, by the name that the page gives them. Without a place: what a role may do at all."""

_HEAD = """# Who may do what

Printed from `access/policy.py` by `khaibao policy --write`; `make check` holds that it is up to date.

**What** an actor may do is a matter of the role, and this page is all of it. **Where** is the account's area with all
below it: whatever lies outside is not found, by lists, by ids, by loaders, in counts and in live events alike
(`access/visible.py`), and the database holds the same a second time (`models/row_security.py`). A resident sees what
their own proven phone has declared, wherever that is. Who lacks an action is told that there is nothing, and who is not
signed in that they should be.

"""

_RESTRICTED = """
## A session that is not finished

An account that has yet to set a password or a second factor may do what needs no session, and besides that nothing but:

"""


def printed() -> str:
    """The page."""
    return _HEAD + "\n".join(_matrix()) + "\n" + _RESTRICTED + "\n".join(_restrictions()) + "\n"


def up_to_date() -> bool:
    """Whether the file says what the code says."""
    return FILE.exists() and FILE.read_text(encoding="utf-8") == printed()


def write() -> None:
    """Writes the file anew."""
    FILE.write_text(printed(), encoding="utf-8")


def root_fields() -> dict[Action, list[str]]:
    """The root fields that ask for each action, as "Query.alerts"; an action that none asks for has an empty list."""
    found: dict[Action, list[str]] = {action: [] for action in Action}
    for name, action in actions(Query, Mutation, Subscription).items():
        found[action].append(name)
    return found


def _matrix() -> list[str]:
    lines = [
        f"| action | {' | '.join(ACTORS)} | what it is | root fields |",
        f"|---|{':-:|' * len(ACTORS)}---|---|",
    ]
    for action, fields in root_fields().items():
        held = " | ".join("yes" if may(actor, action) else "" for actor in ACTORS.values())
        asked = ", ".join(f"`{_written(name)}`" for name in fields)
        lines.append(f"| {action.value} | {held} | {MEANING[action]} | {asked} |")
    return lines


def _restrictions() -> list[str]:
    """What a restricted session keeps of what its role has; asked of the most powerful of roles."""
    lines = []
    for restriction in Restriction:
        held = Actor("ACCOUNT", role=Role.DEPARTMENT, restriction=restriction)
        kept = [action.value for action in Action if may(held, action) and not may(ANONYMOUS, action)]
        lines.append(f"- {restriction.value.lower().replace('_', ' ')} to be set: {', '.join(kept)}")
    return lines


def _written(name: str) -> str:
    """The field as clients write it, after its root."""
    root, _, field = name.partition(".")
    head, *rest = field.split("_")
    return f"{root.lower()} {head}{''.join(part.capitalize() for part in rest)}"

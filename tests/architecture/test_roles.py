"""The policy's page: complete, and no root field outside of it."""

import pytest
from strawberry.types.field import StrawberryField

from access.policy import MEANING, POLICY, Action
from graph import roles
from graph.api import Mutation, Query, Subscription
from graph.schema.resolved import actions
from models.state import Restriction, Role

ASKED_WITHIN = {
    Action.SEE_PERSON: "the field Case.person asks for it, on whichever way the case was reached",
    Action.PRESCRIBE: "dispensePack asks for it, and for a doctor, where a pack is a doctor's to give",
    Action.SEE_EVIDENCE: "Case.evidence and Declaration.evidence ask for it, and who fetches a picture by its ticket",
}
"""Actions that no root field names, and who asks for them instead."""


def test_every_root_field_names_an_action() -> None:
    named = actions(Query, Mutation, Subscription)
    roots = {f"{root.__name__}.{field.name}" for root in (Query, Mutation, Subscription) for field in _fields(root)}
    assert set(named) == roots


def _fields(root: type) -> list[StrawberryField]:
    found: list[StrawberryField] = root.__strawberry_definition__.fields  # type: ignore[attr-defined]  # Strawberry adds it
    return found


@pytest.mark.parametrize("action", Action)
def test_every_action_is_asked_for_by_a_root_field_or_says_who_asks_instead(action: Action) -> None:
    asked = roles.root_fields()[action]
    assert bool(asked) != (action in ASKED_WITHIN), (
        f"{action}: name it at a root field (querying, mutating, subscribed), or say in ASKED_WITHIN who asks for it"
    )


def test_every_action_has_its_sentence() -> None:
    assert set(MEANING) == set(Action)
    assert all(sentence.endswith(".") and len(sentence) > 8 for sentence in MEANING.values())


def test_every_role_is_in_the_policy_and_on_the_page() -> None:
    assert set(POLICY) == set(Role)
    assert {actor.role for actor in roles.ACTORS.values()} == {*Role, None}
    assert {actor.kind for actor in roles.ACTORS.values()} == {"ANONYMOUS", "RESIDENT", "ACCOUNT"}
    assert all(restriction.value.lower().replace("_", " ") in roles.printed() for restriction in Restriction)


def test_the_page_has_a_line_for_every_action() -> None:
    lines = roles.printed().splitlines()
    assert [action for action in Action if not any(line.startswith(f"| {action.value} |") for line in lines)] == []

"""Which operations may be run once for many."""

import pytest
from graphql import parse

from graph.api import build_schema
from graph.shareable import Shareable, ShareableOperations, read_shareable, reads_account

SCHEMA = build_schema()._schema
SHARED = "subscription ($after: String) { alerts(after: $after) { change alert { allowedActions case { ageBand } } } }"


@pytest.mark.parametrize(
    ("document", "resume"),
    [
        (SHARED, {"after"}),
        ("subscription { alerts { change } }", set()),
        ('subscription { alerts(after: "x") { change } }', set()),
        (
            "subscription ($from: String) { ...f } fragment f on Subscription { alerts(after: $from) { change } }",
            {"from"},
        ),
        ('subscription ($a: String = "x") { b: alerts(after: $a) { cursor } }', {"a"}),
        # What also says something else than where to begin is no mere beginning.
        ("subscription ($a: ID) { alerts(areaId: $a) { change } }", set()),
        (
            "subscription ($a: String) "
            "{ alerts(after: $a) { alert { case { timeline(after: $a) { pageInfo { endCursor } } } } } }",
            set(),
        ),
    ],
)
def test_the_watching_of_alerts_is_shared_whatever_each_begins_after(document: str, resume: set[str]) -> None:
    found = read_shareable(SCHEMA, parse(document), None)
    assert found is not None
    assert found.resume == resume


@pytest.mark.parametrize(
    "document",
    [
        "query { alerts { nodes { change } } }",
        "subscription { alerts { alert { case { allowedActions } } } }",
        "subscription ($x: Boolean!) { alerts { alert { case { allowedActions @include(if: $x) } } } }",
        "subscription { alerts { alert { case { ...f } } } } fragment f on Case { a: allowedActions }",
        "subscription { alerts { alert { case { evidence { url } } } } }",
        "subscription { alerts { alert { case { certificates { url } } } } }",
        "subscription { alerts { alert { case { episodes { previous { allowedActions } } } } } }",
    ],
)
def test_what_depends_on_the_account_is_run_for_each(document: str) -> None:
    assert read_shareable(SCHEMA, parse(document), None) is None


def test_of_several_operations_the_one_that_runs_counts() -> None:
    document = parse("subscription A { alerts { change } } query B { areaSummary { declared } }")
    assert read_shareable(SCHEMA, document, "A") is not None
    assert read_shareable(SCHEMA, document, "B") is None


@pytest.mark.parametrize(
    "document",
    [
        "subscription { areaSummary { declared area { name } } }",
        "subscription { worklistChanged { items kinds { kind items } } }",
        "subscription { referralsChanged { states { state referrals } } }",
    ],
)
def test_the_watching_of_figures_is_shared(document: str) -> None:
    assert read_shareable(SCHEMA, parse(document), None) == Shareable(frozenset())


def test_what_was_found_to_read_the_account_is_not_shared_again() -> None:
    operations = ShareableOperations(SCHEMA)
    assert operations.find(SHARED, None, parse(SHARED)) is not None
    operations.forbid(SHARED, None)
    assert operations.find(SHARED, None, parse(SHARED)) is None


def test_these_fields_depend_on_the_account_and_no_others() -> None:
    marked = {
        f"{name}.{field}"
        for name, type_ in SCHEMA.type_map.items()
        for field, definition in (getattr(type_, "fields", None) or {}).items()
        if reads_account(definition)
    }
    assert marked == {
        "Case.allowedActions",
        "Certificate.url",
        "Evidence.url",
        "MyCertificate.url",
        "StaffAccount.allowedActions",
    }

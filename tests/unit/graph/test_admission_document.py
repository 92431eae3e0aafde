"""What a document asks for, found without executing or validating it."""

import time

import pytest

from access.policy import Action
from graph.admission_document import UNKNOWN, Documents
from graph.admission_lane import Lane, lane_of
from graph.limits import Limits
from graph.parsed import Parsed, parse_document


def documents(parsed: Parsed | None = None) -> Documents:
    return Documents(Limits(documents_kept=50), {("mutation", "declare"): Action.DECLARE}, parsed or Parsed())


def test_the_root_fields_and_their_input_are_found_through_fragments_and_other_names() -> None:
    asked = documents().asked(
        "mutation M($x: DeclareInput!) { a: declare(input: $x) { __typename } ...F } fragment F on Mutation { out }",
        None,
        trusted=False,
    )
    assert (asked.kind, [one.name for one in asked.fields]) == ("mutation", ["declare", "out"])
    assert asked.fields[0].input({"x": {"people": []}}) == {"people": []}


def test_what_is_written_into_the_document_is_looked_at_as_well() -> None:
    asked = documents().asked(
        'mutation { declare(input: {idempotencyKey: "k", people: $p}) { code } }', None, trusted=False
    )
    assert asked.fields[0].input({"p": [{"symptoms": ["x"]}]}) == {
        "idempotencyKey": "k",
        "people": [{"symptoms": ["x"]}],
    }


def test_the_operation_that_is_named_counts() -> None:
    found = documents().asked("query A { areas { nodes { id } } } mutation B { signOut { ok } }", "B", trusted=False)
    assert (found.kind, found.fields[0].name) == ("mutation", "signOut")


@pytest.mark.parametrize(
    "text",
    [
        "{", "", "}{", "\0", "fragment A on Query { ...A }", "{ " * 3_000, "mutation { declare(input: ",
        "query A { a } query B { b }" * 2_000,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_not_known_and_no_fault(text: str) -> None:
    assert documents().asked(text, "X", trusted=True) == UNKNOWN


def test_fragments_that_go_round_or_double_cost_nothing() -> None:
    doubling = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(18))
    begun = time.perf_counter()
    found = documents().asked(
        f"{{ ...F0 }} {doubling} fragment F18 on Query {{ me {{ id }} ...F0 }}", None, trusted=True
    )
    assert [one.name for one in found.fields] == ["me"]
    assert time.perf_counter() - begun < 0.5


def test_new_documents_by_the_thousand_are_not_read_and_may_still_be_declarations() -> None:
    found = documents()
    for number in range(200):
        found.asked(f"{{ a{number}: me {{ id }} }}", None, trusted=False)
    assert found.asked("{ neverSeen { id } }", None, trusted=False) == UNKNOWN
    assert found.asked("mutation X { declare(input: $i) { code } }", None, trusted=False).fields[0].name == "declare"
    # Those of the staff are read in any case: what a life hangs on must not hang on this.
    assert found.asked("mutation { acknowledgeAlert(input: $i) { id } }", None, trusted=True).kind == "mutation"


@pytest.mark.parametrize(
    ("kind", "action", "staff", "lane"),
    [
        ("mutation", Action.ACKNOWLEDGE_ALERT, True, Lane.VITAL),
        # Without a token of the staff it is anybody's word.
        ("mutation", Action.ACKNOWLEDGE_ALERT, False, Lane.PUBLIC),
        ("mutation", Action.DECLARE, False, Lane.DECLARE),
        ("mutation", Action.DECLARE, True, Lane.DECLARE),
        ("mutation", Action.SIGN_IN, False, Lane.SESSION),
        ("query", Action.SEE_ALERTS, True, Lane.STAFF),
        ("query", Action.SEE_ALERTS, False, Lane.PUBLIC),
        ("subscription", Action.SEE_ALERTS, True, Lane.STREAM),
        ("mutation", Action.UPLOAD_EVIDENCE, False, Lane.DECLARE),
        ("query", None, False, Lane.PUBLIC),
    ],
)
def test_lanes(kind: str, action: Action | None, staff: bool, lane: Lane) -> None:
    assert lane_of(kind, action, staff=staff) is lane


def test_what_was_parsed_here_is_handed_over_once_and_as_it_would_be_parsed_there() -> None:
    text, parsed = "{ areas { nodes { id } } }", Parsed()
    documents(parsed).asked(text, None, trusted=True)
    assert parsed.take(text) == parse_document(text, Limits())
    assert parsed.take(text) is None


def test_of_what_nobody_takes_only_the_last_are_held() -> None:
    parsed = Parsed()
    known = documents(parsed)
    for number in range(100):
        known.asked(f"{{ a{number} }}", None, trusted=True)
    assert parsed.take("{ a0 }") is None
    assert parsed.take("{ a99 }") is not None

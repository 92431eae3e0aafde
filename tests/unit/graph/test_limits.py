"""What a document may ask for, measured in one pass, and what one request may bring with it."""

import time
from typing import Any

import pytest
from graphql import GraphQLError, Token, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from graph.api import build_schema
from graph.documents import Documents, Unfit, excess, measured
from graph.errors import from_graphql
from graph.limits import Limits
from graph.scan import scan, tokens_of
from graph.variables import variables_excess

SCHEMA = build_schema()._schema
LIMITS = Limits()


def refused(query: str, limits: Limits = LIMITS) -> str | None:
    """Why the document is refused."""
    return excess(SCHEMA, parse(query), limits)


def aliases(count: int) -> str:
    """A document with so many aliases."""
    return "{ " + " ".join(f"a{n}: installation {{ mode }}" for n in range(count)) + " }"


def nested(levels: int) -> str:
    """A document nested so deeply."""
    return '{ area(code: "79") ' + "{ parent " * (levels - 2) + "{ id }" + " }" * (levels - 2) + " }"


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        (aliases(30), True),
        (aliases(31), False),
        (nested(12), True),
        (nested(13), False),
        ("{ alerts(first: 100) { nodes { id case { id alerts { id } } } } }", True),
        ("{ areas(first: 100) { nodes { children { children { children { id name } } } } } }", False),
        ("{ areas(first: 1) { nodes { children { children { children { id name } } } } } }", True),
        ("{ areas { nodes { children { children { children { id name code type level } } } } } }", False),
        (get_introspection_query(), True),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_document_is_measured(query: str, allowed: bool) -> None:
    assert (refused(query) is None) == allowed


def test_what_hides_in_fragments_is_measured_as_well() -> None:
    spread = "query { ...A ...A } fragment A on Query { " + aliases(16).strip("{ }") + "} }"
    assert "aliases" in str(refused(spread))
    inline = '{ ... on Query { area(code: "79") { ... { parent { ... on Area { id } } } } } }'
    assert refused(inline, Limits(depth=3)) is None
    assert "nested" in str(refused(inline, Limits(depth=2)))


def test_doubling_fragments_take_no_time() -> None:
    doubling = "query { ...F0 } " + " ".join(
        f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(300)
    )
    document = parse(doubling + " fragment F300 on Query { a: installation { mode } }")
    begun = time.perf_counter()
    assert "aliases" in str(excess(SCHEMA, document, Limits(fragments=500)))
    assert time.perf_counter() - begun < 0.5


def test_a_fragment_in_a_circle_is_left_to_the_validation() -> None:
    assert refused("{ ...A } fragment A on Query { ...A }") is None


def test_an_unknown_field_or_fragment_is_left_to_the_validation() -> None:
    assert refused("{ nothing { at { all } } ...Nowhere ... on Nobody { x } }") is None


PAGED = (
    "query Areas($n: Int{}) "
    "{{ areas(first: $n) {{ nodes {{ children {{ children {{ children {{ id name }} }} }} }} }} }}"
)


def asked(query: str, variables: dict[str, Any] | None, limits: Limits = LIMITS) -> str | None:
    """Why the operation is refused with these variables."""
    return Documents(SCHEMA, limits).read(query).excess(None, variables, limits)


@pytest.mark.parametrize(
    ("default", "variables", "allowed"),
    [
        ("", {"n": 1}, True),
        ("", {"n": 20}, True),
        ("", {"n": 20.0}, True),
        ("", {"n": 100}, False),
        ("", {"n": 10**30}, False),
        ("", {"n": -5}, True),
        ("", {"n": "5"}, False),
        ("", {"n": True}, False),
        ("", {"n": None}, False),
        ("", {}, False),
        ("", None, False),
        (" = 5", None, True),
        (" = 5", {"n": 100}, False),
    ],
)
def test_a_page_counts_with_the_size_that_its_variable_has(
    default: str, variables: dict[str, Any] | None, allowed: bool
) -> None:
    assert (asked(PAGED.format(default), variables) is None) == allowed


def test_pages_in_variables_multiply_through_fragments() -> None:
    query = """query ($n: Int, $m: Int) { cases(first: $n) { nodes { ...A ...A } } }
    fragment A on Case { id alerts { id } timeline(first: $m) { nodes { at } } }"""
    measure = measured(SCHEMA, parse(query), LIMITS)[None]
    # cases + n (nodes + 2 A); A = id + alerts + 10 (id) + timeline + m (nodes + at), for a list counts as ten rows.
    assert measure.cost.at({"n": 3, "m": 7}, 100) == 1 + 3 * (1 + 2 * (1 + 1 + 10 + 1 + 7 * 2))
    assert measure.cost.at({"n": 3}, 100) == 1 + 3 * (1 + 2 * (1 + 1 + 10 + 1 + 100 * 2))


def test_pages_in_doubling_fragments_take_no_time() -> None:
    doubling = "query ($n: Int) { cases(first: $n) { nodes { ...F0 } } } " + " ".join(
        f"fragment F{n} on Case {{ ...F{n + 1} ...F{n + 1} timeline(first: $n) {{ nodes {{ at }} }} }}"
        for n in range(90)
    )
    begun = time.perf_counter()
    assert "costs" in str(excess(SCHEMA, parse(doubling + " fragment F90 on Case { id }"), LIMITS))
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    ("query", "limits", "word"),
    [
        ("{ " + " ".join(f"q{n}: installation {{ mode }}" for n in range(3)) + " }", Limits(root_fields=2), "root"),
        ("{ ...A ...A } fragment A on Query { installation { mode } }", Limits(root_fields=1), "root"),
        ("{ installation { mode @include(if: true) @skip(if: false) } }", Limits(node_directives=1), "One place"),
        (
            "{ installation { ... @include(if: true) @skip(if: false) { mode } } }",
            Limits(node_directives=1),
            "One place",
        ),
        ("{ areas(first: 60) { nodes { id } } }", Limits(page=50), "page"),
        ("query A { me { id } } query B { me { id } }", Limits(operations=1), "operations"),
        (
            "{ ...A ...B } fragment A on Query { me { id } } fragment B on Query { me { id } }",
            Limits(fragments=1),
            "frag",
        ),
        ("{ __schema { description } }", Limits(introspection=False), "Introspection"),
        ('{ ...A } fragment A on Query { me { id } __type(name: "X") { name } }', Limits(introspection=False), "Intro"),
        (
            '{ a: __type(name: "A") { name } b: __type(name: "B") { name } c: __schema { description } }',
            LIMITS,
            "often",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_each_bound_of_a_document_is_named_where_it_is_broken(query: str, limits: Limits, word: str) -> None:
    assert word in str(refused(query, limits))


def test_where_introspection_is_off_a_type_s_name_can_still_be_asked() -> None:
    assert refused("{ __typename me { __typename } }", Limits(introspection=False)) is None


@pytest.mark.parametrize(
    ("text", "limits", "word"),
    [
        ("a " * 11, Limits(tokens=10), "tokens"),
        ("#\n" * 11, Limits(tokens=10), "tokens"),
        ('"" ' * 11, Limits(tokens=10), "tokens"),
        ("é" * 10, Limits(document=19), "bytes"),
        ("{" * 4, Limits(nesting=3), "brackets"),
        ("[(" * 2, Limits(nesting=3), "brackets"),
        ("a @b " * 3, Limits(directives=2), "directives"),
        ('"@@@" """ @ \\""" { """ # @@@', Limits(directives=0, nesting=0), ""),
        ("a " * 10, Limits(tokens=10), ""),
        ("{}" * 40, Limits(nesting=1), ""),
        ("\ud800", Limits(document=3), ""),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_text_is_scanned_before_it_is_parsed(text: str, limits: Limits, word: str) -> None:
    found = scan(text, limits)
    assert (word in str(found)) if word else found is None


@given(st.text(alphabet='"\\#{}()[]@.a1- \n,!$:', max_size=300))
def test_no_text_has_more_tokens_for_the_parser_than_for_the_scan(text: str) -> None:
    try:
        node = parse(text)
    except GraphQLError:
        return
    assert node.loc is not None
    token: Token | None = node.loc.start_token
    count = 0
    while token is not None:
        token, count = token.next, count + 1
    # The first and the last are no tokens of the text.
    assert tokens_of(text) == count - 2


@pytest.mark.parametrize(
    ("variables", "limits", "word"),
    [
        ({"a": "x" * 11}, Limits(variables=11), "bytes"),
        ({"a": "é" * 6}, Limits(variables=11), "bytes"),
        ({"x" * 12: 1}, Limits(variables=11), "bytes"),
        ({"a": [1, 2, 3]}, Limits(variable_values=4), "values"),
        ({"a": {"b": {"c": 1}}}, Limits(variable_depth=2), "deeply"),
        ({"a": [[1]]}, Limits(variable_depth=2), "deeply"),
        ({"a": {"b": {"c": 1}}, "d": ["x", None, True, 1.5]}, LIMITS, ""),
        (None, LIMITS, ""),
    ],
)
def test_variables_have_bounds_of_their_own(variables: dict[str, Any] | None, limits: Limits, word: str) -> None:
    found = variables_excess(variables, limits)
    assert (word in str(found)) if word else found is None


def test_deep_variables_end_before_python_does() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert "deeply" in str(variables_excess({"x": deep}, LIMITS))


def test_documents_are_kept_within_a_bound_of_tokens() -> None:
    documents = Documents(SCHEMA, Limits(documents_kept=5, tokens_kept=30))
    for n in range(9):
        documents.read(f"query Q{n} {{ me {{ id }} }}")
        assert documents.kept[1] <= 30
    assert documents.kept == (3, 24)
    assert documents.read("query Q8 { me { id } }") is documents.read("query Q8 { me { id } }")


def test_a_refused_document_is_not_kept() -> None:
    documents = Documents(SCHEMA, LIMITS)
    for query in ("{ nothing }", "{", aliases(31)):
        with pytest.raises(Unfit):
            documents.read(query)
    assert documents.kept == (0, 0)


def test_fragments_of_nothing_cannot_double() -> None:
    nothing = "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    with pytest.raises(Unfit, match="Syntax Error"):
        Documents(SCHEMA, LIMITS).read(nothing + " fragment F40 on Query { }")


@pytest.mark.parametrize(
    "query",
    [
        "{ alertz { cursor } }",
        "{ areas(frist: 1) { nodes { id } } }",
        "query ($x: Aree) { me { id } }",
        "{ alerts(states: [RAISD]) { cursor } }",
        "{ me @inclue(if: true) { id } }",
        "{ me @include(fi: true) { id } }",
        "{ me { displayNam } }",
        "{ ... on Quer { me { id } } }",
        'mutation { signIn(input: {usernam: "x", password: "y"}) { __typename } }',
    ],
)
def test_in_production_no_message_says_what_was_meant(query: str) -> None:
    for suggestions in (True, False):
        with pytest.raises(Unfit) as refusal:
            Documents(SCHEMA, Limits(suggestions=suggestions)).read(query)
        told = [from_graphql(one, "en", "id", suggestions=suggestions).message for one in refusal.value.errors]
        assert suggestions or not any("mean" in one for one in told)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


def counted(value: object, depth: int = 0) -> tuple[int, int, int]:
    """Bytes, values and levels, worked out as they are defined."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass")), 1, depth
    if not isinstance(value, dict | list):
        return 8, 1, depth
    inner = list(value.values()) if isinstance(value, dict) else value
    parts = [counted(one, depth + 1) for one in inner]
    names = sum(map(len, value)) if isinstance(value, dict) else 0
    return (
        names + sum(part[0] for part in parts),
        1 + sum(part[1] for part in parts),
        max((part[2] for part in parts), default=depth),
    )


@given(
    st.dictionaries(st.text("ab", max_size=3), JSON, min_size=1, max_size=4),
    st.integers(1, 5),
    st.integers(1, 14),
    st.integers(0, 120),
)
def test_variables_are_refused_exactly_beyond_their_bounds(
    variables: dict[str, Any], depth: int, values: int, size: int
) -> None:
    limits = Limits(variables=size, variable_depth=depth, variable_values=values)
    bytes_, count, levels = counted(variables)
    within = bytes_ <= size and count <= values and levels <= depth
    assert (variables_excess(variables, limits) is None) is within

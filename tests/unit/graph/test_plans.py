"""Plans are compiled once for a document and kept within a bound."""

from dataclasses import replace

from graph.api import build_schema
from graph.documents import Documents
from graph.limits import Limits
from graph.plans import Plans

SCHEMA = build_schema()
LIMITS = Limits()


def test_an_operation_is_compiled_once() -> None:
    documents, plans = Documents(SCHEMA._schema, LIMITS), Plans(SCHEMA, LIMITS)
    text = "query A { installation { mode } } query B { installation { now } }"
    first = plans.of(documents.read(text), "A")
    assert first is not None
    assert plans.of(documents.read(text), "A") is first
    assert plans.of(documents.read(text), "B") is not first


def test_nothing_is_compiled_where_that_is_off() -> None:
    limits = replace(LIMITS, compiled=False)
    ready = Documents(SCHEMA._schema, limits).read("{ installation { mode } }")
    assert Plans(SCHEMA, limits).of(ready, None) is None


def test_what_asks_for_the_schema_is_left_to_graphql_core() -> None:
    ready = Documents(SCHEMA._schema, LIMITS).read("{ __schema { description } }")
    plans = Plans(SCHEMA, LIMITS)
    assert plans.of(ready, None) is None
    assert plans.of(ready, None) is None
    assert plans.size == 0


def test_plans_that_were_not_used_for_long_are_forgotten() -> None:
    limits = replace(LIMITS, compiled_fields=100)
    documents, plans = Documents(SCHEMA._schema, limits), Plans(SCHEMA, limits)
    always = documents.read("{ installation { mode } }")
    kept = plans.of(always, None)
    for number in range(50):
        plans.of(documents.read(f"{{ a{number}: installation {{ mode }} }}"), None)
        assert plans.of(always, None) is kept
        assert plans.size <= 100
    again = documents.read("{ a0: installation { mode } }")
    assert not again.plans
    assert plans.of(again, None) is not None

"""What never happens, whoever writes the code: each rule, and a piece of code that breaks it."""

import ast
import re
from collections.abc import Callable, Iterable

import pytest

from tests.architecture.source import Module, module, modules

Rule = Callable[[Iterable[Module]], list[str]]

SPEAKS_GRAPHQL = {"graph", "app", "cli", "commands", "tests", "bench"}
TRANSACTIONS = {"in_transaction", "atomic", "staff_transaction", "service_transaction", "snapshot"}
OPENS_TRANSACTIONS = {"services", "tests"}
ORM = {"models", "tortoise", "asyncpg"}
SCOPED = {"Alert", "AlertEvent", "AreaCount", "AckHistogram", "Assessment", "Case", "Declaration", "Duty", "Station"}
READS = {"all", "filter", "get", "get_or_none", "exclude", "annotate", "raw", "first"}
ACTS_FOR_ALL = {"services.import_stations"}
"""Use-cases of an administrator that read every row of the installation by intent; none shows a patient's data."""
STARTS_A_READ = {"access.visible.visible", "access.visible.scope", "access.visible.referable"}


def graphql_below_graph(source: Iterable[Module]) -> list[str]:
    """The GraphQL library is named nowhere below graph/, not even in a comment."""
    return [
        f"{one.path} says strawberry"
        for one in source
        if one.top not in SPEAKS_GRAPHQL and re.search("strawberry", one.text, re.IGNORECASE)
    ]


def orm_in_resolvers(source: Iterable[Module]) -> list[str]:
    """A resolver translates; tables and connections are the services' business."""
    return [
        f"{one.path} imports {name}"
        for one in source
        if one.name.startswith("graph.resolvers")
        for name in sorted(one.imports)
        if name.partition(".")[0] in ORM
    ]


def transactions_elsewhere(source: Iterable[Module]) -> list[str]:
    """Only a use-case opens a transaction, so that one operation is one transaction."""
    return [
        f"{one.path} uses {name}"
        for one in source
        if one.top not in OPENS_TRANSACTIONS and one.name != "models.database"
        for name in sorted(_transactions(one))
    ]


def _transactions(one: Module) -> set[str]:
    """Openers that the file imports or calls; a word such as snapshot may well mean something else elsewhere."""
    imported = {name.rpartition(".")[2] for name in one.imports if name.partition(".")[0] in ORM}
    return TRANSACTIONS & imported | {"in_transaction"} & one.names


def unscoped_reads(source: Iterable[Module]) -> list[str]:
    """A use-case that acts for somebody reads a scoped table by way of access.visible, itself or in what it calls."""
    services = {one.name: one for one in source if one.top == "services"}
    scoped = {name for name, one in services.items() if one.imports & STARTS_A_READ}
    while more := {name for name, one in services.items() if name not in scoped and _uses(one, scoped)}:
        scoped |= more
    return [
        f"{one.path} reads {', '.join(sorted(_reads(one)))} for an actor without access.visible"
        for name, one in services.items()
        if name not in scoped | ACTS_FOR_ALL
        and "access.actor.Actor" in one.imports
        and _takes_an_actor(one)
        and _reads(one)
    ]


def _uses(one: Module, names: set[str]) -> bool:
    return any(name in names for name in one.imports)


def _takes_an_actor(one: Module) -> bool:
    return any(
        isinstance(argument.annotation, ast.Name) and argument.annotation.id == "Actor"
        for node in ast.walk(one.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for argument in [*node.args.args, *node.args.kwonlyargs]
    )


def _reads(one: Module) -> set[str]:
    return {
        node.value.id
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Attribute) and node.attr in READS
        if isinstance(node.value, ast.Name) and node.value.id in SCOPED
    }


def queries_in_graph(source: Iterable[Module]) -> list[str]:
    """graph/ holds no table and no query: of models it takes words (states, identifiers), and context.py the pool."""
    words = {"models", "models.state", "models.identifier"}
    return [
        f"{one.path} imports {name}"
        for one in source
        if one.top == "graph"
        for name in sorted(one.imports)
        if name.partition(".")[0] == "models"
        and not any(name == word or (word != "models" and name.startswith(f"{word}.")) for word in words)
        and not (one.name == "graph.context" and name.startswith("models.database"))
    ]


RULES: list[Rule] = [graphql_below_graph, orm_in_resolvers, transactions_elsewhere, unscoped_reads, queries_in_graph]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_promise_is_kept(rule: Rule) -> None:
    assert rule(modules()) == []


READS_PAST_SCOPE = """
from access.actor import Actor
from models import Case
async def cases(actor: Actor): return await Case.filter(area_no=3)
"""


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (graphql_below_graph, "services/declare.py", "# as Strawberry does"),
        (graphql_below_graph, "triage/assess.py", "import strawberry"),
        (orm_in_resolvers, "graph/resolvers/alerts.py", "from models.alert import Alert"),
        (orm_in_resolvers, "graph/resolvers/alerts.py", "from tortoise.expressions import Q"),
        (transactions_elsewhere, "graph/api.py", "from tortoise.transactions import in_transaction"),
        (transactions_elsewhere, "alerts/outbox.py", "from models.database import service_transaction"),
        (transactions_elsewhere, "access/trail.py", "async with db.in_transaction(): pass"),
        (unscoped_reads, "services/list_cases.py", READS_PAST_SCOPE),
        (queries_in_graph, "graph/loaders.py", "from models.case import Case"),
        (queries_in_graph, "graph/loaders.py", "from models import Case"),
    ],
)
def test_breaking_the_promise_is_found(rule: Rule, path: str, text: str) -> None:
    assert rule([module(path, text)])

"""How long it takes to refuse what is sent to hurt: each of the worst documents and bodies, to a real server."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

import aiohttp
import orjson

from bench.demo_server import DemoServer
from bench.rounds import figure

MOST_MS = 20.0
"""What a refusal may take."""

_numbers = count()


def documents(tokens: int = 590, size: int = 19_500) -> Iterator[tuple[str, Callable[[], str]]]:
    """Documents by what they try, each made anew with a name of its own: what is remembered must not help.

    Those with `tokens` and `size` are just within the bounds on the text, so that the later steps have to refuse them.
    """
    many = tokens // 2
    yield "doubling fragments", lambda: _named("{ ...F0 }") + _chain(45, "...F{n} ...F{n}", "installation { mode }")
    yield (
        "doubling fragments with aliases",
        lambda: _named("{ ...F0 }") + _chain(30, "a: installation { mode } ...F{n} ...F{n}", "installation { mode }"),
    )
    yield "a long chain of fragments", lambda: _named("{ ...F0 }") + _chain(58, "...F{n}", "nothing")
    yield "a circle of fragments", lambda: _named("{ ...F0 }") + _chain(48, "...F{n} ...F0", "...F0")
    yield "a megabyte of tokens", lambda: _named("{" + "a " * 480_000 + "}")
    yield "tokens up to the bound", lambda: _named("{" + " a" * (tokens - 5) + "}")
    yield "unknown fields", lambda: _named("{" + " ".join(f"alertz{n}" for n in range(tokens - 5)) + "}")
    yield "deep nesting", lambda: _named("{a" * 400 + "}" * 400)
    yield "deep nesting up to the bound", lambda: _named("{a" * 49 + "}" * 49)
    yield "aliases", lambda: _named("{" + " ".join(f"a{n}: me {{ id }}" for n in range(tokens // 6)) + "}")
    yield "overlapping fields", lambda: _named("{" + " me { id }" * (tokens // 4 - 2) + "}")
    yield (
        "overlapping fields in fragments",
        lambda: (
            _named("{" + " ...F0" * (many // 6) + "}")
            + _chain(30, "...F{n} installation { mode }", "installation { mode }")
        ),
    )
    yield (
        "overlapping fields below one",
        lambda: _named('{ area(code: "79") {' + " parent { id }" * (tokens // 4 - 5) + " nothing } }"),
    )
    yield (
        "overlapping fields below one, in fragments",
        lambda: (
            _named('{ area(code: "79") {' + " ...F0" * (many // 8) + " } }")
            + _chain(25, "...F{n} parent { id parent { id } }", "parent { id } nothing", on="Area")
        ),
    )
    yield (
        "conflicting fields",
        lambda: _named(
            "{ ... on Query { "
            + " ".join(f"... {{ areas(first: {n}) {{ pageInfo {{ hasNextPage }} }} }}" for n in range(60))
            + "} }"
        ),
    )
    yield "directives", lambda: _named("{ me " + "@a" * many + "{ id } }")
    yield "directives up to the bound", lambda: _named("{" + " me @include(if: true) { id }" * 49 + "}")
    yield "a long string", lambda: _named('{ area(code: "' + "a" * 900_000 + '") { nothing } }')
    yield "a long string up to the bound", lambda: _named('{ area(code: "' + "\\n" * (size // 2) + '") { nothing } }')
    yield (
        "a block string up to the bound",
        lambda: _named('{ area(code: """' + "\n a" * (size // 3) + '""") { nothing } }'),
    )
    yield "blank lines up to the bound", lambda: _named("\n" * size + "{ nothing }")
    yield "a long name up to the bound", lambda: _named("{" + "a" * size + "}")
    yield "a list in a literal", lambda: _named("{ area(code: [" + "1 " * (tokens - 12) + "]) { id } }")
    yield "lists inside each other", lambda: _named("{ area(code: " + "[" * 300 + "]" * 300 + ") { id } }")
    yield "an object in a literal", lambda: _named("{ area(code: {" + "a: 1 " * (tokens // 3 - 6) + "}) { id } }")
    yield "arguments", lambda: _named("{ area(" + "code: 1 " * (tokens // 3 - 6) + ") { id } }")
    yield "many operations", lambda: " ".join(_named("{ me { id } }") for _ in range(tokens // 8))
    yield (
        "many operations up to the bound",
        lambda: " ".join(_named("{ ...F0 }") for _ in range(10)) + _chain(48, "...F{n}", "nothing"),
    )
    yield (
        "unused fragments",
        lambda: _named("{ me { id } }") + " ".join(f"fragment F{n} on Query {{ me {{ id }} }}" for n in range(52)),
    )
    yield (
        "unused variables",
        lambda: (
            f"query Q{next(_numbers)}(" + " ".join(f"$v{n}: Int" for n in range(tokens // 4 - 4)) + ") { me { id } }"
        ),
    )
    yield (
        "unknown types",
        lambda: (
            f"query Q{next(_numbers)}("
            + " ".join(f"$v{n}: Aera{n}" for n in range(tokens // 4 - 4))
            + ") { me { id } }"
        ),
    )
    yield (
        "nested introspection",
        lambda: _named("{ __schema { types " + "{ fields { type " * 12 + "{ name }" + " } }" * 12 + " } }"),
    )
    yield "valid but for its last field", lambda: _named("{" + " ".join(_wide(tokens)) + " nothing }")
    yield (
        "too costly",
        lambda: _named("{ areas(first: 100) { nodes { children { children { children { id name } } } } } }"),
    )
    yield "comments", lambda: "#\n" * 15_000 + _named("{ nothing }")
    yield "quotes", lambda: '"' * size
    yield "open block strings", lambda: '"""' + 'a"' * (size // 2)


def bodies() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Bodies and variables by what they try."""
    query = "query ($x: [ID!]) { me { id } }"
    yield "variables of a megabyte", lambda: _body(query, {"x": "y" * 950_000})
    yield "half a million values in variables", lambda: _body(query, {"x": [1] * 480_000})
    yield "many names in variables", lambda: _body(query, {f"v{n}": n for n in range(50_000)})
    yield (
        "variables up to the bounds",
        lambda: _body(
            "mutation ($input: DeclareInput!) { declare(input: $input) { __typename } }",
            {"input": {f"unknown{n}": "x" * 80 for n in range(1_900)}},
        ),
    )
    yield "deep variables", lambda: b'{"query":"{ me { id } }","variables":' + b'{"x":' * 900 + b"1" + b"}" * 901
    yield "deeper than JSON may be", lambda: b'{"query":"{ me { id } }","variables":' + b"[" * 400_000
    yield "an array of operations", lambda: b"[" + b",".join([_body("{ me { id } }", {})] * 5_000) + b"]"
    yield "a megabyte that is no JSON", lambda: b"x" * 990_000


async def measure_refusals(server: DemoServer, *, rounds: int) -> dict[str, Any]:
    """For each refusal the milliseconds from the first byte sent to the last received, and those the server worked.

    On a machine with other work the first says how long one waited for a processor, the second what was done.
    """
    every: list[tuple[str, Callable[[], bytes]]] = [(name, partial(_document, made)) for name, made in documents()]
    found: dict[str, Any] = {}
    async with aiohttp.ClientSession() as session:
        for name, made in (*every, *bodies()):
            times: list[float] = []
            codes: set[str] = set()
            before = await _worked(session, server)
            for _ in range(rounds):
                body = made()
                begun = time.perf_counter()
                async with session.post(
                    f"{server.url}/graphql", data=body, headers={"content-type": "application/json"}
                ) as response:
                    answer = orjson.loads(await response.read())
                times.append((time.perf_counter() - begun) * 1000)
                errors = answer.get("errors") or [{"extensions": {"code": "NOT REFUSED"}}]
                codes.add(errors[0]["extensions"]["code"])
            worked = (await _worked(session, server) - before) * 1000 / rounds
            found[name] = {**figure(times).record(), "worked": round(worked, 1), "code": " ".join(sorted(codes))}
    over = [name for name, one in found.items() if one["worked"] > MOST_MS]
    return {"milliseconds": found, "worked_more_than_20_ms": over, "rounds": rounds}


async def _worked(session: aiohttp.ClientSession, server: DemoServer) -> float:
    """The processor's seconds that the server has used; it counts in hundredths, so that many rounds are needed."""
    async with session.get(f"{server.url}/metrics") as response:
        text = await response.text()
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("process_cpu_seconds_total"))


def _document(made: Callable[[], str]) -> bytes:
    return _body(made(), None)


def _named(selections: str) -> str:
    return f"query Q{next(_numbers)} {selections} "


def _chain(length: int, link: str, last: str, *, on: str = "Query") -> str:
    links = (f"fragment F{n} on {on} {{ {link.replace('{n}', str(n + 1))} }}" for n in range(length))
    return " ".join(links) + f" fragment F{length} on {on} {{ {last} }}"


def _wide(tokens: int) -> Iterator[str]:
    # Fields under different names up to the bound on root fields, each as wide as the tokens allow.
    fields = "id name code type level"
    each = (tokens - 40) // 28
    for n in range(28):
        repeated = " ".join([fields] * ((each - 11) // 5))
        yield f'a{n}: area(code: "79") {{ {repeated} }}'


def _body(query: str, variables: dict[str, Any] | None) -> bytes:
    return orjson.dumps({"query": query, "variables": variables})

"""Every code has its text in both languages, and every text has the values it names."""

import ast
import re
import string
from datetime import date
from pathlib import Path

import pytest

from graph import errors
from graph.messages import camel, catalogue, fault_path, fault_text
from services import problem
from triage.fault import Fault

ROOT = Path(__file__).parents[3]
SOURCES = [path for folder in ("triage", "services") for path in sorted((ROOT / folder).glob("*.py"))]
# Faults of commands, which say them themselves: what a client can send never has them.
OF_COMMANDS = {"account_faults.py", "add_account.py"}
REFUSALS = {
    *("INVALID_INPUT", "NOT_FOUND", "CONFLICT", "INVALID_CREDENTIALS", "SECOND_FACTOR_NEEDED", "INVALID_CODE"),
    *("SOCKET_ONLY", "NOT_RELEASABLE", "PACK_REFUSED", "OUT_OF_STOCK", "TOO_MANY_REQUESTS"),
}
"""The codes of what a mutation may answer instead of its payload."""


CODES = {code for _, code in errors._CODES} | errors.RETRYABLE | {"INTERNAL", "TOO_LARGE", "QUERY_TOO_COMPLEX"}
"""Those of top-level errors."""


def raised(name: str, position: int) -> set[str]:
    """The codes that the services and triage give to a Fault or a Conflict."""
    found = set()
    for path in SOURCES:
        if path.name in OF_COMMANDS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                found |= {
                    code.value
                    for code in ast.walk(node.args[position])
                    if isinstance(code, ast.Constant) and isinstance(code.value, str)
                }
    return found


@pytest.mark.parametrize("code", sorted(raised("Fault", 1)))
def test_every_fault_has_a_text(code: str) -> None:
    assert code in catalogue()["fault"]


@pytest.mark.parametrize("reason", sorted(raised("Conflict", 0)))
def test_every_conflict_has_a_text(reason: str) -> None:
    assert reason in catalogue()["conflict"]


def test_the_schema_names_every_reason_and_every_code_of_a_refusal() -> None:
    schema = (ROOT / "graph/schema/schema.graphql").read_text(encoding="utf-8")
    for described, words in (("reason: String!", raised("Conflict", 0)), ("code: String!", REFUSALS)):
        said = schema[schema.index("type Conflict implements Problem") :].partition(described)[0].rpartition("{")[2]
        assert words <= set(re.findall(r"[A-Z_]{4,}", said)), described


def test_every_refusal_and_error_has_a_text() -> None:
    refusals = {problem.InvalidInput.code, problem.NotFound.code, problem.InvalidCredentials.code}
    refusals |= {problem.InvalidCode.code, problem.TooManyRequests.code, problem.SocketOnly.code, "SESSION_OVER"}
    assert refusals <= set(catalogue()["problem"])
    assert set(catalogue()["error"]) >= CODES


def test_the_guide_says_what_to_do_at_every_code() -> None:
    said = (ROOT / "graph/guide/head.md").read_text(encoding="utf-8")
    assert [code for code in sorted(CODES) if f"`{code}`" not in said] == []


ENTRIES = [(section, code) for section, codes in catalogue().items() for code in codes]


@pytest.mark.parametrize(("section", "code"), ENTRIES, ids=".".join)
def test_every_text_is_there_in_both_languages_with_the_same_values(section: str, code: str) -> None:
    texts = catalogue()[section][code]
    assert set(texts) == {"vi", "en"}
    assert all(text.strip() and text.strip()[-1] in ".!" for text in texts.values())
    vietnamese, english = (
        {name for _, name, *_ in string.Formatter().parse(texts[one]) if name} for one in ("vi", "en")
    )
    assert vietnamese == english


@pytest.mark.parametrize(
    ("fault", "vietnamese", "english"),
    [
        (
            Fault(("spo2",), "OUT_OF_BOUNDS", {"minimum": 50.0, "maximum": 100.0, "unit": "%"}),
            "Phải từ 50 đến 100 %.",
            "This must be from 50 to 100 %.",
        ),
        (
            Fault(("first",), "OUT_OF_BOUNDS", {"minimum": 1, "maximum": 100}),
            "Phải từ 1 đến 100.",
            "This must be from 1 to 100.",
        ),
        (
            Fault(("onset_on",), "IN_FUTURE", {"latest": date(2022, 3, 18)}),
            "Không thể muộn hơn 18/03/2022.",
            "This cannot be later than 18 March 2022.",
        ),
        (
            Fault(("birth_date",), "ONE_OF", {"fields": ["birth_date", "birth_year"]}),
            "Cần điền đúng một trong các mục: birthDate, birthYear.",
            "Give exactly one of: birthDate, birthYear.",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_fault_says_its_values(fault: Fault, vietnamese: str, english: str) -> None:
    assert fault_text(fault, "vi") == vietnamese
    assert fault_text(fault, "en") == english


def test_a_path_is_spelt_as_the_client_spelt_it() -> None:
    assert fault_path(("people", 0, "vitals", "respiratory_rate")) == "people.0.vitals.respiratoryRate"
    assert camel("spo2") == "spo2"
    assert not re.search("[A-Z_]", camel("relation"))

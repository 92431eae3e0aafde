"""The work that the suite measures: the documents, word for word the same for everybody who speaks GraphQL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from bench.declaring import on_the_day
from simulation.declaring import declare_body
from simulation.household import Household, Person
from simulation.population import draw_households
from simulation.quota import quota
from simulation.staff import DEPARTMENT
from simulation.ward import Ward

ALERT_IN = 9
"""One person in so many declares a severe sign, as in March 2022."""

_FIGURES = "declared confirmed active severe highRisk alerts { open overdue }"


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: what is asked, as whom, and what stands in each good answer; with `writes` each call has a body
    of its own."""

    name: str
    what: str
    marker: str
    document: str = ""
    account: str | None = None
    writes: bool = False


WORKS = {
    work.name: work
    for work in (
        Work("declare", "one person declares: everything written, durable", '"Receipt"', writes=True),
        Work(
            "list",
            "50 declarations of the city, 8 fields each",
            '"nodes"',
            "{ declarations(first: 50) { nodes { id state danger severe highRisk submittedAt possibleDuplicate "
            "verified } } }",
            DEPARTMENT,
        ),
        Work(
            "worklist",
            "a page of 50 of the city's worklist, with cases and alerts",
            '"nodes"',
            "{ worklist(first: 50) { nodes { kind since dueAt overdue case { id state ageBand openedAt area { name } } "
            "alert { id } } } }",
            DEPARTMENT,
        ),
        Work(
            "summary",
            "the city's summary with its 22 districts",
            '"children"',
            f"{{ areaSummary {{ area {{ name }} {_FIGURES} children {{ area {{ name }} {_FIGURES} }} }} }}",
            DEPARTMENT,
        ),
    )
}


def write_bodies(work: Work, folder: Path, wards: Sequence[Ward], calls: int, run: int = 1) -> Path:
    """A file with what is sent, a body a line: so many different ones where the work writes, else one.

    Another `run` has other people and other idempotency keys, for a database in which those of the first have declared.
    """
    file = folder / f"{work.name}.jsonl"
    if not work.writes:
        file.write_bytes(orjson.dumps({"query": work.document, "variables": {}}) + b"\n")
        return file
    with file.open("wb") as output:
        for number, household in enumerate(_alone(wards, calls, run)):
            output.write(declare_body(_known_outcome(household, number), f"suite-{run}") + b"\n")
    return file


def _alone(wards: Sequence[Ward], calls: int, seed: int) -> list[Household]:
    """Households of one person each."""
    return [
        on_the_day(replace(household, number=household.number * 10 + place, people=(person,)))
        for household in draw_households(seed, quota(calls), wards)
        for place, person in enumerate(household.people)
    ]


def _known_outcome(household: Household, number: int) -> Household:
    """The same household with a person whose outcome is plain without a protocol, for the peers have none."""
    person: Person = household.people[0]
    severe = number % ALERT_IN == 0
    plain = replace(person, symptoms=("dyspnoea", "cough") if severe else ("cough",), conditions=())
    return replace(household, people=(plain,))

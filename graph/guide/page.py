"""The guide as a page: docs/api.md."""

from pathlib import Path
from typing import Any

import orjson

from graph.guide.steps import Chapter, Step, answers, chapters

FILE = Path(__file__).parents[2] / "docs" / "api.md"

_HEAD = Path(__file__).parent / "head.md"
_ROWS = 3
"""So many rows of a list show what it is like."""
_USERS = {
    "anybody": "nobody has to sign in",
    "resident": "a resident with a proven phone",
    "station": "a member of the station's staff",
    "colleague": "a colleague at the same station",
    "committee": "the district's committee",
}


def printed() -> str:
    """The page. Raises KeyError where a step was never lived: then its test has to write the answers down first."""
    told = answers()
    return _HEAD.read_text("utf-8") + "".join(_chapter(one, told) for one in chapters())


def up_to_date() -> bool:
    """Whether the file says what the story says."""
    return FILE.exists() and FILE.read_text("utf-8") == printed()


def write() -> None:
    """Writes the file anew."""
    FILE.write_text(printed(), encoding="utf-8")


def documents() -> dict[str, str]:
    """Every operation by the name of a file, for tools that make types of them."""
    found = [step for chapter in chapters() for step in chapter.steps]
    return {f"{number:02}-{_slug(step.title)}.graphql": step.query + "\n" for number, step in enumerate(found, start=1)}


def _chapter(chapter: Chapter, told: dict[str, Any]) -> str:
    return f"\n### {chapter.title}\n\n{chapter.text}\n" + "".join(
        _step(step, told[step.title]) for step in chapter.steps
    )


def _step(step: Step, answer: Any) -> str:
    variables = "" if step.variables == "{}" else f"\n```json\n{step.variables}\n```\n"
    shown = orjson.dumps(_cut(answer), option=orjson.OPT_INDENT_2).decode()
    return (
        f"\n#### {step.title}\n\n*{_USERS[step.user]}* · {step.text}\n\n```graphql\n{step.query}\n```\n{variables}"
        f"\n<details><summary>{'the first event' if step.live else 'the answer'}</summary>\n\n"
        f"```json\n{shown}\n```\n\n</details>\n"
    )


def _cut(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _cut(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_cut(one) for one in data[:_ROWS]] + (["..."] if len(data) > _ROWS else [])
    return data


def _slug(title: str) -> str:
    return "-".join("".join(one if one.isalnum() else " " for one in title.lower()).split())

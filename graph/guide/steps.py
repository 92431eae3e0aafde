"""The steps of the guide's story, read from story.toml, and what they were answered, from answers.json."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

_HERE = Path(__file__).parent
ANSWERS = _HERE / "answers.json"
_PLACE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of the story: who sends it, what the guide says of it, and what is kept of its answer."""

    user: str
    title: str
    text: str
    query: str
    variables: str = "{}"
    keep: Mapping[str, str] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether it is a subscription."""
        return self.query.lstrip().startswith("subscription")

    @property
    def places(self) -> set[str]:
        """The names of what the variables take from steps before."""
        return set(_PLACE.findall(self.variables))

    def filled(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """The variables with everything put in. Raises KeyError for what nobody has kept."""
        found: dict[str, Any] = orjson.loads(_PLACE.sub(lambda place: str(kept[place[1]]), self.variables))
        return found


@dataclass(frozen=True, slots=True)
class Chapter:
    """What one kind of user does."""

    title: str
    text: str
    steps: tuple[Step, ...]


def chapters() -> list[Chapter]:
    """The story in its order: each chapter has the steps that follow it in the file."""
    text = (_HERE / "story.toml").read_text("utf-8")
    # TOML keeps two lists apart, and the order between them is what makes the chapters.
    steps = iter(Step(**_stripped(one)) for one in tomllib.loads(text)["steps"])
    counts = [part.count("[[steps]]") for part in text.split("[[chapters]]")[1:]]
    titles = tomllib.loads(text)["chapters"]
    return [
        Chapter(one["title"], one["text"].strip(), tuple(next(steps) for _ in range(count)))
        for one, count in zip(titles, counts, strict=True)
    ]


def answers() -> dict[str, Any]:
    """What each step was answered when the story was last written down, by its title."""
    found: dict[str, Any] = orjson.loads(ANSWERS.read_bytes()) if ANSWERS.exists() else {}
    return found


def _stripped(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in entry.items()}

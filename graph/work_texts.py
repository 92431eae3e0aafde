"""What the worklist says in words, from work_texts.toml."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files

from graph.language import Language
from services.work_kind import WorkKind


@cache
def work_texts() -> dict[str, dict[str, dict[str, str]]]:
    """By kind, then `why` or `to_do`, then language."""
    return tomllib.loads((files("graph") / "work_texts.toml").read_text(encoding="utf-8"))


def why_text(kind: WorkKind, language: Language, number: int = 0, day: date | None = None) -> str:
    """Why a case is there; `number` is how often something failed, `day` since when something may be done."""
    shown = day.strftime("%d/%m/%Y" if language == "vi" else "%d %B %Y") if day else "…"
    return work_texts()[kind]["why"][language].format(number=number, day=shown)


def to_do_text(kind: WorkKind, language: Language) -> str:
    """What is to be done."""
    return work_texts()[kind]["to_do"][language]

"""The API's texts, by code and language, from messages.toml."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from graph.language import Language
from triage.fault import Fault

_UNDERSCORE = re.compile(r"_([a-z0-9])")


@cache
def catalogue() -> dict[str, dict[str, dict[str, str]]]:
    """Section (fault, problem, conflict, error), then code, then language."""
    return tomllib.loads((files("graph") / "messages.toml").read_text(encoding="utf-8"))


def error_text(code: str, language: Language) -> str:
    """The text of a top-level error."""
    return catalogue()["error"][code][language]


def problem_text(code: str, language: Language) -> str:
    """The text of a refusal."""
    return catalogue()["problem"][code][language]


def conflict_text(reason: str, language: Language) -> str:
    """Why two wishes do not go together."""
    return catalogue()["conflict"][reason][language]


def fault_text(fault: Fault, language: Language) -> str:
    """What is wrong with one field, with the values that the reader needs to put it right."""
    values = {name: _shown(value, language) for name, value in fault.values.items()}
    values["unit"] = f" {values['unit']}" if values.get("unit") else ""
    return catalogue()["fault"][fault.code][language].format_map(values)


def fault_path(path: Iterable[str | int]) -> str:
    """The field as the client named it: people.0.vitals.spo2."""
    return ".".join(camel(part) if isinstance(part, str) else str(part) for part in path)


def fault_fields(faults: Iterable[Fault], language: Language) -> list[dict[str, str]]:
    """The faults as they stand in a top-level error's extensions."""
    return [
        {"path": fault_path(fault.path), "code": fault.code, "message": fault_text(fault, language)} for fault in faults
    ]


def camel(name: str) -> str:
    """A name of ours as GraphQL spells it."""
    return _UNDERSCORE.sub(lambda match: match.group(1).upper(), name)


def _shown(value: Any, language: Language) -> str:
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y" if language == "vi" else "%d %B %Y")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return ", ".join(camel(str(one)) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(value)
    return str(value)

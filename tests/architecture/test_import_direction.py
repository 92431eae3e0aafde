"""cli -> app -> graph -> services -> access, alerts, documents, storage -> models -> triage, and never back."""

import sys
from collections.abc import Iterable

import pytest

from tests.architecture.source import Module, module, modules

MAY_IMPORT = {
    "triage": set[str](),
    "clock": set[str](),
    "telemetry": set[str](),
    "settings": {"bound_settings", "message_settings", "web_settings"},
    "message_settings": set[str](),
    "bound_settings": set[str](),
    "web_settings": set[str](),
    "simulation": {"clock"},
    "data": set[str](),
    "models": {"triage", "clock", "telemetry"},
    "migrations": {"models"},
    "access": {"models", "triage", "clock"},
    "alerts": {"access", "models", "triage", "clock", "telemetry"},
    # Bytes under names: whose they are and who may read them is not its business.
    "documents": set[str](),
    "storage": set[str](),
    "services": {"access", "alerts", "documents", "storage", "models", "triage", "clock", "telemetry"},
    "graph": {"services", "access", "alerts", "documents", "storage", "models", "triage", "clock", "telemetry"},
    "process": {
        *("settings", "message_settings", "services", "access", "alerts", "models", "triage", "clock"),
        *("telemetry", "storage", "documents"),
    },
    "app": {"settings", "process", "graph", "services", "access", "alerts", "models", "triage", "clock"},
    "commands": {
        *("app", "process", "settings", "graph", "services", "access", "alerts", "models", "triage", "clock"),
        *("simulation", "bench", "storage"),
    },
    "cli": {
        *("commands", "app", "settings", "graph", "services", "access", "alerts", "models", "triage", "clock"),
        "simulation",
    },
    # bench.together measures what one transaction costs, which does not show through the API.
    "bench": {"simulation", "clock", "settings", "process", "services", "access", "models", "triage"},
    "overload": {"bench", "simulation"},
    # The planted faults of a chaos run reach into what they break.
    "chaos": {
        *("bench", "simulation", "cli", "commands", "app", "process", "settings", "graph", "services", "access"),
        *("alerts", "models", "triage", "clock"),
    },
}
"""Each top-level package or module, and what of ours it may import beside itself. Tests may import anything."""


def violations(source: Iterable[Module]) -> list[str]:
    """Each import that goes against the direction."""
    found = []
    for one in source:
        if one.top == "tests":
            continue
        allowed = MAY_IMPORT.get(one.top)
        if allowed is None:
            found.append(f"{one.path}: {one.top} has no place in the direction of imports")
            continue
        tops = {name.partition(".")[0] for name in one.imports} & ({*MAY_IMPORT, "tests"} - {one.top})
        found += [f"{one.path} imports {top}" for top in sorted(tops - allowed)]
    return found


def foreign(source: Iterable[Module]) -> list[str]:
    """What triage imports that is neither its own nor the standard library's."""
    return [
        f"{one.path} imports {name}"
        for one in source
        if one.top == "triage"
        for name in sorted(one.imports)
        if name.partition(".")[0] not in sys.stdlib_module_names | {"triage"}
    ]


def bound(source: Iterable[Module]) -> list[str]:
    """What the engine imports of ours that is not its own: it is a library of its own."""
    ours = {*MAY_IMPORT, "tests"}
    return [
        f"{one.path} imports {name}"
        for one in source
        if one.name.startswith("graph.engine")
        for name in sorted(one.imports)
        if name.partition(".")[0] in ours and not f"{name}.".startswith("graph.engine.")
    ]


def test_imports_go_one_way() -> None:
    assert violations(modules()) == []


def test_triage_stands_on_the_standard_library_alone() -> None:
    assert foreign(modules()) == []


def test_the_engine_imports_nothing_of_ours() -> None:
    assert bound(modules()) == []


def test_an_import_of_ours_in_the_engine_is_found() -> None:
    assert bound([module("graph/engine/run.py", "from graph.context import Context")])
    assert bound([module("graph/engine/run.py", "from services.runtime import Runtime")])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("models/alert.py", "from services.declare import declare"),
        ("models/alert.py", "import access.policy"),
        ("access/visible.py", "def f():\n    from graph import loaders"),
        ("alerts/hub.py", "from services import watch"),
        ("services/declare.py", "import settings"),
        ("services/declare.py", "from graph.errors import code"),
        ("graph/api.py", "from app import create_app"),
        ("simulation/client.py", "from triage.assess import assess"),
        ("triage/assess.py", "from models.state import Role"),
        ("access/__init__.py", "from ..graph import context"),
        ("documents/press.py", "from models.case import Case"),
        ("storage/object_store.py", "from access.sealing import Sealer"),
        ("models/area.py", "from tests.factories import area"),
        ("helpers/many.py", "x = 1"),
    ],
)
def test_an_import_against_the_direction_is_found(path: str, text: str) -> None:
    assert violations([module(path, text)])


def test_a_third_party_import_in_triage_is_found() -> None:
    assert foreign([module("triage/assess.py", "import pydantic")])

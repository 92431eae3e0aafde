"""What stands in the checkout: names that shadow nothing, no trace of one machine, requirements for anybody."""

import json
import re
import sys
import tomllib
from pathlib import PurePosixPath

import pytest

from tests.architecture.source import ROOT, files, modules

# Put together from parts, because this file is searched as well.
MACHINE = re.compile("|".join(("/" + folder + "/") for folder in ("root", "work", r"home/[a-z]\w*", r"tmp/probe")))
HOSTS = re.compile(
    "|".join((r"pypi\.o" + "rg", "pythonho" + "sted", "npm" + r"js\.", r"deb\.deb" + "ian")), re.IGNORECASE
)
UNFINISHED = re.compile(r"\b(TO" + "DO|FIX" + r"ME|XX" + r"X)\b")
LEFT_OUT = re.compile(r"mark\.(skip|skipif|xfail)\b|pytest\.(skip|xfail|importorskip)\(")
TEXT = {
    ".py",
    ".toml",
    ".md",
    ".txt",
    ".in",
    ".json",
    ".csv",
    ".graphql",
    ".yml",
    ".yaml",
    ".cfg",
    ".sh",
    ".html",
    ".js",
    "",
}
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def texts() -> list[tuple[PurePosixPath, str]]:
    """Every text file with its text."""
    return [(path, (ROOT / path).read_text(encoding="utf-8")) for path in files() if path.suffix in TEXT]


def lines_with(pattern: re.Pattern[str], *, suffix: str = "") -> list[str]:
    """The lines where the pattern occurs, as path:number."""
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        if path.name.endswith(suffix) and pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_module_at_the_root_shadows_the_standard_library() -> None:
    tops = {module.top for module in modules()}
    assert tops & sys.stdlib_module_names == set()


def test_no_file_names_a_machine_s_folder() -> None:
    assert lines_with(MACHINE) == []


def test_no_file_names_a_host_of_packages() -> None:
    assert lines_with(HOSTS) == []


def test_nothing_is_left_for_later() -> None:
    assert lines_with(UNFINISHED) == []


def test_no_test_is_left_out() -> None:
    assert lines_with(LEFT_OUT, suffix=".py") == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE, "see " + "/ro" + "ot/.cache"),
        (MACHINE, "cd /ho" + "me/lan/khaibao"),
        (HOSTS, "--index-url https://py" + "pi.org/simple"),
        (UNFINISHED, "# TO" + "DO later"),
        (LEFT_OUT, "@pytest.mark." + "skip"),
    ],
)
def test_such_a_line_is_found(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_and_hashed_and_names_no_host(path: PurePosixPath) -> None:
    text = (ROOT / path).read_text().replace("\\\n", " ")
    entries = re.findall(r"(?m)^([a-z0-9][\w.-]*)(.*)$", text)
    assert entries
    assert [name for name, rest in entries if "==" not in rest or "--hash=sha256:" not in rest] == []
    assert re.findall(r"(?m)^.*(?:://|^-).*$", text) == []


def test_the_page_s_lock_file_names_no_host() -> None:
    locked = json.loads((ROOT / "explorer" / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in locked.items() if "resolved" in entry] == []
    assert [name for name, entry in locked.items() if name and "integrity" not in entry] == []


def test_every_package_is_named_in_pyproject() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    installed = {module for module in modules() if module.top not in {"tests", "bench", "chaos", "overload"}}
    packages = {module.name for module in installed if module.path.name == "__init__.py"}
    single = {module.name for module in installed if len(module.path.parts) == 1}
    assert packages - set(setuptools["packages"]) == set()
    assert single - set(setuptools["py-modules"]) == set()

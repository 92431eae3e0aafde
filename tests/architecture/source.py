"""The project's own source, as the architecture tests read it: without importing any of it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]

MADE = {"node_modules", "__pycache__", "build", "dist"}
"""Folders of what tools make, beside the hidden ones, of which only .ci is ours."""

STATIC = PurePosixPath("graph/explorer/static")


@dataclass(frozen=True)
class Module:
    """One Python file: where it stands, seen from the root, and what it says."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, str(self.path))

    @property
    def top(self) -> str:
        """The top-level package or module that this file is of."""
        return self.path.parts[0].removesuffix(".py")

    @property
    def name(self) -> str:
        """The name by which it is imported."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def imports(self) -> frozenset[str]:
        """Each module named in an import anywhere in the file, and for `from a import b` both a and a.b."""
        return frozenset(self._imports())

    @cached_property
    def names(self) -> frozenset[str]:
        """Every identifier and attribute that the code uses; comments and texts are not code."""
        used = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        used |= {node.attr for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}
        return frozenset(used | {name.rpartition(".")[2] for name in self.imports})

    def _imports(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.path.parent.parts[: len(self.path.parent.parts) - node.level + 1]
        return ".".join([*package, *([node.module] if node.module else [])])


def module(path: str, text: str) -> Module:
    """A file that is only imagined, to show that a rule can be broken."""
    return Module(PurePosixPath(path), text)


def modules() -> list[Module]:
    """Every Python file of the project."""
    return [Module(path, (ROOT / path).read_text(encoding="utf-8")) for path in files() if path.suffix == ".py"]


def files() -> list[PurePosixPath]:
    """Every file that would be committed, seen from the root."""
    return sorted(_files(ROOT))


def _files(folder: Path) -> Iterator[PurePosixPath]:
    for entry in folder.iterdir():
        path = PurePosixPath(entry.relative_to(ROOT).as_posix())
        if entry.is_dir():
            if entry.name not in MADE and (entry.name[0] != "." or entry.name == ".ci") and path != STATIC:
                yield from _files(entry)
        elif entry.is_file():
            yield path

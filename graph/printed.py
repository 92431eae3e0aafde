"""The contract as a file: what the code says, and whether the file says the same."""

from pathlib import Path

from strawberry.printer import print_schema

from graph.api import build_schema

FILE = Path(__file__).parent / "schema" / "schema.graphql"


def printed() -> str:
    """The schema in its own language."""
    return print_schema(build_schema()) + "\n"


def up_to_date() -> bool:
    """Whether the file says what the code says."""
    return FILE.exists() and FILE.read_text(encoding="utf-8") == printed()


def write() -> None:
    """Writes the file anew."""
    FILE.write_text(printed(), encoding="utf-8")

"""The explorer's ready-made operations, as data: operations.toml."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One tab of the explorer: what it says, what it sends, and the headers of the user who would send it."""

    title: str
    query: str
    variables: str
    headers: dict[str, str]


def operations() -> list[Operation]:
    """The operations in the order of their tabs. Raises KeyError where one is of a user that the file does not have."""
    document: dict[str, Any] = tomllib.loads(files("graph.explorer").joinpath("operations.toml").read_text("utf-8"))
    users = document["users"]
    return [
        Operation(
            title=f"{users[entry['user']]['name']}: {entry['title']}",
            query=entry["query"].strip() + "\n",
            variables=entry["variables"].strip(),
            headers=users[entry["user"]]["headers"],
        )
        for entry in document["operations"]
    ]

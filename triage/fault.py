"""A fault in what somebody entered."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """Where it is (`path`, in snake_case), what it is (a stable `code`), and the `values` a message may show.

    The texts live with the layer that talks to people; a fault only carries what they need.
    """

    path: tuple[str | int, ...]
    code: str
    values: dict[str, Any] = field(default_factory=dict)

"""An object that its resolver has completed by itself."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ready:
    """What stands in the answer as it is: exactly the keys that the selection asks for, in its order, with values that
    JSON knows and no null where the schema has none. Only for a resolver that knows its operation to be compiled."""

    value: Any

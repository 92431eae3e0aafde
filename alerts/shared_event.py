"""One event, ready for everybody of a group: completed and serialised once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class SharedEvent:
    """An answer's JSON, with the number of its event in the log, and the cursor to go on after it.

    `written_at` is when the event was written, in the database's own time.
    """

    seq: int
    cursor: str | None
    written_at: datetime | None
    body: bytes
    _forms: dict[str, bytes] = field(default_factory=dict)

    def form(self, key: str, make: Callable[[bytes], bytes]) -> bytes:
        """The bytes that go to a client, made once for all who get the same: the frame of an operation's id."""
        found = self._forms.get(key)
        if found is None:
            found = self._forms[key] = make(self.body)
        return found

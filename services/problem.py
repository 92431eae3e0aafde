"""What a service refuses, as data that the caller can act on. Texts in two languages are the API's."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from triage.fault import Fault


class Problem(Exception):
    """Something the caller can act on; `code` is stable."""

    code = "PROBLEM"


class InvalidInput(Problem):
    """The input has faults: all of them, each with its path, its code and the values that its text needs."""

    code = "INVALID_INPUT"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """At least one fault."""
        super().__init__(", ".join(sorted({fault.code for fault in faults})))
        self.faults = faults


class NotFound(Problem):
    """There is no such thing, or it is outside the actor's jurisdiction: a stranger cannot tell which."""

    code = "NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Current:
    """What stands now where the caller wanted to change something."""

    kind: Literal["ALERT", "CASE", "RECEIPT", "ACCOUNT", "DECLARATION", "DUTY", "STATION"]
    id: UUID | None


class Conflict(Problem):
    """Somebody else was first, or the state does not allow it; `current` is what stands now."""

    code = "CONFLICT"

    def __init__(self, reason: str, current: Current, values: dict[str, object] | None = None) -> None:
        """`reason` is a stable code: IDEMPOTENCY_KEY_REUSED, ALREADY_ACKNOWLEDGED, STALE_VERSION, WRONG_STATE, ..."""
        super().__init__(reason)
        self.reason = reason
        self.current = current
        self.values = values or {}


class InvalidCredentials(Problem):
    """What was shown does not prove who it is; it does not say what of it is wrong."""

    code = "INVALID_CREDENTIALS"

    def __init__(self, text: str = code) -> None:
        """`text` names what people are told: INVALID_CREDENTIALS of a name and password, SESSION_OVER of a token."""
        super().__init__()
        self.text = text


class SocketOnly(Problem):
    """This is about a socket, and was not asked on one."""

    code = "SOCKET_ONLY"


class SecondFactorNeeded(Problem):
    """Name and password are right; the account has a second factor, and its code is missing."""

    code = "SECOND_FACTOR_NEEDED"


class InvalidCode(Problem):
    """The code is not the newest that was sent to this phone or that the app shows, or it was used, or is too old."""

    code = "INVALID_CODE"

    def __init__(self, tries_left: int | None) -> None:
        """How often it may still be tried; 0 where another code has to be asked for, None where nobody counts."""
        super().__init__()
        self.tries_left = tries_left


class TooManyRequests(Problem):
    """Too often within too short a time."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, retry_after: int) -> None:
        """After how many seconds it may be tried again; at least 1."""
        super().__init__()
        self.retry_after = retry_after


class InvalidCursor(Problem):
    """A cursor that this list or subscription did not give."""

    code = "INVALID_CURSOR"


class CursorExpired(Problem):
    """A cursor from before the oldest event that is still kept."""

    code = "CURSOR_EXPIRED"

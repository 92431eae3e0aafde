"""What is wrong with a password that somebody wants to have."""

from collections.abc import Iterator

from access.password_strength import LONGEST, MINIMUM_LENGTH, weak
from triage.fault import Fault


def password_faults(password: str, username: str, field: str = "password") -> Iterator[Fault]:
    """WEAK_PASSWORD or TOO_LONG at the field of that name; nothing for a password that will do."""
    if len(password) > LONGEST:
        yield Fault((field,), "TOO_LONG", {"maximum": LONGEST})
    elif weak(password, username):
        yield Fault((field,), "WEAK_PASSWORD", {"minimum": MINIMUM_LENGTH})

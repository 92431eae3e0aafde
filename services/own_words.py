"""What somebody says in their own words about a decision: held to a length, and kept sealed."""

from services.problem import InvalidInput
from services.text_faults import text_faults

LONGEST = 1_000


def own_words(field: str, text: str | None) -> str | None:
    """The text without the space around it; None where none was given. Raises InvalidInput, naming the field."""
    if text is None:
        return None
    if faults := tuple(text_faults((field,), text, LONGEST)):
        raise InvalidInput(faults)
    return text.strip()


def needed_words(field: str, text: str) -> str:
    """The same where it has to be said. Raises InvalidInput, naming the field."""
    return own_words(field, text) or ""

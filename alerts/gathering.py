"""Many texts at once to one person become one: how long they wait for each other, and what is then said."""

from collections.abc import Mapping, Sequence
from typing import Any

from alerts.wording import Wording

RED_SECONDS = 20.0
"""How long after a text that calls to RED alerts the next such text to the same person waits, at most."""

OTHER_SECONDS = 120.0
"""The same for all other alerts."""


def gather_key(person: str, rank: int) -> str:
    """What messages have in common that may become one text: the person, and how dangerous, so that a red one never
    waits for, nor hides behind, another."""
    return f"{person}:{rank}"


def one_text(wording: Wording, messages: Sequence[Mapping[str, Any]], count: int) -> tuple[str, str]:
    """Recipient and text of `count` messages, of which at least one is given as it was sealed, oldest first.

    A single one says what it says. The number is the newest one's: it may have been put right meanwhile.
    """
    to = str(messages[-1]["to"])
    if count == 1:
        return to, str(messages[0]["body"])
    return to, wording.gathered([message.get("words") or {} for message in messages], count)

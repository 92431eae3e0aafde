"""Where protocols come from, and which of them is in force on a day."""

from collections.abc import Iterable
from datetime import date
from importlib.resources import files

from triage.check import examine
from triage.finding import Finding
from triage.rules import Protocol

__all__ = ["Protocol", "ProtocolError", "bundled", "bundled_texts", "in_force", "load"]


class ProtocolError(ValueError):
    """A protocol file that cannot be used; `findings` has every reason with its line."""

    def __init__(self, findings: list[Finding]) -> None:
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"line {first.line}: {first.message_en}{more}")
        self.findings = findings


def load(text: str) -> Protocol:
    """The protocol in a TOML text. Raises ProtocolError where `check` finds anything wrong with it.

    Its days are not held against other protocols here: publishing does that.
    """
    protocol, findings = examine(text)
    if protocol is None:
        raise ProtocolError(findings)
    return protocol


def bundled_texts() -> list[str]:
    """The texts of the protocol files that come with the program, in the order of their names."""
    folder = files("triage") / "protocols"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return [(folder / name).read_text(encoding="utf-8") for name in names]


def bundled() -> list[Protocol]:
    """The protocols that come with the program, by disease and first day."""
    return sorted(map(load, bundled_texts()), key=lambda protocol: (protocol.disease, protocol.valid_from))


def in_force(protocols: Iterable[Protocol], disease: str, on: date) -> Protocol | None:
    """The protocol for the disease on that day, or None. Of two without an end, the one that began later counts."""
    valid = [
        protocol
        for protocol in protocols
        if protocol.disease == disease
        and protocol.valid_from <= on
        and (protocol.valid_to is None or on < protocol.valid_to)
    ]
    return max(valid, key=lambda protocol: protocol.valid_from, default=None)

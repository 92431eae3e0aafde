"""Letters by e-mail: what they say, and what takes them on their way."""

import base64
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from alerts.gateway import MessageRefused, Text
from models.state import MessageKind


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes along with a letter."""

    name: str
    kind: str
    data: bytes = field(repr=False)

    def told(self) -> dict[str, str]:
        """As the outbox keeps it, sealed with the letter."""
        return {"name": self.name, "kind": self.kind, "data": base64.b64encode(self.data).decode("ascii")}


@dataclass(frozen=True, slots=True)
class Mail(Text):
    """A message for an e-mail address: a text with a subject and perhaps a file."""

    subject: str = field(default="", repr=False)
    attached: Attached | None = None


def is_mail(opened: Mapping[str, Any]) -> bool:
    """Whether what was sealed in the outbox goes by e-mail: a telephone number has no @ in it."""
    return "@" in str(opened["to"])


def mail_of(text: Text, opened: Mapping[str, Any]) -> Mail:
    """The letter of a message of the outbox."""
    said = opened.get("attached")
    attached = Attached(said["name"], said["kind"], base64.b64decode(said["data"])) if said else None
    return Mail(text.id, text.to, text.body, text.priority, str(opened.get("subject", "")), attached)


def as_mail(text: Text) -> Mail:
    """The letter that a gateway was handed. Raises MessageRefused for what is none."""
    if not isinstance(text, Mail):
        raise MessageRefused("NOT_A_MAIL")
    return text


def mail_words(kind: MessageKind, words: Mapping[str, str]) -> tuple[str, str]:
    """The subject and the text of a letter, Vietnamese with English below."""
    said = _texts()[kind]
    subject = " / ".join(said[language]["subject"].format_map(words) for language in ("vi", "en"))
    return subject, "\n\n".join(said[language]["body"].strip().format_map(words) for language in ("vi", "en")) + "\n"


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(files("alerts").joinpath("mail.toml").read_text(encoding="utf-8"))

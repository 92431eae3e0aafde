"""What messages say: pieces from a file, and of a person no more than the installation lets out."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from alerts.gsm7 import unaccented
from models.state import AlertKind, Danger, MessageKind

_WORD = re.compile(r"\{([a-z]+)\}")


class Detail(StrEnum):
    """What a text may say of a person and their declaration; everything else is never said."""

    CODE = "code"
    WARD = "ward"
    DANGER = "danger"
    LINK = "link"
    NAME = "name"
    PHONE = "phone"


DEFAULT_DETAIL = frozenset({Detail.CODE, Detail.WARD, Detail.DANGER, Detail.LINK})

_TO_STAFF = frozenset({MessageKind.ALERT, MessageKind.REFERRAL})

LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Wording:
    """The installation's choices: language, with or without accents, what may be said, and where its pages are."""

    language: str = "vi"
    accents: bool = False
    detail: frozenset[Detail] = DEFAULT_DETAIL
    public_url: str | None = None

    def body(self, kind: MessageKind, words: Mapping[str, str | None]) -> str:
        """The text of a message.

        `words` are what is known, by the names in the file; None is as not known. A `link` is made of the `alert` that
        staff is called to, and of a resident's `code`: it is the address alone where that may not be said.
        """
        said = {name: word for name, word in words.items() if word and self._may_say(name)}
        if link := self._link(kind, said.get("alert" if kind in _TO_STAFF else "code")):
            said["link"] = link
        return self._put(_texts()[kind][self.language], said)

    def gathered(self, alerts: Sequence[Mapping[str, str | None]], count: int) -> str:
        """One text for `count` alerts of the same danger; the words are of those that are known, oldest first."""
        wards = {words.get("ward") for words in alerts}
        about = {
            "danger": alerts[0].get("danger"),
            "ward": next(iter(wards)) if len(wards) == 1 else None,
            "due": alerts[0].get("due") if all(words.get("due") for words in alerts) else None,
        }
        said = {name: word for name, word in about.items() if word and self._may_say(name)}
        said["count"] = str(count)
        if Detail.WARD in self.detail:
            said["places"] = str(len(wards))
        if link := self._link(MessageKind.ALERT, None):
            said["link"] = link
        return self._put(_texts()["ALERTS"][self.language], said)

    def danger(self, kind: AlertKind, danger: Danger | None) -> str:
        """The word for how dangerous an alert is."""
        word: str = _texts()["danger"][self.language][danger or kind]
        return word

    def _put(self, pieces: Sequence[str | list[str]], said: Mapping[str, str]) -> str:
        found = (_said(piece, said) for piece in pieces)
        text = " ".join(piece for piece in found if piece)
        return text if self.accents else unaccented(text)

    def _may_say(self, name: str) -> bool:
        return name not in set(Detail) or name in self.detail

    def _link(self, kind: MessageKind, what: str | None) -> str | None:
        if self.public_url is None or Detail.LINK not in self.detail or kind is MessageKind.CODE:
            return None
        page = "a" if kind in _TO_STAFF else "r"
        if what is None and kind not in _TO_STAFF:
            return self.public_url
        return "/".join([self.public_url.rstrip("/"), page, *([what] if what else [])])


def _said(piece: str | list[str], words: Mapping[str, str]) -> str | None:
    for one in [piece] if isinstance(piece, str) else piece:
        wanted = set(_WORD.findall(one))
        if wanted <= words.keys():
            # In one pass: a name that itself looks like a {word} stays what it is.
            return _WORD.sub(lambda found: words[found[1]], one)
    return None


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(files("alerts").joinpath("texts.toml").read_text(encoding="utf-8"))

"""Values that stand nowhere else in the world, and finding them in whatever shape somebody may have left them."""

import base64
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, unquote_plus

NAME, CHILD, SPEAKER = "Trịnh Zơquắp Vẽlừng", "Trịnh Bỉkhuộn Vẽlừng", "Uông Xìbộp Kẽolầy"
PHONE, OTHER_PHONE = "0917 283 645", "0938 475 162"
NUMBER, OTHER_NUMBER = "079 817 263 544", "079 365 748 291"
STREET = "hẻm 9871/6 đường Bưởichuangọt"
EMAIL = "zoquap.velung@traquandi.example"
NOTE = "dặn cô ấy mang thuốc Xigurozin sang nhà hàng xóm"
REASON = "người nhà Zơquắp xin xoá hồ sơ vì đã khai nhầm"
PASSWORD, WRONG_PASSWORD = "Mochi-vàng-8861-Trồngcây", "Bimat-xanh-5527-Hétgio"
STRANGER = "ke.la.mat.qwvbzx"

WORDS = ("Zơquắp", "Vẽlừng", "Bỉkhuộn", "Xìbộp", "Kẽolầy", "Bưởichuangọt", "zoquap.velung@", "traquandi", "Xigurozin")
"""Of each text the words that nobody else uses: a trace of one is a trace of the whole."""

NUMBERS = (PHONE, OTHER_PHONE, NUMBER, OTHER_NUMBER)
SECRETS = (PASSWORD, WRONG_PASSWORD, STRANGER)


@dataclass(slots=True)
class Planted:
    """What is looked for; codes and tokens join it as they come."""

    texts: list[str] = field(default_factory=lambda: [*WORDS, *SECRETS])
    numbers: list[str] = field(default_factory=lambda: list(NUMBERS))
    codes: list[str] = field(default_factory=list)

    def traces(self, found: bytes) -> set[str]:
        """The planted values of which these bytes hold a trace."""
        left = set()
        text = found.decode("utf-8", "replace")
        # As a log, a URL or a JSON document may have written it, and as a hand that folds accents away.
        readings = {text, unquote_plus(text), _unescaped(text)}
        folded = "\n".join(_folded(reading) for reading in readings)
        digits = re.sub(r"(?<=\d)[ .\-]+(?=\d)", "", text)
        for value in self.texts:
            if _folded(value) in folded or any(shape in found for shape in _encoded(value)):
                left.add(value)
        for value in self.numbers:
            bare = value.replace(" ", "").removeprefix("0")
            if bare in digits or any(shape in found for one in (f"0{bare}", f"+84{bare}") for shape in _encoded(one)):
                left.add(value)
        for code in self.codes:
            # A whole word, and no fraction of a second: six digits may be anything.
            if re.search(rf"(?<![0-9A-Za-z.-]){code}(?![0-9A-Za-z-])", text):
                left.add(code)
        return left


def _folded(text: str) -> str:
    """Small letters without accents and spaces."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter) and not letter.isspace())


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def _encoded(value: str) -> Iterator[bytes]:
    """The value in other alphabets."""
    for form in ("NFC", "NFD"):
        raw = unicodedata.normalize(form, value).encode()
        yield raw
        yield raw.hex().encode()
        yield quote(raw).encode()
        yield quote_plus(raw).encode()
        for shift in range(3):
            # In the middle of something longer the same bytes look like one of three; the ends depend on neighbours.
            whole = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
            inner = whole[(0, 2, 3)[shift] : len(whole) - 1]
            yield inner
            yield inner.translate(bytes.maketrans(b"+/", b"-_"))

"""Typesetting the certificate that an isolation is over."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO

import segno
import typst

_FORMATS = "%d/%m/%Y"


class NotTypeset(Exception):
    """A paper could not be typeset; the text says nothing of what was to stand in it."""


@dataclass(frozen=True, slots=True)
class CertificateWords:
    """What stands in it. `birth` is a day, or a year where no more is known; `signed_at` is in the zone of the place.

    `area` is the ward with what is above it, smallest first and with commas between them; `url` is where the paper is
    verified, as the QR code has it.
    """

    code: str
    name: str
    birth: str
    area: str
    issuer: str
    disease: str
    test_on: date
    released_on: date
    signer: str
    signed_at: datetime
    url: str


def typeset(words: CertificateWords) -> bytes:
    """The unsigned page as PDF/A-2b, the same bytes for the same words. Takes some 10 ms. Raises NotTypeset."""
    with _compiling():
        return typst.compile(
            _template(),
            format="pdf",
            pdf_standards="a-2b",
            timestamp=int(words.signed_at.timestamp()),
            sys_inputs=_said(words),
            # Only what typst brings along: a page must look alike on every machine, whatever fonts it has.
            font_paths=_fonts(),
        )


def picture(words: CertificateWords, dots_per_inch: int = 100) -> bytes:
    """The page as a PNG, for eyes. Raises NotTypeset."""
    with _compiling():
        return typst.compile(_template(), format="png", ppi=dots_per_inch, sys_inputs=_said(words), font_paths=_fonts())


@contextmanager
def _compiling() -> Iterator[None]:
    try:
        yield
    except typst.TypstError:
        # Its text may quote the line that it stumbled over.
        raise NotTypeset("the certificate's template does not compile") from None


def _said(words: CertificateWords) -> dict[str, str]:
    year = "-" not in words.birth
    parts = [part.strip() for part in words.area.split(",")]
    day = words.signed_at
    said = {
        "code": words.code,
        "name": words.name,
        "birth": words.birth if year else date.fromisoformat(words.birth).strftime(_FORMATS),
        "birth_is_year": year,
        "area": words.area,
        "above": parts[1] if len(parts) > 1 else parts[0],
        "place": parts[-1].removeprefix("Thành phố "),
        "issuer": words.issuer,
        "disease": words.disease,
        "test_on": words.test_on.strftime(_FORMATS),
        "released_on": words.released_on.strftime(_FORMATS),
        "signer": words.signer,
        "signed_vi": f"ngày {day:%d} tháng {day:%m} năm {day:%Y}",
        "signed_at": f"{day:%H:%M %d/%m/%Y}",
        "url": words.url,
        "shown": words.url.split("://", 1)[-1],
        "qr": _qr(words.url),
    }
    return {"content": json.dumps(said, ensure_ascii=False)}


def _qr(url: str) -> str:
    drawn = BytesIO()
    # Q: a quarter of it may be folded, stained or stamped over.
    segno.make_qr(url, error="q").save(drawn, kind="svg", xmldecl=False, svgns=True, border=0, dark="#1c2733")
    return drawn.getvalue().decode("utf-8")


@cache
def _template() -> bytes:
    return (files("documents") / "certificate.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)

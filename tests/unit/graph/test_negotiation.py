"""Which language and which media type an answer is in."""

import pytest

from graph.accept import medium_of
from graph.language import language_of

JSON, RESPONSE, EVENTS = "application/json", "application/graphql-response+json", "text/event-stream"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("vi-VN, en;q=0.9", "vi"),
        ("vi;q=0.5, en;q=0.9", "en"),
        ("fr, en;q=0.3", "en"),
        ("fr", "vi"),
        ("*", "vi"),
        ("en;q=nonsense, vi;q=0.1", "vi"),
        ("en;q=0", "vi"),
        ("," * 10_000, "vi"),
    ],
)
def test_the_language_is_the_one_ranked_first(header: str | None, language: str) -> None:
    assert language_of(header) == language


@pytest.mark.parametrize(
    ("header", "medium"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (RESPONSE, RESPONSE),
        (f"{JSON}, {RESPONSE}", JSON),
        (f"{JSON};q=0.5, {RESPONSE}", RESPONSE),
        (EVENTS, EVENTS),
        (f"{EVENTS}, {JSON}", EVENTS),
        (f"{RESPONSE}, {JSON}, {EVENTS}", RESPONSE),
        (f"{JSON};q=0, {EVENTS}", EVENTS),
        (f"{JSON}; charset=utf-8", JSON),
        ("text/html", None),
        ("text/html, */*;q=0.1", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        (f"*/*, {JSON};q=0", RESPONSE),
        (f"application/*, {JSON};q=0, {RESPONSE};q=0", None),
        (f"{JSON};q=0.2, */*;q=0.5", RESPONSE),
        (f"{RESPONSE}, */*", RESPONSE),
        (f"*/*, {RESPONSE}", JSON),
        (f"{RESPONSE}, application/graphql+json, {JSON}, {EVENTS}, multipart/mixed", RESPONSE),
        ("text/event-stream, multipart/mixed", EVENTS),
        ("text/*", EVENTS),
        ("APPLICATION/JSON ; Q=0.3", JSON),
        (f"{JSON};q=1.5, {EVENTS};q=0.1", EVENTS),
        (f"{JSON};q=inf, {EVENTS};q=nan", None),
        (f"{JSON};q=-1", None),
        (f"{JSON};q=0.0000001", None),
        # RFC 9110, 5.6.4: what stands in quotes separates nothing.
        (f'{JSON};x="a;q=0"', JSON),
        (f'a/b;x="\\",{EVENTS}", {JSON}', JSON),
        (f'{JSON};x="never closed, {EVENTS}', JSON),
        ("*", None),
        (",;,", None),
        ("a/b," * 10_000 + JSON, None),
    ],
)
def test_the_medium_is_the_one_preferred(header: str | None, medium: str | None) -> None:
    assert medium_of(header) == medium

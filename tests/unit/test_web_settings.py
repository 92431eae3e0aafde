"""Whose pages may call: a list of origins, each as a browser writes it."""

import pytest

from settings import SettingsError, read


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ("", ()),
        ("https://khaibao.example", ("https://khaibao.example",)),
        ("https://a.example, http://localhost:3000,", ("https://a.example", "http://localhost:3000")),
        ("HTTPS://A.example:443,http://b.example:80", ("https://a.example", "http://b.example")),
        ("http://[::1]:8000", ("http://[::1]:8000",)),
        ("null", ("null",)),
    ],
)
def test_origins_are_as_browsers_write_them(
    monkeypatch: pytest.MonkeyPatch, given: str, origins: tuple[str, ...]
) -> None:
    monkeypatch.setenv("KHAIBAO_WEB_ORIGINS", given)
    assert read().allowed_origins == origins


@pytest.mark.parametrize(
    "given",
    [
        *("*", "https://*.example", "khaibao.example", "https://", "https://a.example/", "https://a.example/app"),
        *("ftp://a.example", "https://me@a.example", "https://a.example:x", "https://a.example?x", "file:///"),
    ],
)
def test_what_would_match_every_page_or_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("KHAIBAO_WEB_ORIGINS", given)
    with pytest.raises(SettingsError, match=r"KHAIBAO_WEB_ORIGINS: .*is no origin"):
        read()

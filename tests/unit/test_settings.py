"""Settings come from the environment, and what is wrong is said in one line."""

import os
from pathlib import Path

import pytest

import settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(settings.PREFIX):
            monkeypatch.delenv(name)


def test_without_any_variable_the_database_is_embedded_and_days_are_vietnam_s() -> None:
    read = settings.read()
    assert read.embedded
    assert (read.mode, read.timezone, read.disease, read.port) == ("production", "Asia/Ho_Chi_Minh", "covid19", 8000)


def test_a_database_of_one_s_own_is_used_when_its_url_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHAIBAO_DATABASE_URL", "postgres://app@db/khaibao")
    assert not settings.read().embedded


def test_an_empty_variable_is_as_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHAIBAO_DATABASE_URL", "")
    assert settings.read().embedded


def test_the_data_folder_holds_the_database_the_key_and_the_texts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KHAIBAO_DATA_DIR", str(tmp_path))
    read = settings.read()
    assert (read.postgres_dir, read.key_path) == (tmp_path / "postgres", tmp_path / "key")
    assert read.sms_log_path == tmp_path / "sms.log"
    monkeypatch.setenv("KHAIBAO_SMS_LOG", str(tmp_path / "texts"))
    assert settings.read().sms_log_path == tmp_path / "texts"


def test_a_relative_folder_is_made_absolute_since_the_server_starts_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHAIBAO_DATA_DIR", "here")
    assert settings.read().data_dir == Path.cwd() / "here"


@pytest.mark.parametrize(("uid", "expected"), [(0, Path("/var/lib/khaibao")), (1000, Path("/srv/lan/khaibao"))])
def test_root_and_a_user_have_their_own_default_folder(
    monkeypatch: pytest.MonkeyPatch, uid: int, expected: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/lan")
    assert settings.default_data_dir() == expected


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("DATABASE_URL", "mysql://db/khaibao", "KHAIBAO_DATABASE_URL: must begin with postgres:// or"),
        ("BROADCAST_URL", "kafka://broker", "KHAIBAO_BROADCAST_URL: must begin with memory:// or"),
        ("PORT", "eighty", "KHAIBAO_PORT: "),
        ("PORT", "70000", "KHAIBAO_PORT: "),
        ("TIMEZONE", "Asia/Sai_Gon", "KHAIBAO_TIMEZONE: must be a time zone's name"),
        ("TIMEZONE", "../etc/passwd", "KHAIBAO_TIMEZONE: must be a time zone's name"),
        ("REGION", "vn", "KHAIBAO_REGION: must be a country's two capital letters"),
        ("MODE", "staging", "KHAIBAO_MODE: "),
        ("OWNER_URL", "postgres://owner@db/khaibao", "KHAIBAO_OWNER_URL: also needs KHAIBAO_DATABASE_URL"),
        ("WORKERS", "8", "KHAIBAO_WORKERS: 8 workers would open 208 connections"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy", "KHAIBAO_TRUSTED_PROXIES: proxy is no address or network"),
        ("LIMITS", "declare_by_phone: 1", "KHAIBAO_LIMITS: "),
        (
            "DATABSE_URL",
            "postgres://db/khaibao",
            "KHAIBAO_DATABSE_URL is no setting; did you mean KHAIBAO_DATABASE_URL?",
        ),
        ("COLOUR", "blue", "KHAIBAO_COLOUR is no setting: the settings begin with KHAIBAO_"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, text: str
) -> None:
    monkeypatch.setenv(f"KHAIBAO_{name}", value)
    with pytest.raises(settings.SettingsError) as refused:
        settings.read()
    assert str(refused.value).startswith(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["DATABASE_URL", "BROADCAST_URL"])
def test_a_password_is_in_no_repr_and_in_no_error(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"KHAIBAO_{name}", "postgres://app:s3cret@db/khaibao")
    assert "s3cret" not in repr(settings.read())
    monkeypatch.setenv(f"KHAIBAO_{name}", "gopher://app:s3cret@db/khaibao")
    with pytest.raises(settings.SettingsError) as refused:
        settings.read()
    assert "s3cret" not in str(refused.value)


def test_settings_do_not_change_after_they_were_read() -> None:
    read = settings.read()
    with pytest.raises(ValueError, match="frozen"):
        read.port = 9000  # type: ignore[misc]  # that it is refused is the point


@pytest.mark.parametrize(
    ("mode", "given", "required"),
    [
        ("production", "", True),
        ("production", "off", False),
        ("demo", "", False),
        ("test", "", False),
        ("test", "required", True),
    ],
)
def test_a_second_factor_is_required_in_production_unless_somebody_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, mode: str, given: str, required: bool
) -> None:
    monkeypatch.setenv("KHAIBAO_MODE", mode)
    monkeypatch.setenv("KHAIBAO_SECOND_FACTOR", given)
    assert settings.read().second_factor_required is required


def test_a_provider_s_own_second_factor_is_a_claim_and_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.read().oidc_factor is None
    monkeypatch.setenv("KHAIBAO_OIDC_SECOND_FACTOR", "acr=mfa")
    assert settings.read().oidc_factor == ("acr", "mfa")


@pytest.mark.parametrize(
    ("issuer", "text"),
    [("https://id.example", "KHAIBAO_OIDC_AUDIENCE"), ("http://id.example", "https://"), ("https://", "https://")],
)
def test_a_provider_needs_an_audience_and_a_safe_line(monkeypatch: pytest.MonkeyPatch, issuer: str, text: str) -> None:
    monkeypatch.setenv("KHAIBAO_OIDC_ISSUER", issuer)
    with pytest.raises(settings.SettingsError, match=text):
        settings.read()

"""The settings of text messages."""

import pytest

import settings
from alerts.wording import Detail
from commands.demo_place import demo_settings
from message_settings import DETAILS, listed

KANNEL = {
    "KHAIBAO_SMS_GATEWAYS": "kannel, console",
    "KHAIBAO_KANNEL_URL": "http://localhost:13013/cgi-bin/sendsms",
    "KHAIBAO_KANNEL_USER": "khaibao",
    "KHAIBAO_KANNEL_PASSWORD": "geheim",
}


def read(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> settings.Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return settings.read()


def test_messages_go_to_a_file_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, {})
    assert listed(found.sms_gateways) == ["console"]
    assert (found.sms_accents, found.sms_language) == (False, "vi")


@pytest.mark.parametrize(("mode", "told"), [("production", True), ("demo", False), ("test", False)])
def test_residents_are_told_in_production_and_elsewhere_where_it_is_said(
    monkeypatch: pytest.MonkeyPatch, mode: str, told: bool
) -> None:
    assert read(monkeypatch, {"KHAIBAO_MODE": mode}).residents_told is told
    assert read(monkeypatch, {"KHAIBAO_SMS_RESIDENTS": str(not told)}).residents_told is not told


def test_a_demo_reaches_no_phone_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    found = demo_settings(read(monkeypatch, KANNEL))
    assert found.sms_gateways == "console"


def test_gateways_keep_their_order_and_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, {**KANNEL, "KHAIBAO_HTTP_SMS_SECRET": "hidden", "KHAIBAO_HTTP_SMS_AUTHORIZATION": "key"})
    assert listed(found.sms_gateways) == ["kannel", "console"]
    assert [secret for secret in ("geheim", "hidden", "key'") if secret in repr(found)] == []


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"KHAIBAO_SMS_GATEWAYS": "pigeon"}, "KHAIBAO_SMS_GATEWAYS: pigeon is none of console, http, kannel"),
        ({"KHAIBAO_SMS_GATEWAYS": "console,console"}, "KHAIBAO_SMS_GATEWAYS: takes console, http, kannel: each once"),
        ({"KHAIBAO_SMS_GATEWAYS": ","}, "KHAIBAO_SMS_GATEWAYS: takes"),
        ({"KHAIBAO_SMS_GATEWAYS": "http"}, "KHAIBAO_SMS_GATEWAYS: http also needs KHAIBAO_HTTP_SMS_URL"),
        ({**KANNEL, "KHAIBAO_KANNEL_PASSWORD": ""}, "KHAIBAO_SMS_GATEWAYS: kannel also needs KHAIBAO_KANNEL_PASSWORD"),
        ({"KHAIBAO_SMS_DETAIL": "code,diagnosis"}, "KHAIBAO_SMS_DETAIL: diagnosis is none of"),
        ({"KHAIBAO_HTTP_SMS_URL": "sms.example"}, "KHAIBAO_HTTP_SMS_URL: must begin with https:// or http://"),
        ({**KANNEL, "KHAIBAO_KANNEL_URL": "http://10.0.0.7/sendsms"}, "KHAIBAO_KANNEL_URL: must begin with https://"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], text: str) -> None:
    with pytest.raises(settings.SettingsError) as refused:
        read(monkeypatch, values)
    assert str(refused.value).startswith(text)
    assert "geheim" not in str(refused.value)


def test_an_open_line_to_another_machine_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    far = {**KANNEL, "KHAIBAO_KANNEL_URL": "http://10.0.0.7/sendsms", "KHAIBAO_SMS_PLAIN_HTTP": "true"}
    assert read(monkeypatch, far).kannel_url == "http://10.0.0.7/sendsms"


def test_the_words_of_the_setting_are_those_that_texts_know() -> None:
    assert set(DETAILS) == set(Detail)

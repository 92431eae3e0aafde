"""What messages say, in each language, at their longest."""

import re
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.gsm7 import measure
from alerts.wording import DEFAULT_DETAIL, LANGUAGES, Detail, Wording
from models.state import AlertKind, Danger, MessageKind

TEXTS = tomllib.loads(files("alerts").joinpath("texts.toml").read_text(encoding="utf-8"))

# The longest that is to be expected: of the city's 312 wards the longest name has 23 letters, of the addresses of
# installations one with 24, and a household has up to 20 people.
LONGEST = {
    "pin": "123456",
    "minutes": "5",
    "code": "WWWWW-WWWWW",
    "person": "20",
    "ward": "Phường Nguyễn Cư Trinh Mới",
    "station": "028 3829 1234",
    "danger": "NGUY CƠ CAO",
    "due": "10:05",
    "name": "Nguyễn Hoàng Phương Thảo Vy",
    "phone": "+84912345678",
    "alert": "018f3b6e-6d5c-7abc-8def-0123456789ab",
}
PUBLIC_URL = "https://kb.hcm.example"

EVERYTHING = frozenset(Detail)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_without_accents_the_longest_text_of_a_kind_is_one_segment(kind: MessageKind, language: str) -> None:
    text = Wording(language=language, public_url=PUBLIC_URL).body(kind, LONGEST)
    found = measure(text)
    assert (found.alphabet, found.segments) == ("GSM-7", 1), f"{len(text)}: {text}"


@given(
    kind=st.sampled_from(MessageKind),
    language=st.sampled_from(LANGUAGES),
    known=st.sets(st.sampled_from(sorted(LONGEST))),
    detail=st.frozensets(st.sampled_from(Detail)),
    linked=st.booleans(),
)
def test_whatever_is_known_and_let_out_a_text_has_no_gap_and_says_no_more(
    kind: MessageKind, language: str, known: set[str], detail: frozenset[Detail], linked: bool
) -> None:
    wording = Wording(language, accents=True, detail=detail, public_url=PUBLIC_URL if linked else None)
    words = {name: word for name, word in LONGEST.items() if name in known or name in ("pin", "minutes")}
    text = wording.body(kind, words)
    assert text
    assert re.search(r"[{}]|  ", text) is None
    kept = [Detail.CODE, Detail.WARD, Detail.NAME, Detail.PHONE, Detail.DANGER]
    said = [name for name in kept if name not in detail and LONGEST[name] in text]
    assert said == []
    assert (linked and Detail.LINK in detail) or PUBLIC_URL not in text


def test_by_default_a_text_says_neither_name_nor_phone() -> None:
    text = Wording(accents=True).body(MessageKind.ALERT, LONGEST)
    assert LONGEST["name"] not in text
    assert LONGEST["phone"] not in text
    said = Wording(accents=True, detail=EVERYTHING).body(MessageKind.ALERT, LONGEST)
    assert LONGEST["name"] in said
    assert LONGEST["phone"] in said


def test_an_alert_s_text_reads_as_a_sentence() -> None:
    wording = Wording(public_url="https://kb.example/")
    words = {"danger": wording.danger(AlertKind.SEVERE, Danger.RED), "ward": "Phường Bến Nghé", "alert": "018f3b6e"}
    assert wording.body(MessageKind.ALERT, {**words, "due": "10:05", "name": "Trần"}) == (
        "BAO DONG DO tai Phuong Ben Nghe: tra loi truoc 10:05. https://kb.example/a/018f3b6e"
    )


@pytest.mark.parametrize(
    ("wards", "dues", "text"),
    [
        (["Phường 1"] * 3, ["10:05", "10:06", "10:09"], "3 BAO DONG DO tai Phuong 1: tra loi truoc 10:05."),
        (["Phường 1", "Phường 2"], ["10:05", None], "2 BAO DONG DO tai 2 phuong, xa: tra loi ngay."),
        ([None, None], ["10:05", "10:06"], "2 BAO DONG DO tai 1 phuong, xa: tra loi truoc 10:05."),
    ],
)
def test_several_alerts_are_one_text_that_says_how_many_and_the_first_hour(
    wards: list[str | None], dues: list[str | None], text: str
) -> None:
    wording = Wording(public_url="https://kb.example/")
    alerts = [{"danger": "ĐỎ", "ward": ward, "due": due} for ward, due in zip(wards, dues, strict=True)]
    assert wording.gathered(alerts, len(alerts)) == f"{text} https://kb.example/a"


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_alerts_are_one_segment(language: str) -> None:
    found = measure(Wording(language, public_url=PUBLIC_URL).gathered([LONGEST] * 50, 5_073))
    assert (found.alphabet, found.segments) == ("GSM-7", 1)


def test_several_alerts_say_no_more_than_one_does() -> None:
    said = Wording(accents=True, detail=frozenset(), public_url=PUBLIC_URL).gathered([LONGEST] * 2, 2)
    assert said == "2 BÁO ĐỘNG trả lời trước 10:05."
    assert LONGEST["name"] not in Wording(detail=EVERYTHING, accents=True).gathered([LONGEST] * 2, 2)


def test_the_text_of_a_code_is_what_it_always_was() -> None:
    assert Wording().body(MessageKind.CODE, {"pin": "123456", "minutes": "5"}) == (
        "Ma xac minh khai bao cua ban la 123456. Ma co hieu luc trong 5 phut. Khong dua ma nay cho bat ky ai."
    )


def test_a_link_names_no_code_that_may_not_be_said() -> None:
    wording = Wording(detail=DEFAULT_DETAIL - {Detail.CODE}, public_url=PUBLIC_URL)
    text = wording.body(MessageKind.RECEIVED, LONGEST)
    assert text.endswith(PUBLIC_URL)
    assert LONGEST["code"] not in text


def test_a_name_that_looks_like_a_word_of_ours_stays_a_name() -> None:
    text = Wording(detail=EVERYTHING).body(MessageKind.ALERT, {**LONGEST, "name": "{code}"})
    assert "{code}" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_every_danger_has_its_text(language: str) -> None:
    assert {kind.value for kind in MessageKind} == TEXTS.keys() - {"danger", "ALERTS"}
    for kind in AlertKind:
        assert Wording(language).danger(kind, None)
    for danger in Danger:
        assert Wording(language).danger(AlertKind.SEVERE, danger)

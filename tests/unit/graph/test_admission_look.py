"""The short look before the long one: it may call for the long one in vain, and never spares one that would find."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from graph.admission_look import as_sent, mentions, shows_red_signs
from services.protocols import Protocols
from triage.protocol import Protocol, bundled

DAY = date(2022, 3, 18)
PROTOCOLS = bundled()
WORDS = as_sent(Protocols(PROTOCOLS).red_words)

_CODES = sorted({code for protocol in PROTOCOLS for code in protocol.symptom_codes | protocol.condition_codes})
_ODD: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({"a": []})
)
_CODE_LISTS = st.lists(st.sampled_from(_CODES) | _ODD, max_size=6)
_VITALS = st.dictionaries(
    st.sampled_from(["spo2", "respiratoryRate", "respiratory_rate", "feverHours", "pulse", "systolic", "temperature"]),
    st.floats(0, 200) | _ODD,
)
_PERSON = st.fixed_dictionaries(
    {},
    optional={
        "symptoms": _CODE_LISTS | _ODD,
        "conditions": _CODE_LISTS | _ODD,
        "vitals": _VITALS | _ODD,
        "birthYear": st.integers(1900, 2022) | _ODD,
        "pregnant": st.booleans() | _ODD,
        "idempotencyKey": st.just("k"),
    },
)
_SENT = st.fixed_dictionaries({"idempotencyKey": st.just("k"), "people": st.lists(_PERSON | _ODD, max_size=12)})


@given(_SENT | _PERSON | _ODD, st.sampled_from(PROTOCOLS))
def test_whoever_has_red_signs_mentions_one_of_the_words(sent: object, protocol: Protocol) -> None:
    assert mentions(sent, WORDS) or not shows_red_signs(sent, DAY, protocol)


def test_what_mentions_none_is_not_looked_at_again() -> None:
    assert WORDS is not None
    harmless = sorted(set(_CODES) - WORDS)[:3]
    person = {"symptoms": harmless, "conditions": [], "vitals": {"weight": 60}, "birthYear": 1990}
    assert not mentions({"idempotencyKey": "k", "people": [person] * 10}, WORDS)
    assert mentions({"idempotencyKey": "k", "people": [person | {"vitals": {"spo2": 99}}]}, WORDS)
    assert mentions({"idempotencyKey": "k", "people": [person | {"symptoms": [[]]}]}, WORDS)


def test_where_a_criterion_needs_no_word_everything_is_looked_at() -> None:
    assert as_sent(None) is None
    assert mentions({}, None)

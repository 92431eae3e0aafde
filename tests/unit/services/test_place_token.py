"""Places in the queue: what their slips hold, and what they do not let anybody do."""

import base64
from dataclasses import replace

import pytest

from access.keys import KeyRing, new_key
from services.place_token import PLACE_SECONDS, BadPlace, PlaceTokens, SpentPlaces

NOW = 1_700_000_000.0


def test_a_slip_says_when_its_holder_first_came_and_from_when_it_holds() -> None:
    places = PlaceTokens(KeyRing([new_key()]))
    found = places.read(places.make(2, "household-7", NOW, NOW + 3), "household-7", NOW + 4)
    assert (found.lane, found.first, found.due) == (2, NOW, NOW + 3)


def test_a_slip_for_one_declaration_is_none_for_another() -> None:
    places = PlaceTokens(KeyRing([new_key()]))
    slip = places.make(2, "household-7", NOW, NOW)
    with pytest.raises(BadPlace):
        places.read(slip, "household-8", NOW)


def test_a_slip_ends() -> None:
    places = PlaceTokens(KeyRing([new_key()]))
    slip = places.make(2, "", NOW, NOW)
    assert places.read(slip, "", NOW + PLACE_SECONDS - 1).due == NOW
    with pytest.raises(BadPlace):
        places.read(slip, "", NOW + PLACE_SECONDS + 1)


def test_whoever_has_not_the_key_cannot_come_earlier() -> None:
    places = PlaceTokens(KeyRing([new_key()]))
    name, _, text = places.make(2, "", NOW, NOW).partition(".")
    content = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    for byte in range(len(content)):
        changed = bytes(content[:byte]) + bytes([content[byte] ^ 1]) + bytes(content[byte + 1 :])
        with pytest.raises(BadPlace):
            places.read(f"{name}.{base64.urlsafe_b64encode(changed).decode().rstrip('=')}", "", NOW)


@pytest.mark.parametrize("slip", ["", ".", "a.b", "k1.!!!!", "é.é", "\0", "x" * 10_000, "k1." + "A" * 54])
def test_what_is_no_slip_is_no_place(slip: str) -> None:
    with pytest.raises(BadPlace):
        PlaceTokens(KeyRing([new_key()])).read(slip, "", NOW)


def test_a_slip_outlives_a_rotation_of_keys() -> None:
    old, new = new_key(), new_key()
    slip = PlaceTokens(KeyRing([old])).make(1, "", NOW, NOW)
    assert PlaceTokens(KeyRing([old, new])).read(slip, "", NOW).first == NOW


def test_a_place_is_used_once() -> None:
    places, spent = PlaceTokens(KeyRing([new_key()])), SpentPlaces(most=2)
    one, other, third = (places.read(places.make(1, "", NOW, NOW), "", NOW) for _ in range(3))
    assert spent.spend(one, NOW)
    assert not spent.spend(one, NOW)
    assert [spent.spend(place, NOW) for place in (other, third)] == [True, True]
    # The memory is bounded: of three the oldest is forgotten.
    assert not spent.spend(third, NOW)
    assert spent.spend(replace(one), NOW)

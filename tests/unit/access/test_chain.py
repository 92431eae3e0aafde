"""The chain's arithmetic: whatever is done to a sealed record is found at that record."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.chain import GENESIS, Chain, Link, Record, UnknownKey
from access.keys import Key, KeyRing, Standing

OLD, NEW = Key("old", b"o" * 32), Key("new", b"n" * 32)
CHAIN = Chain(KeyRing([OLD]))
SEALED_AT = datetime(2022, 3, 18, 3, tzinfo=UTC)

texts = st.text(max_size=12)
records = st.builds(
    Record,
    id=st.uuids(),
    at=st.datetimes(timezones=st.just(UTC)),
    account_id=st.none() | st.uuids(),
    session_id=st.none() | st.uuids(),
    actor=texts,
    action=texts,
    objects=st.lists(texts, max_size=3),
    detail=st.dictionaries(texts, st.none() | st.integers(-9, 9) | texts, max_size=3),
    origin=st.none() | texts,
    request_id=st.none() | texts,
    why=st.none() | texts | st.binary(max_size=12),
)
chains = st.lists(records, min_size=2, max_size=6, unique_by=lambda record: record.id)


def sealed(chosen: Sequence[Record]) -> list[Link]:
    return list(CHAIN.add(None, chosen, SEALED_AT))


def first_fault(links: Sequence[Link], chosen: Sequence[Record], chain: Chain = CHAIN) -> int | None:
    """The place of the first link that does not hold."""
    previous = GENESIS
    for place, (link, record) in enumerate(zip(links, chosen, strict=False)):
        if not chain.holds(previous, link, record):
            return place
        previous = link.hash
    return None


def otherwise(record: Record, name: str) -> Record:
    """The same record with another value in one field."""
    value = getattr(record, name)
    match value:
        case None:
            changed: object = UUID(int=7) if name.endswith("account_id") or name == "session_id" else ""
        case UUID():
            changed = UUID(int=value.int ^ 1)
        case datetime():
            changed = value + timedelta(microseconds=1) if value.year < 9999 else value - timedelta(microseconds=1)
        case list():
            changed = [*value, ""]
        case dict():
            changed = {**value, "added": 1}
        case _:
            changed = value + ("x" if isinstance(value, str) else b"x")
    return replace(record, **{name: changed})  # type: ignore[arg-type]  # the field is drawn


@given(chains)
def test_what_was_sealed_holds(chosen: list[Record]) -> None:
    assert first_fault(sealed(chosen), chosen) is None


@given(chains, st.data())
def test_a_change_of_any_field_is_found_at_its_record(chosen: list[Record], data: st.DataObject) -> None:
    links = sealed(chosen)
    place = data.draw(st.integers(0, len(chosen) - 1))
    name = data.draw(st.sampled_from([field.name for field in fields(Record)]))
    chosen[place] = otherwise(chosen[place], name)
    assert first_fault(links, chosen) == place


@given(chains, st.data())
def test_a_record_and_link_taken_out_are_found_where_they_were(chosen: list[Record], data: st.DataObject) -> None:
    links = sealed(chosen)
    place = data.draw(st.integers(0, len(chosen) - 2))
    del chosen[place], links[place]
    assert first_fault(links, chosen) == place


@given(chains, records, st.data())
def test_a_record_put_in_between_is_found_where_it_is(chosen: list[Record], other: Record, data: st.DataObject) -> None:
    links = sealed(chosen)
    place = data.draw(st.integers(0, len(chosen) - 1))
    # Whoever has no key may well copy a link that is there.
    chosen.insert(place, other)
    links.insert(place, replace(links[place], seq=place + 1))
    assert first_fault(links, chosen) == (place if other != chosen[place + 1] else place + 1)


@given(chains, st.data())
def test_two_records_that_change_places_are_found_at_the_first(chosen: list[Record], data: st.DataObject) -> None:
    links = sealed(chosen)
    first = data.draw(st.integers(0, len(chosen) - 2))
    second = data.draw(st.integers(first + 1, len(chosen) - 1))
    chosen[first], chosen[second] = chosen[second], chosen[first]
    assert first_fault(links, chosen) == first


@given(chains, st.data())
def test_a_time_of_sealing_that_is_put_back_is_found(chosen: list[Record], data: st.DataObject) -> None:
    links = sealed(chosen)
    place = data.draw(st.integers(0, len(chosen) - 1))
    links[place] = replace(links[place], sealed_at=SEALED_AT - timedelta(days=7))
    assert first_fault(links, chosen) == place


def a_record(**changed: object) -> Record:
    plain = Record(UUID(int=1), datetime(2022, 3, 18, tzinfo=UTC), None, None, "A", "a", [], {}, None, None, None)
    return replace(plain, **changed)  # type: ignore[arg-type]  # each test names fields of the record


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_record(actor="ab", action="c"), a_record(actor="a", action="bc")),
        (a_record(origin=None), a_record(origin="")),
        (a_record(origin="x", request_id=None), a_record(origin=None, request_id="x")),
        (a_record(account_id=UUID(int=5)), a_record(session_id=UUID(int=5))),
        (a_record(why="n"), a_record(why=b"n")),
    ],
)
def test_no_two_contents_share_their_bytes(one: Record, other: Record) -> None:
    assert one.canonical() != other.canonical()


def test_the_order_of_keys_in_a_detail_does_not_matter() -> None:
    assert a_record(detail={"a": 1, "b": 2}).canonical() == a_record(detail={"b": 2, "a": 1}).canonical()


def test_a_chain_goes_on_under_a_new_key_and_the_old_links_still_hold() -> None:
    chosen = [a_record(id=UUID(int=number)) for number in range(4)]
    links = sealed(chosen[:2])
    both = Chain(KeyRing([replace(OLD, standing=Standing.RETIRED), NEW]))
    links += both.add(links[-1], chosen[2:], SEALED_AT)
    assert [link.key for link in links] == ["old", "old", "new", "new"]
    assert first_fault(links, chosen, both) is None


def test_a_link_of_a_key_that_is_gone_cannot_be_checked() -> None:
    [link] = sealed([a_record()])
    with pytest.raises(UnknownKey):
        Chain(KeyRing([NEW])).holds(GENESIS, link, a_record())


def test_without_the_key_nobody_makes_a_link() -> None:
    forged = list(Chain(KeyRing([replace(NEW, name="old")])).add(None, [a_record()], SEALED_AT))
    assert first_fault(forged, [a_record()]) == 0

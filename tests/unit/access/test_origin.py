"""Whose address counts: only what a trusted hop vouches for."""

from collections.abc import Sequence

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from access.origin import Network, Origins, counted_network, trusted_networks

PROXIES = trusted_networks("10.0.0.0/8, 2001:db8:1::/48,192.0.2.7")


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str | None:
    """What would be hashed."""
    return Origins(str, trusted).of(peer, forwarded)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.1.1.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.1.1.1", ["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
        ("10.1.1.1", ["1.2.3.4, 198.51.100.1, 192.0.2.7, 10.9.9.9"], "198.51.100.1"),
        ("10.1.1.1", ["1.2.3.4", "198.51.100.1", "10.2.2.2"], "198.51.100.1"),
        ("10.1.1.1", [], "10.1.1.1"),
        ("10.1.1.1", [""], "10.1.1.1"),
        ("10.1.1.1", ["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        ("10.1.1.1", ["198.51.100.1, unknown"], "10.1.1.1"),
        ("10.1.1.1", ["198.51.100.1, <script>, 10.2.2.2"], "10.2.2.2"),
        ("10.1.1.1", ["198.51.100.1, , 10.2.2.2"], "10.2.2.2"),
        ("10.1.1.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.1.1.1", ['"[2001:db8:2::5]:4711"'], "2001:db8:2::5"),
        ("2001:db8:1::1", ["2001:DB8:2:0:0::5"], "2001:db8:2::5"),
        ("::ffff:10.1.1.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("fe80::1%eth0", ["198.51.100.1"], "fe80::1"),
        (None, ["198.51.100.1"], None),
        ("", [], None),
        ("not an address", ["198.51.100.1"], None),
    ],
)
def test_the_right_most_hop_that_nobody_trusts_counts(peer: str | None, forwarded: list[str], expected: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == expected


@given(st.lists(st.text()), st.sampled_from(["203.0.113.9", "::1"]))
def test_without_trust_no_header_changes_anything(forwarded: list[str], peer: str) -> None:
    assert client_address(peer, forwarded, ()) == peer


@given(st.text(alphabet='0123456789.:, []abcdef%"unkow'))
def test_whoever_stands_before_a_trusted_hop_cannot_write_to_its_right(forged: str) -> None:
    assert client_address("10.1.1.1", [f"{forged},198.51.100.1"], PROXIES) == "198.51.100.1"


def test_addresses_of_one_household_count_as_one() -> None:
    assert counted_network("2001:db8:2:3:4::1") == counted_network("2001:db8:2:3:ffff::9") == "2001:db8:2:3::/64"
    assert counted_network("2001:db8:2:4::1") != counted_network("2001:db8:2:3::1")
    assert counted_network("198.51.100.1") == "198.51.100.1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "missing"),
    [
        ("192.168.1.1", ["198.51.100.1"], True),
        ("127.0.0.1", ["198.51.100.1"], True),
        ("10.1.1.1", ["198.51.100.1"], False),
        ("203.0.113.9", ["198.51.100.1"], False),
        ("192.168.1.1", [], False),
        (None, ["198.51.100.1"], False),
    ],
)
def test_a_proxy_nearby_that_nobody_has_named_is_noticed(peer: str | None, forwarded: list[str], missing: bool) -> None:
    with structlog.testing.capture_logs() as logs:
        Origins(str, PROXIES).of(peer, forwarded)
    assert bool(logs) is missing


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy.example", "10.0.0.1/8"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text[:4]):
        trusted_networks(text)


def test_one_who_is_not_known_has_no_hash_and_a_missing_proxy_is_said_once() -> None:
    origins = Origins(lambda address: f"#{address}", PROXIES)
    with structlog.testing.capture_logs() as logs:
        assert origins.of("10.1.1.1", ["198.51.100.1"]) == "#198.51.100.1"
        assert [origins.of("192.168.1.1", ["198.51.100.1"]) for _ in range(3)] == ["#192.168.1.1"] * 3
        assert origins.of(None, []) is None
    assert [(line["event"], line["peer"]) for line in logs] == [("proxy_not_trusted", "192.168.1.1")]
    assert Origins().of("198.51.100.1", []) is None

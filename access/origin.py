"""Where a request comes from: the peer, or what a proxy that the operator trusts says of it."""

import re
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal, NamedTuple, TypeAlias

import structlog

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

# What a provider gives to one household: whoever has one address of it has 18 million million million.
_HOUSEHOLD = 64

# Where an operator's own proxies stand.
_NEARBY = tuple(
    ip_network(one)
    for one in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
)


# As nearly every address is written, and as it is written by us.
_PART = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN = re.compile(rf"{_PART}(?:\.{_PART}){{3}}")

_LOG_SECONDS = 60.0
_PEERS_KEPT = 4_096

logger = structlog.get_logger(__name__)


class _Peer(NamedTuple):
    """Whoever is at the other end of a connection."""

    ip: Address
    address: str
    trusted: bool
    nearby: bool


class Origins:
    """From the address of a request to the hash that stands for it wherever it is written or counted."""

    def __init__(self, hashed: Callable[[str], str] | None = None, trusted: Sequence[Network] = ()) -> None:
        """Without a way to hash, nothing is known of where requests come from: so it is for commands."""
        self._hashed, self._trusted = hashed, tuple(trusted)
        self._silent_until = 0.0
        # Asked several times a request, and of the same few peers where a proxy stands in front.
        self._peer = lru_cache(_PEERS_KEPT)(self._look_at)
        self._client = lru_cache(_PEERS_KEPT)(self._vouched)

    def of(self, peer: str | None, forwarded_for: Sequence[str]) -> str | None:
        """The hash of the client's address; None where it has none, as on a socket of this machine.

        `forwarded_for` are the X-Forwarded-For headers in their order. They count only behind a trusted peer, and from
        the right: each trusted hop vouches for the entry before its own and for nothing further left, which anybody can
        write. What cannot be read ends the walk at the last hop that was vouched for. `Forwarded` is not read.
        """
        if self._hashed is None:
            return None
        found = self._peer(peer)
        if found is None:
            return None
        if found.trusted:
            return self._hashed(self._client(found, tuple(forwarded_for)))
        if forwarded_for and found.nearby and time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + _LOG_SECONDS
            # Everybody behind it would be counted as one, and one may do less than a city.
            logger.warning("proxy_not_trusted", peer=peer, setting="KHAIBAO_TRUSTED_PROXIES")
        return self._hashed(found.address)

    def trusts(self, peer: str | None) -> bool:
        """Whether the peer is a proxy of the operator's, whose word counts."""
        found = self._peer(peer)
        return found is not None and found.trusted

    def _vouched(self, peer: _Peer, forwarded_for: tuple[str, ...]) -> str:
        return str(_vouched_for(peer.ip, forwarded_for, self._trusted))

    def _look_at(self, peer: str | None) -> _Peer | None:
        address = _address(peer or "")
        if address is None:
            return None
        return _Peer(address, str(address), _within(address, self._trusted), _within(address, _NEARBY))


def trusted_networks(text: str) -> tuple[Network, ...]:
    """The networks of a list such as `10.0.0.0/8, 2001:db8::1`. Raises ValueError for what is none."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def counted_network(address: str) -> str:
    """What is counted as one place: an IPv4 address, or the /64 of an IPv6 address. Raises ValueError."""
    if _PLAIN.fullmatch(address):
        return address
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((int(found), _HOUSEHOLD), strict=False))
    return str(found)


def _vouched_for(peer: Address, forwarded_for: Sequence[str], trusted: tuple[Network, ...]) -> Address:
    address = peer
    for entry in _from_the_right(forwarded_for):
        before = _address(entry)
        if before is None:
            break
        address = before
        if not _within(address, trusted):
            break
    return address


def _from_the_right(headers: Sequence[str]) -> Iterable[str]:
    for header in reversed(headers):
        # One by one: a header may be as long as the server takes, and hardly ever more than two hops are read.
        rest = header
        while rest:
            rest, _, entry = rest.rpartition(",")
            yield entry


def _address(text: str) -> Address | None:
    """An address as proxies write it, perhaps with a port or a zone; IPv4 in the clothes of IPv6 is IPv4."""
    text = text.strip()
    if _PLAIN.fullmatch(text):
        return IPv4Address(int.from_bytes(socket.inet_aton(text), "big"))
    text = text.strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def _within(address: Address | None, networks: tuple[Network, ...]) -> bool:
    if address is None:
        return False
    kind: Literal[4, 6] = address.version
    return any(kind == network.version and address in network for network in networks)

"""Where a request comes from: the peer, or what a proxy that the operator trusts says of it."""

import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal, TypeAlias

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


_LOG_SECONDS = 60.0

logger = structlog.get_logger(__name__)


class Origins:
    """From the address of a request to the hash that stands for it wherever it is written or counted."""

    def __init__(self, hashed: Callable[[str], str] | None = None, trusted: Sequence[Network] = ()) -> None:
        """Without a way to hash, nothing is known of where requests come from: so it is for commands."""
        self._hashed, self._trusted = hashed, tuple(trusted)
        self._silent_until = 0.0

    def of(self, peer: str | None, forwarded_for: Sequence[str]) -> str | None:
        """The hash of the client's address; None where it has none."""
        if self._hashed is None:
            return None
        if forwards_unasked(peer, forwarded_for, self._trusted) and time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + _LOG_SECONDS
            # Everybody behind it would be counted as one, and one may do less than a city.
            logger.warning("proxy_not_trusted", peer=peer, setting="KHAIBAO_TRUSTED_PROXIES")
        address = client_address(peer, forwarded_for, self._trusted)
        return None if address is None else self._hashed(address)

    def trusts(self, peer: str | None) -> bool:
        """Whether the peer is a proxy of the operator's, whose word counts."""
        address = _address(peer or "")
        return address is not None and _within(address, self._trusted)


def trusted_networks(text: str) -> tuple[Network, ...]:
    """The networks of a list such as `10.0.0.0/8, 2001:db8::1`. Raises ValueError for what is none."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: Iterable[Network]) -> str | None:
    """The address that counts as the client's; None where the peer has none, as on a socket of this machine.

    `forwarded_for` are the X-Forwarded-For headers in their order. They count only behind a trusted peer, and from the
    right: each trusted hop vouches for the entry before its own and for nothing further left, which anybody can write.
    What cannot be read ends the walk at the last hop that was vouched for. `Forwarded` is not read.
    """
    address = _address(peer or "")
    if address is None:
        return None
    networks = tuple(trusted)
    if _within(address, networks):
        for entry in _from_the_right(forwarded_for):
            before = _address(entry)
            if before is None:
                break
            address = before
            if not _within(address, networks):
                break
    return str(address)


def counted_network(address: str) -> str:
    """What is counted as one place: an IPv4 address, or the /64 of an IPv6 address. Raises ValueError."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((int(found), _HOUSEHOLD), strict=False))
    return str(found)


def forwards_unasked(peer: str | None, forwarded_for: Sequence[str], trusted: Iterable[Network]) -> bool:
    """Whether a proxy nearby seems to be missing in the list: all clients then count as that one address."""
    address = _address(peer or "")
    return bool(forwarded_for) and _within(address, _NEARBY) and not _within(address, tuple(trusted))


def _from_the_right(headers: Sequence[str]) -> Iterable[str]:
    for header in reversed(headers):
        # One by one: a header may be as long as the server takes, and hardly ever more than two hops are read.
        rest = header
        while rest:
            rest, _, entry = rest.rpartition(",")
            yield entry


def _address(text: str) -> Address | None:
    """An address as proxies write it, perhaps with a port or a zone; IPv4 in the clothes of IPv6 is IPv4."""
    text = text.strip().strip('"')
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
    kind: Literal[4, 6] | None = address.version if address is not None else None
    return any(kind == network.version and address in network for network in networks)

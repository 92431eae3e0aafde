"""Where a request comes from: the peer, or what a proxy that the operator trusts says of it."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

# What a provider gives to one household: whoever has one address of it has 18 million million million.
_HOUSEHOLD = 64

# Where an operator's own proxies stand.
_NEARBY = tuple(
    ip_network(one)
    for one in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
)


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

"""Addresses that nobody has, for people that nobody is: as if a proxy had forwarded them."""

from zlib import crc32

_CARRIERS = 1024


def made_up_address(who: str) -> str:
    """The address behind which a phone or an account is, always the same: one of a thousand that carriers share out.

    They are of a network that was set aside for trying out machines (RFC 2544). A server believes them only of a hop
    that it trusts, as a demo trusts its own machine.
    """
    number = crc32(who.encode()) % _CARRIERS
    return f"198.18.{number >> 8}.{number & 255}"

"""Global ids: opaque to a client, and of use wherever an id of that type is asked for."""

import base64
import binascii
from collections.abc import Sequence
from uuid import UUID

from services.problem import NotFound

_LONGEST = 200
_UUID = 36
_LONGEST_KEY = 64
"""Of an area or a station: a column would refuse to be compared with a longer one."""


def global_id(type_name: str, key: UUID | str) -> str:
    """The id that a client sees of the object of this type and key."""
    # A page has a hundred of them, and the function for URLs translates each.
    found = binascii.b2a_base64(f"{type_name}:{key}".encode(), newline=False).rstrip(b"=").decode("ascii")
    return _for_urls(found)


def global_ids(type_name: str, keys: Sequence[str]) -> list[str]:
    """The ids of many objects of a type, whose keys are UUIDs as text: all of them are written as one text, and cut."""
    length = len(type_name) + 1 + _UUID
    # Filled up to whole groups of three bytes, of which base64 makes four characters.
    filler = "\0" * (-length % 3)
    whole = "".join([f"{type_name}:{key}{filler}" for key in keys]).encode()
    text = _for_urls(binascii.b2a_base64(whole, newline=False).decode("ascii"))
    step, shown = (length + len(filler)) // 3 * 4, -(-length * 4 // 3)
    return [text[at : at + shown] for at in range(0, step * len(keys), step)]


def _for_urls(text: str) -> str:
    return text.replace("+", "-").replace("/", "_") if "+" in text or "/" in text else text


def parse_global_id(text: str) -> tuple[str, str]:
    """The type's name and the key. Raises NotFound: what has no id of ours does not exist here."""
    if len(text) > _LONGEST:
        raise NotFound
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        name, colon, key = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(":")
    except (UnicodeError, binascii.Error) as error:
        raise NotFound from error
    if not colon or not key or "\0" in key or len(key) > _LONGEST_KEY:
        raise NotFound
    return name, key


def key_of(type_name: str, text: str) -> str:
    """The key of an object of this type. Raises NotFound, also for the id of another type."""
    found, key = parse_global_id(text)
    if found != type_name:
        raise NotFound
    return key


def uuid_of(type_name: str, text: str) -> UUID:
    """The key of an object of this type whose keys are UUIDs. Raises NotFound."""
    try:
        return UUID(key_of(type_name, text))
    except ValueError as error:
        raise NotFound from error

"""Cursors: opaque to a client, and of no use anywhere but where they were given."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, overload
from uuid import UUID

import orjson

from services.problem import InvalidCursor

PageKind = Literal[
    "alerts",
    "cases",
    "declarations",
    "own",
    "stations",
    "areas",
    "accounts",
    "trail",
    "duties",
    "work",
    "timeline",
    "transfers",
    "stock",
    "referrals",
    "check_ins",
    "certificates",
]
_LONGEST = 400


def alert_cursor(seq: int) -> str:
    """The cursor of a position in the alert log."""
    return _encode(["log", seq])


def read_alert_cursor(text: str) -> int:
    """The position in the alert log. Raises InvalidCursor for anything that is not such a cursor."""
    match _decode(text):
        case ["log", int(seq)] if seq >= 0:
            return seq
        case _:
            raise InvalidCursor


def page_cursor(kind: PageKind, rank: int, at: datetime, id: UUID) -> str:
    """The cursor of one row in a list that is ordered by rank, moment and identifier."""
    return _encode([kind, rank, at.isoformat(), str(id)])


class Cursors(Sequence[str]):
    """The cursors of a page's rows in their order, each made when somebody looks at it: most readers take the last."""

    def __init__(self, kind: PageKind, keys: Sequence[tuple[int, datetime, UUID]]) -> None:
        """`keys` are the rows' ranks, moments and identifiers."""
        self._kind, self._keys = kind, keys

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._keys)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> list[str]: ...

    def __getitem__(self, at: int | slice) -> str | list[str]:
        """The cursor of one row, or of some."""
        if isinstance(at, slice):
            return [page_cursor(self._kind, *key) for key in self._keys[at]]
        return page_cursor(self._kind, *self._keys[at])


def read_page_cursor(kind: PageKind, text: str) -> tuple[int, datetime, UUID]:
    """Where a page goes on. Raises InvalidCursor, also for another list's cursor."""
    match _decode(text):
        case [str(found), int(rank), str(at), str(id)] if found == kind:
            try:
                moment = datetime.fromisoformat(at)
                if moment.tzinfo is None:
                    raise InvalidCursor
                return rank, moment, UUID(id)
            except ValueError as error:
                raise InvalidCursor from error
        case _:
            raise InvalidCursor


def number_cursor(kind: PageKind, number: int, id: str) -> str:
    """The cursor of one row in a list that is ordered by the areas' numbers."""
    return _encode([kind, number, id])


def read_number_cursor(kind: PageKind, text: str) -> tuple[int, str]:
    """Where a page goes on. Raises InvalidCursor, also for another list's cursor."""
    match _decode(text):
        case [str(found), int(number), str(id)] if found == kind:
            return number, id
        case _:
            raise InvalidCursor


def _encode(parts: list[object]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode("ascii").rstrip("=")


def _decode(text: str) -> object:
    if len(text) > _LONGEST:
        raise InvalidCursor
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, UnicodeEncodeError) as error:
        raise InvalidCursor from error

"""Identifiers and cursors that somebody has tampered with."""

import base64
import json
import random
from typing import Any

import orjson

from tests.integration.scope.values import KINDS, decoded, global_id

_KEYS = [
    *("", "\0", "x", "0", "-1", "79", "00000000-0000-0000-0000-000000000000", "{00000000000000000000000000000000}"),
    *("ffffffff-ffff-ffff-ffff-ffffffffffff", "urn:uuid:00000000-0000-0000-0000-000000000000", "x" * 100, "\u202e"),
    *("2022-03-18", "9" * 60, "a:b", "'", "\n", "٣" * 32),
]


_NUMBERS = [
    *(-1, 0, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, -(2**31) - 1, -(2**63) - 1, 1.5, 1e308),
    *(True, None, "1"),
]
_OTHERS: list[Any] = [None, True, [], {}, 0, [[]], 1e308]


def odd_id(chance: random.Random, ready: str, texts: list[str]) -> str:
    """Of another kind, of no key, padded, cut, or no identifier at all."""
    kind, _, key = decoded(ready).partition(":")
    match chance.randrange(6):
        case 0:
            return global_id(kind or "Case", chance.choice(_KEYS))
        case 1:
            return global_id(
                chance.choice([*KINDS, "Evidence", "Referral", "Certificate", "Query", "", "\0"]), key or "x"
            )
        case 2:
            return ready + chance.choice(["=", "====", " ", "\n", "\0", "A"])
        case 3:
            return ready[: chance.randrange(1 + len(ready))]
        case 4:
            return key
        case _:
            return chance.choice(texts)


def odd_cursor(chance: random.Random, known: list[str], texts: list[str]) -> str:
    """A cursor that was shown, with something else inside; or no cursor at all."""
    try:
        inside = orjson.loads(decoded(chance.choice(known))) if known else None
    except orjson.JSONDecodeError:
        inside = None
    if not isinstance(inside, list) or not inside or chance.random() < 0.15:
        return chance.choice(texts)
    place = chance.randrange(len(inside))
    if chance.random() < 0.15:
        inside = chance.choice([inside[:place], [*inside, None], [inside], {"0": inside}, inside[::-1]])
    elif isinstance(inside[place], int) and chance.random() < 0.8:
        inside[place] = chance.choice(_NUMBERS)
    elif chance.random() < 0.8:
        inside[place] = chance.choice([*texts, *_KEYS])
    else:
        inside[place] = chance.choice(_OTHERS)
    # Half a character cannot be written as UTF-8, and yet somebody may send its bytes.
    text = json.dumps(inside, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(text).decode().rstrip("=")

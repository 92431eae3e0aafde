"""How many sockets, operations and subscriptions one client holds open in this process.

Of this process alone: with several, each client has as much room in each. What it protects is the memory of one
process, and asking the others before every operation would cost more than what it holds back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from access.actor import Actor

Kind = Literal[
    "ADDRESS_SOCKETS",
    "ACCOUNT_SOCKETS",
    "SOCKET_OPERATIONS",
    "ACCOUNT_OPERATIONS",
    "SOCKET_SUBSCRIPTIONS",
    "ACCOUNT_SUBSCRIPTIONS",
]


class NoRoom(Exception):
    """There is no room for one more; `kind` says of what there are too many already."""

    def __init__(self, kind: Kind) -> None:
        """Of the bound that is reached."""
        super().__init__(kind)
        self.kind: Kind = kind


@dataclass(frozen=True, slots=True)
class Share:
    """The most that one holder may have of a kind; whoever has no name, as behind no address, is not counted."""

    kind: Kind
    holder: str | None
    most: int


class Room:
    """What is held, by kind and holder. Nothing is kept of whoever holds nothing."""

    def __init__(self) -> None:
        """Nothing is held."""
        self._held: dict[tuple[Kind, str], int] = {}

    def take(self, *shares: Share) -> Callable[[], None]:
        """Takes one of each; call what it returns once to give them back. Raises NoRoom, and then takes none."""
        counted = [share for share in shares if share.holder is not None]
        keys = tuple([(share.kind, share.holder or "") for share in counted])
        for key, share in zip(keys, counted, strict=True):
            if self._held.get(key, 0) >= share.most:
                raise NoRoom(share.kind)
        for key in keys:
            self._held[key] = self._held.get(key, 0) + 1
        return partial(self._give_back, keys)

    def _give_back(self, keys: tuple[tuple[Kind, str], ...]) -> None:
        for key in keys:
            left = self._held[key] - 1
            if left:
                self._held[key] = left
            else:
                del self._held[key]

    def __len__(self) -> int:
        """How many holders there are."""
        return len(self._held)


def holder_of(actor: Actor) -> str | None:
    """Under which name somebody's sockets and operations are counted: the account, or the proven phone."""
    if actor.account_id is not None:
        return str(actor.account_id)
    return actor.phone_hash

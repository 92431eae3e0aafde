"""A loader whose answers belong to everybody who waits for them."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from strawberry.dataloader import DataLoader

K = TypeVar("K")
T = TypeVar("T")


class SharedLoad(DataLoader[K, T]):
    """Strawberry's loader, in which one field that is given up takes nothing from the others.

    All fields that ask for one key wait for one future. Where a field fails, graphql-core cancels those beside it, and
    that future with them: fields in quite another part of the answer, or the whole operation, then ended as if the
    client had gone.
    """

    def load(self, key: K) -> Awaitable[T]:
        """What belongs to the key; whoever stops waiting for it stops alone."""
        return asyncio.shield(super().load(key))

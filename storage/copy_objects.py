"""Copying objects from one store into another, as they are: encrypted, and of no use without their database's keys."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storage.object_store import ObjectMissing, ObjectStore

_AT_ONCE = 16


@dataclass(slots=True)
class Copied:
    """How many objects were copied, how many were there already, and how many the source does not have."""

    copied: int = 0
    there: int = 0
    missing: int = 0


async def copy_objects(
    source: ObjectStore, target: ObjectStore, names: Sequence[str], progress: Callable[[int, int], None]
) -> Copied:
    """Copies the objects of these names; one that is there already stays, for an object never changes under its name.

    `progress` hears how many of how many are done. Raises StoreUnavailable; begun again, it goes on where it was.
    """
    done, turn = Copied(), asyncio.Semaphore(_AT_ONCE)

    async def one(name: str) -> None:
        async with turn:
            if await target.has(name):
                done.there += 1
            else:
                try:
                    await target.put(name, await source.get(name))
                    done.copied += 1
                except ObjectMissing:
                    # Its photo was removed between the copy of the database and this one, or the store has lost it.
                    done.missing += 1
        progress(done.copied + done.there + done.missing, len(names))

    # A batch at a time: a task for each of a million names would be a million tasks.
    for start in range(0, len(names), 1_000):
        await asyncio.gather(*(one(name) for name in names[start : start + 1_000]))
    return done

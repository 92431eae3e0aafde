"""The object store: bytes under names, and nothing else. What is put there is encrypted before it comes here.

It knows nothing of whose an object is or who may read it; `services.stored_object` is the way in.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, from_url
from obstore.store import ObjectStore as Store

_SECONDS = 30.0


class StoreUnavailable(Exception):
    """The store cannot be reached, or does not take what it is given."""


class ObjectMissing(Exception):
    """There is no object of that name."""


class ObjectStore:
    """Puts, gets and removes; each call ends within half a minute, whatever the store does."""

    def __init__(self, store: Store | None = None, folder: Path | None = None) -> None:
        """Without a store the objects lie in memory, and go with the process: for tests. `folder` is where a local one
        has them."""
        self._store = store if store is not None else MemoryStore()
        self._folder = folder

    async def put(self, name: str, data: bytes) -> None:
        """Writes an object as a whole, over one of the same name. Raises StoreUnavailable."""
        try:
            async with _within():
                await obstore.put_async(self._store, name, data)
                if self._folder is not None:
                    # Whoever is told that it is kept must find it after the power was gone, too.
                    await asyncio.to_thread(_sync, self._folder / name)
        except ObjectMissing:
            # Nothing can be missing that is being written but what it is written to.
            raise StoreUnavailable("the object store: there is no such bucket or folder") from None

    async def get(self, name: str) -> bytes:
        """The bytes of an object. Raises ObjectMissing, StoreUnavailable."""
        async with _within():
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())

    async def has(self, name: str) -> bool:
        """Whether there is an object of that name. Raises StoreUnavailable."""
        try:
            async with _within():
                await obstore.head_async(self._store, name)
        except ObjectMissing:
            return False
        return True

    async def remove(self, name: str) -> None:
        """Removes an object; one that is not there is removed already. Raises StoreUnavailable."""
        if self._folder is not None:
            async with _within():
                await asyncio.to_thread(_remove_staged, self._folder / name)
        try:
            async with _within():
                await obstore.delete_async(self._store, name)
        except ObjectMissing:
            return


def open_store(url: str | None, folder: Path) -> ObjectStore:
    """The store that an address names (s3://bucket/folder, gs://, az://, file:///), or else a folder.

    A folder is made where there is none, for its owner alone. What a store asks of its callers, such as keys and a
    region, it takes from its own variables (AWS_ACCESS_KEY_ID and the like). Raises StoreUnavailable.
    """
    try:
        if url is None or urlsplit(url).scheme == "file":
            place = folder if url is None else Path(url2pathname(urlsplit(url).path))
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            return ObjectStore(LocalStore(place), place)
        return ObjectStore(from_url(url))
    except (BaseError, OSError, ValueError) as error:
        raise StoreUnavailable(f"the object store cannot be opened: {_first_line(error)}") from error


def _sync(file: Path) -> None:
    for path in (file, file.parent, file.parent.parent):
        # Folders cannot be opened on Windows, whose file system keeps their entries with the file.
        if path is file or os.name == "posix":
            descriptor = os.open(path, os.O_RDWR if path is file else os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _remove_staged(file: Path) -> None:
    """What a process that died while it wrote has left beside the object: its library writes under another name."""
    if file.parent.is_dir():
        for path in file.parent.iterdir():
            if path.name.startswith(f"{file.name}#"):
                path.unlink(missing_ok=True)


@asynccontextmanager
async def _within() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_SECONDS):
            yield
    except FileNotFoundError as error:
        raise ObjectMissing from error
    except TimeoutError as error:
        raise StoreUnavailable(f"the object store has not answered within {_SECONDS:.0f} seconds") from error
    except (BaseError, OSError) as error:
        raise StoreUnavailable(f"the object store: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    # What follows is the library's own source of the fault, many lines long.
    return next(iter(str(error).splitlines()), type(error).__name__)

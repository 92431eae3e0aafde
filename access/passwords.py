"""Passwords: argon2id, in few threads, so that a storm of sign-ins does not stop the declares."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

Result = TypeVar("Result")

MOST_WAITING = 64
"""Five to fifteen seconds of hashing on one thread: who would wait longer is told to come back."""

# Letters and digits that nobody takes for one another, in print or on the phone.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4


class TooManyWaiting(Exception):
    """More sign-ins wait for the slow hash than can be answered soon."""


class Passwords:
    """Hashes and checks passwords: `threads` at once, some wait, and all beyond those are refused at once."""

    def __init__(self, threads: int = 1, *, cheap: bool = False, most_waiting: int = MOST_WAITING) -> None:
        """`cheap` is for demo and test installations, whose passwords are printed anyway."""
        self._hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1) if cheap else PasswordHasher()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash("a password that nobody has")
        self._room = threads + most_waiting
        self._taken = 0
        self.threads = threads

    async def hash(self, password: str) -> str:
        """The argon2id hash to store. Raises TooManyWaiting."""
        return await self._slowly(lambda: self._hasher.hash(_same_letters(password)))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one; as slow for an unknown account (None) as for a known one.

        Raises TooManyWaiting.
        """
        right = await self._slowly(lambda: self._verify(stored or self._nobody, _same_letters(password)))
        return right and stored is not None

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _slowly(self, work: Callable[[], Result]) -> Result:
        if self._taken >= self._room:
            raise TooManyWaiting
        self._taken += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        # Given back when the thread is done, not when the caller has gone away: its work still stands in the queue.
        future.add_done_callback(self._done)
        return await future

    def _done(self, _: object) -> None:
        self._taken -= 1

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def first_password() -> str:
    """A random password of 79 bits that can be read out on the phone: `kmnp-7xqr-b2tz-hh4w`."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _same_letters(password: str) -> str:
    # One keyboard sends "ế" as one letter, another as three: the same word must be the same password on both.
    return unicodedata.normalize("NFC", password)

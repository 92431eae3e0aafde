"""Passwords: argon2id, in few threads, so that a storm of sign-ins does not stop the declares."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 12


class Passwords:
    """Hashes and checks passwords; at most `threads` at once, the others wait."""

    def __init__(self, threads: int = 1, *, cheap: bool = False) -> None:
        """`cheap` is for demo and test installations, whose passwords are printed anyway."""
        self._hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1) if cheap else PasswordHasher()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash("a password that nobody has")

    async def hash(self, password: str) -> str:
        """The argon2id hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one; as slow for an unknown account (None) as for a known one."""
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._pool, self._verify, stored or self._nobody, password)
        return right and stored is not None

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

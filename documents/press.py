"""The press: typesets and signs, off the event loop and few at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from documents.certificate import CertificateWords, typeset
from documents.signatory import NoSignatory, Signatory

Made = TypeVar("Made")


class Press:
    """Makes signed papers. What signs is opened with the first paper, in the press's own thread: it may be slow."""

    def __init__(self, signatory: Callable[[], Signatory] | None = None, threads: int = 1) -> None:
        """`threads` papers at once; the others wait. Without a `signatory` a demo authority of this process signs."""
        self._open = signatory or _demo_signatory
        self._signatory: Signatory | None = None
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="press")

    async def certificate(self, words: CertificateWords) -> bytes:
        """The certificate as a signed PDF. Raises NotTypeset, NoSignatory."""
        return await self._run(lambda: self._certificate(words))

    async def signatory(self) -> Signatory:
        """Who signs. Raises NoSignatory."""
        return await self._run(self._known)

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Made]) -> Made:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _known(self) -> Signatory:
        if self._signatory is None:
            self._signatory = self._open()
        return self._signatory

    def _certificate(self, words: CertificateWords) -> bytes:
        # pyhanko takes a quarter of a second to read: no command and no start of a server waits for it.
        from documents.signing import signed

        signatory = self._known()
        try:
            return signed(typeset(words), signatory, place=words.issuer, reason=words.code)
        except NoSignatory:
            # A token that was pulled out: it is opened anew for the next paper.
            self._signatory = None
            raise


def _demo_signatory() -> Signatory:
    from documents.authority import demo_signatory

    return demo_signatory()

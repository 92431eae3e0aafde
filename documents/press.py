"""The press: typesets and signs, off the event loop and few at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TypeVar

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, sign_pdf
from pyhanko.sign.fields import SigSeedSubFilter

from documents.authority import NoSignatory, Signatory, demo_signatory
from documents.certificate import CertificateWords, typeset

Made = TypeVar("Made")

FIELD = "khaibao"
"""The name of the signature's field in the PDF."""


class Press:
    """Makes signed papers. What signs is opened with the first paper, in the press's own thread: it may be slow."""

    def __init__(self, signatory: Callable[[], Signatory] = demo_signatory, threads: int = 1) -> None:
        """`threads` papers at once; the others wait. Without a `signatory` a demo authority of this process signs."""
        self._open = signatory
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
        signatory = self._known()
        try:
            return signed(typeset(words), signatory, place=words.issuer, reason=words.code)
        except NoSignatory:
            # A token that was pulled out: it is opened anew for the next paper.
            self._signatory = None
            raise


def signed(page: bytes, signatory: Signatory, *, place: str, reason: str) -> bytes:
    """The same PDF with a PAdES signature (B-B) that covers all of it: whoever changes a byte breaks it."""
    meta = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        location=place,
        reason=reason,
        subfilter=SigSeedSubFilter.PADES,
    )
    made = sign_pdf(IncrementalPdfFileWriter(BytesIO(page)), meta, signer=signatory.signer)
    return bytes(made.getbuffer())

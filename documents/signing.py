"""The signature in a PDF."""

from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, sign_pdf
from pyhanko.sign.fields import SigSeedSubFilter

from documents.signatory import Signatory

FIELD = "khaibao"
"""The name of the signature's field in the PDF."""


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

"""Printing: what a head has signed becomes a PDF with the installation's digital signature, and goes out by e-mail.

For nobody in particular, so as the service. A process claims a certificate for a minute, makes the paper with no
transaction open, and puts it away; one that dies in between leaves it to the next.
"""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from alerts import outbox
from alerts.mail import Attached, mail_words
from alerts.outbox import Letter, Priority
from documents.certificate import CertificateWords, NotTypeset
from documents.signatory import NoSignatory
from models.case import Case
from models.certificate import Certificate
from models.database import service_connection, service_transaction
from models.declaration import Submission
from models.state import MessageKind
from services.certificate_content import read_content
from services.problem import NotFound
from services.runtime import Runtime
from services.stored_object import put, remove
from storage.object_store import StoreUnavailable

_BATCH = 10
_MAIL_USEFUL = timedelta(days=7)

# In the database's own time: the claim is real seconds, also where a demo has moved the clock. What begins with UPDATE
# gives Tortoise's caller no rows.
_CLAIM = """
WITH due AS MATERIALIZED (
  SELECT c.id FROM certificate c JOIN illness_case i ON i.id = c.case_id AND i.anonymised_at IS NULL
  WHERE c.state = 'SIGNED' AND c.object_key IS NULL AND coalesce(c.printing_until < clock_timestamp(), true)
  ORDER BY c.id LIMIT $1 FOR UPDATE OF c SKIP LOCKED
)
UPDATE certificate c SET printing_until = clock_timestamp() + interval '60 seconds' FROM due WHERE c.id = due.id
RETURNING c.id
"""
_PRINTED = """
UPDATE certificate SET object_key = $2, data_key = $3, digest = $4, printing_until = NULL
WHERE id = $1 AND state = 'SIGNED' AND object_key IS NULL AND content <> ''
"""
_SIGNERS = "SELECT display_name FROM account WHERE id = $1"
# The submission that the case was opened by, where its phone was proven: an address from somebody who has mistyped the
# number may be mistyped as well, and a stranger would read who was ill.
_SUBMISSION = """
SELECT s.id FROM submission s JOIN declaration d ON d.submission_id = s.id
WHERE d.case_id = $1 AND s.verified AND s.phone_hash = $2 AND s.anonymised_at IS NULL ORDER BY s.submitted_at LIMIT 1
"""

logger = structlog.get_logger(__name__)


async def print_certificates(runtime: Runtime) -> int:
    """Makes the papers of all that were signed and have none; how many."""
    made = 0
    while True:
        _, rows = await service_connection().execute_query(_CLAIM, [_BATCH])
        for row in rows:
            made += await print_certificate(runtime, row["id"])
        if len(rows) < _BATCH:
            return made


async def print_certificate(runtime: Runtime, id: UUID) -> bool:
    """Makes the paper of one signed certificate and writes the letter that carries it; whether it was made here.

    What cannot be made now is logged, and tried again after the claim.
    """
    found = await Certificate.get_or_none(id=id, using_db=service_connection()).prefetch_related("case")
    if found is None or found.signed_at is None or found.object_key is not None or not found.content:
        return False
    try:
        pdf = await runtime.press.certificate(await _words(runtime, found))
        stored = await put(runtime, key_place(id), pdf)
    except (NoSignatory, NotTypeset, StoreUnavailable, UnsealError) as error:
        logger.error("certificate_not_printed", certificate=str(id), error=type(error).__name__)
        return False
    now = runtime.clock.now()
    async with service_transaction() as connection:
        digest = hashlib.sha256(pdf).hexdigest()
        values: list[Any] = [id, stored.object_key, stored.data_key, digest]
        changed, _ = await connection.execute_query(_PRINTED, values)
        letter = await _letter(runtime, connection, found, pdf, now) if changed else None
        if letter is not None:
            await outbox.put(connection, runtime.sealer, letter, now)
    if not changed:
        # Somebody else was quicker, or it was revoked or erased meanwhile: nobody will ever ask for this one.
        await remove(runtime, stored.object_key)
    if letter is not None:
        runtime.wake_relay()
    return bool(changed)


def key_place(id: UUID) -> str:
    """Where the key of a certificate's PDF is sealed."""
    return f"certificate_key:{id}"


def verification_url(runtime: Runtime, code: str) -> str:
    """Where anybody verifies a certificate: the installation's page, or the bare code where it has none."""
    public = runtime.wording.public_url
    return f"{public.rstrip('/')}/c/{code}" if public else code


async def _words(runtime: Runtime, certificate: Certificate) -> CertificateWords:
    said = read_content(runtime.sealer, certificate.id, certificate.content)
    case: Case = certificate.case
    _, signers = await service_connection().execute_query(_SIGNERS, [certificate.signed_by])
    signed_at = certificate.signed_at
    if signed_at is None:
        raise NotFound
    protocol = runtime.protocols.judging(case.disease, runtime.clock.day(signed_at))
    return CertificateWords(
        code=certificate.code,
        name=said.name,
        birth=said.birth,
        area=said.area,
        issuer=said.station or said.area.partition(",")[0],
        # A protocol's name begins with its disease's: the place and the time that follow are not this person's.
        disease=protocol.text.vi.partition(",")[0] if protocol else case.disease,
        test_on=date.fromisoformat(said.test_on),
        released_on=date.fromisoformat(said.released_on),
        signer=signers[0]["display_name"] if signers else "",
        signed_at=signed_at.astimezone(runtime.clock.zone()),
        url=verification_url(runtime, certificate.code),
    )


async def _letter(
    runtime: Runtime, connection: AsyncpgDBClient, certificate: Certificate, pdf: bytes, now: datetime
) -> Letter | None:
    case: Case = certificate.case
    if not runtime.residents_told or not case.phone_hash:
        return None
    _, rows = await connection.execute_query(_SUBMISSION, [case.id, case.phone_hash])
    if not rows:
        return None
    submission = await Submission.get(id=rows[0]["id"], using_db=connection)
    try:
        email = runtime.sealer.open(f"submission:{submission.id}", submission.contact).get("email")
    except UnsealError:
        return None
    if not isinstance(email, str) or "@" not in email:
        return None
    words = {"code": certificate.code, "link": verification_url(runtime, certificate.code)}
    subject, body = mail_words(MessageKind.CERTIFICATE, words)
    attached = Attached(f"{certificate.code}.pdf", "application/pdf", pdf)
    return Letter(
        MessageKind.CERTIFICATE,
        Priority.STATUS,
        email,
        body,
        now + _MAIL_USEFUL,
        case.id,
        subject=subject,
        attached=attached,
    )

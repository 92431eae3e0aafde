"""Signing: the head of a station certifies that isolations are over, of one or of many at once.

What the head decides is written here, in one transaction; the paper itself, typeset and sealed with the installation's
digital signature, follows within seconds (`services.print_certificates`). So three hundred are signed in one call, and
a key that cannot be reached for an hour keeps no head waiting.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access import trail
from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.sealing import UnsealError
from access.trail import Line
from access.visible import visible
from models.case import Case
from models.certificate import Certificate
from models.database import staff_transaction
from models.state import CaseEventKind, CertificateState, MessageKind
from services.batch import padded
from services.certificate_actions import ACTS
from services.certificate_content import content_of, places_of, read_content
from services.change_case import advance, counted, line_of
from services.change_cases import Chosen, at_most, locked_cases, note_all, save_cases
from services.count_change import add_counts
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime
from services.tell_resident import tell_outcomes

# The person as it stands now: a slip that was put right since the release is right on the paper.
_SIGN = """
UPDATE certificate c SET state = 'SIGNED', signed_at = $3, signed_by = $4, content = n.content, version = version + 1
FROM unnest($1::uuid[], $2::bytea[]) AS n (id, content) WHERE c.id = n.id
"""

logger = structlog.get_logger(__name__)

Answer = Certificate | Conflict | NotFound


async def sign_certificate(
    runtime: Runtime, actor: Actor, certificate_id: UUID, version: int | None = None
) -> Certificate:
    """Signs one; whoever has signed it gets it again. Raises Conflict (WRONG_STATE, STALE_VERSION) and NotFound."""
    (found,) = await sign_certificates(runtime, actor, [Chosen(certificate_id, version)])
    if isinstance(found, Certificate):
        return found
    raise found


async def sign_certificates(runtime: Runtime, actor: Actor, chosen: Sequence[Chosen]) -> list[Answer]:
    """Signs those of the certificates that can be signed; what came of each, in the order asked.

    Raises InvalidInput for none and for more than 300, NotFound for a role that signs nothing.
    """
    if not may(actor, Action.SIGN_CERTIFICATE):
        raise NotFound
    at_most(len(chosen), "certificates")
    found: dict[UUID, Answer] = {}
    async with staff_transaction(bounds_of(actor)) as connection:
        certificates, cases = await locked_certificates(connection, actor, [one.id for one in chosen])
        now = runtime.clock.now()
        signing: list[tuple[Certificate, Case]] = []
        changes = []
        for one in chosen:
            certificate = certificates.get(one.id)
            case = cases.get(certificate.case_id) if certificate else None
            if one.id in found:
                continue
            if certificate is None or case is None or not case.identity:
                found[one.id] = NotFound()
                continue
            if certificate.state == CertificateState.SIGNED and certificate.signed_by == actor.account_id:
                found[one.id] = certificate
                continue
            try:
                check_version(certificate, one.version)
                in_state(certificate, CertificateState.AWAITING_SIGNATURE)
                before = advance(case, "CERTIFY", now)
            except Conflict as refused:
                found[one.id] = refused
                continue
            changes.append(counted(runtime.clock, case, before, now))
            signing.append((certificate, case))
            found[one.id] = certificate
        told = await _sign(runtime, actor, connection, signing, now) if signing else False
        await add_counts(connection, changes)
    if told:
        runtime.wake_relay()
    return [found[one.id] for one in chosen]


async def locked_certificates(
    connection: AsyncpgDBClient, actor: Actor, ids: Sequence[UUID]
) -> tuple[dict[UUID, Certificate], dict[UUID, Case]]:
    """Those of the certificates that the actor may see, and their cases, locked: the cases first."""
    wanted = padded(ids)
    named = await visible(actor, Certificate, connection).filter(id__in=wanted)
    if not named:
        return {}, {}
    cases = await locked_cases(connection, actor, [row.case_id for row in named])
    rows = visible(actor, Certificate, connection).filter(id__in=wanted).order_by("id").select_for_update()
    return {row.id: row for row in await rows}, cases


def in_state(certificate: Certificate, state: CertificateState) -> None:
    """Raises Conflict (WRONG_STATE) where the certificate is in another state."""
    if certificate.state != state:
        allowed = ACTS.get(CertificateState(certificate.state), ())
        values: dict[str, object] = {"state": certificate.state.value, "allowed": allowed}
        raise Conflict("WRONG_STATE", Current("CASE", certificate.case_id), values)


def check_version(certificate: Certificate, version: int | None) -> None:
    """Raises Conflict (STALE_VERSION) where it is not the version that the caller has seen."""
    if version is not None and version != certificate.version:
        values: dict[str, object] = {"version": certificate.version, "seen": version}
        raise Conflict("STALE_VERSION", Current("CASE", certificate.case_id), values)


async def _sign(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    signing: Sequence[tuple[Certificate, Case]],
    now: datetime,
) -> bool:
    cases = [case for _, case in signing]
    places = await places_of(connection, cases)
    for certificate, case in signing:
        try:
            released = read_content(runtime.sealer, certificate.id, certificate.content).released_on
            content = content_of(runtime, case, places, released)
            certificate.content = content.sealed(runtime.sealer, certificate.id)
        except UnsealError:
            # It was put together at the release: what nobody can read now is on the paper as it was then.
            logger.warning("certificate_not_renewed", certificate=str(certificate.id))
        certificate.state, certificate.signed_at = CertificateState.SIGNED, now
        certificate.signed_by, certificate.version = actor.account_id, certificate.version + 1
    contents = [certificate.content for certificate, _ in signing]
    await connection.execute_query(_SIGN, [[one.id for one, _ in signing], contents, now, actor.account_id])
    await save_cases(connection, cases)
    kind = CaseEventKind.CERTIFIED
    lines = [line_of(runtime.sealer, actor, case, kind, now, subject=one.id) for one, case in signing]
    await note_all(connection, lines)
    await trail.append(
        connection,
        [
            Line(actor, "sign_certificate", now, [str(one.id), str(case.id)], area_no=case.area_no)
            for one, case in signing
        ],
    )
    return await tell_outcomes(runtime, connection, cases, MessageKind.CERTIFICATE, now)

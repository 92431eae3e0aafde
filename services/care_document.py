"""The lines of a resident's document that say what was done for somebody: one for each row, in plain words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from access.sealing import UnsealError
from models.alert import Alert
from models.case_event import CaseEvent
from models.certificate import Certificate
from models.check_in import CheckIn
from models.contact_attempt import ContactAttempt
from models.dispensing import Dispensing
from models.referral import Referral
from models.release_test import ReleaseTest
from models.transfer import Transfer
from services.certificate_content import content_place
from services.check_in_report import place_of as check_in_place
from services.dispense_pack import place_of as dispensing_place
from services.record_contact import place_of as contact_place
from services.referral_words import answer_place, reason_place
from services.runtime import Runtime
from services.transfer_reason import transfer_place

Line = Mapping[str, object]


class Words:
    """Staff, places and what is sealed, in words."""

    def __init__(self, runtime: Runtime, staff: Mapping[UUID, Line], names: Mapping[str, str]) -> None:
        """By the identifiers of accounts, and by those of stations and areas."""
        self._runtime, self._staff, self._names = runtime, staff, names

    def staff(self, account_id: UUID | None) -> Line | None:
        """Whoever of the staff it was, by role and station."""
        return self._staff.get(account_id) if account_id else None

    def name(self, id: str | None) -> str | None:
        """What a station or an area is called."""
        return self._names.get(id) if id else None

    def opened(self, place: str, sealed: bytes | None) -> dict[str, Any]:
        """What was sealed there; nothing where nothing was, and where no key that is known here opens it."""
        if not sealed:
            return {}
        try:
            return self._runtime.sealer.open(place, sealed)
        except UnsealError:
            return {}


def alert_line(said: Words, row: Alert) -> Line:
    """A call to the station."""
    return {
        "kind": row.kind,
        "danger": row.danger,
        "state": row.state,
        "raised_at": row.raised_at,
        "acknowledged_at": row.acknowledged_at,
        "acknowledged_by": said.staff(row.acknowledged_by),
        "resolved_at": row.resolved_at,
        "resolved_by": said.staff(row.resolved_by),
        "outcome": row.outcome,
        "note": said.opened(f"alert:{row.id}", row.note).get("note"),
    }


def contact_line(said: Words, row: ContactAttempt) -> Line:
    """An attempt to reach the person."""
    return {
        "at": row.at,
        "by": said.staff(row.account_id),
        "outcome": row.outcome,
        "advice": row.advice,
        "note": said.opened(contact_place(row.id), row.note).get("note"),
    }


def pack_line(said: Words, row: Dispensing) -> Line:
    """A pack of medicine, with what was asked when it was given."""
    return {
        "at": row.at,
        "by": said.staff(row.account_id),
        "station": said.name(row.station_id),
        "pack": row.pack,
        "quantity": row.quantity,
        "consent": row.consent,
        "protocol": row.protocol,
        **said.opened(dispensing_place(row.id), row.note),
    }


def check_in_line(said: Words, row: CheckIn) -> Line:
    """What staff have entered for the person; what the resident has sent stands with the declaration."""
    return {
        "at": row.at,
        "by": said.staff(row.account_id),
        "severe": row.severe,
        "danger": row.danger,
        "protocol": row.protocol,
        "reasons": row.reasons,
        "report": said.opened(check_in_place(row.id), row.report),
    }


def referral_line(said: Words, row: Referral) -> Line:
    """A hospital that was asked, and what it answered."""
    return {
        "hospital": said.name(row.hospital_id),
        "state": row.state,
        "reason": said.opened(reason_place(row.id), row.reason).get("reason"),
        "requested_at": row.requested_at,
        "requested_by": said.staff(row.requested_by),
        "answered_at": row.answered_at,
        "answered_by": said.staff(row.answered_by),
        "answer": said.opened(answer_place(row.id), row.answer).get("answer"),
        "admitted_at": row.admitted_at,
        "ended_at": row.ended_at,
    }


def transfer_line(said: Words, row: Transfer) -> Line:
    """A way to another ward."""
    return {
        "kind": row.kind,
        "state": row.state,
        "from_area": said.name(row.from_area_id),
        "to_area": said.name(row.to_area_id),
        "reason": said.opened(transfer_place(row.id), row.reason).get("reason"),
        "asked_at": row.asked_at,
        "asked_by": said.staff(row.asked_by),
        "answered_at": row.answered_at,
        "answered_by": said.staff(row.answered_by),
    }


def test_line(said: Words, row: ReleaseTest) -> Line:
    """A test at the end of the isolation."""
    return {
        "kind": row.kind,
        "taken_on": row.taken_on,
        "result": row.result,
        "supervised": row.supervised,
        "photo": str(row.evidence_id) if row.evidence_id else None,
        "sent_at": row.sent_at,
        "sent_by": said.staff(row.sent_by),
        "verified_at": row.verified_at,
        "verified_by": said.staff(row.verified_by),
        "refused_at": row.refused_at,
    }


def certificate_line(said: Words, row: Certificate) -> Line:
    """A certificate, whether it was signed or not."""
    return {
        "code": row.code,
        "state": row.state,
        "station": said.name(row.station_id),
        "asked_at": row.asked_at,
        "signed_at": row.signed_at,
        "signed_by": said.staff(row.signed_by),
        "revoked_at": row.revoked_at,
        "revoked_by": said.staff(row.revoked_by),
        "revoke_reason": said.opened(f"certificate_revoke:{row.id}", row.revoke_reason).get("reason"),
        "content": said.opened(content_place(row.id), row.content),
    }


def event_line(said: Words, row: CaseEvent) -> Line:
    """What staff have done, without its words: those are in the other lines, and of a merge they name another case."""
    return {"at": row.at, "kind": row.kind, "state": row.state, "by": said.staff(row.account_id)}

"""A resident's data as one document that a program can read: the whole of it, in plain words."""

from collections.abc import Mapping

import orjson

from services.export_own import OwnCheckIn, OwnData, OwnDeclaration
from services.report_record import clinical
from triage.assessment import Assessment


def export_document(data: OwnData) -> str:
    """The document as JSON in UTF-8. Times are in UTC, reasons in Vietnamese and English."""
    document = {
        "exported_at": data.exported_at,
        "declarations": [_declaration(one) for one in data.declarations],
        "care": [{"case_id": str(one.case_id), **one.lines} for one in data.care],
        "sessions": data.sessions,
        "looks": data.looks,
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode()


def _declaration(one: OwnDeclaration) -> Mapping[str, object]:
    row, found, case = one.row, one.reported, one.case
    return {
        "id": str(row.id),
        "receipt_code": one.receipt_code,
        "disease": row.disease,
        "area_id": row.area_id,
        "station_id": row.station_id,
        "state": row.state,
        "verified": row.verified,
        "submitted_at": row.submitted_at,
        "handled_at": row.handled_at,
        "contact": one.contact,
        "report": found
        and {
            "full_name": found.full_name,
            "national_id": found.national_id,
            "relation": found.relation,
            **clinical(found.report),
        },
        "assessments": [{"assessed_at": at, **_assessment(judged)} for at, judged in one.assessments],
        "case": case
        and {
            "id": str(case.id),
            "state": case.state,
            "opened_at": case.opened_at,
            "confirmed_at": case.confirmed_at,
            "contacted_at": case.contacted_at,
            "closed_at": case.closed_at,
        },
        "check_ins": [_check_in(sent) for sent in one.check_ins],
        # That they are kept, and not their pictures: whoever has sent them has those.
        "photos": [
            {"id": str(photo.id), "kind": photo.kind, "uploaded_at": photo.uploaded_at, "bytes": photo.size}
            for photo in one.photos
        ],
    }


def _check_in(sent: OwnCheckIn) -> Mapping[str, object]:
    row, signs = sent.row, sent.signs
    return {
        "id": str(row.id),
        "at": row.at,
        "symptoms": signs and signs.symptoms,
        "vitals": signs and dict(signs.vitals),
        "severe": row.severe,
        "danger": row.danger,
        "protocol": row.protocol,
        "reasons": row.reasons,
    }


def _assessment(judged: Assessment) -> Mapping[str, object]:
    return {
        "severe": judged.severe,
        "high_risk": judged.high_risk,
        "danger": judged.danger,
        "protocol": judged.protocol,
        "age_from_year": judged.age_from_year,
        "reasons": [
            {"code": one.code, "value": one.value, "vi": one.text.vi, "en": one.text.en} for one in judged.reasons
        ],
        "missing": [{"criterion": one.criterion, "value": one.value_code} for one in judged.missing],
    }

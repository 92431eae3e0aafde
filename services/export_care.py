"""What a station, a hospital and a head have written of a resident's own cases, for the resident to take along."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.alert import Alert
from models.case_event import CaseEvent
from models.certificate import Certificate
from models.check_in import CheckIn
from models.contact_attempt import ContactAttempt
from models.dispensing import Dispensing
from models.referral import Referral
from models.release_test import ReleaseTest
from models.state import Role
from models.transfer import Transfer
from services.care_document import (
    Line,
    Words,
    alert_line,
    certificate_line,
    check_in_line,
    contact_line,
    event_line,
    pack_line,
    referral_line,
    test_line,
    transfer_line,
)
from services.runtime import Runtime

_STAFF = """
SELECT a.id, a.role, s.name FROM account a LEFT JOIN station s ON s.id = a.station_id WHERE a.id = ANY($1::uuid[])
"""
_NAMES = """
SELECT id, name FROM station WHERE id = ANY($1::text[]) UNION ALL SELECT id, name FROM area WHERE id = ANY($1::text[])
"""

# Another resident's report of the same person is told of neither by its alert nor by its line.
_BY_STAFF = {"account_id__isnull": False}
_ACCOUNTS = (
    *("account_id", "acknowledged_by", "answered_by", "asked_by", "requested_by", "resolved_by"),
    *("revoked_by", "sent_by", "signed_by", "verified_by"),
)
_PLACES = ("from_area_id", "hospital_id", "station_id", "to_area_id")


@dataclass(frozen=True, slots=True)
class CareOfCase:
    """All lines of one case, each oldest first, in the words of the document that they are for."""

    case_id: UUID
    lines: Mapping[str, list[Line]]


async def care_of(
    runtime: Runtime, connection: AsyncpgDBClient, own: Mapping[UUID, UUID], declarations: Collection[UUID]
) -> list[CareOfCase]:
    """What is held of these cases, which the caller has found to be the resident's own, each with the case that goes
    on for it: of a case that rests in another the certificate is there. Of alerts those that the resident's own
    declarations have raised, for another phone's report of the same person is not the resident's to know.

    Whoever of the staff it was is told by role and station, as for the looks: never a name, nor an account.
    """
    found = await _Rows.of(connection, own, declarations)
    said = Words(runtime, *await _told(connection, found))
    return [CareOfCase(id, _lines(said, found, id, goes_on)) for id, goes_on in sorted(own.items())]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of all cases at once."""

    alerts: list[Alert]
    contacts: list[ContactAttempt]
    packs: list[Dispensing]
    check_ins: list[CheckIn]
    referrals: list[Referral]
    transfers: list[Transfer]
    tests: list[ReleaseTest]
    certificates: list[Certificate]
    events: list[CaseEvent]

    @classmethod
    async def of(cls, connection: AsyncpgDBClient, own: Mapping[UUID, UUID], declarations: Collection[UUID]) -> "_Rows":
        if not own:
            return cls([], [], [], [], [], [], [], [], [])
        # The service's login: a resident has no rows of these. Narrowed to the cases that are the resident's own.
        ids, ends = list(own), list({*own, *own.values()})
        return cls(
            alerts=await _alerts(connection, ids, declarations),
            contacts=await ContactAttempt.filter(case_id__in=ids).order_by("id").using_db(connection),
            packs=await Dispensing.filter(case_id__in=ids).order_by("id").using_db(connection),
            # What the resident has sent stands with the declaration.
            check_ins=await CheckIn.filter(case_id__in=ids, **_BY_STAFF).order_by("id").using_db(connection),
            referrals=await Referral.filter(case_id__in=ids).order_by("id").using_db(connection),
            transfers=await Transfer.filter(case_id__in=ids).order_by("id").using_db(connection),
            tests=await ReleaseTest.filter(case_id__in=ids).order_by("id").using_db(connection),
            certificates=await Certificate.filter(case_id__in=ends).order_by("id").using_db(connection),
            events=await CaseEvent.filter(case_id__in=ids, **_BY_STAFF).order_by("id").using_db(connection),
        )


async def _alerts(
    connection: AsyncpgDBClient, case_ids: Collection[UUID], declarations: Collection[UUID]
) -> list[Alert]:
    found = Alert.filter(case_id__in=list(case_ids), declaration_id__in=list(declarations))
    return await found.order_by("id").using_db(connection)


async def _told(connection: AsyncpgDBClient, found: _Rows) -> tuple[dict[UUID, Line], dict[str, str]]:
    rows = [row for name in _Rows.__slots__ for row in getattr(found, name)]
    accounts, places = (
        {value for row in rows for column in columns if (value := getattr(row, column, None))}
        for columns in (_ACCOUNTS, _PLACES)
    )
    _, staff = await connection.execute_query(_STAFF, [list(accounts)])
    _, names = await connection.execute_query(_NAMES, [list(places)])
    told: dict[UUID, Line] = {row["id"]: {"role": Role(row["role"]), "station": row["name"]} for row in staff}
    return told, {row["id"]: row["name"] for row in names}


def _lines(said: Words, found: _Rows, id: UUID, goes_on: UUID) -> dict[str, list[Line]]:
    return {
        "alerts": [alert_line(said, row) for row in found.alerts if row.case_id == id],
        "contacts": [contact_line(said, row) for row in found.contacts if row.case_id == id],
        "packs": [pack_line(said, row) for row in found.packs if row.case_id == id],
        "check_ins_entered_by_staff": [check_in_line(said, row) for row in found.check_ins if row.case_id == id],
        "referrals": [referral_line(said, row) for row in found.referrals if row.case_id == id],
        "hand_overs": [transfer_line(said, row) for row in found.transfers if row.case_id == id],
        "release_tests": [test_line(said, row) for row in found.tests if row.case_id == id],
        "certificates": [certificate_line(said, row) for row in found.certificates if row.case_id in (id, goes_on)],
        "timeline": [event_line(said, row) for row in found.events if row.case_id == id],
    }

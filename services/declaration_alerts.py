"""The alerts that a declaration raises: which, and to whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from models.identifier import uuid7
from models.state import AlertKind, Danger, Level
from services import on_duty
from services.alert_letter import Told
from services.call_out import Raised
from services.declaration_place import Known, Place
from services.declaration_write import AlertRow, PersonRow
from triage.assessment import Assessment
from triage.protocol import Protocol


def alerts_of(
    row: PersonRow, found: Assessment, joined: Known | None, place: Place, protocol: Protocol, now: datetime
) -> list[AlertRow]:
    """One alert for each kind; for a case that was joined only what is worse than was known of it."""
    raised = []
    if found.severe and (joined is None or not joined.severe or row.rank < joined.rank):
        raised.append((AlertKind.SEVERE, found.danger, row.rank))
    if found.high_risk and (joined is None or not joined.high_risk):
        raised.append((AlertKind.HIGH_RISK, None, 2))
    # A ward without a station has nobody to reach there: its medical centre is called from the start.
    level = Level.STATION if place.station_id else Level.MEDICAL_CENTRE
    return [
        AlertRow(
            id=uuid7(),
            case_id=row.case_id,
            declaration_id=row.declaration_id,
            kind=kind,
            danger=danger,
            rank=rank,
            reasons=row.reasons,
            protocol=row.protocol,
            level=level,
            due_at=now + protocol.response_due(kind, danger, Level.STATION),
        )
        for kind, danger, rank in raised
    ]


def raised_of(
    alerts: Sequence[AlertRow], place: Place, names: Mapping[UUID, str], phone: str, now: datetime
) -> list[Raised]:
    """The same alerts for whoever is called to them; `names` are the ill people's, by their cases."""
    where = on_duty.Place(place.area_no, place.station_id)
    return [
        Raised(
            told=Told(
                id=row.id,
                kind=AlertKind(row.kind),
                danger=Danger(row.danger) if row.danger else None,
                rank=row.rank,
                due_at=row.due_at,
                ward=place.name,
                name=names[row.case_id],
                phone=phone,
            ),
            place=where,
            level=row.level,
            protocol=row.protocol,
            since=now,
            at=now,
        )
        for row in alerts
    ]

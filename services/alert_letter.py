"""What calls somebody at a station, a centre or the city to an alert."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from alerts.gathering import gather_key
from alerts.outbox import Letter, Priority
from models.state import AlertKind, Danger, MessageKind
from services.runtime import Runtime

_USEFUL = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as a text tells of it. `name` and `phone` are the ill person's, where the setting lets them out."""

    id: UUID
    kind: AlertKind
    danger: Danger | None
    rank: int
    due_at: datetime
    ward: str | None
    name: str | None = None
    phone: str | None = None


def alert_letter(runtime: Runtime, alert: Told, to: str) -> Letter:
    """The message to `to` (E.164); it is dropped once somebody has acknowledged the alert."""
    now = runtime.clock.now()
    due = alert.due_at.astimezone(runtime.clock.zone())
    words = {
        "danger": runtime.wording.danger(alert.kind, alert.danger),
        "ward": alert.ward,
        "alert": str(alert.id),
        "due": f"{due:%H:%M}" if alert.due_at > now else None,
        "name": alert.name,
        "phone": alert.phone,
    }
    return Letter(
        kind=MessageKind.ALERT,
        priority=_priority(alert),
        to=to,
        body=runtime.wording.body(MessageKind.ALERT, words),
        useful_until=now + _USEFUL,
        subject_id=alert.id,
        words={name: words[name] for name in ("danger", "ward", "due")},
    )


def addressed(letter: Letter, alert: Told, to: str, person: str, quiet: timedelta) -> Letter:
    """The same message to somebody else: many at once to one `person` become one text.

    `quiet` is for how long they are not to be woken, which a RED alert does not ask.
    """
    hold = timedelta() if letter.priority == Priority.RED else quiet
    return replace(letter, to=to, gather_key=gather_key(person, alert.rank), hold=hold)


def _priority(alert: Told) -> Priority:
    if alert.danger == Danger.RED:
        return Priority.RED
    return Priority.AMBER if alert.kind == AlertKind.SEVERE else Priority.HIGH_RISK

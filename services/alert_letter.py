"""What calls somebody at a station, a centre or the city to an alert."""

from datetime import timedelta

from alerts.outbox import Letter, Priority
from models.alert import Alert
from models.state import AlertKind, Danger, MessageKind
from services.runtime import Runtime

_USEFUL = timedelta(hours=24)


def alert_letter(
    runtime: Runtime,
    alert: Alert,
    to: str,
    *,
    ward: str,
    receipt_code: str,
    name: str | None = None,
    phone: str | None = None,
) -> Letter:
    """The message to `to` (E.164); it is dropped once somebody has acknowledged the alert.

    Name and phone are said only where the installation's setting lets them out.
    """
    words = {
        "danger": runtime.wording.danger(alert.kind, alert.danger),
        "ward": ward,
        "code": receipt_code,
        "due": f"{alert.due_at.astimezone(runtime.clock.zone()):%H:%M}",
        "name": name,
        "phone": phone,
    }
    now = runtime.clock.now()
    return Letter(
        kind=MessageKind.ALERT,
        priority=_priority(alert),
        to=to,
        body=runtime.wording.body(MessageKind.ALERT, words),
        useful_until=now + _USEFUL,
        subject_id=alert.id,
    )


def _priority(alert: Alert) -> Priority:
    if alert.danger == Danger.RED:
        return Priority.RED
    return Priority.AMBER if alert.kind == AlertKind.SEVERE else Priority.HIGH_RISK

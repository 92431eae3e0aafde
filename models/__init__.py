"""The tables, one noun a file. They decide nothing and call nobody."""

from models.account import Account, RefreshToken, Session
from models.alert import Alert, AlertEvent
from models.area import Area
from models.area_change import AreaChange
from models.area_count import AckHistogram, AreaCount
from models.audit import Audit, AuditLink, AuditSubject
from models.case import Assessment, Case
from models.case_grant import CaseGrant
from models.declaration import Declaration, Submission
from models.duty import Duty, Gathering
from models.installation import Installation
from models.outbox_message import OutboxMessage
from models.person import Person, PersonKey
from models.presence import Presence
from models.published_protocol import PublishedProtocol
from models.rate_limit import RateLimit
from models.signing_key import SigningKey
from models.station import Station
from models.verification import Verification

__all__ = [
    "Account",
    "AckHistogram",
    "Alert",
    "AlertEvent",
    "Area",
    "AreaChange",
    "AreaCount",
    "Assessment",
    "Audit",
    "AuditLink",
    "AuditSubject",
    "Case",
    "CaseGrant",
    "Declaration",
    "Duty",
    "Gathering",
    "Installation",
    "OutboxMessage",
    "Person",
    "PersonKey",
    "Presence",
    "PublishedProtocol",
    "RateLimit",
    "RefreshToken",
    "Session",
    "SigningKey",
    "Station",
    "Submission",
    "Verification",
]

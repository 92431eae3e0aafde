"""The tables, one noun a file. They decide nothing and call nobody."""

from models.account import Account, RefreshToken, Session
from models.alert import Alert, AlertEvent
from models.area import Area
from models.area_change import AreaChange
from models.area_count import AckHistogram, AreaCount
from models.audit import Audit, AuditLink, AuditSubject
from models.case import Assessment, Case
from models.case_event import CaseEvent
from models.case_grant import CaseGrant
from models.certificate import Certificate
from models.check_in import CheckIn
from models.contact_attempt import ContactAttempt
from models.declaration import Declaration, Submission
from models.dispensing import Dispensing
from models.duty import Duty, Gathering
from models.evidence import Evidence
from models.installation import Installation
from models.outbox_message import OutboxMessage
from models.person import Person, PersonKey
from models.person_merge import PersonMerge
from models.presence import Presence
from models.published_protocol import PublishedProtocol
from models.rate_limit import RateLimit
from models.referral import Referral
from models.release_test import ReleaseTest
from models.signing_key import SigningKey
from models.station import Station
from models.stock import StockBalance, StockEntry
from models.transfer import Transfer
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
    "CaseEvent",
    "CaseGrant",
    "Certificate",
    "CheckIn",
    "ContactAttempt",
    "Declaration",
    "Dispensing",
    "Duty",
    "Evidence",
    "Gathering",
    "Installation",
    "OutboxMessage",
    "Person",
    "PersonKey",
    "PersonMerge",
    "Presence",
    "PublishedProtocol",
    "RateLimit",
    "Referral",
    "RefreshToken",
    "ReleaseTest",
    "Session",
    "SigningKey",
    "Station",
    "StockBalance",
    "StockEntry",
    "Submission",
    "Transfer",
    "Verification",
]

"""The rows that services hand out, as values: whoever holds one reads its columns and asks the tables nothing."""

from models.alert import Alert, AlertEvent
from models.area import Area
from models.case import Assessment, Case
from models.certificate import Certificate
from models.check_in import CheckIn
from models.contact_attempt import ContactAttempt
from models.declaration import Declaration
from models.dispensing import Dispensing
from models.evidence import Evidence
from models.person_merge import PersonMerge
from models.referral import Referral
from models.release_test import ReleaseTest
from models.station import Station
from models.stock import StockEntry
from models.transfer import Transfer

__all__ = [
    "Alert",
    "AlertEvent",
    "Area",
    "Assessment",
    "Case",
    "Certificate",
    "CheckIn",
    "ContactAttempt",
    "Declaration",
    "Dispensing",
    "Evidence",
    "PersonMerge",
    "Referral",
    "ReleaseTest",
    "Station",
    "StockEntry",
    "Transfer",
]

"""The rows that services hand out, as values: whoever holds one reads its columns and asks the tables nothing."""

from models.alert import Alert, AlertEvent
from models.area import Area
from models.case import Assessment, Case
from models.check_in import CheckIn
from models.contact_attempt import ContactAttempt
from models.declaration import Declaration
from models.dispensing import Dispensing
from models.evidence import Evidence
from models.person_merge import PersonMerge
from models.referral import Referral
from models.station import Station
from models.stock import StockEntry

__all__ = [
    "Alert",
    "AlertEvent",
    "Area",
    "Assessment",
    "Case",
    "CheckIn",
    "ContactAttempt",
    "Declaration",
    "Dispensing",
    "Evidence",
    "PersonMerge",
    "Referral",
    "Station",
    "StockEntry",
]

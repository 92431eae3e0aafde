"""What every use-case needs of the process it runs in; app.py and the commands build it."""

from dataclasses import dataclass, field

from access.passwords import Passwords
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer
from alerts.hub import Hub
from clock import Clock
from models.state import Mode
from services.protocols import Protocols


@dataclass(slots=True)
class Runtime:
    """The process's clock, hub, keys and protocols, and the few settings that use-cases look at."""

    clock: Clock
    hub: Hub
    sealer: Sealer
    pseudonymiser: Pseudonymiser
    passwords: Passwords
    protocols: Protocols
    mode: Mode = Mode.PRODUCTION
    disease: str = "covid19"
    phone_region: str = "VN"
    allow_unverified: bool = True
    session_hours: float = field(default=12.0)

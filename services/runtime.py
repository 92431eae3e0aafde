"""What every use-case needs of the process it runs in; app.py and the commands build it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from access.authenticate import Standings
from access.origin import Origins
from access.passwords import Passwords
from access.provider import Provider
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer
from access.tokens import Tokens
from alerts.hub import Hub
from alerts.relay import Relay
from alerts.wording import Wording
from clock import Clock
from documents.press import Press
from models.replica import Replica
from models.state import Mode
from services.beginnings import Beginnings
from services.ending import Ending
from services.limit import Limiter
from services.on_duty import NoRosters
from services.protocols import Protocols
from services.published import PublicFigures
from services.refusals import Refusals
from services.shared_reads import SharedReads
from services.together import Together
from services.write_trail import TrailWriter
from storage.object_store import ObjectStore
from storage.photo_desk import PhotoDesk
from telemetry.doing import Tracer
from telemetry.meters import Meters


def _no_relay_here() -> None:
    """What a process without a relay does after it has written a message: those with one look every second anyway."""


@dataclass(slots=True)
class Runtime:
    """The process's clock, hub, keys and protocols, and the few settings that use-cases look at."""

    clock: Clock
    hub: Hub
    sealer: Sealer
    pseudonymiser: Pseudonymiser
    passwords: Passwords
    protocols: Protocols
    tokens: Tokens = field(default_factory=Tokens)
    """Signs and checks access tokens; `services.signing_keys` gives it its keys."""
    key_period: timedelta = timedelta(days=30)
    """How long a key signs access tokens before the next one does."""
    mode: Mode = Mode.PRODUCTION
    disease: str = "covid19"
    phone_region: str = "VN"
    allow_unverified: bool = True
    second_factor_required: bool = False
    provider: Provider | None = None
    """The department's own OpenID Connect provider, where there is one."""
    wake_relay: Callable[[], None] = field(default=_no_relay_here)
    """To be called after a commit that has written to the outbox."""
    relay: Relay | None = None
    """This process's relay, for whoever asks what waits to be sent.

    A command has none, nor has a server that leaves the work to workers.
    """
    wording: Wording = field(default_factory=Wording)
    """How messages are put."""
    objects: ObjectStore = field(default_factory=ObjectStore)
    """Where photos and certificates lie; by default in memory, for tests."""
    photos: PhotoDesk = field(default_factory=PhotoDesk)
    """Where photos are drawn anew."""
    press: Press = field(default_factory=Press)
    """What typesets certificates and signs them; by default with a demo authority of this process, for tests."""
    residents_told: bool = False
    """Whether residents get texts of what became of their declarations."""
    origins: Origins = field(default_factory=Origins)
    standings: Standings = field(default_factory=Standings)
    """Who stands, for those who begin something."""
    beginnings: Beginnings = field(default_factory=Beginnings)
    """Where those who begin to watch may do so."""
    limits: Limiter = field(default_factory=Limiter)
    """What counts tries; without a storage, as in commands, nothing is counted."""
    escalation: bool = True
    """Whether this process calls the next level where nobody has answered."""
    no_rosters: NoRosters = field(default_factory=NoRosters)
    declaring: Together = field(default_factory=Together)
    """Which declarations share a transaction."""
    reading: SharedReads = field(default_factory=SharedReads)
    """Which figures are read once for all who ask at the same moment."""
    public: PublicFigures = field(default_factory=PublicFigures)
    trail: TrailWriter = field(default_factory=TrailWriter)
    refusals: Refusals = field(default_factory=Refusals)
    replica: Replica | None = None
    """What answers queries of staff beside the primary, where there is one."""
    ending: Ending = field(default_factory=Ending)
    """Whether this process has been told to end."""
    meters: Meters = field(default_factory=Meters)
    """What this process counts of itself."""
    tracer: Tracer | None = None
    """Begins traces, where somebody collects them."""

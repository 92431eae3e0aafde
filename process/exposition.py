"""The page that Prometheus reads: what this process has counted, how it stands, and the installation's figures."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from prometheus_client import Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from alerts.outbox import Priority
from models.database import pools
from models.state import OPEN_ALERT_STATES, AlertState, Level
from process.readiness import REASONS, WORSE, Readiness, readiness
from services.installation_figures import TOTALS, Figures, InstallationFigures
from services.runtime import Runtime

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

DANGERS = ("RED", "AMBER", "HIGH_RISK", "OTHER")
"""By the rank of an alert."""


class Exposition:
    """What one process shows. `name` is its label: its place among the workers, for a number of its own each time it
    starts would be a new set of series each time."""

    def __init__(self, runtime: Runtime) -> None:
        """Reads nothing until asked."""
        self.name = "0"
        self._runtime = runtime
        self._figures = Figures(runtime.clock.now)
        gateways = runtime.relay.gateways if runtime.relay else []
        runtime.meters.expect([("mutation", "declare")], gateways, [int(priority) for priority in Priority])

    async def page(self) -> bytes:
        """The page in Prometheus's text format. It comes also when the database does not."""
        figures = await self._figures.look()
        ready = await readiness(self._runtime)
        families = [
            *self._runtime.meters.collect(),
            *self._process(ready),
            *(installation(figures) if figures else ()),
            gauge("khaibao_figures_read", "Whether the installation's figures could be read.", float(bool(figures))),
        ]
        return generate_latest(_Named(self.name, families))

    def _process(self, ready: Readiness) -> Iterator[Metric]:
        runtime, hub, relay = self._runtime, self._runtime.hub, self._runtime.relay
        yield gauge("khaibao_ready", "Whether this process can serve.", float(ready.ready))
        reasons = [((reason,), float(reason in ready.reasons)) for reason in REASONS]
        yield gauges("khaibao_not_ready", "Why it cannot.", ("reason",), reasons)
        worse = [((what,), float(what in ready.degraded)) for what in WORSE]
        yield gauges("khaibao_degraded", "What is worse than it should be, while it serves.", ("what",), worse)
        following = [(("alerts",), float(hub.listeners)), (("summaries",), float(hub.watchers))]
        yield gauges("khaibao_subscribers", "Open subscriptions of this process.", ("of",), following)
        yield gauge(
            "khaibao_log_lag_seconds", "How long this process's last read of the alert log took.", hub.lag_seconds
        )
        yield gauge("khaibao_log_position", "The newest event of the alert log that it has read.", float(hub.position))
        yield gauge("khaibao_broker_deaf", "Whether nothing comes from the broker any more.", float(hub.deaf))
        yield gauge(
            "khaibao_clock_offset_seconds",
            "How far this machine's clock is ahead of the database's.",
            runtime.clock.machine_ahead_seconds,
        )
        yield gauge(
            "khaibao_clock_moved_seconds",
            "How far the installation's clock was moved; not 0 only in a demo or a test.",
            runtime.clock.offset.total_seconds(),
        )
        if relay is not None:
            yield gauge("khaibao_relay_look_seconds", "How long ago its relay saw the outbox.", relay.late_seconds)
            yield gauge("khaibao_relay_in_flight", "Messages on their way from this process.", float(relay.in_flight))
            resting = [((name,), float(name in relay.resting)) for name in relay.gateways]
            yield gauges(
                "khaibao_gateway_resting", "Gateways that have failed and not recovered.", ("gateway",), resting
            )
        if (standby := runtime.replica) is not None:
            reads = [(("standby",), float(standby.reads)), (("primary",), float(standby.fallbacks))]
            yield gauges(
                "khaibao_replica_reads", "Snapshots that a standby might have given, by who did.", ("by",), reads
            )
        uses = pools(replica=runtime.replica is not None)
        for name, help, values in (
            ("khaibao_pool_in_use", "Connections to the database that are at work.", [use.in_use for use in uses]),
            ("khaibao_pool_open", "Connections to the database that are open.", [use.open for use in uses]),
            ("khaibao_pool_most", "Connections to the database that may be open.", [use.most for use in uses]),
        ):
            pairs = [((use.login,), float(value)) for use, value in zip(uses, values, strict=True)]
            yield gauges(name, help, ("login",), pairs)


def installation(figures: InstallationFigures) -> Iterator[Metric]:
    """The figures that every process shows alike: take the greatest of them, never their sum."""
    places = list(product(OPEN_ALERT_STATES, Level, DANGERS))
    counts = {(str(state), str(level), danger): 0.0 for state, level, danger in places}
    overdue = {(str(level), danger): 0.0 for level, danger in product(Level, DANGERS)}
    oldest = dict.fromkeys(DANGERS, 0.0)
    for found in figures.open_alerts:
        danger = DANGERS[found.rank]
        counts[found.state, found.level, danger] = found.alerts
        overdue[found.level, danger] = overdue[found.level, danger] + found.overdue
        oldest[danger] = max(oldest[danger], found.oldest_seconds)
    yield gauges(
        "khaibao_alerts_open",
        "Alerts that nobody has taken, by state, who was called last, and danger.",
        ("state", "level", "danger"),
        counts.items(),
    )
    yield gauges(
        "khaibao_alerts_overdue",
        "Of these, those past the time by which the station should have answered.",
        ("level", "danger"),
        overdue.items(),
    )
    ages = [((danger,), seconds) for danger, seconds in oldest.items()]
    yield gauges("khaibao_alerts_oldest_seconds", "Age of the oldest alert that nobody has taken.", ("danger",), ages)
    taken = [((danger,), float(figures.acknowledged.get(rank, 0))) for rank, danger in enumerate(DANGERS)]
    yield gauges(
        "khaibao_alerts_unresolved", f"Alerts that are {AlertState.ACKNOWLEDGED} and no more.", ("danger",), taken
    )
    by_priority = {found.priority: found for found in figures.waiting}
    rows = [(str(int(priority)), by_priority.get(int(priority))) for priority in Priority]
    waiting = [((name,), float(row.messages) if row else 0.0) for name, row in rows]
    yield gauges("khaibao_outbox_waiting", "Messages that no gateway has taken.", ("priority",), waiting)
    aged = [((name,), row.oldest_seconds if row else 0.0) for name, row in rows]
    yield gauges("khaibao_outbox_oldest_seconds", "Age of the oldest of these.", ("priority",), aged)
    lying = [((name,), row.due_seconds if row else 0.0) for name, row in rows]
    yield gauges("khaibao_outbox_due_seconds", "How long no relay has taken one that is due.", ("priority",), lying)
    for name in TOTALS:
        sums = [((disease,), float(total[name])) for disease, total in sorted(figures.totals.items())]
        yield gauges(f"khaibao_ever_{name}", f"Counted since the beginning: {name}.", ("disease",), sums)
    age = math.nan if figures.seal_age_seconds is None else figures.seal_age_seconds
    yield gauge("khaibao_audit_seal_age_seconds", "Age of the audit's newest seal; NaN before the first.", age)
    yield gauge(
        "khaibao_audit_unsealed_seconds",
        "How much newer than its newest seal the audit's newest record is.",
        figures.seal_behind_seconds,
    )


def gauge(name: str, help: str, value: float) -> Metric:
    """A figure without labels."""
    return GaugeMetricFamily(name, help, value=value)


def gauges(
    name: str, help: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    """A figure with labels."""
    family = GaugeMetricFamily(name, help, labels=labels)
    for label, value in values:
        family.add_metric(list(label), value)
    return family


class _Named:
    """Puts the process's label on every sample."""

    def __init__(self, name: str, families: Iterable[Metric]) -> None:
        self._name, self._families = name, families

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            family.samples = [
                sample._replace(labels={**sample.labels, "process": self._name})
                for sample in family.samples
                # When a counter was made says nothing that the start of the process does not.
                if not sample.name.endswith("_created")
            ]
            yield family

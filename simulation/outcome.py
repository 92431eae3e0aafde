"""How a replay ended: the figures side by side, and whether they agree."""

from dataclasses import dataclass
from typing import Any

from simulation.journal import Faults
from simulation.latency import Latency
from simulation.quota import DECLARED, HIGH_RISK, SEVERE


@dataclass(frozen=True, slots=True)
class Figures:
    """People declared, severe and high-risk among them, and alerts."""

    declared: int
    severe: int
    high_risk: int
    alerts: int


REPORTED = Figures(DECLARED, SEVERE, HIGH_RISK, SEVERE + HIGH_RISK)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that a replay ends with.

    `replayed` is the independent recount of the people that were sent, `found` what the API's summary and its list of
    alerts then say, `live` what the last live summary said (which has no count of alerts), `logged` how many alerts the
    log holds, read from the beginning. `delivered` are the different alerts that arrived at their own ward's
    socket, `deliverable` those that should have, `severe_delivered` and `high_risk_delivered` those of each kind.
    `astray` names districts and days whose figures differ.
    """

    replayed: Figures
    found: Figures
    live: Figures
    logged: int
    red_listed: int
    red_expected: int
    delivered: int
    deliverable: int
    severe_delivered: int
    high_risk_delivered: int
    faults: Faults
    astray: list[str]
    refusals: list[str]
    acknowledged: int
    cuts: int
    resumed: int
    sockets: int
    retried: int
    seconds: float
    declare: Latency
    delivery: Latency
    commit: Latency
    seed: int

    @property
    def reported(self) -> Figures | None:
        """The published figures, where as many people were replayed as were reported."""
        return REPORTED if self.replayed.declared == DECLARED else None

    def differences(self) -> list[str]:
        """One line for each thing that does not agree; empty where the replay came out."""
        lines = []
        pairs: list[tuple[str, object, object]] = [
            ("found by query", self.found, self.replayed),
            ("figures of the live summary", self.live, self.replayed),
            ("alerts in the log", self.logged, self.replayed.alerts),
            ("red alerts", self.red_listed, self.red_expected),
            ("alerts delivered at their own ward's socket", self.delivered, self.deliverable),
            ("times that the cut subscriber came back", self.resumed, self.cuts),
        ]
        if self.reported:
            pairs.append(("replayed", self.replayed, self.reported))
        lines += [f"{what}: {got}, expected {wanted}" for what, got, wanted in pairs if got != wanted]
        for what, count in (
            ("alert and subscriber pairs lost", self.faults.lost),
            ("alert and subscriber pairs delivered twice", self.faults.duplicated),
            ("events out of order", self.faults.misplaced),
            ("events from outside the jurisdiction", self.faults.foreign),
        ):
            if count:
                lines.append(f"{what}: {count}, expected 0")
        return lines + self.faults.examples[:6] + self.astray[:6] + self.refusals[:6]

    def record(self) -> dict[str, Any]:
        """The report as it is written to a file."""
        return {
            "declared": self.replayed.declared,
            "severe": self.replayed.severe,
            "high_risk": self.replayed.high_risk,
            "alerts": self.replayed.alerts,
            "found_declared": self.found.declared,
            "found_severe": self.found.severe,
            "found_high_risk": self.found.high_risk,
            "found_alerts": self.found.alerts,
            "logged_alerts": self.logged,
            "delivered": self.delivered,
            "deliverable": self.deliverable,
            "lost": self.faults.lost,
            "duplicated": self.faults.duplicated,
            "out_of_order": self.faults.misplaced,
            "foreign": self.faults.foreign,
            "acknowledged": self.acknowledged,
            "cuts": self.cuts,
            "resumed": self.resumed,
            "sockets": self.sockets,
            "retried": self.retried,
            "seconds": round(self.seconds, 2),
            "declared_per_second": round(self.replayed.declared / self.seconds, 1) if self.seconds else 0.0,
            "declare_ms": self.declare.record(),
            "delivery_ms": self.delivery.record(),
            "commit_to_socket_ms": self.commit.record(),
            "seed": self.seed,
            "differences": self.differences(),
        }

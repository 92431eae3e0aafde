"""Putting side by side what was replayed, what was found, and what arrived live."""

from collections.abc import Sequence

from simulation.audience import Audience
from simulation.course import Course
from simulation.findings import Counts, Findings
from simulation.journal import Entry, compare
from simulation.latency import latency
from simulation.outcome import Figures, Outcome
from simulation.recount import Expected, Tally
from simulation.tree import Tree


def add_up(
    course: Course,
    expected: Expected,
    tree: Tree,
    audience: Audience,
    found: Findings,
    log: Sequence[Entry],
    city: str,
    *,
    seconds: float,
    seed: int,
) -> Outcome:
    """The outcome of a run. `city` is the account of the city's committee, `seconds` how long the run took."""
    own = [journal for journal in audience.journals if len(journal.wards) == 1]
    delivered = {alert for journal in own for alert in journal.raised}
    live = audience.figures[city]
    declared, severe, high_risk = found.whole
    return Outcome(
        replayed=_figures(expected.whole),
        found=Figures(declared, severe, high_risk, len(found.alerts)),
        live=Figures(live.declared, live.severe, live.high_risk, expected.whole.alerts),
        logged=len({entry.alert for entry in log if entry.change == "RAISED"}),
        red_listed=sum(alert.danger == "RED" and alert.kind == "SEVERE" for alert in found.alerts.values()),
        red_expected=expected.whole.red,
        delivered=len(delivered),
        deliverable=sum(expected.areas.get(ward, Tally()).alerts for journal in own for ward in journal.wards),
        severe_delivered=_of_kind("SEVERE", delivered, found),
        high_risk_delivered=_of_kind("HIGH_RISK", delivered, found),
        faults=compare(log, audience.journals),
        astray=_astray(expected, tree, found),
        refusals=course.refusals,
        acknowledged=sum(alert.state == "ACKNOWLEDGED" for alert in found.alerts.values()),
        cuts=course.cuts,
        resumed=audience.alert_sockets[0].connections - 1,
        sockets=len(audience.sockets),
        retried=course.retried,
        seconds=seconds,
        declare=latency(course.declare_seconds),
        delivery=latency(course.delivery_seconds),
        commit=latency(course.commit_seconds),
        seed=seed,
    )


def _figures(tally: Tally) -> Figures:
    return Figures(tally.declared, tally.severe, tally.high_risk, tally.alerts)


def _of_kind(kind: str, delivered: set[str], found: Findings) -> int:
    return sum(alert in found.alerts and found.alerts[alert].kind == kind for alert in delivered)


def _astray(expected: Expected, tree: Tree, found: Findings) -> list[str]:
    """Districts and days of which the installation has other figures than were replayed."""
    lines = []
    for district in tree.districts:
        wanted = _counts(expected.areas.get(district.id, Tally()))
        got = found.districts.get(district.id, (0, 0, 0))
        if got != wanted:
            lines.append(f"{district.name}: {got}, expected {wanted}")
    for day in sorted(expected.days.keys() | found.days.keys()):
        got = found.days.get(day, (0, 0, 0))
        wanted = _counts(expected.days.get(day, Tally()))
        if got != wanted:
            lines.append(f"{day}: {got}, expected {wanted}")
    return lines


def _counts(tally: Tally) -> Counts:
    return tally.declared, tally.severe, tally.high_risk

"""The end of a replay as a person reads it: the figures side by side, the times, and whether they agree."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulation.outcome import Outcome


def result(outcome: Outcome) -> RenderableType:
    """Everything to print."""
    return Group(_figures(outcome), _times(outcome), Text("\n").join(_verdict(outcome)))


def _figures(outcome: Outcome) -> Table:
    table = Table("11 to 22 March 2022", title="The eleven days again")
    for heading in ("reported", "replayed", "found by query", "delivered live"):
        table.add_column(heading, justify="right")
    reported, replayed, found = outcome.reported, outcome.replayed, outcome.found
    rows = (
        ("people declared", "declared", outcome.live.declared),
        ("severe", "severe", outcome.severe_delivered),
        ("high-risk", "high_risk", outcome.high_risk_delivered),
        ("alerts", "alerts", outcome.delivered),
    )
    for name, field, delivered in rows:
        published = f"{getattr(reported, field):,}" if reported else ""
        table.add_row(name, published, f"{getattr(replayed, field):,}", f"{getattr(found, field):,}", f"{delivered:,}")
    table.add_section()
    table.add_row("lost", "", "", "", f"{outcome.faults.lost:,}")
    table.add_row("twice", "", "", "", f"{outcome.faults.duplicated:,}")
    table.add_row("out of order", "", "", "", f"{outcome.faults.misplaced:,}")
    return table


def _times(outcome: Outcome) -> Table:
    table = Table("milliseconds")
    for heading in ("p50", "p95", "p99", "most"):
        table.add_column(heading, justify="right")
    for name, times in (
        ("declaring", outcome.declare),
        ("declaration to socket", outcome.delivery),
        ("commit to socket", outcome.commit),
    ):
        table.add_row(name, *(f"{value:,.1f}" for value in (times.p50, times.p95, times.p99, times.most)))
    return table


def _verdict(outcome: Outcome) -> Iterator[Text]:
    rate = outcome.replayed.declared / outcome.seconds if outcome.seconds else 0.0
    yield Text(
        f"{outcome.seconds:.1f} s, {rate:,.0f} people a second; {outcome.sockets} sockets, one of them cut "
        f"{outcome.cuts} times and back {outcome.resumed} times; {outcome.acknowledged:,} alerts taken; "
        f"{outcome.retried} requests sent again; seed {outcome.seed}"
    )
    differences = outcome.differences()
    if not differences:
        yield Text("Every figure agrees.", style="bold green")
    for line in differences:
        yield Text(f"differs: {line}", style="bold red")

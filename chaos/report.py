"""What a run has shown, as a table for a person and as JSON for a program."""

from collections import Counter
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.machine import machine
from chaos.run import Outcome, recovery
from simulation.latency import latency


def record(outcome: Outcome) -> dict[str, Any]:
    """The whole of it as JSON."""
    book, accounts = outcome.book, outcome.accounts
    states = Counter(f"{one.kind} {one.state}" for one in accounts.messages.values())
    return {
        "machine": machine(),
        "plan": {
            "seconds": outcome.plan.seconds,
            "seed": outcome.plan.seed,
            "servers": outcome.plan.servers,
            "postgres": str(outcome.plan.postgres or "embedded"),
            "broker": "redis" if outcome.plan.redis else "postgres",
            "plant": outcome.plan.plant,
        },
        "faults": len(outcome.struck),
        "kinds": _kinds(outcome),
        "declared": {
            "households": len(book.sent),
            "acknowledged": book.answered,
            "repeats": sum(max(0, len(sent.receipts) - 1) for sent in book.sent.values()),
            "asked_again": book.retries,
            "seconds": {
                "p50": round(latency(book.seconds).p50 / 1000, 3),
                "p99": round(latency(book.seconds).p99 / 1000, 3),
                "max": round(max(book.seconds, default=0.0), 3),
            },
        },
        "alerts": {
            "events": len(outcome.log),
            "subscribers": outcome.subscribers,
            "delivered": len(book.heard_at),
            "resumed": book.resumed,
            "let_go": outcome.let_go,
            "acknowledged": len(book.acknowledged),
            "resolved": len(book.resolved),
        },
        "messages": {
            "written": len(accounts.messages),
            "states": dict(states),
            "taken": sum(accounts.taken.values()),
            "repeats_by_id": sum(times - 1 for times in accounts.taken.values()),
        },
        "database": accounts.whole,
        "memory_mib": {name: round(peak) for name, peak in outcome.peaks.items()},
        "memory_mib_every_ten_seconds": outcome.course,
        "memory_growth_mib": round(outcome.growth, 1),
        "unexpected": dict(book.unexpected),
        "settled_seconds": round(outcome.settled, 1),
        "findings": [
            {"promise": one.promise.name, "says": one.promise, "count": one.count, "examples": list(one.examples)}
            for one in outcome.findings
        ],
    }


def _kinds(outcome: Outcome) -> dict[str, dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = {}
    for kind in dict.fromkeys(struck.kind for struck in outcome.struck):
        struck = [one for one in outcome.struck if one.kind is kind]
        times = [seconds for one in struck if (seconds := recovery(one, outcome.book)) is not None]
        kinds[kind.name] = {
            "says": kind,
            "count": len(struck),
            "recovered": len(times),
            "median_seconds": round(median(times), 3) if times else None,
            "worst_seconds": round(max(times), 3) if times else None,
        }
    return kinds


def show(found: dict[str, Any], console: Console) -> None:
    """The tables."""
    faults = Table("fault", "times", "recovered after (median)", "(worst)", title=f"{found['faults']} faults")
    for kind in sorted(found["kinds"].values(), key=lambda one: one["says"]):
        faults.add_row(
            kind["says"], str(kind["count"]), _seconds(kind["median_seconds"]), _seconds(kind["worst_seconds"])
        )
    console.print(faults)
    declared, alerts, messages = found["declared"], found["alerts"], found["messages"]
    grid = Table.grid(padding=(0, 3))
    grid.add_row(
        "declarations",
        f"{declared['acknowledged']:,} of {declared['households']:,} households have their receipt; "
        f"asked again {declared['asked_again']:,} times",
    )
    grid.add_row(
        "alerts",
        f"{alerts['events']:,} events to {alerts['subscribers']} subscribers: {alerts['delivered']:,} deliveries, "
        f"resumed {alerts['resumed']:,} times, {alerts['let_go']} let go who read nothing",
    )
    grid.add_row(
        "messages",
        f"{messages['written']:,} written, {messages['taken']:,} taken by the gateway, "
        f"{messages['repeats_by_id']:,} of them repeats under the same id",
    )
    memory = ", ".join(f"{name} {peak} MiB" for name, peak in found["memory_mib"].items())
    grid.add_row("memory", f"{memory} at most")
    if found["unexpected"]:
        grid.add_row("unexpected", ", ".join(f"{code}: {times}" for code, times in found["unexpected"].items()))
    console.print(grid)
    if not found["findings"]:
        console.print("nothing was lost, doubled, forgotten or out of order", style="bold green")
    for finding in found["findings"]:
        console.print(f"{finding['says']}: {finding['count']}", style="bold red")
        for example in finding["examples"]:
            console.print(f"  {example}", highlight=False, markup=False, soft_wrap=True)


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f} s"

"""What a run has shown: a table for a person, JSON for a program, and the promises that were broken."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.machine import machine
from overload.run import Outcome
from simulation.latency import latency

_SECOND = 1.0
_SETTLED = 5.0
_NORMAL = 0.3
_GROWTH_MIB = 48.0
_IN_ORDER = 0.9
_APART = 3.0
_MOST_SHOWN = 200


def seconds_of(outcome: Outcome, phase: str, *, after: float = 0.0, only: str = "") -> list[float]:
    """How long each request of a phase took that was sent after so many seconds of it."""
    found: list[float] = []
    for name, values in outcome.phases.get(phase, {"outcomes": {}})["outcomes"].items():
        if only in name:
            found += [took for at, took in zip(values[::2], values[1::2], strict=True) if at >= after]
    return found


def heard_in(outcome: Outcome, phase: str) -> list[float]:
    """From commit to socket, of every event that was heard in a phase."""
    begun, ended = outcome.walls[phase]
    return [took for one in outcome.heard for at, took in one["heard"] if begun <= at <= ended]


def patients_of(outcome: Outcome) -> list[Sequence[float]]:
    """Those who came back as they were told, in whichever phase: first came, served at (0 where never), and tries."""
    return [one for phase in outcome.phases.values() for one in phase["patients"]]


def in_order(patients: Sequence[Sequence[float]]) -> float:
    """Of all pairs that came more than three seconds apart, the share that was served in the order of their coming.

    Moments are told in whole seconds and with a jitter, so that of two who came together either may be the first.
    """
    served = sorted((first, at) for first, at, _ in patients if at)
    right = all_pairs = 0
    for place, (first, at) in enumerate(served[:-1]):
        # The next thousand are enough, and all pairs of ten thousand would take minutes.
        for later, then in served[place + 1 : place + 1_000]:
            if later - first > _APART:
                all_pairs += 1
                right += at <= then
    return right / all_pairs if all_pairs else 1.0


def findings(outcome: Outcome) -> list[str]:
    """The promises that were broken, each in a sentence."""
    found = list(_kept(outcome))
    return found + (list(_in_time(outcome)) if outcome.plan.speed else [])


def _kept(outcome: Outcome) -> Iterable[str]:
    """What has to hold however slow the machine is."""
    if outcome.lost:
        yield f"{len(outcome.lost)} acknowledged declarations are not in the tables, such as {outcome.lost[0]}"
    for name, phase in outcome.phases.items():
        silent = sum(len(values) // 2 for kind, values in phase["outcomes"].items() if kind.endswith("silence"))
        # Below nought where somebody who came back was answered only after their phase had ended.
        silent += max(0, phase["unanswered"])
        if silent:
            yield f"{name}: {silent} requests had no answer ({phase['odd']})"
        odd = sum(len(values) // 2 for kind, values in phase["outcomes"].items() if kind.endswith("odd"))
        if odd:
            yield f"{name}: {odd} answers were neither a result nor a refusal: {phase['odd']}"
    for one in outcome.heard:
        if one["untaken"]:
            yield f"actions on alerts were refused: {one['untaken']}"
    patients = patients_of(outcome)
    if given_up := sum(not at for _, at, _ in patients):
        yield f"of {len(patients)} who came back when told, {given_up} were sent away again and again"
    if (vital := _lane(outcome, "vital", "refused")) > 0:
        yield f"{vital:.0f} actions on alerts were refused"
    if outcome.returned and outcome.returned["screens"] < outcome.plan.reconnecting // 2 * 2:
        yield f"only {outcome.returned['screens']} screens are back"


def _in_time(outcome: Outcome) -> Iterable[str]:
    # The line keeps its order whatever the machine; who is refused a second time, because it has become slower than it
    # was when they were called, is not in the line.
    if (right := in_order(patients_of(outcome))) < _IN_ORDER:
        yield f"those who came back were not served in their order: {right:.0%} of the pairs were"
    for phase in ("storm", "after", "reconnecting"):
        took = seconds_of(outcome, phase)
        late = sum(one > _SECOND for one in took)
        if late:
            yield f"{phase}: {late} of {len(took)} requests took more than a second, the longest {max(took):.2f} s"
    slow = [took for _, took in outcome.watch.health if took > _SECOND]
    if slow:
        yield f"asked whether it lives, the server took {max(slow):.2f} s"
    for phase in ("storm", "after"):
        if (p99 := latency(heard_in(outcome, phase)).p99) > 1_000:
            yield f"{phase}: an alert took {p99:.0f} ms from commit to socket (p99)"
    calm = latency(seconds_of(outcome, "calm", only="answered")).p95
    after = latency(seconds_of(outcome, "after", after=_SETTLED, only="answered")).p95
    if after > max(3 * calm, _NORMAL * 1000):
        yield f"five seconds after the storm a request took {after:.0f} ms (p95), before it {calm:.0f} ms"
    if (refused := len(seconds_of(outcome, "after", after=_SETTLED, only="refused"))) > 0:
        yield f"five seconds after the storm {refused} were still refused"
    if (grown := growth(outcome)) > _GROWTH_MIB:
        yield f"the server grew by {grown:.0f} MiB in the storm"


def growth(outcome: Outcome) -> float:
    """MiB from the storm's first third to the most of its last third: what it takes once is not growth."""
    begun, ended = outcome.began["storm"], outcome.ended["storm"]
    third = (ended - begun) / 3
    first = [look.memory for look in outcome.watch.looks if begun + third / 2 <= look.at <= begun + third]
    last = [look.memory for look in outcome.watch.looks if ended - third <= look.at <= ended]
    return max(last) - max(first) if first and last else 0.0


def _lane(outcome: Outcome, lane: str, what: str) -> float:
    return outcome.watch.looks[-1].lanes.get(lane, {}).get(what, 0.0) if outcome.watch.looks else math.nan


def record(outcome: Outcome) -> dict[str, Any]:
    """The figures."""
    phases = {}
    for name, phase in outcome.phases.items():
        kinds = {
            kind: {"count": len(values) // 2} | latency(values[1::2]).record()
            for kind, values in sorted(phase["outcomes"].items())
        }
        phases[name] = {"arrived": phase["arrived"], "late_p99": round(phase["late"] * 1000, 1), "kinds": kinds}
        if name in outcome.walls and outcome.heard:
            phases[name]["commit_to_socket"] = latency(heard_in(outcome, name)).record()
    looks = outcome.watch.looks
    took = [second for one in outcome.heard for second in one["took"]]
    patients = patients_of(outcome)
    return {
        "machine": machine(),
        "capacity": round(outcome.capacity, 1),
        "rate": round(outcome.rate, 1),
        "phases": phases,
        "vital": {"count": len(took)} | latency(took).record(),
        "health": latency([took for _, took in outcome.watch.health]).record(),
        "patients": {
            "count": len(patients),
            "served": sum(1 for _, at, _ in patients if at),
            "at_once": sum(1 for _, at, tries in patients if at and tries == 1),
            "in_order": round(in_order(patients), 4),
        },
        "lanes": looks[-1].lanes if looks else {},
        "limit": [min((one.limit for one in looks), default=0), max((one.limit for one in looks), default=0)],
        "limits": [round(one.limit) for one in looks],
        "memory_mib": [round(one.memory) for one in looks],
        "growth_mib": round(growth(outcome), 1),
        "returned": outcome.returned,
        "subscribers_at_the_end": sum(one["open"] for one in outcome.heard),
        "ends": [one["ends"] for one in outcome.heard],
        "lost": len(outcome.lost),
        "slow": slow_of(outcome),
        "findings": findings(outcome),
    }


def slow_of(outcome: Outcome) -> list[tuple[str, str, float, float]]:
    """The requests that took more than a second: phase, kind, when they were sent in it, and how long they took."""
    return [
        (phase, kind, round(at, 2), round(took, 2))
        for phase, found in outcome.phases.items()
        for kind, values in found["outcomes"].items()
        for at, took in zip(values[::2], values[1::2], strict=True)
        if took > _SECOND
    ][:_MOST_SHOWN]


def show(found: dict[str, Any], console: Console) -> None:
    """Two tables: what the clients saw, and the lanes; then what was promised and did not hold."""
    table = Table(title=f"{found['rate']:,.0f} requests a second where {found['capacity']:,.0f} can be done")
    for column in ("phase", "who", "count", "p50", "p95", "p99", "max (ms)"):
        table.add_column(column, justify="left" if column in ("phase", "who") else "right")
    for name, phase in found["phases"].items():
        rows = [*phase["kinds"].items()]
        if "commit_to_socket" in phase:
            rows.append(("commit to socket", phase["commit_to_socket"]))
        for kind, one in rows:
            figures = [f"{one[key]:,.0f}" for key in ("p50", "p95", "p99", "max")]
            table.add_row(name, kind, f"{one.get('count', 0):,}", *figures)
        table.add_section()
    console.print(table)
    lanes = Table(title="what the server counted")
    for column in ("lane", "admitted", "waited", "refused", "returned"):
        lanes.add_column(column, justify="left" if column == "lane" else "right")
    for lane, counted in found["lanes"].items():
        lanes.add_row(lane, *(f"{counted.get(key, 0):,.0f}" for key in ("admitted", "waited", "refused", "returned")))
    console.print(lanes)
    for key in ("vital", "health", "patients", "limit", "growth_mib", "returned", "subscribers_at_the_end", "lost"):
        console.print(f"{key.replace('_', ' ')}: {found[key]}", markup=False, highlight=False, soft_wrap=True)
    for finding in found["findings"]:
        console.print(f"BROKEN  {finding}", markup=False, highlight=False, soft_wrap=True, style="bold red")
    if not found["findings"]:
        console.print("every promise held", style="bold green")

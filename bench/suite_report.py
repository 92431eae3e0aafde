"""The suite's figures as tables, for the terminal and for docs/benchmarks.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.work import WORKS

_BEGIN = "<!-- suite: what stands below is written by `python -m bench suite --write` -->"
_END = "<!-- end of suite -->"
_OURS = "khaibao"


def tables(found: dict[str, Any]) -> str:
    """All of it in Markdown."""
    return "\n".join([*_machine(found), *_servers(found), *_works(found), *_rows(found)])


def write(page: Path, found: dict[str, Any]) -> None:
    """Puts the tables in their place in a page. Raises ValueError where it has none."""
    before, mark, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not mark or not end:
        raise ValueError(f"{page} has no place for the suite's tables: a line {_BEGIN} and a line {_END}")
    page.write_text(f"{before}{mark}\n{tables(found)}\n{end}{after}", encoding="utf-8")


def _machine(found: dict[str, Any]) -> Iterator[str]:
    machine, settings = found["machine"], found["suite"]["settings"]
    load = ", ".join(f"{value:.1f}" for value in machine["load_before"])
    after = ", ".join(f"{value:.1f}" for value in found.get("load_after", ()))
    yield f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; load before {load}, after {after}."
    node = f", Node.js {settings['node']}" if "node" in settings else ""
    yield f"PostgreSQL {settings['postgresql']} with fsync, Python {machine['python']}{node}."
    how = "a core for the server, the rest for database and clients" if settings["pinned"] else "no process is pinned"
    yield (
        f"{settings['rounds']} rounds of {settings['seconds']:g} s in turns, {settings['clients']} clients in a "
        f"process of their own, {settings['cases']:,} cases before; {how}. Medians, in brackets least and most."
    )
    yield ""


def _servers(found: dict[str, Any]) -> Iterator[str]:
    peers = found["suite"]["settings"]["peers"]
    yield "| server | what | settings | lacks |"
    yield "|---|---|---|---|"
    yield f"| **{_OURS}** | this program, one worker | as it is delivered | nothing |"
    for name, peer in peers.items():
        yield f"| {name} {peer['version']} | {peer['what']} | {peer['settings']} | {peer['lacks']} |"
    yield ""


def _works(found: dict[str, Any]) -> Iterator[str]:
    for name, servers in found["suite"]["works"].items():
        yield f"**{name}**: {WORKS[name].what}"
        yield ""
        yield "| | a second | beside mercurius | server, us | PostgreSQL, us | p50 ms | p99 ms | refused | bytes |"
        yield "|---|---|---|---|---|---|---|---|---|"
        beside = servers.get("mercurius", {}).get("per_second", {}).get("median")
        for server, one in servers.items():
            ratio = f"{one['per_second']['median'] / beside:.2f}" if beside else ""
            title = f"**{server}**" if server == _OURS else server
            yield (
                f"| {title} | {_spread(one['per_second'])} | {ratio} | {_spread(one['server_us'])} "
                f"| {_spread(one['database_us'])} | {one['p50_ms']['median']:.1f} | {one['p99_ms']['median']:.1f} "
                f"| {one['refused']:,} | {one['answer_bytes']:,} |"
            )
        yield ""


def _rows(found: dict[str, Any]) -> Iterator[str]:
    rows = found["suite"]["rows"]
    if not rows:
        return
    servers = rows["for_one_declaration"]
    differ = "; ".join(rows["differ"])
    outcome = f"they differ: {differ}" if differ else "all the same."
    yield f"Rows for one declaration, alerts for a severe one (bytes of a row): {outcome}"
    yield ""
    yield f"| | {' | '.join(servers)} |"
    yield f"|---|{'---|' * len(servers)}"
    for table in servers[_OURS]:
        cells = (f"{one[table]['rows']:.2f} ({one[table]['bytes']:.0f})" for one in servers.values())
        yield f"| {table} | {' | '.join(cells)} |"
    yield ""


def _spread(one: dict[str, float]) -> str:
    return f"{one['median']:,.0f} ({one['least']:,.0f} to {one['most']:,.0f})"

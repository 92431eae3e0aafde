"""What processes have worked, from the system's own account of them (/proc on Linux)."""

from collections.abc import Iterable

import psutil

_DATABASE = "postgres"


def worked(pids: Iterable[int], *, database: bool = False) -> float:
    """Processor seconds of these processes and of all below them until now, those that have ended among them.

    Without `database` no process of PostgreSQL counts, with it nothing else.
    """
    return sum(_seconds(one, database) for pid in pids for one in _tree(pid))


def pin(pids: Iterable[int], cores: Iterable[int]) -> None:
    """Lets these processes and all below them run on these cores alone."""
    wanted = list(cores)
    for pid in pids:
        for one in _tree(pid):
            one.cpu_affinity(wanted)


def memory(pids: Iterable[int]) -> int:
    """Bytes that these processes and all below them hold, but for PostgreSQL's."""
    return sum(one.memory_info().rss for pid in pids for one in _tree(pid) if one.name() != _DATABASE)


def _tree(pid: int) -> list[psutil.Process]:
    one = psutil.Process(pid)
    return [one, *one.children(recursive=True)]


def _seconds(one: psutil.Process, database: bool) -> float:
    try:
        if (one.name() == _DATABASE) is not database:
            return 0.0
        times = one.cpu_times()
    except psutil.NoSuchProcess:  # It ended while it was looked at.
        return 0.0
    return float(times.user + times.system)

"""A streaming replica of Debian's PostgreSQL 15, which a test may hold back, stop and start."""

import time
from pathlib import Path

import pytest

from tests.servers.conftest import Cluster

_PATIENCE = 20.0


class Standby(Cluster):
    """A server that replays what another one writes."""

    def follow(self, primary: Cluster) -> None:
        """Copies the primary and starts to replay."""
        self.run("pg_basebackup", "-h", str(primary.folder), "-U", "postgres", "-D", str(self.data), "-R", "-c", "fast")
        self.start()

    def hold(self) -> None:
        """Stops replaying: from now on it grows older, and answers all the same."""
        self.sql("SELECT pg_wal_replay_pause()")
        self._wait("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def go_on(self) -> None:
        """Replays again."""
        self.sql("SELECT pg_wal_replay_resume()")

    def caught_up(self, primary: Cluster) -> None:
        """Returns when it has replayed all that the primary has written until now."""
        written = primary.ask("SELECT pg_current_wal_lsn()")
        self._wait(f"SELECT pg_last_wal_replay_lsn() >= '{written}'")

    def _wait(self, question: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while self.ask(question) != "t":
            if time.monotonic() > deadline:
                pytest.fail(f"the standby does not come so far: {question}")
            time.sleep(0.02)  # Another process replays, and tells nobody.


def url_on(folder: Path, url: str, primary: Path) -> str:
    """The same login and database on the server in another folder."""
    return url.replace(str(primary), str(folder))

"""PostgreSQL 15 and Redis as Debian packages them, each started here, in a folder of its own."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.database import DatabaseUrls

POSTGRES = Path("/usr/lib/postgresql/15/bin")
LOGINS = ("khaibao_owner", "khaibao_app", "khaibao_service")
_PATIENCE = 30.0


class Cluster:
    """A PostgreSQL 15 on a socket in its own folder, which can be stopped and started like a server that fails."""

    def __init__(self, folder: Path, *, data: str = "data", options: str = "") -> None:
        """`options` are what the server is started with besides."""
        self.folder = folder
        self.data = folder / data
        self._options = options
        self._user = _unprivileged()

    def make(self) -> None:
        """Makes the cluster, its three logins and nothing else."""
        self.run("initdb", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "-D", str(self.data))
        self.start()
        for login in LOGINS:
            extra = " BYPASSRLS CREATEDB" if login == "khaibao_owner" else ""
            self.sql(f"CREATE ROLE {login} LOGIN{extra}")

    def start(self) -> None:
        """Starts it and waits until it answers."""
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c max_connections=60"
        options = f"{options} {self._options}"
        self.run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stops it at once, as a crash does."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop")

    def sql(self, statement: str) -> None:
        """Runs a statement as the superuser."""
        self.run("psql", "-h", str(self.folder), "-U", "postgres", "-qc", statement)

    def ask(self, question: str) -> str:
        """The one value that a statement answers, as text."""
        return self.run("psql", "-h", str(self.folder), "-U", "postgres", "-qAtc", question).strip()

    def database(self, name: str) -> DatabaseUrls:
        """A new database for the three logins."""
        self.sql(f"CREATE DATABASE {name} OWNER khaibao_owner")
        owner, application, service = (f"postgres://{login}@/{name}?host={self.folder}" for login in LOGINS)
        return DatabaseUrls(application, service, owner)

    def run(self, program: str, *arguments: str) -> str:
        """Runs one of PostgreSQL's programs; what it says."""
        command = [str(POSTGRES / program), *arguments]
        user = self._user.pw_name if self._user else None
        done = subprocess.run(command, user=user, cwd=self.folder, capture_output=True, text=True, timeout=60)
        if done.returncode:
            pytest.fail(f"{program} failed: {done.stderr or done.stdout}")
        return done.stdout


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then Debian's own account for it, which its package makes."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that the account of PostgreSQL can reach, for as long as it is open."""
    # Not pytest's own folder: that of root cannot be passed by the account that PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="khaibao-", dir="/tmp"))
    try:
        if user := _unprivileged():
            os.chown(folder, user.pw_uid, user.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql15() -> Iterator[Cluster]:
    """Debian's PostgreSQL 15 with the three logins. A machine without it fails: make test-servers installs it."""
    if not (POSTGRES / "postgres").exists():
        pytest.fail("PostgreSQL 15 is not installed: run make test-servers, which installs it")
    with open_folder() as folder:
        cluster = Cluster(folder)
        cluster.make()
        try:
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Debian's Redis on a free port of this machine."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("Redis is not installed: run make test-servers, which installs it")
    with socket.socket() as found, tempfile.TemporaryDirectory(prefix="khaibao-redis-") as folder:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
        found.close()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder, "--logfile", "log"]
        with subprocess.Popen([program, *options]) as server:
            try:
                _wait_for(port, server)
                yield f"redis://127.0.0.1:{port}"
            finally:
                server.terminate()


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("Redis did not start")

"""Kannel as Debian packages it, with the SMSC of its own test tools, started in a folder of the test's."""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")
USER, PASSWORD, SENDER = "khaibao", "a-password-of-the-test", "1022"
_PATIENCE = 20.0

_CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = "127.0.0.1"
admin-password = {password}
smsbox-port = {box}
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
access-log = "{folder}/bearerbox-access.log"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = FAKE
port = {smsc}
host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = "127.0.0.1"

group = sendsms-user
username = {user}
password = {password}
max-messages = 3
concatenation = true

group = sms-service
keyword = default
text = "no"
"""

_GOT = re.compile(r"Got message \d+: <(\S+) (\S+) (\S+) (.*)>")


class Kannel:
    """bearerbox, smsbox and the fake SMSC, each of which a test may kill and start again."""

    def __init__(self, folder: Path) -> None:
        """Chooses ports and writes the configuration; starts nothing."""
        self.folder = folder
        ports = _free_ports(4)
        self._ports = dict(zip(("admin", "box", "smsc", "sendsms"), ports, strict=True))
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._configuration = folder / "kannel.conf"
        words = {**self._ports, "folder": folder, "user": USER, "password": PASSWORD}
        self._configuration.write_text(_CONFIGURATION.format(**words))

    @property
    def url(self) -> str:
        """Where messages are handed to."""
        return f"http://127.0.0.1:{self._ports['sendsms']}/cgi-bin/sendsms"

    def start(self) -> None:
        """Starts what is not running and waits until all of it answers."""
        self._start("bearerbox", "bearerbox", str(self._configuration))
        self._wait("smsc")
        self._wait("box")
        self._start("smsbox", "smsbox", str(self._configuration))
        self._wait("sendsms")
        self.start_smsc()

    def start_smsc(self) -> None:
        """Starts the fake SMSC, which shows on its output what it got."""
        self._start("fakesmsc", str(FAKESMSC), "-r", str(self._ports["smsc"]), "-m", "0", "100 200 text nothing")

    def kill(self, *names: str) -> None:
        """Kills with -9, or waits where another's end has ended it."""
        for name in names:
            process = self._running.pop(name)
            process.kill()
            process.wait()

    def stop(self) -> None:
        """Ends whatever is running."""
        self.kill(*list(self._running))

    def got(self, to: str) -> list[str]:
        """The texts that the SMSC was given for a number, in order."""
        shown = (self.folder / "fakesmsc.out").read_text(errors="replace")
        return [_text(kind, text) for _, number, kind, text in _GOT.findall(shown) if number == to]

    def sent(self, account: str) -> int:
        """How often Kannel's own log says that it has sent something for this account."""
        log = self.folder / "bearerbox-access.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return sum("Sent SMS" in line and f"[ACT:{account}]" in line for line in lines)

    def _start(self, name: str, *command: str) -> None:
        if name not in self._running:
            with (self.folder / f"{name}.out").open("ab") as out:
                self._running[name] = subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=out)

    def _wait(self, port: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", self._ports[port])) == 0:
                    return
            time.sleep(0.05)  # A program that starts has no event to wait for.
        pytest.fail(f"Kannel did not start: see {self.folder}")


def require_kannel() -> None:
    """Fails where a part of it is missing."""
    missing = [name for name in ("bearerbox", "smsbox") if shutil.which(name) is None]
    if missing or not FAKESMSC.exists():
        pytest.fail("Kannel is not installed: run make test-servers, which installs it")


def _text(kind: str, shown: str) -> str:
    return unquote_to_bytes(shown.replace("+", " ")).decode("utf-16-be") if kind == "ucs-2" else shown


def _free_ports(how_many: int) -> list[int]:
    probes = [socket.socket() for _ in range(how_many)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()

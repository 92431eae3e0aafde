"""A server that speaks S3 and holds its callers to their keys, behind a wire that can be cut."""

import re
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from chaos.wire import Wire

BUCKET = "khaibao"
PROGRAM = Path(__file__).parents[2] / ".cache" / "s3" / "bin" / "moto_server"
_HOST = "127.0.0.1"
_PATIENCE = 30.0
_SIGNED = "AWS4-HMAC-SHA256 Credential=x/20220317/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x"
_POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


@dataclass
class S3:
    """The server as its callers reach it, and the keys of somebody who may use its buckets."""

    wire: Wire
    port: int
    key_id: str = ""
    secret: str = ""

    def environment(self, patch: pytest.MonkeyPatch, **changed: str) -> None:
        """Sets the variables from which a store takes its address and keys."""
        given = {
            "AWS_ENDPOINT": f"http://{_HOST}:{self.port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
        }
        for name, value in (given | changed).items():
            patch.setenv(name, value)


class _Operator:
    """Whoever has set the server up, which asks nobody for keys until it is told to."""

    def __init__(self, port: int) -> None:
        self._url = f"http://{_HOST}:{port}"

    def ask(self, method: str, path: str, data: bytes | None = None, **headers: str) -> str:
        sent = Request(self._url + path, data, {name.replace("_", "-"): value for name, value in headers.items()})
        sent.method = method
        with urlopen(sent, timeout=30) as answer:
            return str(answer.read().decode())

    def iam(self, **form: str) -> str:
        data = urlencode({"Version": "2010-05-08", **form}).encode()
        return self.ask("POST", "/", data, Authorization=_SIGNED, Content_Type="application/x-www-form-urlencoded")

    def wait(self, server: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + _PATIENCE
        while server.poll() is None and time.monotonic() < deadline:
            try:
                self.ask("GET", "/moto-api/data.json")
            except (URLError, ConnectionError):
                continue
            return
        pytest.fail("the server that speaks S3 did not start")


@dataclass(frozen=True)
class Started:
    """A server on a port, and the keys of somebody who may use it."""

    port: int
    key_id: str
    secret: str


@contextmanager
def started() -> Iterator[Started]:
    """A server with one bucket. A machine without it fails: make test-servers installs it."""
    if not PROGRAM.exists():
        pytest.fail("the server that speaks S3 is not installed: run make test-servers, which installs it")
    port, quiet = _free(), subprocess.DEVNULL
    with subprocess.Popen([PROGRAM, "-H", _HOST, "-p", str(port)], stdout=quiet, stderr=quiet) as server:
        try:
            operator = _Operator(port)
            operator.wait(server)
            operator.ask("PUT", f"/{BUCKET}")
            operator.iam(Action="CreateUser", UserName="khaibao")
            operator.iam(Action="PutUserPolicy", UserName="khaibao", PolicyName="all", PolicyDocument=_POLICY)
            given = operator.iam(Action="CreateAccessKey", UserName="khaibao")
            # From here on it asks everybody for their keys.
            operator.ask("POST", "/moto-api/reset-auth", b"0", Content_Type="text/plain")
            yield Started(port, _of("AccessKeyId", given), _of("SecretAccessKey", given))
        finally:
            server.terminate()


@asynccontextmanager
async def open_s3(server: Started) -> AsyncIterator[S3]:
    """The same behind a wire."""
    port = _free()
    made = S3(Wire((_HOST, port), lambda: (_HOST, server.port)), port, server.key_id, server.secret)
    await made.wire.open()
    try:
        yield made
    finally:
        made.wire.close()


def _of(name: str, given: str) -> str:
    found = re.search(f"<{name}>(.*?)<", given)
    return found[1] if found else ""


def _free() -> int:
    with closing(socket.socket()) as found:
        found.bind((_HOST, 0))
        return int(found.getsockname()[1])

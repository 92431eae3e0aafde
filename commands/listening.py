"""Where a server listens, looked at before anything is started."""

import errno
import socket
from dataclasses import dataclass

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


class PortTaken(Exception):
    """The address cannot be listened on; the text is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and port to listen on."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """How a client on this machine reaches it."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def arguments(self) -> list[str]:
        """The same as options of `khaibao serve`."""
        return ["--host", self.host, "--port", str(self.port)]


def free_address(host: str, port: int) -> Address:
    """The address, if nobody listens there yet. Raises PortTaken.

    The server that starts next looks again; here the person learns of it before a database was emptied.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server does: a port whose last connections are still closing is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise PortTaken(_why(host, port, error)) from error
    return Address(host, port)


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use: stop what listens there, or take another with --port {port + 1}"
    if error.errno == errno.EACCES:
        return f"you may not listen on port {port}: take one above 1023 with --port"
    return f"cannot listen on {host}, port {port} ({error.strerror}): name an address of this machine with --host"

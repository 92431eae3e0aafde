"""How a request is called: by us, or by a proxy that the operator trusts."""

import os
import re

from starlette.types import Scope

from services.runtime import Runtime

# Short, and letters and digits: it is written into the log and into the record of who did what.
_TAKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{7,63}")


def request_id_of(runtime: Runtime, scope: Scope) -> str:
    """The X-Request-Id of a trusted proxy where it looks like one, else a new one.

    Anybody else could give two requests one name, or write what they like where an operator looks.
    """
    client = scope.get("client")
    if runtime.origins.trusts(client[0] if client else None):
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        for name, value in headers:
            if name == b"x-request-id" and _TAKEN.fullmatch(shown := value.decode("latin-1")):
                return shown
    return os.urandom(16).hex()

"""Where an ASGI request or socket comes from."""

from starlette.types import Scope

from services.runtime import Runtime


def origin_of(runtime: Runtime, scope: Scope) -> str | None:
    """The hash of the client's address; None where there is no address, as on a socket of this machine."""
    forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    client = scope.get("client")
    return runtime.origins.of(client[0] if client else None, forwarded)

"""The settings of browsers and of sockets: whose pages may call, and how much one client may hold open."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origins_of(text: str) -> tuple[str, ...]:
    """The origins of a list such as `https://khaibao.example, http://localhost:3000`, as browsers write them.

    `null` stands for pages without an origin, such as files. Raises ValueError for what is none.
    """
    return tuple(dict.fromkeys(_origin(part.strip()) for part in text.split(",") if part.strip()))


def _origin(text: str) -> str:
    if text == "null":
        return text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"{text} is no origin, such as https://khaibao.example") from None
    # A star, a path or a trailing slash would match no page, or every page: better said at the start.
    plain = text.lower() == f"{parts.scheme}://{parts.netloc}".lower() and "@" not in text and "*" not in text
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not plain:
        raise ValueError(f"{text} is no origin, such as https://khaibao.example")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")


def _origins(text: str) -> str:
    return ",".join(origins_of(text))


_Most = Annotated[int, Field(ge=1)]


class WebSettings(BaseSettings):
    """The part of the settings that is about browsers and sockets. What is counted is counted by each process."""

    web_origins: Annotated[str, AfterValidator(_origins)] = ""
    """Origins of pages, separated by commas, that may call from a browser; pages of this very host always may."""
    hsts_seconds: Annotated[int | None, Field(ge=0)] = None
    """For how long a browser is to come back by https only; unset, nothing is said. For where TLS stands in front."""
    socket_init_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    """How long a socket may take to say who is there."""
    socket_send_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    """How long a client may take nothing of what is sent on its socket."""
    socket_idle_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """How long a socket on which nothing runs may leave a ping without an answer."""
    shared: bool = True
    """Whether subscribers who get the same are given it from one execution."""
    max_sockets_by_address: _Most = 5_000
    """The most sockets of one address, which a carrier's thousands may share."""
    max_sockets_by_account: _Most = 100
    """The most sockets of one account, or of one resident's phone."""
    max_operations_by_socket: _Most = 50
    """The most operations that run on one socket at once."""
    max_operations_by_account: _Most = 500
    """The most operations that run on all sockets of one account at once."""
    max_subscriptions_by_socket: _Most = 50
    """The most of them that are subscriptions."""
    max_subscriptions_by_account: _Most = 300
    """The most subscriptions of one account at once, on sockets and as streams of events."""

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins one by one."""
        return origins_of(self.web_origins)

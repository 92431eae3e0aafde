"""The door in a storm: refusing what there is no room for before a request becomes a task.

An answer costs some milliseconds of a process. A refusal that takes its way through the whole application costs a tenth
of that, so that at ten times the capacity nothing would be left for answers; at the door it costs a fiftieth. It says
what the application would say, and leaves to it all that it is not sure of.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from uuid import uuid4

import orjson

from graph.accept import Medium, medium_of
from graph.admission import PLACE_HEADER, Admission
from graph.errors import api_error
from graph.http_answer import VARY
from graph.language import Language, language_of
from graph.overloaded import Overloaded
from graph.request import Malformed, read_request
from services.runtime import Runtime

_LONGEST = 64 * 1024

Headers = list[tuple[bytes, bytes]]


class Door:
    """The door of one process. `said` are headers that every answer has, `origins` whose pages may read it."""

    def __init__(
        self, admission: Admission, runtime: Runtime, said: Mapping[str, str], origins: Collection[str] = ()
    ) -> None:
        """Refuses nobody until the admission has."""
        self._admission, self._runtime, self._origins = admission, runtime, frozenset(origins)
        self._said = b"".join(f"{name}: {value}\r\n".encode() for name, value in said.items())

    @property
    def guarded(self) -> bool:
        """Whether it is worth while to look at whoever comes."""
        return self._admission.queue.crowded and not self._runtime.ending.begun

    def refusal(self, headers: Headers, peer: str | None, body: bytes) -> bytes | None:
        """The whole answer to a POST at the API's path that is refused at once; None leaves it to the application."""
        found = dict(headers)
        kind, length = found.get(b"content-type", b""), len(headers)
        # What comes twice, what is compressed and what wants a stream are for the application to judge.
        if length != len(found) or length > 60 or len(body) > _LONGEST or PLACE_HEADER in found:
            return None
        if not kind.startswith(b"application/json") or b"charset" in kind or b"content-encoding" in found:
            return None
        medium = _medium(found.get(b"accept"))
        if medium is None or medium == "text/event-stream":
            return None
        try:
            request = read_request(orjson.loads(body))
        except (orjson.JSONDecodeError, Malformed):
            return None
        if request.query:
            staff = self._admission.is_staff(_text(found.get(b"authorization")))
            refused = self._admission.at_once(request, staff=staff, origin=lambda: self._origin(peer, headers))
            if refused is not None:
                self._runtime.meters.refused("OVERLOADED")
                return self._answer(refused, medium, _language(found.get(b"accept-language")), found.get(b"origin"))
        return None

    def _origin(self, peer: str | None, headers: Headers) -> str | None:
        forwarded = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
        return self._runtime.origins.of(peer, forwarded)

    def _answer(self, refused: Overloaded, medium: Medium, language: Language, origin: bytes | None) -> bytes:
        place = {"place": refused.place} if refused.place else {}
        error = api_error("OVERLOADED", language, retryAfter=refused.retry_after, **place)
        body = orjson.dumps({"errors": [error.formatted()]})
        head = (
            f"HTTP/1.1 503 Service Unavailable\r\ncontent-type: {medium}; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\ncache-control: no-store\r\nretry-after: {refused.retry_after}\r\n"
            f"x-request-id: {uuid4().hex}\r\n"
        )
        return b"".join((head.encode(), self._said, *self._for_pages(origin), b"\r\n", body))

    def _for_pages(self, origin: bytes | None) -> Iterable[bytes]:
        yield b"vary: " + VARY[1] + b", Origin\r\n"
        if origin is not None and origin.decode("latin-1") in self._origins:
            yield b"access-control-allow-origin: " + origin + b"\r\n"
            yield b"access-control-expose-headers: Retry-After, X-Request-Id\r\n"


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


@lru_cache(maxsize=256)
def _medium(accept: bytes | None) -> Medium | None:
    return medium_of(_text(accept))


@lru_cache(maxsize=256)
def _language(accept_language: bytes | None) -> Language:
    return language_of(_text(accept_language))

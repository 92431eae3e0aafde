"""The door in a storm: refusing what there is no room for before a request becomes a task.

An answer costs some milliseconds of a process. A refusal that takes its way through the whole application costs a tenth
of that, so that at ten times the capacity nothing would be left for answers; at the door it costs a hundredth. It says
what the application would say, and leaves to it all that it is not sure of.
"""

import random
from collections.abc import Collection, Mapping
from functools import lru_cache
from time import perf_counter

import orjson

from graph.accept import Medium, medium_of
from graph.admission import PLACE_HEADER, Admission
from graph.errors import api_error
from graph.http_answer import VARY
from graph.language import Language, language_of
from graph.request import Malformed, read_request
from services.runtime import Runtime

_LONGEST = 64 * 1024

_MOST_HEADERS = 60
_UNUSUAL = frozenset((PLACE_HEADER, b"content-encoding"))
# A number that stands for itself nowhere in a message.
_BLANK = 999_999_999

Headers = Mapping[bytes, bytes]


class Door:
    """The door of one process. `said` are headers that every answer has, `origins` whose pages may read it."""

    def __init__(
        self, admission: Admission, runtime: Runtime, said: Mapping[str, str], origins: Collection[str] = ()
    ) -> None:
        """Refuses nobody that the admission has room for."""
        self._admission, self._runtime, self._origins = admission, runtime, frozenset(origins)
        self._forms: dict[tuple[Medium, Language], _Form] = {}
        self._said = b"".join(f"{name}: {value}\r\n".encode() for name, value in said.items())

    @property
    def guarded(self) -> bool:
        """Whether it is worth while to look at whoever comes: before the first is refused, for of a storm's first wave
        each that is refused behind the door costs as much as ten before it."""
        return self._admission.queue.full and not self._runtime.ending.begun

    def refusal(self, headers: Headers, peer: str | None, body: bytes) -> bytes | None:
        """The whole answer to a POST at the API's path that is refused at once; None leaves it to the application.

        `headers` are by their names in small letters, each of which has come once.
        """
        begun = perf_counter()
        # What is compressed and what wants a stream are for the application to judge.
        if len(headers) > _MOST_HEADERS or len(body) > _LONGEST or not _UNUSUAL.isdisjoint(headers):
            return None
        kind = headers.get(b"content-type", b"")
        if not kind.startswith(b"application/json") or b"charset" in kind:
            return None
        medium = _medium(headers.get(b"accept"))
        if medium is None or medium == "text/event-stream":
            return None
        try:
            request = read_request(orjson.loads(body))
        except (orjson.JSONDecodeError, Malformed):
            return None
        if not request.query:
            return None
        staff = self._admission.is_staff(_text(headers.get(b"authorization")))
        refused = self._admission.at_once(
            request, staff=staff, origin=lambda: self._origin(peer, headers.get(b"x-forwarded-for"))
        )
        if refused is None:
            return None
        self._runtime.meters.refused("OVERLOADED")
        form = self._form(medium, _language(headers.get(b"accept-language")))
        answer = form.filled(refused.retry_after, refused.place, self._for_pages(headers.get(b"origin")))
        self._admission.queue.concurrency.refused(perf_counter() - begun)
        return answer

    def no_socket(self, headers: Headers) -> bytes:
        """The answer to an upgrade for which there is no room within a second: as for sockets, without a place."""
        self._runtime.meters.refused("OVERLOADED")
        refused = self._admission.no_socket()
        language = _language(headers.get(b"accept-language"))
        error = api_error("OVERLOADED", language, retryAfter=refused.retry_after)
        body = orjson.dumps({"errors": [error.formatted()]})
        head = (
            f"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\ncache-control: no-store\r\nretry-after: {refused.retry_after}\r\n"
            f"x-request-id: {_request_id().decode()}\r\nconnection: close\r\n"
        )
        return b"".join((head.encode(), self._said, b"\r\n", body))

    def _origin(self, peer: str | None, forwarded: bytes | None) -> str | None:
        return self._runtime.origins.of(peer, [] if forwarded is None else [_text(forwarded) or ""])

    def _form(self, medium: Medium, language: Language) -> "_Form":
        form = self._forms.get((medium, language))
        if form is None:
            form = self._forms[medium, language] = _Form(medium, language, self._said)
        return form

    def _for_pages(self, origin: bytes | None) -> bytes:
        if origin is None or origin.decode("latin-1") not in self._origins:
            return b""
        return (
            b"access-control-allow-origin: " + origin + b"\r\n"
            b"access-control-expose-headers: Retry-After, X-Request-Id\r\n"
        )


class _Form:
    """The answer in one type and language, in which only a few words differ from one refusal to the next."""

    def __init__(self, medium: Medium, language: Language, said: bytes) -> None:
        error = api_error("OVERLOADED", language, retryAfter=_BLANK, place="")
        begins, _, ends = orjson.dumps({"errors": [error.formatted()]}).partition(b"%d" % _BLANK)
        middle, ends = ends[: ends.rindex(b'""') + 1], ends[ends.rindex(b'""') + 1 :]
        self._length = len(begins) + len(middle) + len(ends)
        head = (
            f"HTTP/1.1 503 Service Unavailable\r\ncontent-type: {medium}; charset=utf-8\r\ncache-control: no-store\r\n"
        )
        head_ends = said + b"vary: " + VARY[1] + b", Origin\r\n"
        self._text = b"".join(
            (
                _literal(head.encode() + head_ends),
                b"content-length: %d\r\nretry-after: %d\r\nx-request-id: %b\r\n%b\r\n",
                *(_literal(begins), b"%b", _literal(middle), b"%b", _literal(ends)),
            )
        )

    def filled(self, seconds: int, slip: str, for_pages: bytes) -> bytes:
        """The answer that says to come back after so many seconds, with that slip."""
        told, place = b"%d" % seconds, slip.encode()
        length = self._length + len(told) + len(place)
        return self._text % (length, seconds, _request_id(), for_pages, told, place)


def _request_id() -> bytes:
    # A name and no secret: the kernel need not be asked for chance thousands of times a second.
    return b"%032x" % random.getrandbits(128)


def _literal(text: bytes) -> bytes:
    return text.replace(b"%", b"%%")


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


@lru_cache(maxsize=256)
def _medium(accept: bytes | None) -> Medium | None:
    return medium_of(_text(accept))


@lru_cache(maxsize=256)
def _language(accept_language: bytes | None) -> Language:
    return language_of(_text(accept_language))

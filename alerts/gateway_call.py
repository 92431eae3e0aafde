"""One request to a gateway: bounded in time and size, never redirected, never decompressed."""

import ssl
from dataclasses import dataclass

import aiohttp

from alerts.gateway import GatewayFault

_CONNECT_SECONDS = 4.0
_TOTAL_SECONDS = 8.0
_LONGEST_ANSWER = 16 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway said."""

    status: int
    body: bytes


class GatewayCall:
    """The connections to one gateway, opened with the first request."""

    def __init__(self, url: str) -> None:
        """Does nothing until `post`. With https the gateway's certificate is checked as the system trusts them."""
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Posts it. Raises GatewayFault, and nothing that quotes what was sent or to whom."""
        try:
            async with self._open().post(self._url, data=body, headers=headers, allow_redirects=False) as response:
                # To the end or to the bound, whichever comes first: a gateway must not fill our memory.
                read = await _read(response.content)
                return Answer(response.status, read)
        except TimeoutError:
            raise GatewayFault("NO_ANSWER") from None
        except aiohttp.ClientConnectorCertificateError:
            raise GatewayFault("BAD_CERTIFICATE") from None
        except (aiohttp.ClientConnectorError, ssl.SSLError):
            raise GatewayFault("NO_CONNECTION") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise GatewayFault("BAD_ANSWER") from None

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_TOTAL_SECONDS, connect=_CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                # What we cannot unpack within bounds we do not ask for.
                auto_decompress=False,
                headers={"accept-encoding": "identity", "user-agent": "khaibao"},
                # A proxy that happens to be named in the environment must not see numbers.
                trust_env=False,
            )
        return self._session


async def _read(content: aiohttp.StreamReader) -> bytes:
    found = b""
    while len(found) <= _LONGEST_ANSWER:
        part = await content.read(_LONGEST_ANSWER + 1 - len(found))
        if not part:
            return found
        found += part
    raise GatewayFault("ANSWER_TOO_LONG")

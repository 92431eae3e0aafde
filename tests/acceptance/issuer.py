"""An OpenID Connect issuer as a process of its own: discovery, keys that can be turned, and tokens signed with them.

`python -m tests.acceptance.issuer PORT` serves until it is ended.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.acceptance.client import PATIENCE

AUDIENCE = "khaibao-test"
ROOT = Path(__file__).parents[2]


class Issuer:
    """The server's side: a key that signs, and how often the keys were asked for."""

    def __init__(self, url: str) -> None:
        """Begins with a first key."""
        self._url, self._number, self._asked = url, 0, 0
        self._turn()

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/asked", self._count)
        app.router.add_post("/turn", self._turned)
        app.router.add_post("/token", self._token)
        return app

    def _turn(self) -> None:
        self._number += 1
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    async def _discovery(self, _: web.Request) -> web.Response:
        return _json({"issuer": self._url, "jwks_uri": f"{self._url}/keys"})

    async def _keys(self, _: web.Request) -> web.Response:
        self._asked += 1
        public: dict[str, Any] = jwt.get_algorithm_by_name("RS256").to_jwk(self._key.public_key(), as_dict=True)
        return _json({"keys": [{**public, "kid": f"key-{self._number}", "use": "sig", "alg": "RS256"}]})

    async def _count(self, _: web.Request) -> web.Response:
        return _json({"asked": self._asked})

    async def _turned(self, _: web.Request) -> web.Response:
        self._turn()
        return _json({})

    async def _token(self, request: web.Request) -> web.Response:
        claims = orjson.loads(await request.read())
        return _json({"token": jwt.encode(claims, self._key, "RS256", headers={"kid": f"key-{self._number}"})})


def _json(value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")


@dataclass(frozen=True, slots=True)
class Provider:
    """The test's side: an issuer that runs."""

    url: str
    session: aiohttp.ClientSession
    process: asyncio.subprocess.Process

    def claims(self, name: str, **changes: object) -> dict[str, object]:
        """The claims of a good token."""
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "7f3", "iat": now, "exp": now + 300}
        return {**good, "preferred_username": name, **changes}

    async def token(self, name: str, **changes: object) -> str:
        """A token signed by the issuer."""
        body = orjson.dumps(self.claims(name, **changes))
        async with self.session.post(f"{self.url}/token", data=body) as response:
            token: str = (await response.json())["token"]
            return token

    async def get(self, path: str) -> Any:
        """What the issuer publishes there."""
        async with self.session.get(self.url + path) as response:
            return await response.json()

    async def turn(self) -> None:
        """Another key from now on; the one of before is gone."""
        async with self.session.post(f"{self.url}/turn") as response:
            assert response.status == 200

    async def end(self) -> None:
        """Ends the process."""
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


@asynccontextmanager
async def issuing(port: int, session: aiohttp.ClientSession) -> AsyncIterator[Provider]:
    """An issuer on this port of this machine."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.acceptance.issuer", str(port)), cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    provider = Provider(f"http://127.0.0.1:{port}", session, process)
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                assert process.returncode is None, "the issuer has ended"
                try:
                    await provider.get("/asked")
                    break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)  # A process that starts has no event to wait for.
        yield provider
    finally:
        await provider.end()


if __name__ == "__main__":
    PORT = int(sys.argv[1])
    web.run_app(Issuer(f"http://127.0.0.1:{PORT}").app(), host="127.0.0.1", port=PORT, print=None)

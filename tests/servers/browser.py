"""Debian's Chromium without a window, driven by its own protocol; it finds no other host than this machine."""

import asyncio
import base64
import os
import shutil
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect

_PATIENCE = 30.0
_BREAKS = """
globalThis.broken = [];
document.addEventListener("securitypolicyviolation", event =>
  broken.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
addEventListener("error", event => broken.push(`error ${event.message}`), true);
"""


@dataclass
class Page:
    """One page, and what it has asked for."""

    connection: ClientConnection
    asked: list[str] = field(default_factory=list)
    """The addresses of everything that was fetched, and of the sockets that were opened."""
    said: list[str] = field(default_factory=list)
    """What went to the console as an error or a warning."""
    _numbers: Any = field(default_factory=count)
    _answers: dict[int, asyncio.Future[Any]] = field(default_factory=dict)

    async def load(self, url: str) -> None:
        """Goes there."""
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=_BREAKS)
        await self.call("Page.navigate", url=url)

    async def value(self, script: str) -> Any:
        """What an expression of the page gives, waited for where it is a promise."""
        answer = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, script: str) -> Any:
        """Returns what an expression gives as soon as it gives something."""
        async with asyncio.timeout(_PATIENCE):
            while not (found := await self.value(script)):  # noqa: ASYNC110 - what it waits for is in another process
                await asyncio.sleep(0.1)
            return found

    async def picture(self) -> bytes:
        """What a person would see, as a PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])

    async def call(self, method: str, **parameters: Any) -> Any:
        """One command of Chromium's protocol."""
        number = next(self._numbers)
        self._answers[number] = answer = asyncio.get_running_loop().create_future()
        await self.connection.send(orjson.dumps({"id": number, "method": method, "params": parameters}).decode())
        async with asyncio.timeout(_PATIENCE):
            return await answer

    async def listen(self) -> None:
        """Takes what Chromium says, for as long as it does."""
        async for text in self.connection:
            message = orjson.loads(text)
            parameters = message.get("params", {})
            match message.get("method"):
                case None:
                    self._answers.pop(message["id"]).set_result(message.get("result", message.get("error")))
                case "Network.requestWillBeSent":
                    self.asked.append(parameters["request"]["url"])
                case "Network.webSocketCreated":
                    self.asked.append(parameters["url"])
                case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                    self.said.append(parameters["entry"]["text"])
                case "Runtime.exceptionThrown":
                    self.said.append(str(parameters["exceptionDetails"]))


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Page]:
    """An empty page in a browser of its own."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is not installed: run make test-servers, which installs it")
    process = await asyncio.create_subprocess_exec(
        *(program, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder / 'chromium'}"),
        *("--window-size=1600,1000", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        # No name is found, and no address but this machine's is asked: the network is off.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        *("--disable-background-networking", "--no-proxy-server"),
        # Its sandbox refuses to run as root.
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            address = await _page(await _port(process))
        async with connect(address, max_size=None, proxy=None) as connection:
            page = Page(connection)
            listening = asyncio.create_task(page.listen())
            try:
                yield page
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    finally:
        process.terminate()
        await process.communicate()


async def _port(process: Process) -> str:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if b"DevTools listening on ws://" in line:
            return line.decode().partition("ws://")[2].partition("/")[0]
    pytest.fail("Chromium does not start")


async def _page(host: str) -> str:
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"http://{host}/json/list") as response:
                pages = [one for one in await response.json() if one["type"] == "page"]
            if pages:
                address: str = pages[0]["webSocketDebuggerUrl"]
                return address
            await asyncio.sleep(0.05)  # The page opens by itself.

"""What the server shows of itself while it is stormed: health, memory, and the lanes of its admission."""

import asyncio
import time
from dataclasses import dataclass, field

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

_MIB = 1024 * 1024
_EVERY = 1.0
_PATIENCE = 5.0


@dataclass(slots=True)
class Look:
    """One look at the figures."""

    at: float
    memory: float
    """In MiB."""
    limit: float
    lanes: dict[str, dict[str, float]]
    """By lane: how many were admitted, waited, returned, were refused since the begin."""


@dataclass(slots=True)
class Watch:
    """Looks once a second, until it is cancelled."""

    url: str
    looks: list[Look] = field(default_factory=list)
    health: list[tuple[float, float]] = field(default_factory=list)
    """When the server was asked whether it lives, and after how many seconds it said so; endless where it did not."""

    async def run(self) -> None:
        """Looks."""
        timeout = aiohttp.ClientTimeout(total=_PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                begun = time.monotonic()
                try:
                    async with session.get(f"{self.url}/health/live") as reply:
                        reply.raise_for_status()
                    self.health.append((begun, time.monotonic() - begun))
                    async with session.get(f"{self.url}/metrics") as reply:
                        self.looks.append(_look(begun, await reply.text()))
                except (aiohttp.ClientError, TimeoutError):
                    self.health.append((begun, float("inf")))
                await asyncio.sleep(max(0.0, begun + _EVERY - time.monotonic()))

    def since(self, begun: float) -> list[Look]:
        """The looks from a moment on."""
        return [look for look in self.looks if look.at >= begun]


def _look(at: float, page: str) -> Look:
    memory = limit = 0.0
    lanes: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            match sample.name:
                case "process_resident_memory_bytes":
                    memory = sample.value / _MIB
                case "khaibao_admission_limit":
                    limit = sample.value
                case "khaibao_admission_total":
                    lanes.setdefault(sample.labels["lane"], {})[sample.labels["outcome"]] = sample.value
    return Look(at, memory, limit, lanes)

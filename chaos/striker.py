"""Does the faults of a schedule to the parts of an installation, and writes down when each was over."""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chaos.fault import Fault, Kind
from chaos.installation import Installation
from chaos.subscribers import Subscriber


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that was done: to which part, and when it was over. Moments are of the monotonic clock.

    `back` is when the part had been started again, where we did so: what came before it was on its way already.
    `server` is the server behind which to look for the recovery, None where any will do; `subscriber` likewise.
    """

    kind: Kind
    part: str
    over: float
    back: float
    server: int | None = None
    subscriber: Subscriber | None = None


class Striker:
    """Goes through a schedule; `tell` hears a line of each fault."""

    def __init__(
        self,
        installation: Installation,
        subscribers: Sequence[Subscriber],
        silent: Sequence[Subscriber],
        tell: Callable[[str], None],
    ) -> None:
        self.done: list[Struck] = []
        self._at = installation
        self._subscribers = subscribers
        self._silent = silent
        self._tell = tell

    async def run(self, schedule: Sequence[Fault]) -> None:
        """Returns when the last fault is over."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in schedule:
                await asyncio.sleep(max(0.0, begun + fault.at - time.monotonic()))
                group.create_task(self._strike(fault))

    async def _strike(self, fault: Fault) -> None:
        lasts = f" for {fault.seconds:.1f} s" if fault.seconds else ""
        server = fault.target % len(self._at.servers)
        match fault.kind:
            case Kind.SERVER_KILLED:
                # The first is spared, so that there is one whose memory tells of the whole run.
                server = 1 + fault.target % (len(self._at.servers) - 1) if len(self._at.servers) > 1 else 0
                self._tell(f"{fault.kind}: server {server}")
                self._at.servers[server].kill()
                self._over(fault, f"server {server}", server)
            case Kind.SERVER_PAUSED:
                self._tell(f"{fault.kind}: server {server}{lasts}")
                await self._at.servers[server].pause(fault.seconds)
                self._over(fault, f"server {server}", server)
            case Kind.WORKER_KILLED:
                self._tell(fault.kind)
                if self._at.worker is not None:
                    self._at.worker.kill()
                self._over(fault, "worker")
            case Kind.DATABASE_KILLED | Kind.DATABASE_STOPPED:
                self._tell(fault.kind)
                sign = signal.SIGKILL if fault.kind is Kind.DATABASE_KILLED else signal.SIGQUIT
                over = time.monotonic()
                await self._at.database.crash(sign)
                self._over(fault, "PostgreSQL", over=over)
            case Kind.BROKER_KILLED:
                self._tell(fault.kind)
                if self._at.redis is not None:
                    self._at.redis.kill()
                self._over(fault, "Redis")
            case Kind.DATABASE_CUT | Kind.DATABASE_STALLED:
                # The worker has a wire too.
                number = fault.target % len(self._at.database_wires)
                await self._wire(fault, number, lasts)
            case Kind.CLIENTS_CUT | Kind.CLIENTS_STALLED:
                await self._wire(fault, server, lasts)
            case Kind.GATEWAY_ERRORS | Kind.GATEWAY_SLOW | Kind.GATEWAY_LOST:
                self._tell(f"{fault.kind}{lasts}")
                await self._at.mood(fault.kind.name.removeprefix("GATEWAY_").lower())
                await asyncio.sleep(fault.seconds)
                await self._at.mood("well")
                self._over(fault, "gateway")
            case Kind.SUBSCRIBER_CUT:
                subscriber = self._subscribers[fault.target % len(self._subscribers)]
                self._tell(f"{fault.kind}: {subscriber.journal.name}")
                subscriber.cut()
                self._over(fault, subscriber.journal.name, subscriber=subscriber)
            case Kind.SUBSCRIBER_SILENT:
                self._tell(f"{fault.kind}{lasts}: {len(self._silent)} of the department's")
                await asyncio.gather(*(subscriber.fall_silent(fault.seconds) for subscriber in self._silent))
                first = self._silent[0]
                self._over(fault, first.journal.name, subscriber=first)

    async def _wire(self, fault: Fault, number: int, lasts: str) -> None:
        of_database = fault.kind in (Kind.DATABASE_CUT, Kind.DATABASE_STALLED)
        wire = (self._at.database_wires if of_database else self._at.client_wires)[number]
        worker = of_database and number == len(self._at.servers)
        part = "worker" if worker else f"server {number}"
        self._tell(f"{fault.kind}{lasts}: {part}")
        if fault.seconds:
            wire.stall()
            await asyncio.sleep(fault.seconds)
            wire.flow()
        else:
            wire.cut()
        self._over(fault, part, None if worker else number)

    def _over(
        self,
        fault: Fault,
        part: str,
        server: int | None = None,
        subscriber: Subscriber | None = None,
        over: float | None = None,
    ) -> None:
        now = time.monotonic()
        self.done.append(Struck(fault.kind, part, now if over is None else over, now, server, subscriber))

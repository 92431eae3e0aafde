"""One execution: what it has found, what it still waits for, and what became null of what failed.

Nothing here is a coroutine per field. A value that is not there yet leaves its place open, and whatever waits for it is
called when it comes; so what stands side by side is waited for side by side, and loaders see all their keys at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLError, located_error

from graph.engine.asked import Spot
from graph.engine.place import Place

if TYPE_CHECKING:
    from graph.engine.shape import Shape

Complete: TypeAlias = "Callable[[Run, Any, Place, str | int, Any], Any]"
"""Makes of a value what stands in the answer: (run, value, the place above, key, what holds the key)."""

WAITING: Any = type("Waiting", (), {"__repr__": lambda self: "WAITING"})()
"""Stands in the answer where something is still to come."""

_ANSWER = Spot(None, nullable=True)


class Wait:
    """Something that is waited for, and what is to become of it."""

    __slots__ = ("awaitable", "future", "given_up", "owned", "place", "then")

    def __init__(self, awaitable: Awaitable[Any], place: Place, then: Complete) -> None:
        """Nobody waits yet."""
        self.awaitable = awaitable
        self.place = place
        self.then = then
        self.future: asyncio.Future[Any] | None = None
        self.owned = self.given_up = False


class Run:
    """One execution of one shape, from its root value to its answer."""

    __slots__ = (
        *("_arrived", "_failures", "_fresh", "_waiting", "_woken", "answer", "asked", "context", "errors", "root"),
        *("shape", "top", "variables"),
    )

    def __init__(
        self, shape: "Shape", context: Any, asked: dict[str, Any], variables: dict[str, Any], root: Any
    ) -> None:
        """`asked` are the variables as they were sent, `variables` what they were coerced to."""
        self.shape = shape
        self.context = context
        self.asked = asked
        self.variables = variables
        self.root = root
        self.errors: list[GraphQLError] = []
        self.answer: dict[str, Any] = {"data": None}
        self.top = Place(None, "data", self.answer, _ANSWER)
        self._fresh: list[Wait] = []
        self._waiting: set[Wait] = set()
        self._arrived: list[Wait] = []
        self._failures: list[tuple[Place, GraphQLError]] = []
        self._woken: asyncio.Future[None] | None = None

    def wait(self, awaitable: Awaitable[Any], place: Place, then: Complete) -> Any:
        """Has the place filled when the awaitable has its value; until then WAITING stands there."""
        wait = Wait(awaitable, place, then)
        if asyncio.isfuture(awaitable):
            self._watch(wait, awaitable)
        else:
            self._fresh.append(wait)
        return WAITING

    def track(self, values: Sequence[Any]) -> None:
        """Lets what nobody waits for come to its end."""
        for value in values:
            if asyncio.iscoroutine(value) or asyncio.isfuture(value):
                asyncio.ensure_future(value).add_done_callback(_seen)

    def failed(self, error: Exception, above: Place, key: str | int, spot: Spot) -> Any:
        """What stands at a position has failed: it is null, or where it may not be, this raises the error on."""
        located = located_error(error, spot.nodes, above.path(key))
        if not spot.nullable:
            raise located
        self.errors.append(located)
        return None

    def failed_whole(self, error: GraphQLError) -> None:
        """The answer as a whole is null."""
        self.errors.append(error)
        self.answer["data"] = None
        self.abandon(self.top)

    def abandon(self, place: Place) -> None:
        """Nothing below the place is waited for any longer; what has not begun never does."""
        place.gone = True
        if self._fresh:
            kept = []
            for wait in self._fresh:
                if wait.place.dead:
                    _drop(wait.awaitable)
                else:
                    kept.append(wait)
            self._fresh = kept
        for wait in [wait for wait in self._waiting if not wait.given_up and wait.place.dead]:
            self._give_up(wait)

    async def finish(self) -> None:
        """Returns when nothing is waited for any longer."""
        try:
            while self._fresh or self._waiting:
                if len(self._fresh) == 1 and not self._waiting:
                    await self._wait_for_one(self._fresh.pop())
                else:
                    await self._wait_for_some()
                self._settle()
        except BaseException:
            # The client has gone, its time is up, or somebody has cancelled what was waited for.
            await self._give_up_all()
            raise

    async def _wait_for_one(self, wait: Wait) -> None:
        """Of a single coroutine nothing is to be gained by a task."""
        try:
            value = await wait.awaitable
        except Exception as error:
            self._fail(wait.place, error)
        else:
            self._arrive(wait, value)

    async def _wait_for_some(self) -> None:
        fresh, self._fresh = self._fresh, []
        for wait in fresh:
            wait.owned = True
            self._watch(wait, asyncio.ensure_future(wait.awaitable))
        if not self._arrived:
            self._woken = asyncio.get_running_loop().create_future()
            await self._woken
        arrived, self._arrived = self._arrived, []
        for wait in arrived:
            self._take(wait)

    def _watch(self, wait: Wait, future: asyncio.Future[Any]) -> None:
        wait.future = future
        self._waiting.add(wait)
        future.add_done_callback(lambda _: self._wake(wait))

    def _wake(self, wait: Wait) -> None:
        self._arrived.append(wait)
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def _take(self, wait: Wait) -> None:
        future = wait.future
        if wait not in self._waiting or future is None:
            return
        self._waiting.discard(wait)
        if future.cancelled():
            if not wait.given_up:
                raise asyncio.CancelledError
            return
        error = future.exception()
        if wait.given_up:
            return
        if error is None:
            self._arrive(wait, future.result())
        elif isinstance(error, Exception):
            self._fail(wait.place, error)
        else:
            raise error

    def _arrive(self, wait: Wait, value: Any) -> None:
        place = wait.place
        if place.dead:
            return
        above: Any = place.above
        try:
            completed = wait.then(self, value, above, place.key, place.held)
            if completed is None and not place.spot.nullable:
                raise place.spot.null()
        except Exception as error:
            self._fail(place, error)
        else:
            place.held[place.key] = completed

    def _fail(self, place: Place, error: Exception) -> None:
        if place.dead:
            return
        located = located_error(error, place.spot.nodes, place.path())
        if place.spot.nullable:
            self.errors.append(located)
            place.held[place.key] = None
            place.gone = True
        else:
            # What has come in the same moment is told of first, as by graphql-core: only then null climbs.
            self._failures.append((place, located))

    def _settle(self) -> None:
        failures, self._failures = self._failures, []
        for failed, error in failures:
            if failed.dead:
                continue
            place: Any = failed
            while not place.spot.nullable:
                place = place.above
            self.errors.append(error)
            place.held[place.key] = None
            self.abandon(place)

    def _give_up(self, wait: Wait) -> None:
        wait.given_up = True
        if wait.owned and wait.future is not None:
            # Waited for all the same: it may hold a connection until it has ended.
            wait.future.cancel()
        else:
            # Others may wait for the same.
            self._waiting.discard(wait)

    async def _give_up_all(self) -> None:
        for wait in self._fresh:
            _drop(wait.awaitable)
        self._fresh = []
        for wait in list(self._waiting):
            self._give_up(wait)
        ending = [wait.future for wait in self._waiting if wait.future is not None]
        if ending:
            await asyncio.gather(*ending, return_exceptions=True)
        self._waiting.clear()


def _drop(awaitable: Awaitable[Any]) -> None:
    if asyncio.iscoroutine(awaitable):
        awaitable.close()


def _seen(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()

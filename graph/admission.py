"""Admission: who is served at once, who waits a moment, and who is told when to come back, before GraphQL runs."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import TypeVar

from access.policy import Action
from access.tokens import BadToken
from graph.admission_document import Asked, Documents
from graph.admission_lane import JUDGED, Lane, lane_of
from graph.admission_limit import Concurrency
from graph.admission_look import shows_red_signs
from graph.admission_queue import Full, Queue, Rank
from graph.admission_return import Returns
from graph.limits import Limits
from graph.messages import camel
from graph.overloaded import Overloaded
from graph.request import GraphQLRequest
from services.place_token import BadPlace, Place, PlaceTokens, SpentPlaces
from services.runtime import Runtime

T = TypeVar("T")

PLACE_HEADER = b"khaibao-place"
"""For clients that cannot write into the request's extensions."""

_BEARER = "bearer "
_TOKENS_KEPT = 5_000
# Told in whole seconds, rounded up: who comes at the very moment must not be too early by a rounding.
_EARLY = 0.5
_OPENING_SECONDS = 0.05


class Seat:
    """A place that somebody has; `with seat:` gives it back at the end.

    Of a subscription only the opening is work: it is given back after a twentieth of a second, by which openings are
    paced, for a quiet one says nothing when it stands; and what stays counted is that there is one more.
    """

    def __init__(
        self,
        admission: "Admission",
        lane: Lane,
        *,
        stays: bool,
        left: float | None = None,
        late: Callable[[], Overloaded] | None = None,
    ) -> None:
        """Made by Admission. `late` makes the refusal of what was given up after `left` seconds."""
        self._admission, self._lane, self._stays = admission, lane, stays
        self._left, self._late = left, late
        self._began = time.monotonic()
        self._held = True
        if stays:
            admission.subscriptions += 1
            admission.later(_OPENING_SECONDS, self.opened)

    def opened(self) -> None:
        """Gives the place back; once."""
        if self._held:
            self._held = False
            self._admission.queue.leave(self._lane, time.monotonic() - self._began)

    async def within(self, answer: Awaitable[T]) -> T:
        """What is worked out on this place. Raises Overloaded where that takes too long while others are refused."""
        try:
            async with asyncio.timeout(self._left) as deadline:
                return await answer
        except TimeoutError:
            if self._late is None or not deadline.expired():
                raise
            raise self._late() from None

    def __enter__(self) -> "Seat":
        """Holds it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Gives it back."""
        self.opened()
        if self._stays:
            self._stays = False
            self._admission.subscriptions -= 1


class Admission:
    """The admission of one process."""

    def __init__(self, limits: Limits, runtime: Runtime, actions: Mapping[str, Action]) -> None:
        """`actions` are those of the schema's root fields, as `schema.resolved.actions` gives them."""
        self.subscriptions = 0
        self._bounds, self._runtime = limits.admission, runtime
        bounds = limits.admission
        self._actions = {
            (kind.lower(), camel(name)): action
            for (kind, _, name), action in ((key.partition("."), action) for key, action in actions.items())
        }
        waits = dict.fromkeys(Lane, bounds.wait_seconds) | {Lane.STREAM: bounds.stream_seconds}
        concurrency = Concurrency(bounds.answer_seconds, bounds.least, bounds.most, self._alerts_are_late)
        self.queue = Queue(concurrency, waits, bounds.waiting)
        self._documents = Documents(limits.documents_kept, limits.tokens)
        self._returns = {lane: Returns(bounds.longest_return) for lane in Lane}
        # Screens come back by themselves, all of them, and a socket has nowhere to show a slip.
        self._socket_returns = Returns(bounds.longest_return, all_come=True)
        self._places = PlaceTokens(runtime.sealer.ring)
        self._spent = SpentPlaces()
        self._staff: dict[str, tuple[bool, datetime]] = {}
        runtime.meters.follow_admission(self.standing, [lane.name.lower() for lane in Lane])

    async def enter(
        self, request: GraphQLRequest, *, staff: bool, origin: str | None, place: str | None = None
    ) -> Seat:
        """A seat for an operation, after a wait where that is short. Raises Overloaded.

        `staff` is whether an account has shown itself. `place` is the slip of whoever was told to come back, where it
        does not stand in the request's extensions.
        """
        arrived = time.monotonic()
        asked = self._documents.asked(request.query, request.operation_name, trusted=staff)
        lane, bound = self._lane(asked, request, staff=staff, origin=lambda: origin)
        stays = asked.kind == "subscription"
        if stays and self.subscriptions >= self._bounds.subscriptions:
            raise self._refusal(lane, bound, None)
        shown = (request.extensions or {}).get("place") or place
        kept = self._shown(lane, bound, shown) if isinstance(shown, str) else None
        await self._wait(lane, bound, kept)
        if asked.kind != "query" or not self.queue.crowded:
            return Seat(self, lane, stays=stays)
        # Only what changes nothing can be given up: of the rest nobody would know whether it was done.
        left = self._bounds.told_seconds - (time.monotonic() - arrived)
        return Seat(self, lane, stays=False, left=left, late=lambda: self._refusal(lane, bound, kept))

    def at_once(self, request: GraphQLRequest, *, staff: bool, origin: Callable[[], str | None]) -> Overloaded | None:
        """The refusal that somebody new would get from `enter` at once; None for whoever may go in, or may wait."""
        asked = self._documents.asked(request.query, request.operation_name, trusted=staff)
        if asked.kind == "subscription" or (request.extensions or {}).get("place"):
            return None
        lane, bound = self._lane(asked, request, staff=staff, origin=origin)
        return self._refusal(lane, bound, None) if self.queue.no_room(lane) else None

    async def enter_socket(self) -> Seat:
        """A seat for the initialisation of a socket: they come by the thousand after a restart. Raises Overloaded."""
        await self._wait(Lane.STREAM, None, None)
        return Seat(self, Lane.STREAM, stays=False)

    def is_staff(self, authorization: str | None) -> bool:
        """Whether an Authorization value is a token of an account that we have signed and that has not ended.

        Without asking the database, for that is a part of the work: whether its session still stands is asked later.
        """
        if not authorization or authorization[: len(_BEARER)].lower() != _BEARER:
            return False
        token = authorization[len(_BEARER) :].strip()
        known = self._staff.get(token)
        if known is None:
            try:
                claims = self._runtime.tokens.read(token)
            except BadToken:
                return False
            if len(self._staff) >= _TOKENS_KEPT:
                self._staff.clear()
            known = self._staff[token] = (claims.of_account, claims.expires_at)
        return known[0] and known[1] > datetime.now(known[1].tzinfo)

    def standing(self) -> tuple[int, dict[str, tuple[int, int]]]:
        """How many may be at work, and of each lane how many are and how many wait."""
        lanes = {lane.name.lower(): (self.queue.working[lane], self.queue.waiting(lane)) for lane in Lane}
        return self.queue.concurrency.limit, lanes

    def _alerts_are_late(self) -> bool:
        return self._runtime.meters.lateness > self._bounds.alert_seconds

    def _lane(
        self, asked: Asked, request: GraphQLRequest, *, staff: bool, origin: Callable[[], str | None]
    ) -> tuple[Lane, str]:
        """The lane, and what a place in it is bound to."""
        lanes = [lane_of(asked.kind, self._action(asked.kind, one.name), staff=staff) for one in asked.fields]
        # Of several the least urgent counts: nothing is brought forward by what it is sent together with.
        lane = max(lanes, default=Lane.STAFF if staff else Lane.PUBLIC)
        if len(asked.fields) == 1 and self._action(asked.kind, asked.fields[0].name) in JUDGED:
            sent = asked.fields[0].input(request.variables)
            key = sent.get("idempotencyKey") if isinstance(sent, dict) else None
            if self._red(sent):
                lane = Lane.RED
            if isinstance(key, str):
                return lane, f"key {key}"
        return lane, f"from {origin()}"

    def _action(self, kind: str, name: str) -> Action | None:
        return self._actions.get((kind, name))

    def _red(self, sent: object) -> bool:
        runtime = self._runtime
        day = runtime.clock.day()
        disease = sent.get("disease") if isinstance(sent, dict) else None
        protocol = runtime.protocols.judging(disease if isinstance(disease, str) else runtime.disease, day)
        return protocol is not None and shows_red_signs(sent, day, protocol)

    def _shown(self, lane: Lane, bound: str, slip: str) -> Place | None:
        now = self._now()
        with suppress(BadPlace):
            place = self._places.read(slip, bound, now)
            if place.lane == lane and (now < place.due - _EARLY or self._spent.spend(place, now)):
                return place
        return None

    async def _wait(self, lane: Lane, bound: str | None, kept: Place | None) -> None:
        said = self._runtime.meters.admission
        # Who comes before their moment keeps it, and is somebody new until then.
        returned = kept is not None and self._now() >= kept.due - _EARLY
        rank: Rank | None = (0, kept.first) if kept and returned else None
        if returned:
            self._returns[lane].came()
            said(lane.name.lower(), "returned")
        try:
            waited = await self.queue.enter(lane, rank)
        except Full:
            raise self._refusal(lane, bound, kept) from None
        said(lane.name.lower(), "waited" if waited else "admitted")

    def _refusal(self, lane: Lane, bound: str | None, kept: Place | None) -> Overloaded:
        self._runtime.meters.admission(lane.name.lower(), "refused")
        returns = self._socket_returns if bound is None else self._returns[lane]
        wait = returns.wait(self.queue.rate(lane))
        if bound is None:
            return Overloaded(math.ceil(wait))
        now = self._now()
        due = max(now + wait, kept.due if kept else 0.0)
        slip = self._places.make(lane, bound, kept.first if kept else now, due)
        return Overloaded(math.ceil(due - now), slip)

    def _now(self) -> float:
        # The database's own time, which all processes agree on, wherever a demo's clock was moved to.
        return self._runtime.clock.unmoved().timestamp()

    @staticmethod
    def later(seconds: float, call: Callable[[], None]) -> None:
        """Calls back from the loop."""
        asyncio.get_running_loop().call_later(seconds, call)

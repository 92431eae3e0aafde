"""Admission: who is served at once, who waits a moment, and who is told when to come back, before GraphQL runs."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from access.policy import Action
from access.tokens import BadToken
from graph.admission_document import Asked, Documents
from graph.admission_lane import NAMES, Lane
from graph.admission_limit import Concurrency
from graph.admission_look import as_sent, mentions, shows_red_signs
from graph.admission_queue import Full, Queue, Rank
from graph.admission_return import Returns
from graph.admission_seat import Seat
from graph.limits import Limits
from graph.messages import camel
from graph.overloaded import Overloaded
from graph.parsed import Parsed
from graph.request import GraphQLRequest
from services.place_token import BadPlace, Place, PlaceTokens, SpentPlaces
from services.runtime import Runtime

PLACE_HEADER = b"khaibao-place"
"""For clients that cannot write into the request's extensions."""

_BEARER = "bearer "
_TOKENS_KEPT = 5_000
# Told in whole seconds, rounded up: who comes at the very moment must not be too early by a rounding.
_EARLY = 0.5


class Told(NamedTuple):
    """What a refusal says: after how many seconds to come back, and the slip to show then."""

    retry_after: int
    place: str


class Admission:
    """The admission of one process."""

    def __init__(self, limits: Limits, runtime: Runtime, actions: Mapping[str, Action]) -> None:
        """`actions` are those of the schema's root fields, as `schema.resolved.actions` gives them."""
        self.subscriptions = 0
        self._bounds, self._runtime = limits.admission, runtime
        bounds = limits.admission
        by_field = {
            (kind.lower(), camel(name)): action
            for (kind, _, name), action in ((key.partition("."), action) for key, action in actions.items())
        }
        waits = dict.fromkeys(Lane, bounds.wait_seconds) | {Lane.STREAM: bounds.stream_seconds}
        concurrency = Concurrency(bounds.answer_seconds, bounds.least, bounds.most, self._alerts_are_late)
        self.queue = Queue(concurrency, waits, bounds.waiting)
        self.parsed = Parsed()
        self._documents = Documents(limits, by_field, self.parsed)
        self._returns = {lane: Returns(bounds.longest_return) for lane in Lane}
        # Screens come back by themselves, all of them, and a socket has nowhere to show a slip.
        self._socket_returns = Returns(bounds.longest_return, all_come=True)
        self._upgrade_returns = Returns(bounds.longest_return, all_come=True)
        self._places = PlaceTokens(runtime.sealer.ring)
        self._spent = SpentPlaces()
        self._staff: dict[str, tuple[bool, datetime]] = {}
        self._words: tuple[frozenset[str] | None, frozenset[str] | None] = None, None
        runtime.meters.follow_admission(self.standing, list(NAMES.values()))

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
        if asked.kind != "query":
            self.subscriptions += stays
            return Seat(self.queue, lane, ends=self._one_less if stays else None)
        # Only what changes nothing can be given up: of the rest nobody would know whether it was done.
        left = self._bounds.told_seconds - (time.monotonic() - arrived)
        return Seat(self.queue, lane, left=left, late=lambda: self._refusal(lane, bound, kept))

    def at_once(self, request: GraphQLRequest, *, staff: bool, origin: Callable[[], str | None]) -> Told | None:
        """What somebody new would be told by `enter` at once; None for whoever may go in, or may wait."""
        asked = self._documents.asked(request.query, request.operation_name, trusted=staff)
        if asked.kind == "subscription" or (request.extensions or {}).get("place"):
            return None
        lane, bound = self._lane(asked, request, staff=staff, origin=origin)
        return self._told(lane, bound, None) if self.queue.no_room(lane) else None

    async def enter_socket(self) -> Seat:
        """A seat for the initialisation of a socket: they come by the thousand after a restart. Raises Overloaded."""
        await self._wait(Lane.STREAM, None, None)
        return Seat(self.queue, Lane.STREAM)

    def no_socket(self) -> Overloaded:
        """The refusal of somebody whose socket is not even opened, for others are opened all the while.

        Rather too soon than too late: asking once more costs little, and a city's screens are wanted back.
        """
        self._runtime.meters.admission(NAMES[Lane.STREAM], "refused")
        return Overloaded(math.ceil(self._upgrade_returns.wait(self.queue.most_rate(Lane.STREAM))))

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
        lanes = {NAMES[lane]: (self.queue.working[lane], self.queue.waiting(lane)) for lane in Lane}
        return self.queue.concurrency.limit, lanes

    def _alerts_are_late(self) -> bool:
        return self._runtime.meters.lateness > self._bounds.alert_seconds

    def _lane(
        self, asked: Asked, request: GraphQLRequest, *, staff: bool, origin: Callable[[], str | None]
    ) -> tuple[Lane, str]:
        """The lane, and what a place in it is bound to."""
        lane = asked.staff_lane if staff else asked.lane
        if asked.judged is not None:
            sent = asked.judged.input(request.variables)
            key = sent.get("idempotencyKey") if isinstance(sent, dict) else None
            if self._red(sent):
                lane = Lane.RED
            if isinstance(key, str):
                return lane, f"key {key}"
        return lane, f"from {origin()}"

    def _red(self, sent: object) -> bool:
        runtime = self._runtime
        if not mentions(sent, self._red_words()):
            return False
        day = runtime.clock.day()
        disease = sent.get("disease") if isinstance(sent, dict) else None
        protocol = runtime.protocols.judging(disease if isinstance(disease, str) else runtime.disease, day)
        return protocol is not None and shows_red_signs(sent, day, protocol)

    def _red_words(self) -> frozenset[str] | None:
        words = self._runtime.protocols.red_words
        if words is not self._words[0]:
            self._words = words, as_sent(words)
        return self._words[1]

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
            said(NAMES[lane], "returned")
        try:
            waited = await self.queue.enter(lane, rank)
        except Full:
            raise self._refusal(lane, bound, kept) from None
        said(NAMES[lane], "waited" if waited else "admitted")

    def _refusal(self, lane: Lane, bound: str | None, kept: Place | None) -> Overloaded:
        if bound is not None:
            return Overloaded(*self._told(lane, bound, kept))
        self._runtime.meters.admission(NAMES[lane], "refused")
        return Overloaded(math.ceil(self._socket_returns.wait(self.queue.rate(lane))))

    def _told(self, lane: Lane, bound: str, kept: Place | None) -> Told:
        self._runtime.meters.admission(NAMES[lane], "refused")
        wait = self._returns[lane].wait(self.queue.rate(lane))
        now = self._now()
        due = max(now + wait, kept.due if kept else 0.0)
        slip = self._places.make(lane, bound, kept.first if kept else now, due)
        return Told(math.ceil(due - now), slip)

    def _now(self) -> float:
        # The database's own time, which all processes agree on, wherever a demo's clock was moved to.
        return self._runtime.clock.seconds()

    def _one_less(self) -> None:
        self.subscriptions -= 1

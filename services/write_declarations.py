"""The transaction of a declaration, or of all that wait at the same moment: rows, photos, and the alerts last."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.exceptions import IntegrityError

from models.database import service_transaction
from models.state import AlertChange
from services.call_out import call_out
from services.declaration_order import DeclarationOrder
from services.declaration_place import Place, look_up_place, look_up_places, place_faults
from services.declaration_write import Written, write_declarations
from services.first_answer import first_answer
from services.problem import InvalidInput
from services.receipt import Receipt
from services.recognise import one_after_another
from services.take_evidence import free_photos, take_evidence, take_of_many
from services.together import Turn

_CODE_TRIES = 3
_LOCK_SECONDS = 2.0
"""How long many wait together for what somebody else has locked; who is alone waits as long as everybody does."""


class NotTogether(Exception):
    """What was free a moment ago is not: everything is rolled back, and each is written alone."""


@dataclass(frozen=True, slots=True)
class _Made:
    """An order with the rows that it has become."""

    order: DeclarationOrder
    written: Written
    place: Place

    def receipt(self) -> Receipt:
        return self.order.receipt(self.written, self.place)


async def write_alone(order: DeclarationOrder) -> Receipt:
    """Writes one and wakes the hubs; or gives the first answer to a repeat.

    Raises InvalidInput for its place and its photos, Conflict where its key was another request's.
    """
    for _ in range(_CODE_TRIES):
        try:
            return await _alone(order)
        except IntegrityError as error:
            # A receipt code was drawn twice, once in some million million; anything else is a fault of ours.
            if "receipt_code" not in str(error):
                raise
    raise RuntimeError("three receipt codes in a row were taken already: the random source is broken")


async def _alone(order: DeclarationOrder) -> Receipt:
    async with service_transaction() as connection:
        if order.verified:
            await one_after_another(connection, sorted(order.hashes))
        place = await look_up_place(connection, order.sought())
        if place is None or not place.is_ward:
            raise InvalidInput(place_faults(place))
        written = order.written(place)
        if not await write_declarations(connection, [written]):
            order.repeated = True
            return await _first_answer(order, connection)
        if faults := await take_evidence(connection, order.actor, order.photos_of(written)):
            raise InvalidInput(faults)
        made = _Made(order, written, place)
        called = await _call_out(connection, [made])
    _wake([made], called)
    return made.receipt()


async def write_together(orders: Sequence[DeclarationOrder]) -> list[Receipt | Exception | Turn]:
    """Writes those that can be written in one transaction, each as if it had come after the one before it.

    Raises what the database raises, and NotTogether; nothing was written then.
    """
    found: list[Receipt | Exception | Turn] = []
    made: list[_Made] = []
    async with service_transaction(lock_seconds=_LOCK_SECONDS) as connection:
        if hashes := sorted({one for order in orders if order.verified for one in order.hashes}):
            await one_after_another(connection, hashes)
        places = await look_up_places(connection, [order.sought() for order in orders])
        free = await free_photos(connection, [(order.actor, photo) for order in orders for photo in order.photos])
        met: set[UUID] = set()
        for order, place in zip(orders, places, strict=True):
            if place is None or not place.is_ward:
                found.append(InvalidInput(place_faults(place)))
                continue
            people = {known.person_id for known in place.known}
            if not met.isdisjoint(people):
                # Known by other hashes as somebody whom one before it has just reported: what was looked up is past.
                found.append(Turn.LATER)
            elif not free.issuperset(order.photos):
                # Refused, unless it is the repeat of the one that has taken them.
                found.append(Turn.ALONE)
            else:
                met |= people
                made.append(_Made(order, order.written(place), place))
                found.append(made[-1].receipt())
        taken = await write_declarations(connection, [one.written for one in made])
        repeated = {id(one.order) for one in made if one.written.submission.id not in taken}
        made = [one for one in made if id(one.order) not in repeated]
        photos = [(one.order.actor, photo) for one in made for photo in one.order.photos_of(one.written)]
        if len(await take_of_many(connection, photos)) < len(photos):
            raise NotTogether
        called = await _call_out(connection, made)
    _wake(made, called)
    return [Turn.ALONE if id(order) in repeated else one for order, one in zip(orders, found, strict=True)]


async def _call_out(connection: AsyncpgDBClient, made: Sequence[_Made]) -> bool:
    """The last of a transaction: it ends with the log's lock."""
    raised = [one for each in made for one in each.order.raised(each.written, each.place)]
    if not raised:
        return False
    now = max(one.order.now for one in made)
    return await call_out(made[0].order.runtime, connection, raised, AlertChange.RAISED, now)


def _wake(made: Sequence[_Made], called: bool) -> None:
    if not made:
        return
    runtime = made[0].order.runtime
    runtime.meters.declared(sum(one.order.size for one in made))
    if any(one.written.alerts for one in made):
        runtime.hub.wake()
    if called or any(one.written.letter for one in made):
        runtime.wake_relay()


async def _first_answer(order: DeclarationOrder, connection: AsyncpgDBClient) -> Receipt:
    found = await first_answer(order.runtime, order.household, connection)
    if found is None:
        raise RuntimeError("a key that was taken a moment ago is nobody's")
    return found

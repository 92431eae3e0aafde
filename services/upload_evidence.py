"""Taking a photo: drawn anew, encrypted, put into the store; sent again it is the same photo."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from tortoise.exceptions import IntegrityError

from models.database import service_connection
from models.evidence import Evidence
from services.limit_rules import Rule
from services.runtime import Runtime
from services.stored_object import StoredObject, new_object, put
from services.upload_ticket import Upload


class TicketUsed(Exception):
    """Another photo was uploaded with this ticket, or what was uploaded is gone: a new ticket is needed."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The photo as it is kept: its id, its size in bytes and pixels, and whether it was there already."""

    id: UUID
    size: int
    width: int
    height: int
    repeated: bool


async def upload_evidence(runtime: Runtime, upload: Upload, data: bytes) -> Uploaded:
    """Keeps the photo of a ticket. The same bytes again, as after an answer that was lost, give the same answer.

    Raises TicketUsed, TooManyRequests, NoPhoto, DeskFull, StoreUnavailable.
    """
    # Each try costs a decoder's time, and a ticket would otherwise be good for as many as somebody likes.
    await runtime.limits.hit(Rule.UPLOAD_TRY_BY_TICKET, str(upload.id))
    # The service's login, narrowed to the row that the ticket names: what nobody has declared yet is in no area.
    row = await _find(upload.id)
    if row is not None and row.uploaded_at is not None:
        await _must_be_same(runtime, row, data)
        return _uploaded(row, repeated=True)
    photo = await runtime.photos.redraw(data)
    if row is None:
        row = await _begin(runtime, upload, data)
    await _must_be_same(runtime, row, data)
    if row.object_key is None or row.data_key is None:
        raise TicketUsed
    await put(runtime, place_of(row.id), photo.data, StoredObject(row.object_key, row.data_key))
    row.size, row.width, row.height = len(photo.data), photo.width, photo.height
    kept = Evidence.filter(id=row.id, removed_at__isnull=True).using_db(service_connection())
    if not await kept.update(
        size=row.size, width=row.width, height=row.height, uploaded_at=row.uploaded_at or runtime.clock.now()
    ):
        raise TicketUsed
    return _uploaded(row, repeated=False)


def place_of(id: UUID) -> str:
    """Where the key of a photo is sealed."""
    return f"evidence:{id}"


async def _find(id: UUID) -> Evidence | None:
    return await Evidence.get_or_none(id=id, using_db=service_connection())


async def _begin(runtime: Runtime, upload: Upload, data: bytes) -> Evidence:
    # The row before the object: whatever stops us in between, the store holds nothing that no row knows of.
    made = new_object(runtime, place_of(upload.id))
    try:
        return await Evidence.create(
            using_db=service_connection(),
            id=upload.id,
            kind=upload.kind,
            owner=upload.owner,
            object_key=made.object_key,
            data_key=made.data_key,
            digest=await asyncio.to_thread(runtime.pseudonymiser.body, data),
            created_at=runtime.clock.now(),
        )
    except IntegrityError:
        # The same ticket, a moment ago: a client that did not wait, or two of them.
        if (found := await _find(upload.id)) is None:
            raise
        return found


async def _must_be_same(runtime: Runtime, row: Evidence, data: bytes) -> None:
    same = row.digest is not None and row.removed_at is None
    if not same or not await asyncio.to_thread(runtime.pseudonymiser.is_body, row.digest or "", data):
        raise TicketUsed


def _uploaded(row: Evidence, *, repeated: bool) -> Uploaded:
    return Uploaded(row.id, row.size or 0, row.width or 0, row.height or 0, repeated)

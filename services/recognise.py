"""Knowing a person again: whose case a report joins, and whose history it continues."""

from collections.abc import Collection, Sequence
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.locks import PERSON_LOCK
from services.declaration_place import Known, Place


def case_to_join(known: Sequence[Known], place: Place, phone_hashes: Collection[str]) -> Known | None:
    """The open case that a report from a verified phone is about, or None.

    A case found by the national id alone joins only where it is itself beyond doubt: otherwise whoever typed
    somebody's number first would receive that person's own report into a case of their making. A case of another
    ward is not joined: who has moved is seen by the new ward's station, which finds the duplicate marked.

    A case that is over is never joined, however lately it ended: nobody looks at it any more, and who reports again
    after the end has to be called. It is a new episode (docs/decisions/0031), and the station that sees both says
    whether it is one.
    """
    for found in known:
        if found.case_id and found.open and found.area_id == place.area_id and _beyond_doubt(found, phone_hashes):
            return found
    return None


def person_of(known: Sequence[Known], phone_hashes: Collection[str]) -> UUID | None:
    """The person whose history a report from a verified phone continues, or None.

    Of several that its hashes lead to only one beyond doubt counts: the first may have been made up by a stranger. What
    is beyond doubt may be over by now, or of another disease: it is the same person.
    """
    return next((found.person_id for found in known if _beyond_doubt(found, phone_hashes)), None)


async def one_after_another(connection: AsyncpgDBClient, hashes: list[str]) -> None:
    """Two verified reports of one person at once: the second waits and then joins the first one's case.

    The cases that may be joined are locked too, so that none is settled between the look and the joining.
    """
    await connection.execute_query(
        "SELECT pg_advisory_xact_lock($1, h) FROM "
        "(SELECT DISTINCT hashtext(u) AS h FROM unnest($2::text[]) u ORDER BY 1) o",
        [PERSON_LOCK, hashes],
    )
    await connection.execute_query(
        "SELECT c.id FROM person_key k JOIN illness_case c ON c.person_id = k.person_id "
        "WHERE k.hash = ANY($1::text[]) AND c.closed_at IS NULL ORDER BY c.id FOR UPDATE OF c",
        [hashes],
    )


def _beyond_doubt(found: Known, phone_hashes: Collection[str]) -> bool:
    return found.verified or found.confirmed or found.phone_hash in phone_hashes

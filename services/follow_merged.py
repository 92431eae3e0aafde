"""What a resident is shown of a case that was merged into another: how the one that goes on stands."""

from collections.abc import Sequence

from access.actor import Actor
from models.case import Case
from models.database import service_transaction
from models.state import CaseState
from services.own_case import own_cases

_FOLLOWED = (
    *("state", "confirmed_at", "contacted_at", "closed_at", "test_on", "vaccine_doses", "release_on"),
    *("check_in_due", "last_check_in_at", "checks_missed"),
)


async def follow_merged(actor: Actor, rows: Sequence[Case]) -> None:
    """Puts into the outlines of a resident's merged cases what has become of the person since; others stay as they are.

    How ill the person is stays what the resident has said: somebody else may have reported the case that goes on.
    """
    merged = {row.id: row for row in rows if row.state == CaseState.MERGED}
    if not merged:
        return
    # The service's login: the case that goes on may have been opened from another phone. Narrowed by `own_cases`.
    async with service_transaction() as connection:
        ends = await own_cases(connection, actor, list(merged))
        found = {case.id: case for case in await Case.filter(id__in=list(ends.values())).using_db(connection)}
    for id, end in ends.items():
        for name in _FOLLOWED:
            setattr(merged[id], name, getattr(found[end], name))

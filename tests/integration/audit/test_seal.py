"""Sealing and checking: rows that commit out of order are sealed all the same, and what is done to one is found."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from access.actor import SYSTEM
from access.trail import Line, append, record
from models.audit import Audit, AuditLink, AuditSubject
from models.database import service_connection, service_transaction
from models.identifier import first_of, moment_of, uuid7
from services.runtime import Runtime
from services.seal_trail import LOOK_BACK, seal_trail
from services.verify_trail import Noted, What, verify_trail
from tests.integration.audit.conftest import Owner


async def written(runtime: Runtime, how_many: int = 1) -> list[UUID]:
    """So many rows, each of its own statement's."""
    lines = [Line(SYSTEM, "test", runtime.clock.now(), [str(uuid7())]) for _ in range(how_many)]
    for line in lines:
        await append(service_connection(), [line])
    return [line.id for line in lines]


async def sealed(runtime: Runtime, how_many: int = 5) -> list[UUID]:
    """So many rows that are sealed, in the chain's order."""
    await written(runtime, how_many)
    await seal_trail(runtime)
    return [link.audit_id for link in await AuditLink.all().using_db(service_connection()).order_by("seq")]


async def test_every_row_is_sealed_once_and_the_chain_holds(runtime: Runtime) -> None:
    ids = await written(runtime, 7)
    assert await seal_trail(runtime) == 7
    assert await seal_trail(runtime) == 0
    links = await AuditLink.all().using_db(service_connection()).order_by("seq")
    assert [link.seq for link in links] == list(range(1, 8))
    assert [link.audit_id for link in links] == sorted(ids)
    found = await verify_trail(runtime)
    assert (found.checked, found.wrong, found.waiting) == (7, None, 0)


async def test_many_rows_are_sealed_in_several_batches(runtime: Runtime) -> None:
    lines = [Line(SYSTEM, "test", runtime.clock.now(), []) for _ in range(9_001)]
    await append(service_connection(), lines)
    assert await seal_trail(runtime) == 9_001
    assert (await verify_trail(runtime)).wrong is None


async def test_a_row_that_commits_after_a_later_one_was_sealed_is_sealed_next(runtime: Runtime) -> None:
    ids: list[UUID] = []
    async with service_transaction() as connection:
        await record(connection, SYSTEM, "slow", runtime.clock.now(), [])
        ids += await written(runtime, 3)
        assert await seal_trail(runtime) == 3
    assert await seal_trail(runtime) == 1
    last = await AuditLink.get(seq=4, using_db=service_connection())
    # Within one millisecond the identifiers are in no order.
    assert last.audit_id.int >> 80 <= min(ids).int >> 80
    assert (await verify_trail(runtime)).wrong is None


async def test_what_was_written_while_nobody_served_is_sealed_however_old_it_is(runtime: Runtime) -> None:
    await sealed(runtime)
    future = uuid7().int + (int(timedelta(days=3) / timedelta(milliseconds=1)) << 80)
    await append(service_connection(), [Line(SYSTEM, "test", runtime.clock.now(), [], id=UUID(int=future))])
    assert await seal_trail(runtime) == 1


async def test_of_many_who_seal_at_once_while_others_write_none_seals_twice(runtime: Runtime) -> None:
    async def write() -> None:
        for _ in range(20):
            async with service_transaction() as connection:
                await record(connection, SYSTEM, "test", runtime.clock.now(), [])
                await asyncio.sleep(0)  # Another's commit may come between the row and its own.

    async def seal() -> int:
        return sum([await seal_trail(runtime) for _ in range(10)])

    await asyncio.gather(*(write() for _ in range(5)), *(seal() for _ in range(3)))
    await seal_trail(runtime)
    found = await verify_trail(runtime)
    assert (found.checked, found.wrong, found.waiting) == (100, None, 0)


Harm = Callable[[Owner, UUID], Awaitable[object]]


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (lambda owner, id: owner("UPDATE audit SET account_id = gen_random_uuid() WHERE id = $1", id), What.CHANGED),
        (lambda owner, id: owner("UPDATE audit SET at = at + interval '1 us' WHERE id = $1", id), What.CHANGED),
        (lambda owner, id: owner("UPDATE audit SET objects = '[]' WHERE id = $1", id), What.CHANGED),
        (lambda owner, id: owner("UPDATE audit SET why = 'x' WHERE id = $1", id), What.CHANGED),
        (lambda owner, id: owner("UPDATE audit_link SET hash = sha256('') WHERE audit_id = $1", id), What.CHANGED),
        (lambda owner, id: owner("UPDATE audit_link SET sealed_at = now() WHERE audit_id = $1", id), What.CHANGED),
        (lambda owner, id: owner("DELETE FROM audit WHERE id = $1", id), What.REMOVED),
        (lambda owner, id: owner("DELETE FROM audit_link WHERE audit_id = $1", id), What.LINK_REMOVED),
        (lambda owner, id: owner("UPDATE audit_link SET key = 'other' WHERE audit_id = $1", id), What.UNKNOWN_KEY),
    ],
)
async def test_what_the_owner_does_to_a_sealed_record_is_found_there(
    runtime: Runtime, owner: Owner, harm: Harm, what: What
) -> None:
    ids = await sealed(runtime)
    for id in ids[2:4]:
        await harm(owner, id)
    found = await verify_trail(runtime)
    assert found.wrong
    assert (found.wrong.what, found.wrong.seq, found.checked) == (what, 3, 2)
    if what is not What.LINK_REMOVED:
        assert (found.wrong.audit_id, found.wrong.made_at) == (ids[2], moment_of(ids[2]))


async def test_a_record_that_is_slipped_in_among_old_ones_is_found_and_never_sealed(
    runtime: Runtime, owner: Owner
) -> None:
    await sealed(runtime)
    id = first_of(datetime.now(UTC) - LOOK_BACK - timedelta(minutes=1))
    await owner("INSERT INTO audit (id, at, actor, action, objects, detail) VALUES ($1, now(), '', '', '[]', '{}')", id)
    assert await seal_trail(runtime) == 0
    found = await verify_trail(runtime)
    assert found.wrong
    assert (found.wrong.what, found.wrong.audit_id) == (What.SLIPPED_IN, id)


async def test_what_is_not_sealed_yet_is_no_fault_and_is_counted(runtime: Runtime) -> None:
    await sealed(runtime)
    await written(runtime, 2)
    found = await verify_trail(runtime)
    assert (found.wrong, found.waiting, found.checked) == (None, 2, 5)


async def test_a_new_numbering_of_areas_breaks_no_link(runtime: Runtime, owner: Owner) -> None:
    await sealed(runtime)
    await owner("UPDATE audit SET area_no = 17")
    assert (await verify_trail(runtime)).wrong is None


async def test_a_noted_head_shows_that_the_chain_was_made_anew_or_cut(runtime: Runtime, owner: Owner) -> None:
    await sealed(runtime)
    head = (await verify_trail(runtime)).head
    assert head
    noted = Noted(head.seq, head.hash)
    await sealed(runtime)
    assert (await verify_trail(runtime, noted)).wrong is None
    # Somebody who has the database and the key: the chain is made anew, and holds.
    await owner("UPDATE audit SET account_id = gen_random_uuid(); TRUNCATE audit_link")
    await seal_trail(runtime)
    assert (await verify_trail(runtime)).wrong is None
    found = await verify_trail(runtime, noted)
    assert found.wrong
    assert (found.wrong.what, found.wrong.seq) == (What.NOT_AS_NOTED, 5)
    await owner("DELETE FROM audit_link WHERE seq > 3")
    cut = await verify_trail(runtime, noted)
    assert cut.wrong
    assert (cut.wrong.what, cut.wrong.seq) == (What.LINK_REMOVED, 4)


async def test_a_reason_is_stored_sealed(runtime: Runtime) -> None:
    why = "gọi cho bà Nguyễn Thị Thử"
    async with service_transaction() as connection:
        await record(connection, SYSTEM, "reveal", runtime.clock.now(), [], why=why, sealer=runtime.sealer)
        with pytest.raises(TypeError):
            await record(connection, SYSTEM, "reveal", runtime.clock.now(), [], why=why)
    row = await Audit.get(action="reveal", using_db=service_connection())
    assert row.why is not None
    assert why.encode() not in row.why
    assert runtime.sealer.open(f"audit:{row.id}", row.why) == {"why": why}


async def test_a_reason_that_is_sealed_anew_under_another_key_breaks_no_link(runtime: Runtime, owner: Owner) -> None:
    async with service_transaction() as connection:
        await record(connection, SYSTEM, "reveal", runtime.clock.now(), [], why="to call", sealer=runtime.sealer)
    await seal_trail(runtime)
    row = await Audit.get(action="reveal", using_db=service_connection())
    for why, what in (("to call", None), ("another", What.CHANGED)):
        again = runtime.sealer.seal(f"audit:{row.id}", {"why": why})
        await owner("UPDATE audit SET why = $1 WHERE id = $2", again, row.id)
        wrong = (await verify_trail(runtime)).wrong
        assert (wrong and wrong.what) == what


async def test_what_a_record_names_is_found_by_its_name_once_it_is_sealed(runtime: Runtime) -> None:
    named = uuid7()
    line = Line(SYSTEM, "test", runtime.clock.now(), [str(named), str(named), "vn-79", "5"])
    await append(service_connection(), [line])
    await seal_trail(runtime)
    subjects = await AuditSubject.all().using_db(service_connection()).values_list("subject", "audit_id")
    assert subjects == [(named, line.id)]


async def test_no_login_of_the_program_may_change_a_link(runtime: Runtime) -> None:
    await sealed(runtime)
    for sql in ("DELETE FROM audit_link", "UPDATE audit_link SET seq = seq + 10", "DELETE FROM audit_subject"):
        with pytest.raises(Exception, match="permission denied"):
            await service_connection().execute_query(sql, [])

"""Photos: uploaded with a ticket, a declaration's once, seen by those who see the person, and gone with them."""

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import orjson
import pytest

from access.actor import ANONYMOUS, Actor
from access.bounds import bounds_of
from access.object_ticket import BadTicket, make_ticket
from models.audit import Audit
from models.case import Case
from models.case_event import CaseEvent
from models.database import service_connection, snapshot
from models.declaration import Declaration, Submission
from models.evidence import Evidence
from models.state import CaseEventKind, EvidenceKind, Role
from services.attach_evidence import Target, attach_evidence
from services.declare import declare
from services.erase_person import erase_person
from services.export_document import export_document
from services.export_own import export_own
from services.load_evidence import evidence_of_cases, evidence_of_declarations
from services.open_session import open_session
from services.operation import Operation
from services.problem import InvalidInput, NotFound
from services.read_evidence import LASTS as LOOK_LASTS
from services.read_evidence import evidence_ticket, read_evidence
from services.receipt import Receipt
from services.remove_objects import KEPT_UNNAMED, remove_objects
from services.runtime import Runtime
from services.take_evidence import MOST_A_REPORT
from services.upload_evidence import TicketUsed, Uploaded, upload_evidence
from services.upload_ticket import LASTS, Upload, read_upload, request_upload
from storage.object_store import ObjectStore, StoreUnavailable, open_store
from storage.photo_desk import NoPhoto
from tests.integration.conftest import MOMENT
from tests.integration.made import BREATHLESS, account, household, person, wards
from tests.integration.standing import changing
from tests.integration.test_photo_desk import bomb, jpeg, opened
from tests.integration.test_stored_object import objects_of

PHOTO = jpeg((64, 48))
OTHER = jpeg((48, 64))


@pytest.fixture
def runtime(runtime: Runtime, tmp_path: Path) -> Runtime:
    """The runtime with its objects in a folder."""
    return replace(runtime, objects=open_store(None, tmp_path / "objects"))


def resident(runtime: Runtime, phone: str = "+84912345678") -> Actor:
    """Somebody whose phone was proven."""
    return Actor("RESIDENT", phone_hash=runtime.pseudonymiser.phone(phone))


def later(runtime: Runtime, by: timedelta) -> None:
    """Puts the clock so long after the moment at which tests begin."""
    runtime.clock.follow(MOMENT + by, timedelta())


async def ticket(runtime: Runtime, actor: Actor, kind: EvidenceKind = EvidenceKind.TEST) -> Upload:
    """What a new ticket lets its holder upload."""
    return read_upload(runtime, (await request_upload(runtime, actor, kind)).ticket)


async def uploaded(runtime: Runtime, actor: Actor = ANONYMOUS, data: bytes = PHOTO) -> UUID:
    """A photo that was uploaded."""
    return (await upload_evidence(runtime, await ticket(runtime, actor), data)).id


async def row(id: UUID) -> Evidence:
    """The photo's row."""
    return await Evidence.get(id=id, using_db=service_connection())


async def declared(runtime: Runtime, actor: Actor, *photos: UUID, phone: str = "0912345678") -> tuple[Receipt, Actor]:
    """A declaration with these photos, and the nurse of its ward."""
    (ward, *_) = await wards()
    one = replace(person(), evidence=photos)
    receipt = await declare(runtime, actor, household(one, ward=ward, phone=phone))
    return receipt, await account(runtime, Role.STATION_STAFF, ward)


async def codes(act: object) -> list[tuple[tuple[str | int, ...], str]]:
    """The paths and codes of the faults that it is refused for."""
    with pytest.raises(InvalidInput) as found:
        await act  # type: ignore[misc]  # any awaitable
    return [(fault.path, fault.code) for fault in found.value.faults]


async def test_what_is_kept_has_no_position_and_lies_encrypted(runtime: Runtime, tmp_path: Path) -> None:
    id = await uploaded(runtime)
    kept = await row(id)
    assert (kept.kind, kept.width, kept.height, kept.case_id) == (EvidenceKind.TEST, 64, 48, None)
    [file] = objects_of(tmp_path / "objects")
    assert b"JFIF" not in file.read_bytes()
    assert str(id) not in str(file)


async def test_the_same_file_again_is_the_same_photo(runtime: Runtime, tmp_path: Path) -> None:
    upload = await ticket(runtime, ANONYMOUS)
    first = await upload_evidence(runtime, upload, PHOTO)
    again = await upload_evidence(runtime, upload, PHOTO)
    assert again == replace(first, repeated=True)
    assert len(objects_of(tmp_path / "objects")) == 1
    with pytest.raises(TicketUsed):
        await upload_evidence(runtime, upload, OTHER)


async def test_an_upload_that_was_broken_off_at_the_store_can_be_repeated(runtime: Runtime) -> None:
    class Away(ObjectStore):
        async def put(self, name: str, data: bytes) -> None:
            raise StoreUnavailable

    upload = await ticket(runtime, ANONYMOUS)
    with pytest.raises(StoreUnavailable):
        await upload_evidence(replace(runtime, objects=Away()), upload, PHOTO)
    assert (await row(upload.id)).uploaded_at is None
    found = await upload_evidence(runtime, upload, PHOTO)
    assert found == Uploaded(upload.id, found.size, 64, 48, repeated=False)


async def test_after_a_crash_between_object_and_row_the_same_upload_is_the_same_photo(
    runtime: Runtime, tmp_path: Path
) -> None:
    class Dies(ObjectStore):
        async def put(self, name: str, data: bytes) -> None:
            await runtime.objects.put(name, data)
            # As a process that is killed: nothing of what would follow is done.
            raise asyncio.CancelledError

    upload = await ticket(runtime, ANONYMOUS)
    with pytest.raises(asyncio.CancelledError):
        await upload_evidence(replace(runtime, objects=Dies()), upload, PHOTO)
    assert (await row(upload.id)).uploaded_at is None
    assert len(objects_of(tmp_path / "objects")) == 1
    found = await upload_evidence(runtime, upload, PHOTO)
    assert found == Uploaded(upload.id, found.size, 64, 48, repeated=False)
    assert await upload_evidence(runtime, upload, PHOTO) == replace(found, repeated=True)
    assert len(objects_of(tmp_path / "objects")) == 1
    assert await Evidence.all().using_db(service_connection()).count() == 1


async def test_many_that_send_one_file_at_once_make_one_photo(runtime: Runtime, tmp_path: Path) -> None:
    upload = await ticket(runtime, ANONYMOUS)
    found = await asyncio.gather(*(upload_evidence(runtime, upload, PHOTO) for _ in range(4)))
    assert {(one.id, one.size) for one in found} == {(upload.id, found[0].size)}
    assert len(objects_of(tmp_path / "objects")) == 1


@pytest.mark.parametrize("written", ["nothing", "half", "all"])
async def test_what_a_crash_has_left_and_nobody_sends_again_is_swept(
    runtime: Runtime, tmp_path: Path, written: str
) -> None:
    class Dies(ObjectStore):
        async def put(self, name: str, data: bytes) -> None:
            if written == "all":
                await runtime.objects.put(name, data)
            if written == "half":
                # Where the store's library writes before it gives a file its name.
                half = tmp_path / "objects" / f"{name}#1"
                half.parent.mkdir()
                half.write_bytes(data[:100])
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await upload_evidence(replace(runtime, objects=Dies()), await ticket(runtime, ANONYMOUS), PHOTO)
    assert len(objects_of(tmp_path / "objects")) == (written != "nothing")
    assert await remove_objects(runtime) == 0
    later(runtime, KEPT_UNNAMED + timedelta(minutes=1))
    assert await remove_objects(runtime) == 1
    assert objects_of(tmp_path / "objects") == []
    assert await Evidence.all().using_db(service_connection()).count() == 0


async def test_what_is_kept_is_on_the_disk_before_anybody_is_told(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[int, int]] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        found = os.fstat(descriptor)
        synced.append((found.st_dev, found.st_ino))

    monkeypatch.setattr(os, "fsync", noted)
    await uploaded(runtime)
    [file] = objects_of(tmp_path / "objects")
    # The folders, too: a file whose name is lost is lost.
    for path in (file, file.parent, file.parent.parent):
        assert (path.stat().st_dev, path.stat().st_ino) in synced


async def test_what_is_no_photo_leaves_nothing_behind_and_the_ticket_is_still_good(
    runtime: Runtime, tmp_path: Path
) -> None:
    upload = await ticket(runtime, ANONYMOUS)
    for data in (b"just a text", bomb(), PHOTO[: len(PHOTO) // 2]):
        with pytest.raises(NoPhoto):
            await upload_evidence(runtime, upload, data)
    assert objects_of(tmp_path / "objects") == []
    assert not await Evidence.exists(using_db=service_connection())
    await upload_evidence(runtime, upload, PHOTO)


async def test_a_ticket_is_over_after_half_an_hour_and_is_for_nothing_else(runtime: Runtime) -> None:
    made = await request_upload(runtime, ANONYMOUS, EvidenceKind.TEST)
    later(runtime, LASTS + timedelta(seconds=1))
    with pytest.raises(BadTicket):
        read_upload(runtime, made.ticket)
    later(runtime, timedelta())
    other = make_ticket(runtime.sealer, "evidence", {"id": str(uuid4())}, made.expires_at)
    for forged in (other, made.ticket[:-2] + "xx", "", "ü", "A" * 5_000, "AAAA"):
        with pytest.raises(BadTicket):
            read_upload(runtime, forged)


async def test_a_declaration_takes_its_photos(runtime: Runtime) -> None:
    one, two = await uploaded(runtime), await uploaded(runtime, data=OTHER)
    receipt, nurse = await declared(runtime, ANONYMOUS, one, two)
    kept = await row(one)
    assert (kept.case_id, kept.declaration_id) == (receipt.people[0].case_id, receipt.people[0].id)
    assert kept.owner is None
    async with snapshot(bounds_of(nurse)) as connection:
        found = await evidence_of_cases(nurse, connection, [receipt.people[0].case_id])
        sent = await evidence_of_declarations(nurse, connection, [receipt.people[0].id])
    assert {each.id for each in found[receipt.people[0].case_id]} == {one, two}
    assert {each.id for each in sent[receipt.people[0].id]} == {one, two}


async def test_unknown_used_and_other_people_s_photos_are_faults_and_nothing_is_written(runtime: Runtime) -> None:
    used = await uploaded(runtime)
    await declared(runtime, ANONYMOUS, used, phone="0912345670")
    other_s = await uploaded(runtime, resident(runtime, "+84900000001"))
    unfinished = (await ticket(runtime, ANONYMOUS)).id
    good = await uploaded(runtime)
    faults = await codes(declared(runtime, ANONYMOUS, good, used, other_s, unfinished, uuid4()))
    assert faults == [(("people", 0, "evidence", place), "UNKNOWN_EVIDENCE") for place in (1, 2, 3, 4)]
    assert await Submission.all().using_db(service_connection()).count() == 1
    assert (await row(good)).case_id is None
    await declared(runtime, ANONYMOUS, good)


async def test_too_many_photos_and_one_twice_are_faults(runtime: Runtime) -> None:
    one = uuid4()
    assert await codes(declared(runtime, ANONYMOUS, one, one)) == [(("people", 0, "evidence", 1), "NAMED_TWICE")]
    many = [uuid4() for _ in range(MOST_A_REPORT + 1)]
    assert await codes(declared(runtime, ANONYMOUS, *many)) == [(("people", 0, "evidence"), "OUT_OF_BOUNDS")]
    (ward, *_) = await wards()
    both = [replace(person(), evidence=(one,)) for _ in range(2)]
    assert await codes(declare(runtime, ANONYMOUS, household(*both, ward=ward))) == [
        (("people", 1, "evidence", 0), "NAMED_TWICE")
    ]


async def test_a_repeated_declaration_gets_its_first_receipt_photos_and_all(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    one = replace(person(BREATHLESS), evidence=(await uploaded(runtime),))
    sent = household(one, ward=ward)
    first = await declare(runtime, ANONYMOUS, sent)
    assert (await declare(runtime, ANONYMOUS, sent)).code == first.code


async def test_a_resident_adds_a_photo_later_to_their_own_declaration_alone(runtime: Runtime) -> None:
    mine = resident(runtime)
    receipt, _ = await declared(runtime, mine)
    target = Target(declaration_id=receipt.people[0].id)
    photo = await uploaded(runtime, mine)
    [added] = await attach_evidence(runtime, mine, target, [photo])
    assert added.id == photo
    # Once more is the same answer, and no second line.
    await attach_evidence(runtime, mine, target, [photo])
    lines = CaseEvent.filter(kind=CaseEventKind.EVIDENCE_ADDED).using_db(service_connection())
    assert [line.subject_id for line in await lines] == [photo]
    async with snapshot(bounds_of(mine)) as connection:
        own = await evidence_of_declarations(mine, connection, [receipt.people[0].id])
    assert [each.id for each in own[receipt.people[0].id]] == [photo]
    assert evidence_ticket(runtime, mine, photo) is None
    stranger = resident(runtime, "+84900000001")
    other_s = await uploaded(runtime, stranger)
    for actor in (stranger, ANONYMOUS):
        with pytest.raises(NotFound):
            await attach_evidence(runtime, actor, target, [other_s])
    with pytest.raises(NotFound):
        await attach_evidence(runtime, mine, Target(case_id=receipt.people[0].case_id), [await uploaded(runtime, mine)])
    assert await codes(attach_evidence(runtime, mine, target, [other_s])) == [(("evidence", 0), "UNKNOWN_EVIDENCE")]


async def test_the_station_adds_photos_within_its_ward_and_within_bounds(runtime: Runtime) -> None:
    receipt, nurse = await declared(runtime, ANONYMOUS)
    case = Target(case_id=receipt.people[0].case_id)
    photos = [await uploaded(runtime, nurse) for _ in range(MOST_A_REPORT)]
    assert len(await attach_evidence(runtime, nurse, case, photos)) == MOST_A_REPORT
    assert await codes(attach_evidence(runtime, nurse, case, [await uploaded(runtime, nurse)])) == [
        (("evidence",), "OUT_OF_BOUNDS")
    ]
    assert await codes(attach_evidence(runtime, nurse, Target(), [uuid4()])) == [(("declaration_id",), "ONE_OF")]
    assert await codes(attach_evidence(runtime, nurse, case, [])) == [(("evidence",), "REQUIRED")]
    elsewhere = await account(runtime, Role.STATION_STAFF, (await wards())[1])
    with pytest.raises(NotFound):
        await attach_evidence(runtime, elsewhere, case, [await uploaded(runtime, elsewhere)])


async def signed_in(runtime: Runtime, actor: Actor) -> Actor:
    """The same account with a session."""
    opened_session = await open_session(runtime, service_connection(), account_id=actor.account_id)
    return replace(actor, session_id=opened_session.session_id)


async def test_a_look_is_on_record_and_only_for_those_who_may_see_the_person(runtime: Runtime) -> None:
    photo = await uploaded(runtime)
    receipt, nurse = await declared(runtime, ANONYMOUS, photo)
    nurse = await signed_in(runtime, nurse)
    made = evidence_ticket(runtime, nurse, photo)
    assert made
    assert opened(await read_evidence(runtime, made, "origin", "request-1")).size == (64, 48)
    [line] = await Audit.filter(action="read_evidence").using_db(service_connection())
    assert line.objects == [str(photo), str(receipt.people[0].case_id)]
    assert (line.account_id, line.origin, line.request_id) == (nurse.account_id, "origin", "request-1")
    (_, elsewhere, *_) = await wards()
    neighbour = await signed_in(runtime, await account(runtime, Role.STATION_STAFF, elsewhere))
    committee = await signed_in(runtime, await account(runtime, Role.COMMITTEE, elsewhere))
    theirs = evidence_ticket(runtime, neighbour, photo)
    assert theirs
    assert evidence_ticket(runtime, committee, photo) is None
    for bad in (theirs, made[:-2], (await request_upload(runtime, nurse, EvidenceKind.TEST)).ticket):
        with pytest.raises(NotFound):
            await read_evidence(runtime, bad, None, "request-2")
    later(runtime, LOOK_LASTS + timedelta(seconds=1))
    with pytest.raises(NotFound):
        await read_evidence(runtime, made, None, "request-3")


async def test_a_ticket_ends_with_the_session_it_was_made_for(runtime: Runtime) -> None:
    photo = await uploaded(runtime)
    _, nurse = await declared(runtime, ANONYMOUS, photo)
    nurse = await signed_in(runtime, nurse)
    made = evidence_ticket(runtime, nurse, photo)
    assert made
    async with changing() as connection:
        await connection.execute_query("UPDATE session SET ended_at = clock_timestamp()", [])
    with pytest.raises(NotFound):
        await read_evidence(runtime, made, None, "request-1")


async def test_erasing_a_person_takes_their_photos_out_of_the_store(runtime: Runtime, tmp_path: Path) -> None:
    photo, other = await uploaded(runtime), await uploaded(runtime, data=OTHER)
    receipt, nurse = await declared(runtime, ANONYMOUS, photo)
    department = await account(runtime, Role.DEPARTMENT, (await wards())[0])
    await declared(runtime, ANONYMOUS, other, phone="0912345670")
    await erase_person(runtime, department, receipt.people[0].case_id, "asked for it in writing")
    gone = await row(photo)
    assert gone.data_key is None
    assert gone.removed_at
    assert await remove_objects(runtime) == 1
    assert (await row(photo)).object_key is None
    assert len(objects_of(tmp_path / "objects")) == 1
    case = await Case.get(id=receipt.people[0].case_id, using_db=service_connection())
    assert case.anonymised_at
    async with snapshot(bounds_of(nurse)) as connection:
        assert not (await evidence_of_cases(nurse, connection, [case.id]))[case.id]
    with pytest.raises(NotFound):
        await attach_evidence(runtime, nurse, Target(case_id=case.id), [await uploaded(runtime, nurse)])


async def test_what_cannot_be_removed_yet_is_removed_later(runtime: Runtime, tmp_path: Path) -> None:
    class Away(ObjectStore):
        async def remove(self, name: str) -> None:
            raise StoreUnavailable

    await uploaded(runtime)
    later(runtime, KEPT_UNNAMED + timedelta(minutes=1))
    assert await remove_objects(replace(runtime, objects=Away())) == 0
    assert len(objects_of(tmp_path / "objects")) == 1
    assert await remove_objects(runtime) == 1
    assert objects_of(tmp_path / "objects") == []


async def test_a_photo_that_nobody_names_is_gone_after_a_day_and_one_that_was_named_stays(
    runtime: Runtime, tmp_path: Path
) -> None:
    named, unnamed = await uploaded(runtime), await uploaded(runtime, data=OTHER)
    await declared(runtime, ANONYMOUS, named)
    assert await remove_objects(runtime) == 0
    later(runtime, KEPT_UNNAMED + timedelta(minutes=1))
    assert await remove_objects(runtime) == 1
    assert not await Evidence.exists(id=unnamed, using_db=service_connection())
    assert (await row(named)).removed_at is None
    assert len(objects_of(tmp_path / "objects")) == 1


async def test_a_photo_is_named_in_one_declaration_only_whoever_is_first(runtime: Runtime) -> None:
    photo = await uploaded(runtime)
    await declared(runtime, ANONYMOUS, photo)
    await codes(declared(runtime, ANONYMOUS, photo, phone="0912345670"))
    assert await Declaration.all().using_db(service_connection()).count() == 1


async def test_a_resident_is_told_which_photos_are_kept(runtime: Runtime) -> None:
    mine = resident(runtime)
    photo = await uploaded(runtime, mine)
    await declared(runtime, mine, photo)
    operation = Operation(mine)
    data = await export_own(runtime, mine, operation)
    await operation.close()
    [told] = orjson.loads(export_document(data))["declarations"][0]["photos"]
    assert (told["id"], told["kind"]) == (str(photo), "TEST")

"""Exchanging a key under a living database: nothing is lost, nobody is doubled, and it can end at any moment."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from access.actor import ANONYMOUS, Actor
from access.keys import Key, KeyRing, Standing
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer, sealed_by
from models.account import Account, Session
from models.alert import Alert
from models.audit import Audit
from models.case import Case
from models.case_grant import CaseGrant
from models.database import DatabaseUrls, service_connection, service_transaction
from models.declaration import Declaration, Submission
from models.duty import Duty
from models.embedded.binaries import find
from models.identifier import uuid7
from models.migrate import plain
from models.outbox_message import OutboxMessage
from models.person import Person, PersonKey
from models.signing_key import SigningKey
from models.state import MessageKind, MessageState, Outcome, Role
from models.verification import Verification
from services import rotate_keys
from services.acknowledge import acknowledge
from services.declare import declare
from services.drop_key import KeyNeeded, drop_key, uses
from services.household import HouseholdReport
from services.problem import Conflict
from services.resolve import resolve
from services.rotate_keys import KeysStillUsed, Rotated, rotate, rows_left
from services.runtime import Runtime
from tests.integration.duty.roster import at_station
from tests.integration.made import BREATHLESS, HEALTHY, account, household, person, wards

OLD, NEW = Key("test", b"k" * 32), Key("new", b"n" * 32)
"""The key of the test installation, and the one that comes after it."""

UPCOMING = replace(NEW, standing=Standing.NEXT)
PHONE, OTHER = "0912345678", "0987654321"
NUMBER = "079123456789"
PSQL = find(None) / "psql"


@pytest.fixture(autouse=True)
async def signing_keys(runtime: Runtime) -> AsyncIterator[None]:
    """Those of the house, which other tests open with its own key, are put back."""
    kept = await SigningKey.all().using_db(service_connection())
    yield
    for key in kept:
        await key.save(using_db=service_connection(), update_fields=["private_sealed"])


def on(runtime: Runtime, *keys: Key) -> Runtime:
    """A process that knows these keys."""
    ring = KeyRing(keys)
    return replace(runtime, sealer=Sealer(ring), pseudonymiser=Pseudonymiser(ring))


def resident(process: Runtime, phone: str = PHONE) -> Actor:
    """Whoever has proven that phone to this process."""
    return Actor("RESIDENT", phone_hash=process.pseudonymiser.phone(f"+84{phone[1:]}"))


def silent(_table: str, _done: int, _total: int) -> None:
    """Nobody watches."""


async def household_of_one(phone: str = PHONE, **given: object) -> HouseholdReport:
    """A household with the person of these tests in it."""
    ward = (await wards(1))[0]
    given = {"name": "Phạm Thị Lạ", "national_id": NUMBER, **given}
    return household(person(BREATHLESS, **given), ward=ward, phone=phone)  # type: ignore[arg-type]  # names are ours


async def filled(process: Runtime) -> None:
    """Something in every column that a key makes: a person reported under two names, a note, grants, codes."""
    ward = (await wards(1))[0]
    await declare(process, resident(process), await household_of_one())
    # Joins the case, whose identity keeps the first name: the second is in the report alone.
    await declare(process, resident(process, OTHER), await household_of_one(OTHER, name="Phạm Lạ"))
    await declare(process, ANONYMOUS, household(person(HEALTHY), ward=ward, phone=OTHER))
    staff = await account(process, Role.STATION_STAFF, ward)
    alert = await Alert.all().order_by("id").using_db(service_connection()).first()
    assert alert
    await acknowledge(process, staff, alert.id)
    await resolve(process, staff, alert.id, Outcome.ADVISED, "nhắn với cô Lạ")
    someone = await Account.get(id=staff.account_id, using_db=service_connection())
    someone.totp_sealed = process.sealer.seal(f"totp:{someone.id}", {"secret": "S"})
    await someone.save(using_db=service_connection())
    now = process.clock.now()
    id = uuid7()
    await OutboxMessage.create(
        using_db=service_connection(),
        id=id,
        kind=MessageKind.CODE,
        priority=1,
        sealed=process.sealer.seal(f"outbox:{id}", {"to": "+84912345678", "body": "x"}),
        created_at=now,
        useful_until=now,
        state=MessageState.QUEUED,
    )
    await at_station(process, ward)
    hashes = {"phone_hash": process.pseudonymiser.phone("+84912345678")}
    await Session.create(using_db=service_connection(), created_at=now, expires_at=now, **hashes)
    await Verification.create(
        using_db=service_connection(), created_at=now, expires_at=now, code_hash=hashes["phone_hash"], **hashes
    )


async def key_names() -> set[str]:
    """The names in front of everything that a rotation makes anew."""
    connection = service_connection()
    sealed: list[bytes | None] = [row.identity for row in await Case.all().using_db(connection)]
    sealed += [row.contact for row in await Submission.all().using_db(connection)]
    sealed += [row.report for row in await Declaration.all().using_db(connection)]
    sealed += [row.note for row in await Alert.all().using_db(connection)]
    sealed += [row.sealed for row in await OutboxMessage.all().using_db(connection)]
    sealed += [row.sealed for row in await Duty.all().using_db(connection)]
    sealed += [row.totp_sealed for row in await Account.all().using_db(connection)]
    hashes = [row.hash for row in await PersonKey.all().using_db(connection)]
    hashes += [row.phone_hash for row in await Case.all().using_db(connection)]
    hashes += [row.phone_hash for row in await Submission.all().using_db(connection)]
    hashes += [row.grantee.removeprefix("phone:") for row in await CaseGrant.all().using_db(connection)]
    return {sealed_by(one) for one in sealed if one} | {one.partition(".")[0] for one in hashes}


async def people() -> int:
    """How many persons are known."""
    return await Person.all().using_db(service_connection()).count()


async def test_afterwards_everything_is_under_the_new_key_and_opens_where_it_did(runtime: Runtime) -> None:
    await filled(on(runtime, OLD))
    assert await key_names() == {"test"}
    after = on(runtime, OLD, NEW)
    done = await rotate(after, ANONYMOUS, silent)
    assert await key_names() == {"new"}
    assert set((await rows_left("new")).values()) == {0}
    assert done.without_source == 0
    assert done.rows["person_key"] == 4
    alone = on(runtime, NEW)
    for case in await Case.all().using_db(service_connection()):
        opened = alone.sealer.open(f"case:{case.id}", case.identity)
        assert case.phone_hash == alone.pseudonymiser.phone(str(opened["phone"]))
    noted = await Alert.exclude(note=None).using_db(service_connection()).get()
    assert noted.note
    assert alone.sealer.open(f"alert:{noted.id}", noted.note) == {"note": "nhắn với cô Lạ"}
    written = await Audit.filter(action="rotate_keys").using_db(service_connection()).get()
    assert written.objects == ["new"]


async def test_versions_stay_as_they_were(runtime: Runtime) -> None:
    await filled(on(runtime, OLD))
    before = dict(await Alert.all().using_db(service_connection()).values_list("id", "version"))
    await rotate(on(runtime, OLD, NEW), ANONYMOUS, silent)
    assert dict(await Alert.all().using_db(service_connection()).values_list("id", "version")) == before


async def test_a_person_is_known_again_before_during_and_after_by_any_of_their_names(runtime: Runtime) -> None:
    await filled(on(runtime, OLD))
    known = await people()
    for process in (on(runtime, OLD, UPCOMING), on(runtime, OLD, NEW)):
        await declare(
            process, resident(process, OTHER), await household_of_one(OTHER, name="Phạm Lạ", national_id=None)
        )
        assert await people() == known
    await rotate(on(runtime, OLD, NEW), ANONYMOUS, silent)
    process = on(runtime, replace(OLD, standing=Standing.RETIRED), NEW)
    await declare(process, resident(process, OTHER), await household_of_one(OTHER, name="Phạm Lạ", national_id=None))
    await declare(process, resident(process), await household_of_one(name="Phạm Thị Lạ"))
    assert await people() == known


async def test_two_processes_on_either_side_of_the_switch_make_one_person_of_one(runtime: Runtime) -> None:
    behind, ahead = on(runtime, OLD, UPCOMING), on(runtime, OLD, NEW)
    reports = [(await household_of_one(), process) for process in (behind, ahead) * 4]
    await asyncio.gather(*(declare(process, resident(process), report) for report, process in reports))
    assert await people() == 1
    await rotate(ahead, ANONYMOUS, silent)
    assert await people() == 1
    assert await PersonKey.all().using_db(service_connection()).count() == 2


async def test_an_unproven_report_in_the_new_key_does_not_take_the_place_of_the_older_person(runtime: Runtime) -> None:
    await declare(on(runtime, OLD), resident(on(runtime, OLD)), await household_of_one())
    first = await Person.get(using_db=service_connection())
    # As two processes would at the very same moment: the second has not seen the first one's rows.
    stranger = on(runtime, NEW)
    await declare(stranger, ANONYMOUS, await household_of_one())
    await rotate(on(runtime, OLD, NEW), ANONYMOUS, silent)
    keys = await PersonKey.all().using_db(service_connection())
    assert {key.person_id for key in keys} == {first.id}


async def test_grants_go_with_the_phone_and_residents_prove_it_anew(runtime: Runtime) -> None:
    await filled(on(runtime, OLD))
    done = await rotate(on(runtime, OLD, NEW), ANONYMOUS, silent)
    grantees = {row.grantee for row in await CaseGrant.all().using_db(service_connection())}
    alone = on(runtime, NEW)
    assert grantees == {f"phone:{alone.pseudonymiser.phone(phone)}" for phone in ("+84912345678", "+84987654321")}
    assert done.sessions_ended == 1
    assert not await Session.all().using_db(service_connection())
    assert not await Verification.all().using_db(service_connection())


async def test_a_repeat_gets_its_first_answer_also_under_the_new_key(runtime: Runtime) -> None:
    report = await household_of_one()
    first = await declare(on(runtime, OLD), ANONYMOUS, report)
    await rotate(on(runtime, OLD, NEW), ANONYMOUS, silent)
    after = on(runtime, replace(OLD, standing=Standing.RETIRED), NEW)
    assert (await declare(after, ANONYMOUS, report)).code == first.code
    with pytest.raises(Conflict):
        await declare(after, ANONYMOUS, replace(report, body=b"another body"))


class Killed(Exception):
    """As far as the process came."""


async def test_it_goes_on_where_it_was_killed(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate_keys, "BATCH", 1)
    process = on(runtime, OLD)
    await filled(process)
    after, kills = on(runtime, OLD, NEW), 0
    steps = 0

    def dies_sometimes(_table: str, _done: int, _total: int) -> None:
        nonlocal steps
        steps += 1
        if steps % 3 == 0:
            raise Killed

    while True:
        try:
            await rotate(after, ANONYMOUS, dies_sometimes)
            break
        except Killed:
            kills += 1
            assert await key_names() == {"test", "new"} or not any((await rows_left("new")).values())
    assert kills >= 3
    assert await key_names() == {"new"}


async def test_rows_that_somebody_holds_are_come_back_to(runtime: Runtime) -> None:
    await filled(on(runtime, OLD))
    process = on(runtime, OLD, NEW)
    held = asyncio.Event()

    async def hold() -> None:
        async with service_transaction() as connection:
            await connection.execute_query("SELECT FROM declaration FOR UPDATE")
            held.set()
            await released.wait()

    released = asyncio.Event()
    holder = asyncio.create_task(hold())
    await held.wait()

    def release(table: str, _done: int, _total: int) -> None:
        if table == "case_grant":
            released.set()

    await rotate(process, ANONYMOUS, release)
    await holder
    assert await key_names() == {"new"}


async def test_people_go_on_declaring_and_reading_meanwhile(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate_keys, "BATCH", 5)
    ward = (await wards(1))[0]
    before = on(runtime, OLD)
    for number in range(40):
        await declare(before, ANONYMOUS, household(person(BREATHLESS), ward=ward, phone=f"09123{number:05}"))
    process = on(runtime, OLD, NEW)
    rotating = asyncio.create_task(rotate(process, ANONYMOUS, silent))
    written = 0
    while not rotating.done() or written < 20:
        await declare(process, ANONYMOUS, household(person(BREATHLESS), ward=ward, phone=f"09124{written:05}"))
        written += 1
        for case in await Case.all().limit(20).using_db(service_connection()):
            process.sealer.open(f"case:{case.id}", case.identity)
    done: Rotated = await rotating
    assert done.rows["illness_case"] >= 40
    assert await key_names() == {"new"}
    assert await Case.all().using_db(service_connection()).count() == 40 + written


async def test_what_does_not_open_is_said_and_the_key_stays_and_nothing_is_thrown_away(runtime: Runtime) -> None:
    await filled(on(runtime, OLD))
    keys = await PersonKey.all().using_db(service_connection()).count()
    # The wrong key file: the one that all was written with is not in it.
    lost = on(runtime, Key("other", b"x" * 32), NEW)
    with pytest.raises(KeysStillUsed, match=r"illness_case\.identity.*do not open"):
        await rotate(lost, ANONYMOUS, silent)
    assert await PersonKey.all().using_db(service_connection()).count() == keys
    assert await key_names() == {"test"}


async def test_a_process_that_still_writes_with_the_old_key_is_found_out(runtime: Runtime, urls: DatabaseUrls) -> None:
    await filled(on(runtime, OLD))
    case = (await Case.all().using_db(service_connection()).limit(1))[0]
    again = f"UPDATE illness_case SET identity = decode('{case.identity.hex()}', 'hex') WHERE id = '{case.id}'"

    def writes_again(table: str, _done: int, _total: int) -> None:
        # In a process of its own, and waited for: the rotation must not be through before it has written.
        if table == "illness_case":
            subprocess.run([PSQL, f"--dbname={plain(urls.service)}", "--quiet", f"--command={again}"], check=True)

    with pytest.raises(KeysStillUsed, match="a process that serves writes with an older key"):
        await rotate(on(runtime, OLD, NEW), ANONYMOUS, writes_again)


async def test_only_a_retired_key_that_nothing_needs_is_dropped(
    runtime: Runtime, urls: DatabaseUrls, tmp_path: Path
) -> None:
    path = tmp_path / "key"
    path.write_text(f"{replace(OLD, standing=Standing.RETIRED).line()}\n{NEW.line()}\n")
    path.chmod(0o600)
    ring = KeyRing([replace(OLD, standing=Standing.RETIRED), NEW], path)
    process = replace(runtime, sealer=Sealer(ring), pseudonymiser=Pseudonymiser(ring))
    with pytest.raises(KeyNeeded, match="in use"):
        await drop_key(process, ANONYMOUS, "new")
    with pytest.raises(KeyNeeded, match="there is no key"):
        await drop_key(process, ANONYMOUS, "nothing")
    id = uuid7()
    now = process.clock.now()
    why = Sealer(OLD).seal(f"audit:{id}", {"why": "x"})
    await Audit.create(
        using_db=service_connection(), id=id, at=now, actor="ACCOUNT", action="reveal", objects=[], detail={}, why=why
    )
    with pytest.raises(KeyNeeded, match=r"needed by .*1 of audit\.why"):
        await drop_key(process, ANONYMOUS, "test")
    owner = await asyncpg.connect(plain(urls.owner))
    await owner.execute("TRUNCATE audit; UPDATE signing_key SET private_sealed = ''")
    await owner.close()
    await drop_key(process, ANONYMOUS, "test")
    assert [key.name for key in ring.all] == ["new"]
    assert path.read_text() == f"{NEW.line()}\n"


async def test_what_needs_a_key_is_counted_by_column(runtime: Runtime) -> None:
    await filled(on(runtime, OLD))
    found = await uses(runtime, "test")
    assert {"illness_case.identity", "illness_case.phone_hash", "person_key.hash", "case_grant.grantee"} < set(found)
    assert set(await uses(runtime, "new")) == set()

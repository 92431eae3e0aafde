"""A file of accounts: all of it or nothing, and again with the same result."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from commands.outcome import OPERATOR
from models.account import Account
from models.area import Area
from models.database import service_connection
from models.state import Restriction
from services.csv_file import FileRefused
from services.import_accounts import FirstPassword, ImportedAccounts, import_accounts
from services.runtime import Runtime
from services.sign_in import sign_in
from tests.integration.conftest import DATA

HEADER = "username,display_name,role,area,station\n"
NURSE = "nurse,Lê Thị Lan,station_staff,26740,\n"


class Kept:
    """First passwords as they were handed over, and whether that was undone."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.passwords: list[FirstPassword] = []
        self.hashed = 0

    def done(self) -> None:
        """One more."""
        self.hashed += 1

    @contextmanager
    def open(self, accounts: int) -> Iterator[Callable[[Sequence[FirstPassword]], None]]:
        """Keeps them; forgets them where the rest fails."""
        try:
            yield self.passwords.extend
        except BaseException:
            self.passwords.clear()
            raise


async def taken(runtime: Runtime, text: str) -> tuple[ImportedAccounts, Kept]:
    """The import of a file."""
    kept = Kept()
    return await import_accounts(runtime, OPERATOR, text.encode(), kept, kept.done), kept


async def faults(runtime: Runtime, text: str) -> list[tuple[int, str, str]]:
    """Line, column and code of everything that is wrong with a file, of which nothing is written."""
    with pytest.raises(FileRefused) as refused:
        await taken(runtime, text)
    assert await Account.all().using_db(service_connection()).count() == 0
    return [(fault.line, fault.column, fault.code) for fault in refused.value.faults]


async def test_each_gets_a_first_password_that_has_to_be_changed(runtime: Runtime) -> None:
    done, kept = await taken(runtime, (DATA / "accounts-sample.csv").read_text("utf-8"))
    assert (done.added, done.kept, done.differing, kept.hashed) == (5, 0, (), 5)
    assert len({one.password for one in kept.passwords}) == 5
    head = next(one for one in kept.passwords if one.username == "tram.benthanh")
    opened = await sign_in(runtime, head.username, head.password)
    assert (opened.actor.restriction, opened.actor.station_id) == (Restriction.PASSWORD, "vn-79-2022-26743-tyt")


async def test_a_city_of_stations_is_taken_at_once(runtime: Runtime) -> None:
    wards = await Area.filter(level=3).using_db(service_connection()).order_by("lo").limit(310)
    lines = "".join(f"tram-{ward.national_code},Trạm {ward.name},station_head,{ward.id},\n" for ward in wards)
    done, kept = await taken(runtime, HEADER + lines)
    assert (done.added, kept.hashed, len(kept.passwords)) == (310, 310, 310)


async def test_the_same_file_again_changes_nothing_and_says_so(runtime: Runtime) -> None:
    _, first = await taken(runtime, HEADER + NURSE)
    done, again = await taken(runtime, HEADER + NURSE)
    assert (done, again.passwords) == (ImportedAccounts(0, 1, ()), [])
    opened = await sign_in(runtime, "nurse", first.passwords[0].password)
    assert opened.actor.restriction is Restriction.PASSWORD


async def test_of_a_longer_file_only_the_new_ones_are_added_and_what_differs_is_named(runtime: Runtime) -> None:
    await taken(runtime, HEADER + NURSE)
    other = NURSE.replace("station_staff", "station_head") + "committee,Ban Chỉ đạo,committee,79,\n"
    done, kept = await taken(runtime, HEADER + other)
    assert done == ImportedAccounts(1, 1, ("nurse",))
    assert [one.username for one in kept.passwords] == ["committee"]
    nurse = await Account.get(username="nurse", using_db=service_connection())
    assert nurse.role == "STATION_STAFF"


async def test_every_fault_of_every_line_is_said_at_once(runtime: Runtime) -> None:
    lines = [
        "with space,Lan,station_staff,26740,",
        "nobody,,station_staff,26740,",
        "boss,Lan,director,26740,",
        "nowhere,Lan,station_staff,99999,",
        "centre,Lan,medical_centre,26740,",
        "elsewhere,Lan,station_staff,26740,vn-79-2022-26743-tyt",
        "stationed,Lan,committee,79,vn-79-2022-26743-tyt",
        "good,Lan,station_staff,26740,vn-79-2022-26740-tyt",
        "GOOD,Lan,station_staff,26740,",
        "short,Lan",
    ]
    assert await faults(runtime, HEADER + "\n".join(lines)) == [
        (2, "username", "BAD_USERNAME"),
        (3, "display_name", "REQUIRED"),
        (4, "role", "UNKNOWN_ROLE"),
        (5, "area", "UNKNOWN_AREA"),
        (6, "area", "NO_STATION"),
        (7, "station", "NO_STATION"),
        (8, "station", "NO_STATION"),
        (10, "username", "REPEATED_ACCOUNT"),
        (11, "", "WRONG_COLUMN_COUNT"),
    ]


async def test_the_stations_column_may_be_left_out_and_no_other(runtime: Runtime) -> None:
    assert await faults(runtime, "username,display_name,area\nnurse,Lan,26740\n") == [(1, "role", "MISSING_COLUMN")]
    done, _ = await taken(runtime, "username,display_name,role,area\nnurse,Lan,station_staff,26740\n")
    assert done.added == 1


async def test_where_the_passwords_cannot_be_handed_over_no_account_is_made(runtime: Runtime) -> None:
    class Full(Kept):
        """A disk without room."""

        @contextmanager
        def open(self, accounts: int) -> Iterator[Callable[[Sequence[FirstPassword]], None]]:
            """Refuses at the last moment."""

            def hand_over(_: Sequence[FirstPassword]) -> None:
                raise OSError("no room")

            yield hand_over

    kept = Full()
    with pytest.raises(OSError, match="no room"):
        await import_accounts(runtime, OPERATOR, (HEADER + NURSE).encode(), kept, kept.done)
    assert await Account.all().using_db(service_connection()).count() == 0


async def test_a_column_says_who_is_a_doctor_and_a_slip_in_it_is_refused(runtime: Runtime) -> None:
    header = HEADER.replace("station\n", "station,doctor\n")
    assert await faults(runtime, header + "nurse,Lê Thị Lan,station_staff,26740,,perhaps\n") == [
        (2, "doctor", "UNKNOWN_ANSWER")
    ]
    people = "nurse,Lê Thị Lan,station_staff,26740,,\ndoctor,Trần Văn Bảo,station_staff,26740,,Có\n"
    await taken(runtime, header + people)
    rows = await Account.all().order_by("username").using_db(service_connection())
    assert [(row.username, row.doctor) for row in rows] == [("doctor", True), ("nurse", False)]

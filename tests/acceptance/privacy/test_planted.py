"""After everything was done that can be done with a person, their name stands nowhere but where it belongs."""

import asyncio
import base64
import os
import re
import sys
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from commands.outcome import OPERATOR
from commands.session import runtime_on
from models.area import Area
from models.database import application_connection
from models.embedded import EmbeddedPostgres
from models.migrate import plain
from models.state import Role
from services.add_account import NewAccount, add_accounts
from services.import_areas import import_areas
from services.import_stations import import_stations
from tests.acceptance.client import PATIENCE, Api, Reply
from tests.acceptance.conftest import CITY, DATA, DISTRICT, MOMENT, ROOT, WARD, Place, execute, served
from tests.acceptance.declaring import DECLARE
from tests.acceptance.privacy import planted
from tests.acceptance.privacy.planted import Planted

SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) { __typename ... on Session { token refreshToken } ... on Problem { code message } }
}
"""
REFRESH = """
mutation ($input: RefreshSessionInput!) {
  refreshSession(input: $input) { __typename ... on Session { token refreshToken } ... on Problem { code message } }
}
"""
REQUEST = """
mutation ($input: RequestVerificationInput!) { requestVerification(input: $input) { __typename } }
"""
VERIFY = """
mutation ($input: VerifyPhoneInput!) {
  verifyPhone(input: $input) { __typename ... on Session { token refreshToken } ... on Problem { code message } }
}
"""
WATCH = """
subscription ($after: String) {
  alerts(after: $after) { cursor alert { id case { id person { name phone street nationalId } } } }
}
"""
ACKNOWLEDGE = "mutation ($input: AcknowledgeAlertInput!) { acknowledgeAlert(input: $input) { __typename } }"
RESOLVE = "mutation ($input: ResolveAlertInput!) { resolveAlert(input: $input) { __typename } }"
SEARCH = """
query ($name: String, $areaId: ID) {
  cases(name: $name, areaId: $areaId) { nodes { id person { name phone } declarations { id } } }
}
"""
CASE = "query ($id: ID!) { case(id: $id) { id person { name phone street } } }"
ERASE = """
mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { __typename ... on Problem { code message } } }
"""
REVEAL = """
mutation ($input: RevealPersonInput!) {
  revealPerson(input: $input) { __typename ... on PersonRevealed { person { name phone street } } }
}
"""
TRAIL = "query ($id: ID!) { auditTrail(caseId: $id) { nodes { action reason } } }"
EXPORT = "{ exportMyData { json } myDeclarations { nodes { id } } }"


class Loud(Place):
    """A place whose server says all that it ever says."""

    @property
    def environment(self) -> dict[str, str]:
        """With the log as talkative as it can be."""
        return {**Place.environment.fget(self), "KHAIBAO_LOG_LEVEL": "debug"}  # type: ignore[attr-defined]  # property


@dataclass(slots=True)
class Run:
    """What a whole run has left: what is looked for, what the entitled were shown, and what everybody else was told."""

    planted: Planted = field(default_factory=Planted)
    shown: list[bytes] = field(default_factory=list)
    told: dict[str, bytes] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    printed: bytes = b""
    rows: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
async def place(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Loud:
    """A database of its own, for it is read from end to end."""
    place = Loud(tmp_path_factory.mktemp("planted"), await postgres.database("khaibao_planted", fresh=True))
    async with runtime_on(place.settings, place.urls) as runtime:
        await import_areas(runtime, OPERATOR, (DATA / "areas-hcmc-2022-03.csv").read_bytes())
        await import_stations(runtime, OPERATOR, (DATA / "demo-stations-hcmc-2022.csv").read_bytes())
        codes = dict(await Area.all().using_db(application_connection()).values_list("national_code", "id"))
        accounts = [("station", Role.STATION_HEAD, WARD), ("committee", Role.COMMITTEE, DISTRICT)]
        accounts.append(("department", Role.DEPARTMENT, CITY))
        made = [NewAccount(name, planted.PASSWORD, name.title(), role, codes[area]) for name, role, area in accounts]
        await add_accounts(runtime, OPERATOR, made)
    await execute(
        place.urls,
        "UPDATE installation SET clock_offset_us = (extract(epoch FROM $1::timestamptz - now()) * 1000000)::bigint",
        MOMENT,
    )
    return place


@pytest.fixture(scope="module")
async def run(place: Loud) -> Run:
    """A server that has lived through all of it and has ended."""
    run = Run()
    async with (
        served(place) as (url, _),
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE * 2)) as session,
    ):
        await _Story(place, Api(url, session), run).happens()
    run.rows = await _every_row(place)
    return run


class _Story:
    """The run, step by step."""

    def __init__(self, place: Loud, api: Api, run: Run) -> None:
        self.place, self.api, self.run = place, api, run

    async def happens(self) -> None:
        """Everybody does everything once, and some of it wrongly."""
        station, department = await self.signs_in("station"), await self.signs_in("department")
        resident = await self.proves_a_phone()
        # Nothing says when a subscription without a cursor has begun to listen.
        after = (await station.data("{ alerts { cursor } }"))["alerts"]["cursor"]
        async with station.socket() as socket:
            await socket.subscribe("1", WATCH, {"after": after})
            await self.declares(self.api, "unproven", phone=planted.OTHER_PHONE, number=planted.OTHER_NUMBER)
            event = await socket.next("1")
            self.run.shown.append(orjson.dumps(event))
        await self.declares(resident, "proven", phone=planted.PHONE, number=planted.NUMBER)
        self.run.shown.append((await resident.ask(EXPORT)).body)
        alert = event["alerts"]["alert"]
        await station.data(ACKNOWLEDGE, {"input": {"id": alert["id"]}})
        resolved = await station.data(
            RESOLVE, {"input": {"id": alert["id"], "outcome": "ADVISED", "note": planted.NOTE}}
        )
        assert resolved["resolveAlert"]["__typename"] == "AlertResolved"
        found = await self.searches(station)
        assert len(found) == 2
        await self.errs(station)
        await self.breaks(station, alert["case"]["id"])
        await self.rotates()
        assert len(await self.searches(await self.signs_in("station"))) == 2
        committee = await self.signs_in("committee")
        await self.is_revealed(committee, found[0]["id"])
        await self.is_erased(department, found[0]["id"])
        for path in ("/", "/health/live", "/health/ready", "/metrics", "/explorer", "/.well-known/jwks.json"):
            self.run.told[path] = (await self.api.get(path)).body
        for who in (committee, self.api):
            self.run.told[f"a stranger's {who.token is None}"] = (await who.ask(CASE, {"id": found[0]["id"]})).body

    async def signs_in(self, name: str) -> Api:
        """A session, after a wrong password and a name typed for one; and another by its refresh token."""
        for username, password in ((name, planted.WRONG_PASSWORD), (planted.STRANGER, planted.PASSWORD)):
            refused = await self.api.ask(SIGN_IN, {"input": {"username": username, "password": password}})
            self.run.told[f"sign in {name} {username}"] = refused.body
        opened = await self.api.data(SIGN_IN, {"input": {"username": name, "password": planted.PASSWORD}})
        again = await self.api.data(REFRESH, {"input": {"refreshToken": opened["signIn"]["refreshToken"]}})
        for session in (opened["signIn"], again["refreshSession"]):
            self.notes(session)
        return self.api.acting(again["refreshSession"]["token"])

    def notes(self, session: dict[str, str]) -> None:
        """Tokens are told to whoever signs in, and to nobody else."""
        self.run.tokens.append(session["token"])
        self.run.planted.texts += [session["token"], session["refreshToken"]]

    async def proves_a_phone(self) -> Api:
        """A resident's session, after a wrong code."""
        await self.api.data(REQUEST, {"input": {"phone": planted.PHONE}})
        code = await self.code()
        self.run.planted.codes.append(code)
        wrong = {"phone": planted.PHONE, "code": f"{(int(code) + 1) % 1_000_000:06}"}
        self.run.told["a wrong code"] = (await self.api.ask(VERIFY, {"input": wrong})).body
        session = (await self.api.data(VERIFY, {"input": {"phone": planted.PHONE, "code": code}}))["verifyPhone"]
        self.notes(session)
        return self.api.acting(session["token"])

    async def code(self) -> str:
        """The code as the phone shows it."""
        file = self.place.folder / "sms.log"
        async with asyncio.timeout(PATIENCE):
            while True:
                if file.exists() and (sent := re.findall(r"\b\d{6}\b", file.read_text())):
                    return str(sent[-1])
                await asyncio.sleep(0.02)  # The gateway is a file: there is nothing else to wait for.

    async def declares(self, api: Api, key: str, *, phone: str, number: str) -> None:
        """A household, its repeat, and another body under the same key."""
        given = household(key, phone, number)
        first = await api.data(DECLARE, {"input": given})
        assert first["declare"]["__typename"] == "Receipt"
        assert (await api.data(DECLARE, {"input": given}))["declare"] == first["declare"]
        other = {**given, "address": {"areaCode": WARD, "street": planted.STREET + " bis"}}
        self.run.told[f"conflict {key}"] = (await api.ask(DECLARE, {"input": other})).body

    async def searches(self, station: Api) -> list[dict[str, Any]]:
        """Finds the two by name; and is refused for a whole city and for nothing."""
        answer = await station.ask(SEARCH, {"name": "zoquap vel"})
        self.run.shown.append(answer.body)
        self.run.told["a search that is refused"] = (await station.ask(SEARCH, {"name": planted.NAME * 20})).body
        return list(answer.data["cases"]["nodes"])

    async def errs(self, station: Api) -> None:
        """Everything that can be typed in the wrong place."""
        bad = household("bad", f"{planted.PHONE} x", f"{planted.NUMBER}!")
        bad["people"][0] |= {
            "fullName": f"{planted.NAME}\u202e",
            "birthDate": "1930-01-01",
            "relation": planted.NOTE * 3,
        }
        bad["contact"]["email"] = f"{planted.EMAIL} x"
        asked: dict[str, tuple[str, dict[str, Any]]] = {
            "faults": (DECLARE, {"input": bad}),
            "a wrong type": (DECLARE, {"input": {**bad, "people": planted.NAME}}),
            "a wrong date": (DECLARE, {"input": {**bad, "people": [{**bad["people"][0], "birthDate": planted.NAME}]}}),
            "an unknown field": (DECLARE, {"input": {**bad, planted.EMAIL: planted.PHONE}}),
            "a wrong enum": (DECLARE, {"input": {**bad, "people": [{**bad["people"][0], "sex": planted.NAME}]}}),
            "an inline value": (f'{{ cases(first: "{planted.NAME}") {{ nodes {{ id }} }} }}', {}),
            "an inline enum": (f'{{ cases(states: ["{planted.PHONE}"]) {{ nodes {{ id }} }} }}', {}),
            "no id": (CASE, {"id": planted.PHONE}),
            "no cursor": ("query ($a: String) { cases(after: $a) { nodes { id } } }", {"a": planted.NAME}),
            "no receipt": ("query ($c: String!) { receipt(code: $c) { state } }", {"c": planted.NAME}),
            "no document": (f"{{ {planted.NAME} }}", {}),
            "a string without an end": (f'{{ cases(name: "{planted.NAME}) {{ nodes {{ id }} }} }}', {}),
        }
        for what, (document, variables) in asked.items():
            self.run.told[what] = (await station.ask(document, variables)).body
        broken = f'{{"query": "{planted.NAME} {planted.PHONE}'.encode()
        self.run.told["no JSON"] = (await station.post(broken)).body
        self.run.told["too long"] = (await station.post(BytesIO(broken * 40_000))).body
        self.run.told["a URL"] = (await station.get(f"/graphql?query={{x}}&name={planted.NAME}&p={planted.PHONE}")).body
        self.run.told["a header"] = (await self.api.acting(planted.STRANGER).ask("{ me { id } }")).body
        async with self.api.raw_socket() as socket:
            await socket.send(f"{planted.NAME} {planted.PHONE}")
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            self.run.told["a socket"] = str(closed.value).encode()

    async def breaks(self, station: Api, case_id: str) -> None:
        """What nobody has foreseen: the database refuses a row and quotes it, a sealed value was changed."""
        await execute(self.place.urls, "ALTER TABLE submission ADD CONSTRAINT broken CHECK (verified) NOT VALID")
        given = household("broken", planted.OTHER_PHONE, planted.OTHER_NUMBER)
        self.internal("a row that is refused", await self.api.ask(DECLARE, {"input": given}))
        await execute(self.place.urls, "ALTER TABLE submission DROP CONSTRAINT broken")
        await execute(self.place.urls, "CREATE TABLE kept AS SELECT id, identity FROM illness_case")
        await execute(self.place.urls, "UPDATE illness_case SET identity = identity || 'x'")
        self.internal("a value that does not open", await station.ask(CASE, {"id": case_id}))
        self.internal("a search that fails", await station.ask(SEARCH, {"name": planted.NAME}))
        await execute(self.place.urls, "UPDATE illness_case c SET identity = k.identity FROM kept k WHERE k.id = c.id")
        await execute(self.place.urls, "DROP TABLE kept")

    def internal(self, what: str, reply: Reply) -> None:
        """It failed as what was not foreseen, and is told as that."""
        assert reply.code == "INTERNAL", reply.body
        self.run.told[what] = reply.body

    async def rotates(self) -> None:
        """The key is exchanged while the server serves."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli", "keys", "rotate", "--now"),
            cwd=ROOT,
            env=self.place.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.run.printed, _ = await process.communicate()
        assert process.returncode == 0, self.run.printed.decode()

    async def is_revealed(self, committee: Api, case_id: str) -> None:
        """A committee is told a name, for a reason that names somebody."""
        reply = await committee.ask(REVEAL, {"input": {"caseId": case_id, "reason": planted.REASON}})
        assert reply.data["revealPerson"]["__typename"] == "PersonRevealed"
        self.run.shown.append(reply.body)

    async def is_erased(self, department: Api, case_id: str) -> None:
        """Somebody is erased, for a reason that names them; the reason is for whoever may read the trail."""
        erased = await department.data(ERASE, {"input": {"caseId": case_id, "reason": planted.REASON}})
        assert erased["erasePerson"]["__typename"] == "PersonErased"
        self.run.shown.append((await department.ask(TRAIL, {"id": case_id})).body)


def household(key: str, phone: str, number: str) -> dict[str, Any]:
    """Two of them, one of whom has to be called."""
    common = {
        "birthDate": "1950-04-30",
        "sex": "FEMALE",
        "relation": "self",
        "test": {"kind": "rapid_antigen", "takenOn": "2022-03-17"},
        "symptoms": ["dyspnoea"],
        "conditions": [],
    }
    return {
        "idempotencyKey": f"planted-{key}",
        "contact": {"phone": phone, "email": planted.EMAIL, "declaredBy": planted.SPEAKER},
        "address": {"areaCode": WARD, "street": planted.STREET},
        "people": [
            {**common, "fullName": planted.NAME, "nationalId": number},
            {**common, "fullName": planted.CHILD, "symptoms": ["cough"]},
        ],
    }


async def _every_row(place: Loud) -> dict[str, bytes]:
    """Every table from end to end, bytes as bytes and everything else as text."""
    owner = await asyncpg.connect(plain(place.urls.owner))
    try:
        tables = await owner.fetch(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'm') AND relnamespace = 'public'::regnamespace"
        )
        found = {}
        for (table,) in tables:
            rows = await owner.fetch(f'SELECT * FROM "{table}"')
            values = [value for row in rows for value in row.values() if value is not None]
            found[table] = b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in values)
        # What the planner has noted of the columns is a copy of some of their values.
        await owner.execute("ANALYZE")
        noted = await owner.fetch("SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats")
        found["pg_stats"] = "\n".join(str(value) for row in noted for value in row).encode()
        return found
    finally:
        await owner.close()


def traces(run: Run, kept: dict[str, bytes]) -> dict[str, set[str]]:
    """Where something planted was found, and what."""
    return {where: found for where, text in kept.items() if (found := run.planted.traces(text))}


def files(folder: Path, *but: str) -> dict[str, bytes]:
    """Every file below a folder."""
    names = [Path(path) / name for path, _, inside in os.walk(folder) for name in inside if name not in but]
    return {str(name.relative_to(folder)): name.read_bytes() for name in names if name.is_file()}


def test_what_the_entitled_were_shown_is_found_so_the_search_works(run: Run, place: Loud) -> None:
    shown = run.planted.traces(b"\n".join(run.shown))
    assert {"Zơquắp", "Vẽlừng", planted.PHONE, planted.OTHER_PHONE, planted.OTHER_NUMBER} <= shown
    assert {"Bưởichuangọt", "traquandi", "Kẽolầy"} & shown
    sent = (place.folder / "sms.log").read_bytes()
    assert {planted.PHONE, *run.planted.codes} == run.planted.traces(sent)


def test_the_log_holds_no_trace(run: Run, place: Loud) -> None:
    logs = files(place.folder, "sms.log")
    assert any(name.endswith(".log") and text for name, text in logs.items())
    assert traces(run, logs) == {}


def test_the_database_holds_no_trace_in_any_column(run: Run) -> None:
    assert {"illness_case", "submission", "declaration", "audit", "session", "outbox_message"} <= set(run.rows)
    assert len(run.rows["illness_case"]) > 1000
    assert {b"search_cases", b"reveal_person", b"erase_person", b"rotate_keys"} <= set(run.rows["audit"].split(b"\n"))
    assert traces(run, run.rows) == {}


def test_the_database_s_own_log_holds_no_trace(run: Run, place: Loud, postgres: EmbeddedPostgres) -> None:
    logs = {name: text for name, text in files(postgres_folder(postgres)).items() if name.endswith((".log", "log"))}
    assert traces(run, logs) == {}


def postgres_folder(postgres: EmbeddedPostgres) -> Path:
    """Where the embedded server keeps what it has."""
    return Path(postgres._folder)


def test_errors_and_public_pages_hold_no_trace(run: Run) -> None:
    assert {"faults", "a row that is refused", "/health/ready"} <= set(run.told)
    assert traces(run, run.told) == {}


def test_the_command_that_rotates_prints_no_trace(run: Run) -> None:
    assert b"is retired" in run.printed
    assert traces(run, {"rotate": run.printed}) == {}


def test_a_token_says_nothing_of_a_person(run: Run) -> None:
    said = [base64.urlsafe_b64decode(part + "==") for token in run.tokens for part in token.split(".")[:2]]
    assert all(orjson.loads(part) for part in said)
    assert run.planted.traces(b"\n".join(said)) == set()


@pytest.mark.parametrize(
    "left",
    [
        planted.NAME,
        planted.NAME.upper(),
        "zoquap",
        "Zo quap",
        "%5A%C6%A1qu%E1%BA%AFp",
        base64.b64encode(f"xy{planted.NAME}".encode()).decode(),
        orjson.dumps(planted.NAME).hex(),
        "+84917283645",
        "0917.283.645",
        "84917283645",
        base64.urlsafe_b64encode(b"to=+84917283645;").decode(),
        "079817263544",
        planted.PASSWORD.lower(),
        '"\\u005a\\u01a1qu\\u1eafp"',
    ],
)
def test_a_trace_is_found_in_any_shape(left: str) -> None:
    assert Planted().traces(b'{"x": "' + left.encode() + b'"}')


def test_six_digits_are_a_code_only_as_a_word() -> None:
    looked_for = Planted(texts=[], numbers=[], codes=["123456"])
    assert looked_for.traces(b"code=123456;")
    for other in (b"12:00:01.123456", b"a123456b", b"0123456", b"1234567"):
        assert not looked_for.traces(other)

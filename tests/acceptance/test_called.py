"""Over the wire: somebody declares, whoever is on duty gets a text, and when nobody answers the centre gets one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import orjson
import pytest

from models.embedded import EmbeddedPostgres
from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import MOMENT, Place, furnish, serving, sign_in
from tests.acceptance.declaring import breathless, declare

ADD = """
mutation ($input: AddDutyInput!) { addDuty(input: $input) { __typename ... on RosterChanged { duty { onDutyNow } } } }
"""
MOVE = "mutation ($input: MoveClockInput!) { moveClock(input: $input) { __typename } }"
NURSE, DOCTOR = "+84901000001", "+84901000002"
ALWAYS = {
    "weekdays": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"],
    "from": "00:00",
    "until": "00:00",
}


@pytest.fixture
async def rostered(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Place, Api]]:
    """An installation of its own, and its server."""
    urls = await postgres.database("khaibao_called", fresh=True)
    folder = tmp_path_factory.mktemp("called")
    place = Place(folder, urls, {"KHAIBAO_PUBLIC_URL": "https://kb.example"})
    await furnish(place)
    async with serving(place) as url, aiohttp.ClientSession() as session:
        yield place, Api(url, session)


async def texts(place: Place, count: int) -> list[tuple[str, str]]:
    """To whom texts have gone out and what they said, when there are so many."""
    log = place.folder / "sms.log"
    async with asyncio.timeout(PATIENCE):
        while not log.exists() or len(log.read_text().splitlines()) < count:  # noqa: ASYNC110 - a file sets no event
            await asyncio.sleep(0.05)
    lines = [orjson.loads(line) for line in log.read_bytes().splitlines()]
    return [(line["to"], line["text"]) for line in lines]


async def test_whoever_is_on_duty_gets_a_text_and_the_centre_when_nobody_answers(rostered: tuple[Place, Api]) -> None:
    place, api = rostered
    department = api.acting(await sign_in(api, "department"))
    for who, phone in (("station", NURSE), ("centre", DOCTOR)):
        acting = api.acting(await sign_in(api, who))
        kind = "WARD_STATION" if who == "station" else "MEDICAL_CENTRE"
        found = await acting.data("query ($k: [StationKind!]) { stations(kinds: $k) { nodes { id } } }", {"k": [kind]})
        station = found["stations"]["nodes"][0]["id"]
        shift = {"name": "BS. Trực", "phone": phone, **ALWAYS}
        made = await department.data(ADD, {"input": {"stationId": station, "shift": shift}})
        assert made["addDuty"] == {"__typename": "RosterChanged", "duty": {"onDutyNow": True}}
    await declare(api, breathless())
    ((to, text),) = await texts(place, 1)
    assert to == NURSE
    assert text.startswith("BAO DONG DO tai Phuong Ben Nghe: tra loi truoc 10:0")
    assert "https://kb.example/a/" in text
    administrator = api.acting(await sign_in(api, "administrator"))
    to_later = {"input": {"to": (MOMENT + timedelta(minutes=8)).isoformat()}}
    assert (await administrator.data(MOVE, to_later))["moveClock"]["__typename"] == "ClockMoved"
    _, (to, text) = await texts(place, 2)
    assert (to, "tra loi ngay" in text) == (DOCTOR, True)

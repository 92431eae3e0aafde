"""Too much of one, over the wire: refused with the seconds to wait, while everybody else goes on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from tests.acceptance.client import Api
from tests.acceptance.conftest import PASSWORD, Place, execute, serving, sign_in
from tests.acceptance.declaring import household

LIMITS = {
    "KHAIBAO_TRUSTED_PROXIES": "127.0.0.1",
    "KHAIBAO_LIMITS": "declare_by_phone=3 per 1 hour, sign_in_by_name_and_address=2 per 1 hour,"
    "declare_by_address=400 per 1 hour, receipt_by_address=2 per 1 hour, watch_by_account=2 per 1 hour,"
    "watch_by_address=4 per 1 hour, code_by_address=2 per 1 hour",
}
CARRIER, HOME, OFFICE = "203.0.113.7", "198.51.100.1", "198.51.100.2"
DECLARE = """mutation ($input: DeclareInput!) { declare(input: $input) {
  __typename ... on Receipt { code } ... on TooManyRequests { code message retryAfter } } }"""
SIGN_IN = """mutation ($input: SignInInput!) { signIn(input: $input) {
  __typename ... on TooManyRequests { code retryAfter } } }"""
REQUEST = """mutation ($input: RequestVerificationInput!) { requestVerification(input: $input) {
  __typename ... on TooManyRequests { retryAfter } } }"""
WATCH = "subscription ($after: String) { alerts(after: $after) { cursor } }"


@pytest.fixture(scope="module")
async def strict(place: Place) -> AsyncIterator[Api]:
    """A server behind a proxy on this machine, with bounds that a test can reach. Two processes, so they share them."""
    async with serving(replace(place, more=LIMITS), workers=2) as url, aiohttp.ClientSession() as session:
        yield Api(url, session)


async def declared(api: Api, phone: str, address: str = CARRIER) -> dict[str, str]:
    """What a declare from that phone answers."""
    contact = {"phone": phone, "declaredBy": "Trần Văn Chủ"}
    data = await api.data(DECLARE, {"input": household(contact=contact)}, x_forwarded_for=f"1.2.3.4, {address}")
    found: dict[str, str] = data["declare"]
    return found


async def test_a_carrier_s_many_pass_and_one_phone_waits_its_seconds_and_goes_on(strict: Api, place: Place) -> None:
    many = await asyncio.gather(*(declared(strict, f"09810000{number:02}") for number in range(60)))
    assert [one["__typename"] for one in many] == ["Receipt"] * 60
    one = await asyncio.gather(*(declared(strict, "0981000099") for _ in range(6)))
    kinds = [answer["__typename"] for answer in one]
    assert (kinds.count("Receipt"), kinds.count("TooManyRequests")) == (3, 3)
    refused = next(answer for answer in one if answer["__typename"] == "TooManyRequests")
    assert 1 <= int(refused["retryAfter"]) <= 3600
    assert (refused["code"], refused["message"]) == ("TOO_MANY_REQUESTS", "Quá nhiều lần thử. Hãy thử lại sau.")
    # From another address it is the same phone.
    assert (await declared(strict, "0981000099", HOME))["__typename"] == "TooManyRequests"
    # The window runs out: its end is a moment of the database, which both processes ask.
    await execute(place.urls, "UPDATE rate_limit SET expires_at = clock_timestamp() - interval '1 second'")
    assert (await declared(strict, "0981000099"))["__typename"] == "Receipt"


async def test_whoever_guesses_a_password_is_stopped_where_they_are(strict: Api) -> None:
    async def ends(password: str, address: str) -> str:
        data = await strict.data(
            SIGN_IN, {"input": {"username": "neighbour", "password": password}}, x_forwarded_for=address
        )
        kind: str = data["signIn"]["__typename"]
        return kind

    guesses = [await ends("wrong", HOME) for _ in range(4)]
    assert guesses == ["InvalidCredentials"] * 2 + ["TooManyRequests"] * 2
    assert await ends(PASSWORD, HOME) == "TooManyRequests"
    assert await ends(PASSWORD, OFFICE) == "Session"


async def test_no_address_stands_in_the_log(strict: Api, place: Place) -> None:
    await declared(strict, "0981000055", HOME)
    async with strict.raw_socket():
        pass
    log = b"".join(file.read_bytes() for file in place.folder.glob("server-*.log"))
    assert b'"started"' in log
    # Where the server itself is to be found is said with its own port; and of a proxy that nobody trusts, which other
    # tests' servers have met, whose logs are here too, it is said who it is.
    named = (b"serving at ", b'"event":"proxy_not_trusted"')
    lines = [line for line in log.splitlines() if not any(one in line for one in named)]
    assert [line for line in lines for one in (HOME, CARRIER, "127.0.0.1") if one.encode() in line] == []


async def test_what_a_client_writes_into_the_header_itself_changes_nothing(strict: Api) -> None:
    async def asked(number: int, forged: str) -> str:
        data = await strict.data(
            REQUEST, {"input": {"phone": f"098200000{number}"}}, x_forwarded_for=f"{forged}, 198.51.100.77"
        )
        kind: str = data["requestVerification"]["__typename"]
        return kind

    kinds = [await asked(number, f"192.0.2.{number}") for number in range(4)]
    assert kinds == ["VerificationSent"] * 2 + ["TooManyRequests"] * 2


async def test_a_query_that_is_too_much_is_a_429_with_the_seconds(strict: Api) -> None:
    query = '{ receipt(code: "34679-ACDEF") { code } }'
    replies = [await strict.ask(query, x_forwarded_for=HOME) for _ in range(3)]
    assert [reply.code for reply in replies] == ["NOT_FOUND", "NOT_FOUND", "RATE_LIMITED"]
    assert replies[-1].status == 429
    wait = replies[-1].json["errors"][0]["extensions"]["retryAfter"]
    assert replies[-1].headers["Retry-After"] == str(wait)
    assert 3500 <= wait <= 3600


async def test_openings_are_counted_on_a_socket_and_over_events_alike(strict: Api) -> None:
    station = strict.acting(await sign_in(strict, "station"))
    async with station.socket() as socket:
        ends = []
        for id in ("1", "2", "3"):
            # A cursor that nobody was given ends each of them at once.
            await socket.subscribe(id, WATCH, {"after": "nonsense"})
            ends.append(await socket.error(id))
    assert ends == ["INVALID_CURSOR", "INVALID_CURSOR", "RATE_LIMITED"]
    async with station.events(WATCH, {"after": "nonsense"}) as events:
        payload = await anext(events)
    assert payload["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert payload["errors"][0]["extensions"]["retryAfter"] > 3000

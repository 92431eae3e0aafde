"""What Prometheus reads of a real server, who may read it, and that dashboard and rules ask for nothing else."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from tests.acceptance.client import PATIENCE, Api, Socket
from tests.acceptance.conftest import ROOT, Place, free_port, serving, sign_in
from tests.acceptance.declaring import DECLARE, breathless, declare, household, person
from tests.acceptance.scrape import Scrape, scrape

WATCH = "subscription ($after: String) { alerts(after: $after) { cursor alert { id } } }"
DASHBOARD = ROOT / "docs" / "grafana" / "khaibao.json"
RULES = ROOT / "docs" / "prometheus" / "rules.yaml"
TOKEN = "a-token-of-the-scraper-s-own"
METRIC = re.compile(r"\b(?:khaibao|process)_[a-z_]+\b")


async def until(api: Api, holds: Callable[[Scrape], bool]) -> Scrape:
    """The first scrape of which it holds: figures of the installation are a few seconds old."""
    async with asyncio.timeout(PATIENCE):
        while not holds(found := await scrape(api)):  # noqa: ASYNC110 - a page has no event that tells of it
            await asyncio.sleep(0.1)
        return found


async def listen(api: Api, socket: Socket) -> None:
    """Follows alerts and comes back when the server listens for it: what happens before is not delivered."""

    def of_alerts(now: Scrape) -> float:
        return now.sum("khaibao_subscribers", of="alerts")

    # Another test's socket may still be closing, and must not be taken for this one.
    await until(api, lambda now: of_alerts(now) == 0)
    await socket.subscribe("1", WATCH)
    await until(api, lambda now: of_alerts(now) > 0)


async def test_what_is_declared_raised_and_delivered_is_in_the_figures(api: Api, station: Api) -> None:
    before = await scrape(api)
    async with station.socket() as socket:
        await listen(api, socket)
        await declare(api, breathless(), person())
        await socket.next("1")
        after = await until(
            api,
            lambda now: (
                now.sum("khaibao_commit_to_socket_seconds_count") > before.sum("khaibao_commit_to_socket_seconds_count")
                and now.sum("khaibao_ever_declared") > before.sum("khaibao_ever_declared")
            ),
        )
    assert after.sum("khaibao_declarations_total") == before.sum("khaibao_declarations_total") + 2
    # At every level and in every state: those of other tests may climb meanwhile, and none of them ends.
    assert after.sum("khaibao_alerts_open", danger="RED") > before.sum("khaibao_alerts_open", danger="RED")
    assert after.sum("khaibao_alerts_open", danger="RED", level="station", state="RAISED") > 0
    done = {"kind": "mutation", "field": "declare", "outcome": "answered"}
    assert after.sum("khaibao_operations_total", **done) == before.sum("khaibao_operations_total", **done) + 1
    assert after.sum("khaibao_operation_seconds_count", field="declare") > 0
    # Since this test began: others let a delivery wait for a server that was stopped. None at all is possible, for the
    # server's clock follows the database's only once a second.
    seconds, deliveries = (f"khaibao_commit_to_socket_seconds_{part}" for part in ("sum", "count"))
    delivered = after.sum(deliveries) - before.sum(deliveries)
    assert 0 <= after.sum(seconds) - before.sum(seconds) < 10 * delivered
    assert after.sum("khaibao_ready") == 1
    assert after.sum("khaibao_figures_read") == 1
    assert after.sum("khaibao_pool_most", login="service") == 16


async def test_what_is_read_again_from_the_log_is_not_taken_for_a_slow_delivery(api: Api, station: Api) -> None:
    async with station.socket() as socket:
        await listen(api, socket)
        await declare(api, breathless())
        cursor = (await socket.next("1"))["alerts"]["cursor"]
        await declare(api, breathless())
        await socket.next("1")
    before = await scrape(api)
    async with station.socket() as socket:
        await socket.subscribe("1", WATCH, {"after": cursor})
        await socket.next("1")
    after = await scrape(api)
    name = "khaibao_commit_to_socket_seconds_count"
    assert after.sum(name) == before.sum(name)


async def test_refusals_are_counted_by_what_the_caller_was_told(api: Api) -> None:
    before = await scrape(api)
    await api.ask("{ alerts { cursor } }")
    await api.ask("{ nothingOfThatName }")
    await api.ask(DECLARE, {"input": household(person(birthDate="2090-01-01"))})
    after = await scrape(api)

    def more(**labels: str) -> float:
        name = "khaibao_refusals_total" if "code" in labels else "khaibao_operations_total"
        return after.sum(name, **labels) - before.sum(name, **labels)

    assert (more(code="UNAUTHENTICATED"), more(code="BAD_REQUEST"), more(code="INVALID_INPUT")) == (1, 1, 1)
    assert more(field="alerts", outcome="refused") == 1
    assert more(field="declare", outcome="refused") == 1
    # What a stranger writes is no label: there would be no end of them.
    assert more(field="invalid", kind="invalid") == 1
    assert "nothingOfThatName" not in after.text


async def test_no_label_is_of_a_person_or_without_end(api: Api, station: Api) -> None:
    # A refusal as well: what refusals are counted by is a label, too.
    await api.ask("{ nothingOfThatName }")
    await declare(api, breathless(fullName="Nguyễn Thị Khôngđượcthấy", nationalId="079300012345"))
    found = await scrape(api)
    assert found.labels("process") == {"0"}
    assert {name for _, has in found.values for name, _ in has} == {
        *("code", "danger", "disease", "field", "gateway", "kind", "lane", "le", "level", "login", "of", "outcome"),
        *("priority", "process", "reason", "state", "what", "where"),
    }
    assert found.labels("level") == {"station", "medical_centre", "city"}
    assert found.labels("danger") == {"RED", "AMBER", "HIGH_RISK", "OTHER"}
    # Without the figures themselves, in whose digits anything may stand.
    said = "\n".join(line.rpartition(" ")[0] for line in found.text.splitlines())
    for trace in ("Khôngđượcthấy", "079300012345", "0912", "912345678", "26740", "station-"):
        assert trace not in said


@pytest.fixture(scope="module")
async def guarded(place: Place) -> AsyncIterator[Api]:
    """A server whose figures are for a token."""
    async with serving(place, KHAIBAO_METRICS_TOKEN=TOKEN) as url, aiohttp.ClientSession() as session:
        yield Api(url, session)


@pytest.mark.parametrize("authorization", ["", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer ", TOKEN])
async def test_without_the_token_the_public_reads_nothing(guarded: Api, authorization: str) -> None:
    reply = await guarded.get("/metrics", **({"authorization": authorization} if authorization else {}))
    assert reply.status == 401
    assert b"khaibao_" not in reply.body


async def test_with_the_token_the_figures_are_shown(guarded: Api) -> None:
    assert "khaibao_ready" in (await scrape(guarded, authorization=f"Bearer {TOKEN}")).names


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "via", "x_real_ip"])
async def test_without_a_token_nobody_reads_them_through_a_proxy_of_this_machine(api: Api, header: str) -> None:
    reply = await api.get("/metrics", **{header: "203.0.113.9"})
    assert reply.status == 403
    assert b"khaibao_" not in reply.body


async def test_each_of_two_workers_has_a_port_and_a_name_of_its_own(place: Place) -> None:
    first = free_port()
    async with serving(place, 2, KHAIBAO_METRICS_PORT=str(first)) as url, aiohttp.ClientSession() as session:
        shared = Api(url, session)
        assert (await shared.get("/metrics")).status == 404
        workers = [Api(f"http://127.0.0.1:{first + number}", session) for number in range(2)]
        async with asyncio.timeout(PATIENCE):
            for worker in workers:
                while not await _listens(worker):  # noqa: ASYNC110 - the port opens a moment after the API's
                    await asyncio.sleep(0.05)
        for _ in range(10):
            await declare(shared, person())
        pages = [await scrape(worker) for worker in workers]
    assert [page.labels("process") for page in pages] == [{"0"}, {"1"}]
    assert sum(page.sum("khaibao_declarations_total") for page in pages) == 10
    # What is of the installation is the same in both.
    assert pages[0].sum("khaibao_ever_declared") <= pages[1].sum("khaibao_ever_declared")


async def _listens(worker: Api) -> bool:
    try:
        return (await worker.get("/health/live")).status == 200
    except aiohttp.ClientConnectionError:
        return False


def asked_for(text: str) -> set[str]:
    """The names of the series that a file asks for."""
    return set(METRIC.findall(text))


@pytest.fixture(scope="module")
async def everything(api: Api, station: Api) -> Scrape:
    """A scrape after everything that has figures has happened at least once."""
    await sign_in(api, "station")
    async with station.socket() as socket:
        after = (await station.data("{ alerts(first: 1) { cursor } }"))["alerts"]["cursor"]
        await socket.subscribe("1", WATCH, {"after": after})
        await declare(api, breathless())
        await socket.next("1")
    await api.ask("{ alerts { cursor } }")
    return await scrape(api)


@pytest.mark.parametrize("path", [DASHBOARD, RULES], ids=lambda path: path.name)
def test_dashboard_and_rules_ask_for_what_a_server_shows(path: Path, everything: Scrape) -> None:
    wanted = asked_for(path.read_text(encoding="utf-8"))
    assert wanted
    assert wanted - everything.names == set()


def test_the_dashboard_is_one_that_grafana_reads() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert all(target["expr"] for panel in panels for target in panel["targets"])
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_each_of_the_three_rules_says_what_to_do() -> None:
    text = RULES.read_text(encoding="utf-8")
    assert len(re.findall(r"(?m)^\s+- alert: ", text)) == 3
    assert len(re.findall(r"(?m)^\s+runbook: \S", text)) == 3

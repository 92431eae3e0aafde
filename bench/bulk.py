"""Three hundred at once: how long a station waits for a morning's work, and for the worklist itself."""

import time
from typing import Any

from bench.declaring import bodies
from bench.demo_server import DemoServer, demo_server
from bench.rounds import Figure, figure
from bench.sizes import ask, asker, prepare
from simulation.client import Client
from simulation.made_up_address import made_up_address
from simulation.staff import DEPARTMENT, sign_in
from simulation.tree import read_tree

AT_ONCE = 300
_STATION = "station-26740"
_WARD = "26740"
_ITEM = "kind kinds why toDo since dueAt overdue case { id state ageBand openedAt area { name } } alert { id }"
_LISTS = {
    "worklist_of_a_station": _STATION,
    "worklist_of_a_centre": "centre-769",
    "worklist_of_the_city": DEPARTMENT,
}
_LIST = f"{{ worklist(first: 50) {{ nodes {{ {_ITEM} }} pageInfo {{ endCursor hasNextPage }} }} }}"
_SECOND_KIND = f"{{ worklist(first: 50, kinds: [DECLARATION_TO_CONFIRM]) {{ nodes {{ {_ITEM} }} }} }}"
_NEW = """
query ($after: String) { declarations(states: [SUBMITTED], first: 100, after: $after) {
  nodes { id version submittedAt case { id version alerts { id state } } } pageInfo { endCursor hasNextPage } } }
"""
_BULK = {
    "acknowledge_alerts": (
        "mutation ($input: AcknowledgeAlertsInput!) { done: acknowledgeAlerts(input: $input) { __typename "
        "... on AlertsAcknowledged { results { __typename ... on AlertAcknowledged { alert { id state } } } } } }"
    ),
    "accept_declarations": (
        "mutation ($input: AcceptDeclarationsInput!) { done: acceptDeclarations(input: $input) { __typename "
        "... on DeclarationsAccepted { results { __typename "
        "... on DeclarationChanged { declaration { id state } } } } } }"
    ),
    "confirm_cases": (
        "mutation ($input: ConfirmCasesInput!) { done: confirmCases(input: $input) { __typename "
        "... on CasesConfirmed { results { __typename ... on CaseConfirmed { case { id state version } } } } } }"
    ),
    "sign_certificates": (
        "mutation ($input: SignCertificatesInput!) { done: signCertificates(input: $input) { __typename "
        "... on CertificatesSigned { results { __typename ... on CertificateChanged { certificate { id code } } } } } }"
    ),
}
_RELEASE = """
mutation ($input: ReleaseCaseInput!) { releaseCase(input: $input) { __typename
  ... on CaseReleased { case { certificates { id version } } } } }
"""
# Two weeks later, and what the station was called for is done.
_LATER = "UPDATE illness_case SET test_on = test_on - 14 WHERE test_on IS NOT NULL AND closed_at IS NULL"
_DONE = "UPDATE alert SET state = 'RESOLVED' WHERE state = 'ACKNOWLEDGED'"


async def measure_bulk(port: int, *, cases: int, rounds: int, asks: int = 10) -> dict[str, Any]:
    """Seconds for each bulk action on 300 people who have just declared in one ward, beside a past of so many cases.

    And milliseconds for the first page of a station's, a district's and the city's worklist, and for a page of one
    kind, before which all that is open has to be gathered. A refusal is an error.
    """
    async with demo_server(port) as server:
        await prepare(server, cases)
        found: dict[str, Any] = {"postgresql": await server.version(), "cases": cases, "at_once": AT_ONCE}
        taken: dict[str, list[float]] = {name: [] for name in _BULK}
        for number in range(rounds):
            declared = await _declared(server, number)
            for name, seconds in (await _handled(server, declared)).items():
                taken[name].append(seconds)
        for name, values in taken.items():
            found[f"seconds_to_{name}"] = figure(values).record()
        for name, account in _LISTS.items():
            found[f"ms_for_{name}"] = (await _asked(server, account, _LIST, rounds, asks)).record()
            found[f"ms_for_{name}_of_one_kind"] = (await _asked(server, account, _SECOND_KIND, rounds, asks)).record()
        return found


async def _asked(server: DemoServer, account: str, document: str, rounds: int, asks: int) -> Figure:
    client, body, token = await asker(server, account, document)
    await ask(client, body, token, asks)
    times = [await ask(client, body, token, asks) for _ in range(rounds)]
    client.close()
    return figure(times)


async def _declared(server: DemoServer, number: int) -> list[dict[str, Any]]:
    """At least 300 people declare with a severe sign each; their declarations, with cases and alerts."""
    token = (await sign_in(server.endpoint, [_STATION], server.password))[_STATION]
    client = Client(server.endpoint)
    wards = [ward for ward in (await read_tree(client, token)).wards if ward.code == _WARD]
    before = {one["id"] for one in await _waiting(client, token)}
    for _, phone, body in bodies(1000 + number, AT_ONCE, wards, alone=False, symptoms=("fatigue",)):
        answer = (await client.send(body, address=made_up_address(phone)))["declare"]
        if answer["__typename"] != "Receipt":
            raise RuntimeError(f"refused: {answer}")
    new = [one for one in await _waiting(client, token) if one["id"] not in before]
    client.close()
    if len(new) < AT_ONCE:
        raise RuntimeError(f"{len(new)} of {AT_ONCE} were declared")
    return new[:AT_ONCE]


async def _released(
    server: DemoServer, client: Client, token: str, confirmed: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Ends the isolation of all of them, one after the other; the certificates that wait."""
    owner = await server.connect()
    try:
        await owner.execute(_LATER)
        await owner.execute(_DONE)
    finally:
        await owner.close()
    found = []
    for case in confirmed:
        answer = (await client.call(_RELEASE, {"input": {"id": case["id"]}}, token))["releaseCase"]
        if answer["__typename"] != "CaseReleased":
            raise RuntimeError(f"not released: {answer}")
        found.append(answer["case"]["certificates"][0])
    return found


async def _waiting(client: Client, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = (await client.call(_NEW, {"after": after}, token))["declarations"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def _handled(server: DemoServer, declared: list[dict[str, Any]]) -> dict[str, float]:
    """How long each action takes on all of them, one after the other."""
    token = (await sign_in(server.endpoint, [_STATION], server.password))[_STATION]
    client = Client(server.endpoint)
    open_alerts = [one["case"]["alerts"][0]["id"] for one in declared]
    inputs: dict[str, dict[str, Any]] = {
        "acknowledge_alerts": {"alerts": open_alerts},
        "accept_declarations": {"declarations": [{"id": one["id"], "version": one["version"]} for one in declared]},
        "confirm_cases": {"cases": [{"id": one["case"]["id"], "version": one["case"]["version"]} for one in declared]},
    }
    seconds = {}
    for name, document in _BULK.items():
        if name == "sign_certificates":
            inputs[name] = {"certificates": await _released(server, client, token, inputs["confirm_cases"]["cases"])}
        begun = time.perf_counter()
        answer = (await client.call(document, {"input": inputs[name]}, token))["done"]
        seconds[name] = time.perf_counter() - begun
        refused = [one for one in answer.get("results", [answer]) if one["__typename"] in ("Conflict", "NotFound")]
        if refused or len(answer.get("results", ())) != AT_ONCE:
            raise RuntimeError(f"{name}: {len(refused)} refused, {answer['__typename']}")
    client.close()
    return seconds

"""Admission as a whole: what counts as urgent, and what a place is worth, without a database."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter
from uuid import uuid4

import pytest

from access.keys import KeyRing, new_key
from access.origin import Origins
from access.passwords import Passwords
from access.policy import Action
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer
from access.signing import new_pair
from access.tokens import RESIDENT
from alerts.hub import Hub
from clock import Clock
from graph.admission import Admission
from graph.admission_bounds import AdmissionBounds
from graph.admission_lane import Lane
from graph.limits import Limits
from graph.overloaded import Overloaded
from graph.request import GraphQLRequest
from models.database import service_connection
from services.protocols import Protocols
from services.runtime import Runtime
from triage.condition import Facts
from triage.facts import facts_of
from triage.protocol import bundled
from triage.report import Report

ACTIONS = {
    "Mutation.declare": Action.DECLARE,
    "Mutation.check_in": Action.CHECK_IN,
    "Mutation.acknowledge_alert": Action.ACKNOWLEDGE_ALERT,
    "Query.areas": Action.SEE_AREAS,
}
DECLARE = "mutation D($x: DeclareInput!) { declare(input: $x) { __typename } }"
PROTOCOL = "covid19-hcmc-2022-03-17"


@pytest.fixture
def runtime() -> Runtime:
    ring = KeyRing([new_key()])
    hashes, clock = Pseudonymiser(ring), Clock()
    return Runtime(
        clock=clock,
        hub=Hub("memory://", service_connection, clock.now),
        sealer=Sealer(ring),
        pseudonymiser=hashes,
        passwords=Passwords(cheap=True),
        protocols=Protocols(bundled(), PROTOCOL),
        origins=Origins(hashes.origin),
    )


@pytest.fixture
def admission(runtime: Runtime) -> Admission:
    bounds = AdmissionBounds(wait_seconds=0.05, least=4, most=4, waiting=1)
    return Admission(Limits(admission=bounds), runtime, ACTIONS)


def red_symptom(runtime: Runtime) -> str:
    protocol = runtime.protocols.version(PROTOCOL)
    for word in protocol.symptoms:
        if any(one.when.truth(facts(word.code)) for one in protocol.red_criteria):
            return word.code
    raise AssertionError("no symptom is red by itself")


def facts(symptom: str) -> Facts:
    return facts_of(Report(symptoms=(symptom,)), date(2022, 3, 18))


def declaring(key: str = "key-1", *symptoms: str, place: str | None = None, **more: object) -> GraphQLRequest:
    sent = {"idempotencyKey": key, "people": [{"symptoms": list(symptoms), "sex": "MALE"}], **more}
    extensions = {"place": place} if place else None
    return GraphQLRequest(DECLARE, {"x": sent}, extensions=extensions)


def lane(admission: Admission, request: GraphQLRequest, *, staff: bool = False) -> Lane:
    asked = admission._documents.asked(request.query, request.operation_name, trusted=staff)
    return admission._lane(asked, request, staff=staff, origin=lambda: None)[0]


async def filled(admission: Admission) -> None:
    """Takes all places of those who declare, and keeps somebody waiting."""
    for _ in range(20):
        if not admission.queue._free(Lane.DECLARE):
            break
        await admission.enter(declaring(), staff=False, origin=None)
    admission.queue._paces[Lane.DECLARE].seconds = 0.01


async def refused(admission: Admission, request: GraphQLRequest) -> Overloaded:
    with pytest.raises(Overloaded) as found:
        await admission.enter(request, staff=False, origin=None)
    return found.value


def test_red_signs_are_seen_in_what_is_reported_and_not_in_what_is_claimed(
    admission: Admission, runtime: Runtime
) -> None:
    red = red_symptom(runtime)
    assert lane(admission, declaring("k", red)) is Lane.RED
    assert lane(admission, declaring("k", urgent=True, danger="RED", severe=True)) is Lane.DECLARE
    written = GraphQLRequest(
        f'mutation {{ declare(input: {{idempotencyKey: "k", people: [{{symptoms: ["{red}"]}}]}}) {{ __typename }} }}'
    )
    assert lane(admission, written) is Lane.RED
    worse = GraphQLRequest(
        "mutation C($x: CheckInInput!) { checkIn(input: $x) { __typename } }",
        {"x": {"idempotencyKey": "k", "symptoms": [red]}},
    )
    assert lane(admission, worse) is Lane.RED


def test_nothing_is_brought_forward_by_what_it_is_sent_with(admission: Admission, runtime: Runtime) -> None:
    both = GraphQLRequest(
        "mutation D($x: DeclareInput!) { a: declare(input: $x) { __typename } b: declare(input: $x) { __typename } }",
        declaring("k", red_symptom(runtime)).variables,
    )
    assert lane(admission, both) is Lane.DECLARE
    mixed = GraphQLRequest("mutation { acknowledgeAlert(input: $x) { __typename } signOut { __typename } }")
    assert lane(admission, mixed, staff=True) is Lane.STAFF


@pytest.mark.parametrize("sent", [None, 1, [], {}, {"people": 1}, {"idempotencyKey": "k", "people": [None, 1, []]}])
def test_odd_input_is_an_ordinary_declaration(admission: Admission, sent: object) -> None:
    assert lane(admission, GraphQLRequest(DECLARE, {"x": sent})) is Lane.DECLARE


def test_the_look_at_a_household_of_ten_is_short(admission: Admission) -> None:
    person = {"symptoms": ["fever", "cough"], "conditions": [], "birthYear": 1960, "vitals": {"spo2": 97, "pulse": 80}}
    request = GraphQLRequest(DECLARE, {"x": {"idempotencyKey": "k", "people": [person] * 10}})
    took = []
    for _ in range(300):
        begun = perf_counter()
        lane(admission, request)
        took.append(perf_counter() - begun)
    # A hundred millionths are wanted; the median of a busy machine is allowed five times as much.
    assert median(took) < 0.000_5


async def test_a_refusal_says_when_and_gives_a_place_that_is_used_once(admission: Admission) -> None:
    await filled(admission)
    told = await refused(admission, declaring("mine"))
    assert told.retry_after >= 1
    assert told.place is not None
    # At once it is worth nothing, and is not used up.
    again = await refused(admission, declaring("mine", place=told.place))
    assert again.place is not None
    runtime = admission._runtime
    runtime.clock.follow(runtime.clock.unmoved() + timedelta(seconds=60), timedelta())
    before = runtime.meters
    await refused(admission, declaring("mine", place=told.place))
    await refused(admission, declaring("mine", place=told.place))
    await refused(admission, declaring("another", place=again.place))
    counted = {
        sample.labels["outcome"]: sample.value
        for family in before.collect()
        for sample in family.samples
        if sample.name == "khaibao_admission_total" and sample.labels["lane"] == "declare"
    }
    assert counted["returned"] == 1
    assert counted["refused"] == 5


async def test_a_new_slip_keeps_the_moment_of_the_first_coming(admission: Admission) -> None:
    await filled(admission)
    first = await refused(admission, declaring("mine"))
    clock = admission._runtime.clock
    came = clock.unmoved().timestamp()
    clock.follow(clock.unmoved() + timedelta(seconds=30), timedelta())
    second = await refused(admission, declaring("mine", place=first.place))
    place = admission._places.read(second.place or "", "key mine", clock.unmoved().timestamp())
    assert abs(place.first - came) < 1


async def never() -> str:
    await asyncio.Event().wait()
    return "never"


async def test_a_query_that_takes_too_long_while_others_are_refused_is_told_when_to_come_back(runtime: Runtime) -> None:
    bounds = AdmissionBounds(wait_seconds=0.05, least=4, most=4, waiting=1, told_seconds=0.01)
    admission = Admission(Limits(admission=bounds), runtime, ACTIONS)
    await filled(admission)
    await refused(admission, declaring("mine"))
    query = GraphQLRequest("{ areas { id } }")
    with pytest.raises(Overloaded) as told, await admission.enter(query, staff=True, origin="somewhere") as seat:
        await seat.within(never())
    assert told.value.retry_after >= 1
    assert told.value.place is not None
    assert admission.queue.working[Lane.STAFF] == 0


async def test_a_query_that_came_before_the_storm_is_caught_in_it(runtime: Runtime) -> None:
    bounds = AdmissionBounds(told_seconds=0.01)
    admission = Admission(Limits(admission=bounds), runtime, ACTIONS)
    with await admission.enter(GraphQLRequest("{ areas { id } }"), staff=True, origin=None) as seat:
        waiting = asyncio.create_task(seat.within(never()))
        # In calm its time is over several times, and nothing happens.
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
        admission.queue._crowd()
        with pytest.raises(Overloaded):
            await waiting


async def test_what_changes_something_is_never_given_up(runtime: Runtime) -> None:
    bounds = AdmissionBounds(told_seconds=0.01)
    admission = Admission(Limits(admission=bounds), runtime, ACTIONS)
    admission.queue._crowd()
    with await admission.enter(declaring("mine"), staff=False, origin=None) as seat:
        waiting = asyncio.create_task(seat.within(never()))
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
        waiting.cancel()


async def answered(answers: list[str]) -> AsyncGenerator[str, None]:
    for answer in answers:
        yield answer


async def forgotten() -> AsyncGenerator[str, None]:
    yield await never()


async def test_the_first_answer_of_a_stream_is_bounded_and_what_comes_in_time_passes(runtime: Runtime) -> None:
    admission = Admission(Limits(admission=AdmissionBounds(told_seconds=0.05)), runtime, ACTIONS)
    admission.queue._crowd()
    with await admission.enter(GraphQLRequest("{ areas { id } }"), staff=True, origin=None) as seat:
        assert [one async for one in seat.each(answered(["a", "b"]))] == ["a", "b"]
        assert [one async for one in seat.each(answered([]))] == []
        with pytest.raises(Overloaded):
            await anext(seat.each(forgotten()))


async def test_a_subscription_keeps_its_count_and_gives_its_place_back(runtime: Runtime) -> None:
    bounds = AdmissionBounds(subscriptions=1)
    admission = Admission(Limits(admission=bounds), runtime, ACTIONS)
    watching = GraphQLRequest("subscription { alerts { cursor } }")
    with await admission.enter(watching, staff=True, origin=None) as seat:
        with pytest.raises(Overloaded):
            await admission.enter(watching, staff=True, origin=None)
        seat.opened()
        assert admission.queue.working[Lane.STREAM] == 0
    assert admission.subscriptions == 0
    with await admission.enter(watching, staff=True, origin=None):
        pass


def test_only_a_token_of_an_account_is_one_of_the_staff(admission: Admission, runtime: Runtime) -> None:
    now = datetime.now(UTC)
    runtime.tokens.follow([new_pair(now - timedelta(days=1), now + timedelta(days=1))])
    staff = runtime.tokens.issue(uuid4(), str(uuid4())).token
    resident = runtime.tokens.issue(uuid4(), RESIDENT).token
    assert admission.is_staff(f"Bearer {staff}")
    assert admission.is_staff(f"bearer {staff}")
    for other in (None, "", "Bearer", f"Bearer {resident}", f"Bearer {staff}x", f"Basic {staff}"):
        assert not admission.is_staff(other)

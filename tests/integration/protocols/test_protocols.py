"""Protocols: listed, published once and never changed, and tried on what was declared."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from access.actor import ANONYMOUS
from commands.outcome import OPERATOR
from models.database import service_connection
from models.published_protocol import PublishedProtocol
from services.declare import declare
from services.list_protocols import list_protocols
from services.protocols import Protocols
from services.publish_protocol import VersionTaken, publish_protocol
from services.runtime import Runtime
from services.trial_protocol import trial_protocol
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, household, person, wards
from triage.protocol import ProtocolError, bundled, bundled_texts, load

LATER = next(text for text in bundled_texts() if 'version = "covid19-hcmc-2022-03-17"' in text)
NEXT = LATER.replace('version = "covid19-hcmc-2022-03-17"', 'version = "covid19-hcmc-2030"').replace(
    "valid_from = 2022-03-17", "valid_from = 2030-01-01"
)
ONLY_BREATHLESS = NEXT.replace('when.any_symptom = ["fatigue"]', 'when.any_symptom = ["loss_of_smell"]')


@pytest.fixture
async def publishing(runtime: Runtime) -> AsyncIterator[Runtime]:
    """A runtime whose published protocols are taken away again, as the other tests know none."""
    known, runtime.protocols = runtime.protocols, Protocols(bundled())
    yield runtime
    runtime.protocols = known
    await PublishedProtocol.all().using_db(service_connection()).delete()


async def test_the_protocols_that_come_along_are_listed_and_one_is_in_force(publishing: Runtime) -> None:
    listed = {one.version: one for one in await list_protocols(publishing)}
    assert listed["covid19-hcmc-2022-03-17"].in_force
    assert not listed["covid19-hcmc-2022-03-12"].in_force
    assert listed["covid19-hcmc-2022-03-17"].published_at is None


async def test_a_published_protocol_judges_from_its_first_day_on(publishing: Runtime) -> None:
    protocol, new = await publish_protocol(publishing, OPERATOR, NEXT)
    assert (protocol.version, new) == ("covid19-hcmc-2030", True)
    assert publishing.protocols.judging("covid19", date(2030, 1, 1)) is protocol
    before = publishing.protocols.judging("covid19", date(2029, 12, 31))
    assert before is not None
    assert before.version == "covid19-hcmc-2022-03-17"
    assert "covid19-hcmc-2030" in {one.version for one in await list_protocols(publishing)}


async def test_the_same_text_again_changes_nothing_and_another_is_refused(publishing: Runtime) -> None:
    await publish_protocol(publishing, OPERATOR, NEXT)
    assert (await publish_protocol(publishing, OPERATOR, NEXT))[1] is False
    assert (await publish_protocol(publishing, OPERATOR, LATER))[1] is False
    for text in (ONLY_BREATHLESS, LATER + "\n# another word\n"):
        with pytest.raises(VersionTaken, match="a version of its own"):
            await publish_protocol(publishing, OPERATOR, text)
    assert await PublishedProtocol.all().using_db(service_connection()).count() == 1


async def test_a_contradictory_file_is_not_published(publishing: Runtime) -> None:
    with pytest.raises(ProtocolError) as refused:
        await publish_protocol(publishing, OPERATOR, NEXT.replace("retention_days", "retention"))
    assert refused.value.findings
    assert await PublishedProtocol.all().using_db(service_connection()).count() == 0


async def test_a_trial_says_how_many_would_be_judged_otherwise_and_which_way(publishing: Runtime) -> None:
    [ward] = await wards(1)
    people = [person(report) for report in (HEALTHY, TIRED, TIRED, BREATHLESS, OLD_AND_ILL)]
    await declare(publishing, ANONYMOUS, household(*people, ward=ward))
    heard: list[tuple[int, int]] = []
    tried = await trial_protocol(
        publishing, OPERATOR, load(ONLY_BREATHLESS), 30, lambda done, total: heard.append((done, total))
    )
    assert (tried.total, tried.changed, tried.severe_lost, tried.severe_gained) == (5, 2, 2, 0)
    assert heard == [(5, 5)]


async def test_a_trial_leaves_out_what_is_older_than_it_was_asked_for(publishing: Runtime) -> None:
    [ward] = await wards(1)
    await declare(publishing, ANONYMOUS, household(ward=ward))
    publishing.clock.follow(publishing.clock.now(), timedelta(days=10))
    tried = await trial_protocol(publishing, OPERATOR, load(NEXT), 9, lambda done, total: None)
    assert tried.total == 0
    assert (await trial_protocol(publishing, OPERATOR, load(NEXT), 10, lambda done, total: None)).total == 1

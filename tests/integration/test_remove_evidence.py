"""A single photo is taken away: by whoever has sent it while it waits, by staff with a reason, and for good."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from access.actor import ANONYMOUS, Actor
from graph.global_id import global_id
from models.audit import Audit
from models.case_event import CaseEvent
from models.database import service_connection
from models.state import CaseEventKind, Role
from services.attach_evidence import Target, attach_evidence
from services.confirm import confirm
from services.declare import declare
from services.problem import InvalidInput, NotFound
from services.read_evidence import read_evidence
from services.remove_evidence import remove_evidence
from services.remove_objects import remove_objects
from services.runtime import Runtime
from services.upload_evidence import TicketUsed, upload_evidence
from storage.object_store import ObjectStore, StoreUnavailable, open_store
from tests.integration.graph.asking import Asking
from tests.integration.made import account, household, person, wards
from tests.integration.residents.resident import ID_CARD
from tests.integration.test_evidence import PHOTO, declared, resident, row, signed_in, ticket, uploaded
from tests.integration.test_stored_object import objects_of

REMOVE = """
mutation ($input: RemoveEvidenceInput!) { removeEvidence(input: $input) {
  __typename ... on EvidenceRemoved { evidenceId removedAt }
  ... on Conflict { reason state } ... on InvalidInput { fields { path code } } ... on Problem { code } } }
"""


@pytest.fixture
def runtime(runtime: Runtime, tmp_path: Path) -> Runtime:
    """The runtime with its objects in a folder."""
    return replace(runtime, objects=open_store(None, tmp_path / "objects"))


async def removed(runtime: Runtime, actor: Actor, id: object, **given: str) -> Any:
    """What the API answers."""
    asked = {"input": {"id": global_id("Evidence", str(id)), **given}}
    return (await Asking(runtime).data(actor, REMOVE, asked))["removeEvidence"]


async def lines() -> int:
    """How many lines of timelines say that a photo was taken away."""
    found = CaseEvent.filter(kind=CaseEventKind.EVIDENCE_REMOVED).using_db(service_connection())
    return await found.count()


async def test_a_resident_takes_away_what_they_have_sent_while_it_waits(runtime: Runtime, tmp_path: Path) -> None:
    mine = resident(runtime)
    upload = await ticket(runtime, mine)
    photo = (await upload_evidence(runtime, upload, PHOTO)).id
    await declared(runtime, mine, photo)
    answer = await removed(runtime, mine, photo)
    assert answer["__typename"] == "EvidenceRemoved"
    gone = await row(photo)
    assert (gone.data_key, gone.digest) == (None, None)
    assert gone.removed_at is not None
    assert await removed(runtime, mine, photo) == answer
    assert await lines() == 1
    shown = "{ myDeclarations { nodes { evidence { id } } } }"
    assert (await Asking(runtime).data(mine, shown))["myDeclarations"]["nodes"] == [{"evidence": []}]
    assert await remove_objects(runtime) == 1
    assert objects_of(tmp_path / "objects") == []
    assert (await row(photo)).object_key is None
    # The ticket it was uploaded with does not bring it back.
    with pytest.raises(TicketUsed):
        await upload_evidence(runtime, upload, PHOTO)


async def test_once_the_station_has_decided_it_is_the_station_s(runtime: Runtime) -> None:
    mine = resident(runtime)
    photo = await uploaded(runtime, mine)
    receipt, nurse = await declared(runtime, mine, photo)
    await confirm(runtime, nurse, receipt.people[0].case_id)
    answer = await removed(runtime, mine, photo)
    assert (answer["__typename"], answer["reason"], answer["state"]) == ("Conflict", "WRONG_STATE", "ACCEPTED")
    assert (await row(photo)).removed_at is None
    assert (await removed(runtime, nurse, photo, reason="Ảnh của người khác"))["__typename"] == "EvidenceRemoved"
    # What is gone is gone, whoever has taken it.
    assert (await removed(runtime, mine, photo))["__typename"] == "EvidenceRemoved"


async def test_staff_say_why_and_it_is_on_record(runtime: Runtime) -> None:
    photo = await uploaded(runtime)
    receipt, nurse = await declared(runtime, ANONYMOUS, photo)
    for reason in (None, "", "   "):
        with pytest.raises(InvalidInput):
            await remove_evidence(runtime, nurse, photo, reason)
    await remove_evidence(runtime, nurse, photo, "Ảnh của người khác")
    query = "query ($id: ID!) { case(id: $id) { evidence { id } timeline { nodes { kind why } } } }"
    case = (await Asking(runtime).data(nurse, query, {"id": global_id("Case", receipt.people[0].case_id)}))["case"]
    assert case["evidence"] == []
    told = [line["why"] for line in case["timeline"]["nodes"] if line["kind"] == "EVIDENCE_REMOVED"]
    assert told == ["Ảnh của người khác"]
    audited = await Audit.filter(action="remove_evidence").using_db(service_connection())
    assert [line.account_id for line in audited] == [nurse.account_id]


async def test_nobody_takes_away_what_is_not_theirs(runtime: Runtime) -> None:
    mine = resident(runtime)
    photo, loose = await uploaded(runtime, mine), await uploaded(runtime, mine)
    receipt, nurse = await declared(runtime, mine, photo)
    (own,) = await attach_evidence(
        runtime, nurse, Target(case_id=receipt.people[0].case_id), [await uploaded(runtime, nurse)]
    )
    _, elsewhere = await wards()
    outsiders = [
        await account(runtime, role, elsewhere) for role in (Role.STATION_STAFF, Role.COMMITTEE, Role.HOSPITAL)
    ]
    for actor in (ANONYMOUS, resident(runtime, "+84912345679"), *outsiders):
        with pytest.raises(NotFound):
            await remove_evidence(runtime, actor, photo, "a reason")
    # The station's own photo of the case, and one that nobody has named yet: it goes by itself within a day.
    for other in (own.id, loose):
        with pytest.raises(NotFound):
            await remove_evidence(runtime, mine, other)
    assert (await row(photo)).removed_at is None


async def test_a_picture_s_ticket_ends_with_it_though_the_store_is_away(runtime: Runtime, tmp_path: Path) -> None:
    class Away(ObjectStore):
        async def remove(self, name: str) -> None:
            raise StoreUnavailable

    photo = await uploaded(runtime)
    receipt, nurse = await declared(runtime, ANONYMOUS, photo)
    looking = await signed_in(runtime, nurse)
    shown = "query ($id: ID!) { case(id: $id) { evidence { url } } }"
    case = (await Asking(runtime).data(looking, shown, {"id": global_id("Case", receipt.people[0].case_id)}))["case"]
    looked = case["evidence"][0]["url"].rpartition("/")[2]
    assert await read_evidence(runtime, looked, None, "request")
    await remove_evidence(replace(runtime, objects=Away()), nurse, photo, "a reason")
    with pytest.raises(NotFound):
        await read_evidence(runtime, looked, None, "request")
    assert await remove_objects(replace(runtime, objects=Away())) == 0
    assert len(objects_of(tmp_path / "objects")) == 1
    assert await remove_objects(runtime) == 1


async def test_a_report_that_joined_another_s_case_looks_as_if_it_waited(runtime: Runtime) -> None:
    """Its sender is not to learn by a refusal that the case was confirmed before."""
    (ward, *_) = await wards()
    other = resident(runtime, "+84987654321")
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    first = household(person(national_id=ID_CARD), ward=ward, phone="0912345678")
    receipt = await declare(runtime, resident(runtime), first)
    await confirm(runtime, nurse, receipt.people[0].case_id)
    photo = await uploaded(runtime, other)
    joining = replace(person(national_id=ID_CARD), evidence=(photo,))
    again = await declare(runtime, other, household(joining, ward=ward, phone="0987654321"))
    assert again.people[0].case_id == receipt.people[0].case_id
    assert (await removed(runtime, other, photo))["__typename"] == "EvidenceRemoved"

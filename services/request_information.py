"""Asking for what is missing: the resident completes the same report, and is told so by text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.sealing import UnsealError
from access.trail import record
from access.visible import names
from models.database import staff_transaction
from models.declaration import Declaration
from models.state import CaseEventKind, DeclarationState, MessageKind, TransferState
from services.answer_reroute import answer_reroute
from services.change_case import note
from services.change_declaration import hold_version, locked_declaration, save_declaration, step
from services.count_change import CountChange, add_counts
from services.own_words import own_words
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from services.seen import Seen
from services.tell_resident import tell_declarer
from triage.fault import Fault


class AskedField(StrEnum):
    """What of a report a station can ask for."""

    FULL_NAME = "FULL_NAME"
    BIRTH = "BIRTH"
    SEX = "SEX"
    NATIONAL_ID = "NATIONAL_ID"
    RELATION = "RELATION"
    STREET = "STREET"
    TEST = "TEST"
    SYMPTOMS = "SYMPTOMS"
    ONSET = "ONSET"
    CONDITIONS = "CONDITIONS"
    VACCINE_DOSES = "VACCINE_DOSES"
    PREGNANCY = "PREGNANCY"
    VITALS = "VITALS"
    TEST_PHOTO = "TEST_PHOTO"
    IDENTITY_PHOTO = "IDENTITY_PHOTO"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a station has asked, since when, and until when it may be answered; None where no protocol says so."""

    fields: tuple[AskedField, ...]
    note: str | None
    at: datetime
    until: datetime | None


async def request_information(
    runtime: Runtime,
    actor: Actor,
    declaration_id: UUID,
    fields: Sequence[AskedField],
    said: str | None = None,
    version: int | None = None,
) -> Declaration:
    """Asks for these fields, with a word of the station's own; asking again takes the place of what was asked before.

    Raises InvalidInput where nothing is asked, Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.HANDLE_DECLARATION):
        raise NotFound
    words = own_words("note", said)
    wanted = list(dict.fromkeys(fields))
    if not wanted:
        raise InvalidInput((Fault(("fields",), "REQUIRED"),))
    async with staff_transaction(bounds_of(actor)) as connection:
        declaration, case = await locked_declaration(connection, actor, declaration_id)
        hold_version(declaration, version)
        now = runtime.clock.now()
        before = step(declaration, "REQUEST_INFORMATION", now)
        asked = {"fields": wanted, "note": words}
        declaration.asked = runtime.sealer.seal(place_of(declaration.id), asked)
        declaration.asked_at = now
        await save_declaration(connection, declaration, "asked", "asked_at")
        if before is DeclarationState.REROUTED:
            # Whoever asks has taken it: it is not sent back any more.
            await answer_reroute(connection, case.id, TransferState.ACCEPTED, actor.account_id, now)
        place = (declaration.area_id, declaration.area_no, declaration.disease, runtime.clock.day(now))
        await add_counts(connection, [CountChange(*place, acted_at=now)])
        kind = CaseEventKind.INFORMATION_REQUESTED
        await note(connection, runtime.sealer, actor, case, kind, now, subject=declaration.id, detail=asked)
        ids = [str(declaration.id)]
        await record(connection, actor, "request_information", now, ids, area_no=declaration.area_no)
        told = await tell_declarer(runtime, connection, declaration, MessageKind.NEEDS_INFO, now)
    if told:
        runtime.wake_relay()
    return declaration


def asked_of(runtime: Runtime, actor: Actor, declaration: Declaration, seen: Seen) -> Asked | None:
    """What the station has asked, for whoever may see the person; None where nothing was. A look of staff is noted."""
    if not declaration.asked or declaration.asked_at is None or not names(actor, declaration):
        return None
    try:
        found: dict[str, Any] = dict(runtime.sealer.open(place_of(declaration.id), declaration.asked))
    except UnsealError:
        return None
    if actor.kind != "RESIDENT":
        seen.person(declaration.case_id)
    protocol = runtime.protocols.judging(declaration.disease, runtime.clock.day(runtime.clock.now()))
    until = declaration.asked_at + protocol.answer_within if protocol else None
    words = found.get("note")
    return Asked(
        tuple(AskedField(one) for one in found["fields"]), str(words) if words else None, declaration.asked_at, until
    )


def place_of(declaration_id: UUID) -> str:
    """Where what was asked is sealed."""
    return f"asked:{declaration_id}"

"""Correcting: a station puts right who a case is, where it was taken down wrongly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from models.case import Case
from models.database import service_transaction
from models.person import PersonKey
from models.state import CaseEventKind
from services.change_case import advance, locked_case, note, save_case
from services.check_household import NAME_LENGTH, STREET_LENGTH, national_id_faults
from services.identity_field import IdentityField
from services.lock_persons import lock_persons_of
from services.merge_images import images, put
from services.person_key import person_keys
from services.phone import e164
from services.problem import InvalidInput, NotFound
from services.recognise import one_after_another
from services.runtime import Runtime
from services.text_faults import text_faults
from triage.age import age_band
from triage.fault import Fault
from triage.faults import birth_faults
from triage.report import Report

REASON_LENGTH = 500
_SEXES = ("female", "male", "other")

# What a key leads to already stays: that somebody else is known by it is for `duplicates` to say.
_ADD = """
INSERT INTO person_key (hash, person_id) SELECT u.hash, $2::uuid FROM unnest($1::text[]) AS u (hash)
ORDER BY u.hash ON CONFLICT (hash) DO NOTHING
"""
_REMOVE = "DELETE FROM person_key WHERE hash = ANY($1::text[]) AND person_id = $2"


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be put right; what is None stays as it is. An empty `national_id` takes it away."""

    reason: str
    name: str | None = None
    birth_date: date | None = None
    birth_year: int | None = None
    sex: str | None = None
    phone: str | None = None
    national_id: str | None = None
    street: str | None = None
    given: tuple[IdentityField, ...] = field(init=False)

    def __post_init__(self) -> None:
        said = {
            IdentityField.NAME: self.name,
            IdentityField.BIRTH: self.birth_date or self.birth_year,
            IdentityField.SEX: self.sex,
            IdentityField.PHONE: self.phone,
            IdentityField.NATIONAL_ID: self.national_id,
            IdentityField.STREET: self.street,
        }
        object.__setattr__(self, "given", tuple(name for name, value in said.items() if value is not None))


async def correct_person(
    runtime: Runtime, actor: Actor, case_id: UUID, correction: Correction, version: int | None = None
) -> Case:
    """The case with who it is put right. What it said before is kept, sealed, in its timeline.

    The person is known by what is right from now on, and by a wrong national id no longer: it may be somebody else's.
    By the name and birth that were first reported the person is still known, for so may the next report be written.
    What was declared stays as it was declared, and so does what triage concluded of it.

    Saying what is there already changes nothing. Raises InvalidInput, Conflict (WRONG_STATE, STALE_VERSION), NotFound.
    """
    if not may(actor, Action.CORRECT_PERSON):
        raise NotFound
    phone = e164(correction.phone, runtime.phone_region) if correction.phone is not None else None
    if faults := tuple(_faults(correction, phone, runtime.clock.day())):
        raise InvalidInput(faults)
    # The service's login: what leads to a person is in nobody's range. The case comes through `visible`.
    async with service_transaction() as connection:
        seen = await visible(actor, Case, connection).filter(id=case_id).first()
        if seen is None or not seen.identity:
            raise NotFound
        await lock_persons_of(connection, [seen.person_id])
        case = await locked_case(connection, actor, case_id, version)
        identity = runtime.sealer.open(f"case:{case.id}", case.identity)
        before = images(identity, case, correction.given)
        wanted = _wanted(runtime, correction, phone, case)
        changed = {name: image for name, image in wanted.items() if image != before[name]}
        if not changed:
            return case
        now = runtime.clock.now()
        advance(case, "CORRECT", now)
        right = dict(identity)
        put(runtime, right, case, changed)
        case.identity = runtime.sealer.seal(f"case:{case.id}", right)
        await save_case(connection, case, "identity", "phone_hash", "sex", "age_band")
        await _known_by(runtime, connection, case, identity, right)
        detail = {"reason": correction.reason, "before": {name: before[name] for name in changed}, "after": changed}
        await note(connection, runtime.sealer, actor, case, CaseEventKind.CORRECTED, now, detail=detail)
        await record(
            connection,
            actor,
            "correct_person",
            now,
            [str(case.id)],
            area_no=case.area_no,
            detail={"fields": sorted(changed)},
            why=correction.reason,
            sealer=runtime.sealer,
        )
    return case


def _faults(correction: Correction, phone: str | None, today: date) -> Iterator[Fault]:
    yield from text_faults(("reason",), correction.reason, REASON_LENGTH)
    if not correction.given:
        yield Fault((), "NOTHING_TO_CORRECT")
    if correction.name is not None:
        yield from text_faults(("name",), correction.name, NAME_LENGTH)
    if correction.street is not None:
        yield from text_faults(("street",), correction.street, STREET_LENGTH)
    if correction.phone is not None and phone is None:
        yield Fault(("phone",), "BAD_PHONE")
    if correction.national_id:
        yield from national_id_faults(("national_id",), correction.national_id)
    if correction.sex is not None and correction.sex not in _SEXES:
        yield Fault(("sex",), "UNKNOWN_CODE", {"code": correction.sex})
    if correction.birth_date is not None or correction.birth_year is not None:
        yield from birth_faults(Report(birth_date=correction.birth_date, birth_year=correction.birth_year), today)


def _wanted(runtime: Runtime, correction: Correction, phone: str | None, case: Case) -> dict[str, dict[str, Any]]:
    born, year = correction.birth_date, correction.birth_year
    found: dict[IdentityField, dict[str, Any]] = {
        IdentityField.NAME: {"name": " ".join((correction.name or "").split())},
        IdentityField.SEX: {"sex": correction.sex},
        IdentityField.PHONE: {"phone": phone},
        IdentityField.NATIONAL_ID: {"national_id": correction.national_id or None},
        IdentityField.STREET: {"street": correction.street},
    }
    if born or year:
        found[IdentityField.BIRTH] = {
            "birth_date": born.isoformat() if born else None,
            "birth_year": year,
            # As when it was declared: a band is of the age that somebody fell ill with.
            "age_band": age_band(born, year, runtime.clock.day(case.opened_at)),
        }
    return {name.value: found[name] for name in correction.given}


async def _known_by(
    runtime: Runtime, connection: AsyncpgDBClient, case: Case, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Leads what is right to the person, and a national id that is not theirs to nobody."""
    keys = _keys(runtime, after)
    hashes = [found for key in keys for found in key]
    await one_after_another(connection, hashes)
    taken = {row.hash for row in await PersonKey.filter(hash__in=hashes).using_db(connection)}
    # A key that leads to somebody under an older hash is taken: a second row would make two persons of one.
    await connection.execute_query(_ADD, [[key[0] for key in keys if taken.isdisjoint(key)], case.person_id])
    wrong = before.get("national_id")
    if not wrong or wrong == after.get("national_id"):
        return
    others = Case.filter(person_id=case.person_id, anonymised_at__isnull=True).exclude(id=case.id)
    for other in await others.using_db(connection):
        if runtime.sealer.open(f"case:{other.id}", other.identity).get("national_id") == wrong:
            return
    gone = runtime.pseudonymiser.national_ids(str(wrong))
    await connection.execute_query(_REMOVE, [gone, case.person_id])


def _keys(runtime: Runtime, who: Mapping[str, Any]) -> list[list[str]]:
    number = who.get("national_id")
    birth = str(who.get("birth_date") or who.get("birth_year"))
    return person_keys(
        runtime.pseudonymiser, str(who["phone"]), str(who["name"]), birth, str(number) if number else None
    )

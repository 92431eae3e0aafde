"""Rows put straight into the tables, for tests that need many of them in every state."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from models.alert import Alert
from models.area import Area
from models.area_count import ALL_DAYS, AreaCount
from models.case import Assessment, Case
from models.database import service_connection
from models.declaration import Declaration, Submission
from models.identifier import uuid7
from models.person import Person
from models.state import AlertKind, AlertState, CaseState, Danger, DeclarationState, Level

START = datetime(2022, 3, 17, tzinfo=UTC)
KIND = {0: AlertKind.SEVERE, 1: AlertKind.SEVERE, 2: AlertKind.HIGH_RISK, 3: AlertKind.MISSED_CHECK_IN}
DANGER = {0: Danger.RED, 1: Danger.AMBER}


def moment(chance: random.Random) -> datetime:
    """One of few moments, so that many rows share theirs."""
    return START + timedelta(minutes=chance.randrange(20))


def made_case(ward: Area, person: UUID, chance: random.Random) -> Case:
    """A case in any state and of any danger."""
    rank = chance.randrange(4)
    return Case(
        id=uuid7(),
        person_id=person,
        disease=chance.choice(["covid19", "covid19", "dengue"]),
        area_id=ward.id,
        area_no=ward.lo,
        state=chance.choice(list(CaseState)),
        identity=b"",
        phone_hash="",
        verified=True,
        sex="female",
        age_band="18-49",
        severe=rank < 2,
        high_risk=rank == 2 or (rank < 2 and chance.random() < 0.3),
        danger=DANGER.get(rank),
        rank=rank,
        opened_at=moment(chance),
        version=1,
    )


def made_declaration(case: Case, submission: UUID, chance: random.Random) -> Declaration:
    """A declaration of that case, in any state."""
    return Declaration(
        id=uuid7(),
        submission_id=submission,
        position=0,
        case_id=case.id,
        disease=case.disease,
        area_id=case.area_id,
        area_no=case.area_no,
        state=chance.choice(list(DeclarationState)),
        possible_duplicate=chance.random() < 0.3,
        verified=True,
        severe=case.severe,
        high_risk=case.high_risk,
        danger=case.danger,
        rank=case.rank,
        report=b"",
        submitted_at=moment(chance),
        day=START.date(),
    )


def made_alert(case: Case, chance: random.Random) -> Alert:
    """An alert of that case, of any kind and in any state, due at once or tomorrow."""
    rank = chance.randrange(4)
    raised = moment(chance)
    return Alert(
        id=uuid7(),
        case_id=case.id,
        declaration_id=case.id,
        kind=KIND[rank],
        danger=DANGER.get(rank),
        rank=rank,
        disease=case.disease,
        area_id=case.area_id,
        area_no=case.area_no,
        verified=True,
        protocol="covid19-hcmc-2022-03-17",
        reasons=[],
        state=chance.choice(list(AlertState)),
        level=Level.STATION,
        raised_at=raised,
        due_at=raised + timedelta(days=chance.choice([0, 5])),
        version=1,
    )


def made_assessment(case: Case, declaration: Declaration, chance: random.Random) -> Assessment:
    """An assessment of that declaration."""
    return Assessment(
        id=uuid7(),
        declaration_id=declaration.id,
        case_id=case.id,
        area_no=case.area_no,
        severe=case.severe,
        high_risk=case.high_risk,
        danger=case.danger,
        reasons=[],
        missing=[],
        age_from_year=False,
        protocol="covid19-hcmc-2022-03-17",
        assessed_at=moment(chance),
    )


async def fill(wards: list[Area], how_many: int, seed: int) -> list[Case]:
    """So many cases spread over the wards, each with an alert, a declaration and its assessment."""
    chance = random.Random(seed)
    service = service_connection()
    person = await Person.create(created_at=START, using_db=service)
    submission = await _submission(wards[0])
    cases = [made_case(chance.choice(wards), person.id, chance) for _ in range(how_many)]
    declarations = [made_declaration(case, submission.id, chance) for case in cases]
    await Case.bulk_create(cases, using_db=service)
    await Declaration.bulk_create(declarations, using_db=service)
    await Alert.bulk_create([made_alert(case, chance) for case in cases], using_db=service)
    assessments = [made_assessment(*pair, chance) for pair in zip(cases, declarations, strict=True)]
    await Assessment.bulk_create(assessments, using_db=service)
    # Nothing is declared that is not counted: of a disease without a row here no list looks for any.
    counted = {(case.area_id, case.area_no, case.disease) for case in cases}
    rows = [AreaCount(area_id=id, area_no=no, disease=disease, day=ALL_DAYS) for id, no, disease in counted]
    await AreaCount.bulk_create(rows, ignore_conflicts=True, using_db=service)
    return cases


async def _submission(ward: Area) -> Submission:
    id = uuid7()
    return await Submission.create(
        using_db=service_connection(),
        id=id,
        idempotency_key=str(id),
        body_hash="",
        receipt_code=id.hex[:16],
        disease="covid19",
        area_id=ward.id,
        area_no=ward.lo,
        verified=True,
        phone_hash="",
        contact=b"",
        submitted_at=START,
    )

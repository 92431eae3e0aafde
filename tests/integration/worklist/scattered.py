"""Cases and alerts of every kind, put straight into the tables."""

import random
from typing import Any
from uuid import uuid4

from models.alert import Alert
from models.area import Area
from models.case import Case
from models.database import service_connection
from models.person_merge import PersonMerge
from models.state import AlertState
from tests.integration.reads.rows import DANGER, KIND, START, fill, made_alert


async def scatter(places: list[Area], chance: random.Random) -> None:
    """Cases with alerts of all kinds: several of one case, of another rank than it, of merged ones, in another area."""
    service = service_connection()
    cases = await fill(places, 90, chance.randrange(1 << 30))
    more = [made_alert(chance.choice(cases), chance) for _ in range(60)]
    await Alert.bulk_create(more, using_db=service)
    for alert in await Alert.all().using_db(service):
        case = next(one for one in cases if one.id == alert.case_id)
        # Mostly open, and of their case's rank: otherwise no page would be full of one kind.
        rank = case.rank if chance.random() < 0.6 else chance.randrange(4)
        columns: dict[str, Any] = {"rank": rank, "kind": KIND[rank], "danger": DANGER.get(rank)}
        if chance.random() < 0.8:
            columns["state"] = chance.choice([AlertState.RAISED, AlertState.ESCALATED])
        if chance.random() < 0.1:
            columns["area_no"] = chance.choice(places).lo
        if chance.random() < 0.1:
            columns["raised_at"] = START
        await Alert.filter(id=alert.id).using_db(service).update(**columns)
    for case in chance.sample(cases, 20):
        into = chance.choice([one for one in cases if one.id != case.id])
        await Case.filter(id=case.id).using_db(service).update(merged_into=into.id)
        about: dict[str, Any] = {"case_id": into.id, "merged_case_id": case.id, "area_no": case.area_no}
        about |= {"person_id": case.person_id, "merged_person_id": case.person_id, "state_before": case.state}
        await PersonMerge.create(using_db=service, **about, detail=b"-", at=START, account_id=uuid4())

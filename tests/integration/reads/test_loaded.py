"""Rows of our own statements are what Tortoise makes of the same rows."""

import pytest
from tortoise.models import Model

from models.alert import Alert
from models.case import Case
from models.database import service_connection
from models.declaration import Declaration
from models.loaded import loaded
from services.runtime import Runtime
from tests.integration.made import wards
from tests.integration.reads.rows import fill

LISTED = [(Alert, "alert"), (Case, "illness_case"), (Declaration, "declaration")]


@pytest.mark.parametrize(("model", "table"), LISTED)
async def test_a_loaded_row_is_the_row_that_the_orm_loads(runtime: Runtime, model: type[Model], table: str) -> None:
    await fill(await wards(2), 40, 3)
    service = service_connection()
    _, records = await service.execute_query(f"SELECT * FROM {table} ORDER BY id")
    ours, theirs = loaded(model, records), await model.all().using_db(service).order_by("id")
    assert [vars(row) for row in ours] == [vars(row) for row in theirs]
    assert [type(value) for row in ours for value in vars(row).values()] == [
        type(getattr(theirs[at], name)) for at, row in enumerate(ours) for name in vars(row)
    ]


async def test_a_loaded_row_can_be_changed_and_saved(runtime: Runtime) -> None:
    await fill(await wards(1), 3, 3)
    service = service_connection()
    _, records = await service.execute_query("SELECT * FROM illness_case ORDER BY id")
    case, *others = loaded(Case, records)
    case.age_band = "80+"
    await case.save(using_db=service, update_fields=["age_band"])
    bands = {one.id: one.age_band for one in await Case.all().using_db(service)}
    assert bands == {case.id: "80+"} | {one.id: one.age_band for one in others}


async def test_of_no_records_there_are_no_rows_and_of_some_columns_no_more_than_these(runtime: Runtime) -> None:
    await fill(await wards(1), 2, 3)
    _, records = await service_connection().execute_query("SELECT id, state FROM illness_case")
    assert loaded(Case, []) == []
    for row in loaded(Case, records):
        assert not hasattr(row, "identity")
        assert vars(row)["_partial"] is True

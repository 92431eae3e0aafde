"""A list of a disease that nobody has, which would walk over all who have another."""

import pytest

from access.actor import ANONYMOUS, Actor
from access.bounds import bounds_of
from models.database import snapshot
from models.state import Role
from services.declare import declare
from services.list_alerts import AlertFilter, list_alerts
from services.list_cases import CaseFilter, list_cases
from services.list_declarations import DeclarationFilter, list_declarations
from services.problem import InvalidCursor
from services.runtime import Runtime
from tests.integration.made import TIRED, account, household, person, wards
from tests.integration.statements import statements


async def listed(runtime: Runtime, actor: Actor, disease: str, after: str | None = None) -> list[int]:
    """How many declarations, cases and alerts of a disease somebody is shown."""
    async with snapshot(bounds_of(actor)) as connection:
        declarations = await list_declarations(actor, connection, DeclarationFilter(disease=disease), None, after)
        cases = await list_cases(actor, connection, CaseFilter(disease=disease), None, after)
        alerts = await list_alerts(runtime, actor, connection, AlertFilter(disease=disease), None, after)
    return [len(declarations.items), len(cases.items), len(alerts.items)]


async def somebody_ill(runtime: Runtime) -> Actor:
    """A nurse to whom somebody has declared."""
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward))
    return nurse


async def test_of_a_disease_that_nobody_has_no_row_is_looked_at(runtime: Runtime) -> None:
    nurse = await somebody_ill(runtime)
    with statements() as sent:
        assert await listed(runtime, nurse, "dengue") == [0, 0, 0]
    assert not [one for one in sent if "CROSS JOIN LATERAL" in one]
    assert await listed(runtime, nurse, "no \0 disease") == [0, 0, 0]


async def test_of_a_disease_that_was_declared_each_list_has_its_rows(runtime: Runtime) -> None:
    assert await listed(runtime, await somebody_ill(runtime), runtime.disease) == [1, 1, 1]


async def test_what_is_no_cursor_is_refused_all_the_same(runtime: Runtime) -> None:
    nurse = await somebody_ill(runtime)
    with pytest.raises(InvalidCursor):
        await listed(runtime, nurse, "dengue", "nonsense")

"""Whether there is anything of a disease: a list of one that nobody has would walk over everybody who has another."""

from dataclasses import replace

from models.area_count import ALL_DAYS
from models.database import service_connection
from services.danger_order import Narrowing

# One step into an index. Of all areas, as only the service's login sees them: a declaration may lie in another ward
# than the one that has counted it. Which diseases there are is nobody's secret.
_COUNTED = "SELECT EXISTS (SELECT FROM area_count WHERE day = $1 AND disease = $2) AS counted"


async def counted(narrowing: Narrowing, disease: str | None) -> Narrowing:
    """The narrowing of a list of this disease; one that nothing meets where no declaration of it was ever counted.

    A list without a disease is asked nothing.
    """
    return narrowing if disease is None or await _is_counted(disease) else replace(narrowing, states=())


async def _is_counted(disease: str) -> bool:
    if "\0" in disease:
        # No disease has it, and PostgreSQL refuses to be asked.
        return False
    _, rows = await service_connection().execute_query(_COUNTED, [ALL_DAYS, disease])
    return bool(rows[0]["counted"])

"""Applying the changes of areas whose day has come, without anybody's doing."""

from access.actor import ANONYMOUS
from models.area_change import AreaChange
from models.database import service_connection
from services.change_areas import change_areas
from services.runtime import Runtime


async def apply_due_changes(runtime: Runtime) -> int:
    """Applies what has become due, and says how many steps; to be called every minute or so by each process.

    It looks first without the lock that stops all declaring: on most days there is nothing to do.
    """
    due = AreaChange.filter(applied_at__isnull=True, effective_date__lte=runtime.clock.day())
    if not await due.using_db(service_connection()).exists():
        return 0
    return (await change_areas(runtime, ANONYMOUS)).applied

"""What a gateway reports of a message that it took. A message never moves backwards, whatever comes late or twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

# Delivered is the last word: also of a message that we had given up, because the gateway's answer was lost and its time
# had run out. Only of what was ever given to a gateway; that it may be waiting for its next try is why it is emptied.
_DELIVERED = """
UPDATE outbox_message SET state = 'DELIVERED', reported_at = $4, settled_at = coalesce(settled_at, $4), reason = NULL,
  gateway = $2::varchar, gateway_id = coalesce($3, gateway_id), sealed = ''
WHERE (id = $1 OR gathered_in = $1) AND state <> 'DELIVERED' AND attempts > 0
"""

# A report that is quicker than our own writing down that the message was taken is kept beside it: the state follows
# when it is written down. One about a try that we do not know of as taken ends nothing, for the next try may succeed.
_FAILED = """
UPDATE outbox_message SET state = CASE WHEN state = 'HANDED_OVER' THEN 'FAILED' ELSE state END, reported_at = $4,
  gateway = $2::varchar, gateway_id = coalesce($3, gateway_id), reason = $5
WHERE (id = $1 OR gathered_in = $1) AND attempts > 0
  AND (state = 'HANDED_OVER' AND gateway = $2::varchar OR state = 'QUEUED')
"""


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """One report: of our message `id`, from the gateway of that name, which calls it `own`.

    `failure` is None where the message has reached the phone, else why it did not, in 32 characters at most.
    """

    id: UUID
    gateway: str
    own: str | None = None
    failure: str | None = None


class DeliveryReceipts:
    """Writes reports down, through the service's login."""

    def __init__(self, database: Callable[[], AsyncpgDBClient], now: Callable[[], datetime]) -> None:
        """`now` is the installation's time."""
        self._database = database
        self._now = now

    async def take(self, receipt: DeliveryReceipt) -> None:
        """Writes it beside its message. One of a message that is unknown changes nothing, and neither does a repeat.

        Raises what the database raises.
        """
        about = [receipt.id, receipt.gateway, receipt.own, self._now()]
        if receipt.failure is None:
            await self._database().execute_query(_DELIVERED, about)
        else:
            await self._database().execute_query(_FAILED, [*about, receipt.failure])

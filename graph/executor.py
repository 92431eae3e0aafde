"""Execution of one event of a subscription, without remembering the events before it."""

from typing import Any

from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class EventExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, whose memory of selected fields ends with each event.

    graphql-core 3.3.2 copies one executor for all events of a subscription and shares its memo, keyed by lists that
    each event makes anew: a station's socket that stays open for weeks would keep something of every event it ever had
    (some 35 objects an event and socket, over which the collector then stopped the process for a second).
    """

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:
        """The executor of one event, with a memo of its own."""
        executor = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}
        return executor

"""The installation, its protocols and its clock."""

from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.schema.arguments import At
from graph.schema.inputs import MoveClockInput
from graph.schema.installation import ClockMoved, Installation
from graph.schema.payload import MoveClockResult
from graph.schema.protocol import Protocol
from graph.schema.resolved import mutating, querying
from services.move_clock import move_clock


@strawberry.type
class InstallationQuery:
    """What it is, and by which rules it judges."""

    @querying("What this installation is. Needs no session.", Action.SEE_INSTALLATION)
    def installation(self, info: Info) -> Installation:
        """Nothing to wait for."""
        return Installation.of(info.context.runtime)

    @querying(
        "The rules in force for a disease on a day; null where there are none. Needs no session.", Action.SEE_PROTOCOL
    )
    def protocol(
        self,
        info: Info,
        disease: Annotated[
            str | None, strawberry.argument(description="The disease's code; the installation's by default.")
        ] = None,
        at: At = None,
    ) -> Protocol | None:
        """Nothing to wait for."""
        runtime = info.context.runtime
        found = runtime.protocols.judging(disease or runtime.disease, at or runtime.clock.day())
        return Protocol.of(found, info.context.language) if found else None


@strawberry.type
class InstallationMutation:
    """Its clock."""

    @mutating("Moves the clock of a demo or test installation; every other has none to move.", Action.MOVE_CLOCK)
    async def move_clock(self, info: Info, input: MoveClockInput) -> MoveClockResult:
        """The new moment."""
        runtime, actor = info.context.runtime, info.context.account()
        now = await move_clock(runtime, actor, input.moment(runtime.clock.zone()))
        return ClockMoved(now=now)

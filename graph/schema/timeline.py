"""What has happened to a case, line by line."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import orjson
import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.messages import camel
from graph.schema.alert import Alert
from graph.schema.enums import CaseState
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from graph.schema.timeline_enums import TimelineKind
from services import rows
from services.list_timeline import Line, told

if TYPE_CHECKING:
    from graph.schema.declaration import Declaration

_WHY = ("reason", "note")
"""Under which names a line says why."""


@strawberry.type(description="Something that is told of a line.")
class TimelineDetail:
    """See the description."""

    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="What it says; what has parts is JSON.")


@strawberry.type(description="One line of a case's timeline.")
class TimelineEntry:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The line's id.")
    at: datetime = strawberry.field(description="When it was, by the installation's clock.")
    kind: TimelineKind = strawberry.field(description="What has happened.")
    actor_kind: str = strawberry.field(
        description="Who did it: ACCOUNT, RESIDENT, ANONYMOUS, or SYSTEM for what the program did by itself."
    )
    state: CaseState | None = strawberry.field(
        description="The state that the case then had; null of a report and of an alert."
    )
    version: int | None = strawberry.field(
        description="The version that the case then had; null of a report and of an alert."
    )
    line: strawberry.Private[Line]
    case: strawberry.Private[rows.Case]

    @classmethod
    def of(cls, line: Line, case: rows.Case) -> "TimelineEntry":
        """The entry of a line, in the timeline of this case."""
        return cls(
            id=strawberry.ID(global_id("TimelineEntry", f"{line.source}-{line.key}")),
            at=line.at,
            kind=TimelineKind(line.kind),
            actor_kind=line.actor,
            state=line.state,
            version=line.version,
            line=line,
            case=case,
        )

    @resolved("The account that did it; null for a resident, for nobody in particular, and for the program.")
    def by(self, info: Info) -> Staff | None:
        """Loaded for all entries of the answer at once."""
        return staff_or_none(info, self.line.account_id)

    @resolved("Why, where it was said: a code or somebody's own words. For those who may see who it is.")
    def why(self, info: Info) -> str | None:
        """Unsealed here and kept nowhere."""
        found = _told(info, self)
        return next((_text(found[name]) for name in _WHY if found.get(name) is not None), None)

    @resolved("What else is told of it, for those who may see who it is.")
    def details(self, info: Info) -> list[TimelineDetail]:
        """Unsealed here and kept nowhere."""
        found = _told(info, self)
        return [
            TimelineDetail(name=camel(name), value=_text(value))
            for name, value in found.items()
            if name not in _WHY and value is not None
        ]

    @resolved("The alert that it is about, where it is about one.")
    async def alert(self, info: Info) -> Alert | None:
        """Loaded for all entries of the answer at once."""
        if self.line.subject is None or not self.line.kind.startswith("ALERT_"):
            return None
        row = await info.context.loaders.alerts.load(self.line.subject)
        return Alert.of(row) if row else None

    @resolved("The report that it is about, where it is about one.")
    async def declaration(
        self, info: Info
    ) -> Annotated["Declaration", strawberry.lazy("graph.schema.declaration")] | None:
        """Loaded for all entries of the answer at once."""
        from graph.schema.declaration import Declaration

        if self.line.subject is None or not self.line.kind.startswith(("DECLAR", "INFORMATION_")):
            return None
        row = await info.context.loaders.declarations.load(self.line.subject)
        return Declaration.of(row) if row else None


def _told(info: Info, entry: TimelineEntry) -> Mapping[str, object]:
    context = info.context
    return told(context.runtime, context.actor, entry.case, entry.line, context.operation.seen)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date) else orjson.dumps(value).decode()

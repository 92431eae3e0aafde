"""What a worklist is asked for, and what it has."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from access.jurisdiction import Jurisdiction
from models.alert import Alert
from models.case import Case
from models.state import Danger
from services.work_kind import WorkKind


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which items: None leaves a property open, an empty collection matches nothing.

    `kinds` are those of which an item has one, whichever of its kinds is the first. `mine` are those that the actor
    has claimed or whose alert the actor has taken.
    """

    area_id: str | None = None
    kinds: Collection[WorkKind] | None = None
    mine: bool = False
    dangers: Collection[Danger] | None = None


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One case and what it calls for: `kind` is the most urgent of `kinds`.

    `since` is since when, `due_at` until when where there is a time. `alert` is the one that `kind` is about,
    `subject_id` the declaration, referral, transfer, test or certificate that it is about.
    """

    case: Case
    kind: WorkKind
    kinds: tuple[WorkKind, ...]
    since: datetime
    due_at: datetime | None
    alert: Alert | None
    subject_id: UUID | None
    within: Jurisdiction | None = None
    """Where its other kinds are to be looked for, by `kinds_of`: `kinds` has only the first then."""

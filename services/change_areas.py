"""Applying changes of areas on their day: what is open is carried across, what is closed stays where it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from tortoise.backends.asyncpg.client import TransactionWrapper

from access.actor import Actor
from access.trail import record
from models.account import Account
from models.area import Area
from models.area_change import AreaChange
from services.area_change_file import ENDING_KINDS, ChangeLine, KnownArea, read_changes
from services.area_numbers import numbering_transaction
from services.carry_areas import Carried, Succession, carry_areas
from services.move_area import move_within
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ChangedAreas:
    """What came of it: steps taken over and applied, areas that ended, what was carried, and what waits or is left.

    `waiting` has the days of steps still to come. `left_accounts` are accounts whose area ended and whose successor
    would have shown them more than they had; `left_areas` are areas that are still there below one that ended.
    """

    stored: int = 0
    applied: int = 0
    ended: int = 0
    moved: int = 0
    carried: Carried = field(default_factory=Carried)
    waiting: tuple[date, ...] = ()
    left_accounts: tuple[str, ...] = ()
    left_areas: tuple[str, ...] = ()


async def change_areas(runtime: Runtime, actor: Actor, content: bytes | None = None) -> ChangedAreas:
    """Stores the steps of a file and applies every stored step whose day has come, in one transaction.

    Without a file it applies what has become due; running it again changes nothing. A step of a day to come is kept
    until then. Raises FileRefused with every fault, NoRoom where a `reparent` finds no gap; then nothing was changed.
    """
    async with numbering_transaction() as connection:
        stored = await _store(connection, content) if content is not None else 0
        today = runtime.clock.day()
        waiting = (
            await AreaChange.filter(applied_at__isnull=True)
            .using_db(connection)
            .order_by("effective_date", "from_id", "to_id")
        )
        due = [step for step in waiting if step.effective_date <= today]
        result = await _apply(connection, runtime, due)
        later = {step.effective_date for step in waiting if step.effective_date > today}
        await record(
            connection,
            actor,
            "areas.change",
            runtime.clock.now(),
            [str(step.id) for step in due],
            detail={"stored": stored, "applied": len(due), "cases": result.carried.cases},
        )
    if due:
        runtime.hub.wake()
    return ChangedAreas(
        stored,
        len(due),
        result.ended,
        result.moved,
        result.carried,
        tuple(sorted(later)),
        result.left_accounts,
        result.left_areas,
    )


async def _store(connection: TransactionWrapper, content: bytes) -> int:
    areas = await Area.all().using_db(connection)
    steps = read_changes(content, {area.id: KnownArea(area.valid_from, area.valid_to) for area in areas})
    days = {step.effective_date for step in steps}
    there = {_key(step) for step in await AreaChange.filter(effective_date__in=list(days)).using_db(connection)}
    new = [step for step in steps if step.key not in there]
    await AreaChange.bulk_create([_row(step) for step in new], batch_size=1000, using_db=connection)
    return len(new)


def _key(step: AreaChange) -> tuple[date, str, str, str]:
    return (step.effective_date, step.kind, step.from_id, step.to_id)


def _row(step: ChangeLine) -> AreaChange:
    return AreaChange(
        effective_date=step.effective_date,
        kind=step.kind,
        from_id=step.from_id,
        to_id=step.to_id,
        share=step.share,
        legal_basis=step.legal_basis,
    )


async def _apply(connection: TransactionWrapper, runtime: Runtime, due: Sequence[AreaChange]) -> ChangedAreas:
    ended: list[str] = []
    moved = 0
    carried = Carried()
    for day, steps_of_day in groupby(due, key=lambda step: step.effective_date):
        steps = list(steps_of_day)
        for step in steps:
            if step.kind == "reparent":
                moved += (await move_within(connection, step.from_id, step.to_id)).areas
        areas = {area.id: area for area in await Area.all().using_db(connection)}
        successions = _successions(steps, areas)
        carried += await carry_areas(connection, successions, runtime.clock.now(), runtime.clock.day())
        ending = [each.before.id for each in successions]
        await Area.filter(id__in=ending).using_db(connection).update(valid_to=day)
        ended += ending
        await (
            AreaChange.filter(id__in=[step.id for step in steps])
            .using_db(connection)
            .update(applied_at=runtime.clock.now())
        )
    left = await Account.filter(area_id__in=ended, disabled_at__isnull=True).using_db(connection).order_by("username")
    orphans = await Area.filter(parent_id__in=ended, valid_to__isnull=True).using_db(connection).order_by("id")
    return ChangedAreas(
        ended=len(ended),
        moved=moved,
        carried=carried,
        left_accounts=tuple(account.username for account in left),
        left_areas=tuple(area.id for area in orphans),
    )


def _successions(steps: Sequence[AreaChange], areas: Mapping[str, Area]) -> list[Succession]:
    """For each area that ends its one successor: the largest share, and where nobody knows the shares, the `split`.

    An open case is one row and goes to one area. Areas that became a new one as a whole come before those that gave it
    a part, because a new area's station should be the one that was wholly its own.
    """
    parents = {area.parent_id for area in areas.values()}
    of_area: dict[str, list[AreaChange]] = {}
    for step in steps:
        of_area.setdefault(step.from_id, []).append(step)
    chosen = [
        min(of_it, key=lambda step: (-step.share, step.kind not in ENDING_KINDS, step.to_id))
        for of_it in of_area.values()
        if any(step.kind in ENDING_KINDS for step in of_it)
    ]
    chosen.sort(key=lambda step: (step.kind in ("split", "part"), -step.share, step.from_id))
    return [
        Succession(
            areas[step.from_id],
            areas[step.to_id],
            # Never wider: a district's account must not see the city because the districts are gone.
            staff_too=_narrowness(areas[step.to_id], parents) >= _narrowness(areas[step.from_id], parents),
        )
        for step in chosen
    ]


def _narrowness(area: Area, parents: set[str | None]) -> int:
    """0 for the top of a tree, 2 for an area with nothing below it, 1 between: so trees of different depth compare."""
    if area.parent_id is None:
        return 0
    return 1 if area.id in parents else 2

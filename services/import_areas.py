"""Taking over a file of areas: all of it or nothing, and again with the same result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import TransactionWrapper

from access.actor import Actor
from access.trail import record
from models.area import Area
from models.area_change import AreaChange
from models.area_name import search_name
from models.numbering import FOREST_SHARE, WHOLE, Span, number, place, weights
from services.area_file import AreaLine, read_areas
from services.area_numbers import children_of, numbering_transaction, spans_of
from services.csv_file import FileFault, FileRefused
from services.runtime import Runtime

FOLLOWED = ("type", "name", "name_en", "national_code", "pcode", "valid_from", "valid_to", "source")
"""What an area that is there already takes from the file. Its place is not among them: `areas move` changes that."""


@dataclass(frozen=True, slots=True)
class ImportedAreas:
    """How many areas were added and changed, how many were as the file says, and which a later change had closed."""

    added: int
    changed: int
    unchanged: int
    kept: tuple[str, ...]


async def import_areas(runtime: Runtime, actor: Actor, content: bytes) -> ImportedAreas:
    """Adds and changes areas as a file says; areas that it does not name stay as they are.

    Areas that are there keep their numbers, new ones get numbers in the gaps. An area that a change of areas has
    touched stays as that left it, so that an older file imported once more does not undo it.
    Raises FileRefused with every fault, NoRoom where a parent's gap is too small; then nothing was changed.
    """
    async with numbering_transaction() as connection:
        areas, spans = await spans_of(connection)
        known = {area.id: area for area in areas}
        lines = read_areas(content, {area.id: area.level for area in areas})
        _check_places(lines, known)
        _check_codes(lines, known)
        new = [line for line in lines if line.id not in known]
        numbered = _spans_of_new(new, areas, spans)
        await Area.bulk_create([_new(line, numbered[line.id]) for line in new], batch_size=1000, using_db=connection)
        settled = {change.from_id for change in await AreaChange.filter(applied_at__isnull=False).using_db(connection)}
        there = [line for line in lines if line.id in known]
        imported = await _follow(there, known, settled, len(new), connection)
        await record(
            connection,
            actor,
            "areas.import",
            runtime.clock.now(),
            [line.id for line in new],
            detail={"added": imported.added, "changed": imported.changed},
        )
        return imported


def _check_places(lines: Sequence[AreaLine], known: Mapping[str, Area]) -> None:
    faults = []
    for line in lines:
        if line.id in known and known[line.id].parent_id != line.parent_id:
            message = f"{line.id} is below {known[line.id].parent_id or 'nothing'}; move it first: khaibao areas move"
            faults.append(FileFault(line.line, "parent_id", "OTHER_PARENT", message))
    if faults:
        raise FileRefused(faults)


def _check_codes(lines: Sequence[AreaLine], known: Mapping[str, Area]) -> None:
    """A code that another tree of the same day has would make the look-up by code a matter of chance.

    An area without an end is passed over: its successors are imported before the change that closes it is applied, and
    the look-up prefers the area that came into force last.
    """
    faults = []
    named = {line.id for line in lines}
    rivals: dict[str, list[Area]] = {}
    for area in known.values():
        if area.id not in named:
            rivals.setdefault(area.national_code, []).append(area)
    for line in lines:
        for rival in rivals.get(line.national_code, ()):
            if _at_once(line, rival):
                message = f"{line.national_code} is {rival.id} in the database at the same time"
                faults.append(FileFault(line.line, "national_code", "CODE_TAKEN", message))
    if faults:
        raise FileRefused(faults)


def _at_once(line: AreaLine, rival: Area) -> bool:
    if rival.valid_to is None:
        return rival.valid_from == line.valid_from
    return line.valid_from < rival.valid_to and (line.valid_to is None or rival.valid_from < line.valid_to)


def _spans_of_new(new: Sequence[AreaLine], areas: Sequence[Area], spans: Mapping[str, Span]) -> dict[str, Span]:
    """Spans for the new areas: those that hang on the same known parent are placed in its gap together."""
    children = children_of({line.id: line.parent_id for line in new})
    fresh = {line.id for line in new}
    tops: dict[str | None, list[str]] = {}
    for line in new:
        if line.parent_id not in fresh:
            tops.setdefault(line.parent_id, []).append(line.id)
    numbered: dict[str, Span] = {}
    for parent, subtrees in tops.items():
        taken = [spans[area.id] for area in areas if area.parent_id == parent]
        within, most = (WHOLE, FOREST_SHARE) if parent is None else (spans[parent], 2)
        wanted = [weights(children, subtree)[subtree] for subtree in subtrees]
        for subtree, span in zip(subtrees, place(within, taken, wanted, most), strict=True):
            numbered.update(number(children, subtree, span))
    return numbered


def _new(line: AreaLine, span: Span) -> Area:
    return Area(
        id=line.id,
        parent_id=line.parent_id,
        level=line.level,
        lo=span.lo,
        hi=span.hi,
        search_name=search_name(line.name),
        **{field: getattr(line, field) for field in FOLLOWED},
    )


async def _follow(
    lines: Sequence[AreaLine],
    known: Mapping[str, Area],
    settled: set[str],
    added: int,
    connection: TransactionWrapper,
) -> ImportedAreas:
    changed = []
    kept = []
    for line in lines:
        area = known[line.id]
        differs = [field for field in FOLLOWED if getattr(area, field) != getattr(line, field)]
        if differs and line.id in settled:
            kept.append(line.id)
        elif differs:
            area.update_from_dict({field: getattr(line, field) for field in differs})
            area.search_name = search_name(area.name)
            changed.append(area)
    if changed:
        await Area.bulk_update(changed, [*FOLLOWED, "search_name"], batch_size=500, using_db=connection)
    return ImportedAreas(added, len(changed), len(lines) - len(changed) - len(kept), tuple(kept))

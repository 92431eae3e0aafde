"""The file of changes of areas: what became of each area on a day. Pure: text in, steps or faults out.

Kinds, of which an area has one on a day, except that `split` and `part` go together:
- `merge`: `from_id` ends and is wholly in `to_id`; `rename`, `recode`: it ends and goes on as `to_id`, an area with the
  new name or code, which the file of areas has. The name and code of a day stay readable that way.
- `split`: `from_id` ends and is divided; `share` of it is in `to_id`.
- `part`: `share` of `from_id` goes to `to_id`. Beside a `split` it is one of the successors; alone, `from_id` goes on.
- `reparent`: `from_id` goes below `to_id` with all that is below it, and stays the area that it is.
Shares of a division may be unknown, then all of them are empty and the `split` counts as the largest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from models.area_name import tidy_name
from services.area_file import read_date
from services.csv_file import FileFault, FileRefused, Line, read_lines

COLUMNS = ("effective_date", "kind", "from_id", "to_id", "share", "legal_basis")
WHOLE_KINDS = ("merge", "rename", "recode", "reparent")
KINDS = (*WHOLE_KINDS, "split", "part")
ENDING_KINDS = ("merge", "rename", "recode", "split")
_LONGEST_BASIS = 300
_ROUNDING = Decimal("0.001")
"""By how much the shares of a division may differ from the whole: thirds are not decimal."""
_SMALLEST = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class KnownArea:
    """The days of an area that is there."""

    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One step as its line says it; a share of 0 is one that nobody knows."""

    line: int
    effective_date: date
    kind: str
    from_id: str
    to_id: str
    share: Decimal
    legal_basis: str

    @property
    def key(self) -> tuple[date, str, str, str]:
        """What makes a step the same step in another file."""
        return (self.effective_date, self.kind, self.from_id, self.to_id)


def read_changes(content: bytes, known: Mapping[str, KnownArea]) -> list[ChangeLine]:
    """The steps of a file, in the order of its lines. Raises FileRefused with every fault."""
    faults: list[FileFault] = []
    steps: list[ChangeLine] = []
    seen: dict[tuple[date, str, str, str], int] = {}
    for line in read_lines(content, COLUMNS, faults):
        step = _step(line, faults)
        if step is None:
            continue
        if step.key in seen:
            faults.append(FileFault(line.number, "from_id", "REPEATED_STEP", f"as on line {seen[step.key]} already"))
            continue
        seen[step.key] = line.number
        steps.append(step)
    for step in steps:
        _check_areas(step, known, faults)
    _check_divisions(steps, faults)
    if faults:
        raise FileRefused(faults)
    return steps


def _step(line: Line, faults: list[FileFault]) -> ChangeLine | None:
    before = len(faults)
    effective = read_date(line, "effective_date", faults)
    basis = tidy_name(line["legal_basis"])
    faults.extend(
        FileFault(line.number, column, "MISSING", "there is nothing here")
        for column in COLUMNS
        if not line[column] and column != "share"
    )
    kind = line["kind"]
    if kind and kind not in KINDS:
        faults.append(FileFault(line.number, "kind", "UNKNOWN_KIND", f"{kind!r} is not one of {', '.join(KINDS)}"))
    if len(basis) > _LONGEST_BASIS:
        message = f"{len(basis)} characters; {_LONGEST_BASIS} are possible"
        faults.append(FileFault(line.number, "legal_basis", "TOO_LONG", message))
    if line["from_id"] and line["from_id"] == line["to_id"]:
        faults.append(FileFault(line.number, "to_id", "SAME_AREA", "an area cannot become itself"))
    share = _share(line, kind, faults)
    if effective is None or share is None or len(faults) > before:
        return None
    return ChangeLine(line.number, effective, kind, line["from_id"], line["to_id"], share, basis)


def _share(line: Line, kind: str, faults: list[FileFault]) -> Decimal | None:
    text = line["share"]
    if not text:
        return Decimal(1 if kind in WHOLE_KINDS else 0)
    try:
        share = Decimal(text)
        right = share == 1 if kind in WHOLE_KINDS else _SMALLEST <= share < 1
    except InvalidOperation:
        right = False
    if right:
        return share.quantize(_SMALLEST)
    expected = "1 or empty" if kind in WHOLE_KINDS else "more than 0 and less than 1, or empty"
    faults.append(FileFault(line.number, "share", "INVALID_SHARE", f"{text!r}; it is {expected}"))
    return None


def _check_areas(step: ChangeLine, known: Mapping[str, KnownArea], faults: list[FileFault]) -> None:
    for column, area in (("from_id", step.from_id), ("to_id", step.to_id)):
        if area not in known:
            message = f"there is no area {area}; import it first: khaibao areas import"
            faults.append(FileFault(step.line, column, "UNKNOWN_AREA", message))
    day = step.effective_date
    before, after = known.get(step.from_id), known.get(step.to_id)
    if before and (before.valid_from >= day or (before.valid_to and before.valid_to < day)):
        message = f"{step.from_id} is not there on the day before {day}"
        faults.append(FileFault(step.line, "from_id", "AREA_NOT_VALID", message))
    if after and (after.valid_from > day or (after.valid_to and after.valid_to <= day)):
        faults.append(FileFault(step.line, "to_id", "AREA_NOT_VALID", f"{step.to_id} is not there on {day}"))


def _check_divisions(steps: list[ChangeLine], faults: list[FileFault]) -> None:
    of_area: dict[tuple[date, str], list[ChangeLine]] = {}
    for step in steps:
        of_area.setdefault((step.effective_date, step.from_id), []).append(step)
    ended = {key for key, of_it in of_area.items() if any(step.kind in ENDING_KINDS for step in of_it)}
    for step in steps:
        if (step.effective_date, step.to_id) in ended:
            message = f"{step.to_id} itself ends on that day; name what it became"
            faults.append(FileFault(step.line, "to_id", "AREA_NOT_VALID", message))
    for of_it in of_area.values():
        message = _division_fault(of_it)
        if message:
            faults.append(FileFault(of_it[-1].line, "share", "INVALID_DIVISION", f"{of_it[0].from_id}: {message}"))


def _division_fault(steps: list[ChangeLine]) -> str:
    whole = [step for step in steps if step.kind in WHOLE_KINDS]
    if whole:
        return f"a {whole[0].kind} leaves nothing for another line of that day" if len(steps) > 1 else ""
    known = [step.share for step in steps if step.share]
    total = sum(known, Decimal(0))
    if known and len(known) < len(steps):
        return "either all its shares are given or none"
    if any(step.kind == "split" for step in steps):
        return f"its shares add up to {total} instead of 1" if known and abs(total - 1) > _ROUNDING else ""
    return f"its parts add up to {total}, and nothing is left: write split" if total >= 1 else ""

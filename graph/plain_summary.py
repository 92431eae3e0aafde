"""Summaries that show figures of all days of an area and of the areas right below it, and nothing else.

They are read in one statement and written into the answer as they come. Whatever is asked for besides goes the general
way, which the tests hold to be the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from weakref import WeakKeyDictionary

import orjson
from graphql import FieldNode

from access.policy import Action
from graph.context import Context
from graph.engine import Plan, Ready
from graph.plain_fields import plain_fields, plain_root
from graph.plain_shown import Shown as Column
from graph.schema.area import COLUMNS as AREA
from graph.schema.summary import AreaSummary
from services.place import own_range
from services.summary_family import WAITING, Family, Figures, read_family

Shown: TypeAlias = Callable[[Family, Figures], Any]
"""What a field shows of an area's figures."""

_Sums: TypeAlias = set[str]
"""What has to be counted for what is shown."""

_Compiled: TypeAlias = Callable[[FieldNode, _Sums], Shown | None]


@dataclass(frozen=True, eq=False, slots=True)
class _Asked:
    """What a document asks of a summary: one for each plan."""

    shown: Shown
    sums: frozenset[str]
    parts: bool


def _leaf(shown: Shown, *sums: str) -> _Compiled:
    def compiled(node: FieldNode, wanted: _Sums) -> Shown | None:
        wanted.update(sums)
        return None if node.selection_set or node.arguments else shown

    return compiled


def _sum(column: str) -> _Compiled:
    return _leaf(lambda _, area: area[column] or 0, column)


def _column(column: str) -> _Compiled:
    return _leaf(lambda _, area: area[column])


def _shown(shown: Column) -> _Compiled:
    return _leaf(lambda _, area: next(iter(shown.of({shown.column: (area[shown.column],)}))))


def _always(value: Any) -> _Compiled:
    return _leaf(lambda _, __: value)


_AREA: Mapping[str, _Compiled] = {name: _shown(shown) for name, shown in AREA.items()}
_ALERTS: Mapping[str, _Compiled] = {
    "__typename": _always("AlertSummary"),
    "raised": _sum("alerts"),
    "open": _sum("open_alerts"),
    "acknowledged": _sum("acknowledged"),
    # What is open less what is not due yet, as `summary_alerts` counts it.
    "overdue": _leaf(lambda _, area: (area["open_alerts"] or 0) - (area[WAITING] or 0), "open_alerts", WAITING),
}
_FIGURES: Mapping[str, _Compiled] = {
    "__typename": _always("AreaSummary"),
    "asOf": _leaf(lambda family, _: family.as_of.isoformat()),
    "disease": _leaf(lambda family, _: family.disease),
    "from": _always(None),
    "to": _always(None),
    "area": lambda node, wanted: _object(node, _AREA, wanted),
    "alerts": lambda node, wanted: _object(node, _ALERTS, wanted),
    "declared": _sum("declared"),
    "confirmed": _sum("confirmed"),
    "active": _sum("active"),
    "hospitalised": _sum("hospitalised"),
    "completed": _sum("completed"),
    "deceased": _sum("deceased"),
    "severe": _sum("severe"),
    "highRisk": _sum("high_risk"),
    "pending": _sum("pending"),
    "contacted": _sum("contacted"),
}

_known: "WeakKeyDictionary[Plan, _Asked | None]" = WeakKeyDictionary()


async def plain_summary(context: Context, area_id: str | None, disease: str | None) -> AreaSummary | None:
    """The answer where the operation asks for such figures of the actor's own area; None where it goes another way.

    Whoever asks the same at the same moment, with the same sight, shares the reading and the answer's bytes.
    """
    actor, operation, runtime = context.actor, context.operation, context.runtime
    where = own_range(actor, Action.SEE_SUMMARY, area_id)
    asked = None if where is None else _asked(context)
    if where is None or asked is None or actor.area_id is None or (alone := operation.alone()) is None:
        return None
    about = (actor.area_id, where, disease or runtime.disease)

    async def read() -> Ready | None:
        now = runtime.clock.now()
        moment = now, runtime.clock.day(now)
        family = await read_family(alone, *about, *moment, sums=asked.sums, parts=asked.parts)
        return None if family is None else Ready(orjson.Fragment(orjson.dumps(asked.shown(family, family.area))))

    return cast("AreaSummary | None", await operation.shared(runtime.reading, alone, (context.plan, about), read))


def _asked(context: Context) -> _Asked | None:
    root, plan = plain_root(context, "areaSummary"), context.plan
    if root is None or plan is None:
        return None
    if plan not in _known:
        sums: _Sums = set()
        shown = _object(root, {**_FIGURES, "children": _parts}, sums)
        parts = any(node.name.value == "children" for node in (plain_fields(root.selection_set) or {}).values())
        _known[plan] = None if shown is None else _Asked(shown, frozenset(sums), parts)
    return _known[plan]


def _parts(node: FieldNode, wanted: _Sums) -> Shown | None:
    one = _object(node, _FIGURES, wanted)
    if one is None or node.arguments:
        return None
    return lambda family, _: [one(family, part) for part in family.parts]


def _object(node: FieldNode, known: Mapping[str, _Compiled], wanted: _Sums) -> Shown | None:
    made: list[tuple[str, Shown]] = []
    for key, leaf in (plain_fields(node.selection_set) or {}).items():
        shown = known[leaf.name.value](leaf, wanted) if leaf.name.value in known else None
        if shown is None:
            return None
        made.append((key, shown))
    return (lambda family, area: {key: shown(family, area) for key, shown in made}) if made else None

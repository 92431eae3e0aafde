"""Taking a wall down, or making a hole in it, to see that the other one holds and that the property can fail.

This is the one place where our own code is patched: the wall itself, wherever a module has taken it by its name.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from access import policy, visible
from access.actor import Actor
from access.authenticate import Place
from access.jurisdiction import Jurisdiction
from access.policy import Action
from alerts.listener import Listener
from graph.schema import resolved
from models import database
from models.area import Area
from models.case import Case
from services import load_alerts, place

_OURS = ("access", "alerts", "graph", "services")
_EVERYWHERE = Jurisdiction(-(2**31), 2**31 - 1)


@contextmanager
def replaced(original: Callable[..., Any], by: Callable[..., Any]) -> Iterator[None]:
    """Every module of ours that knows `original` under some name is given `by` instead."""
    held = [
        (module, name)
        for title, module in list(sys.modules.items())
        if title.partition(".")[0] in _OURS
        for name, value in list(vars(module).items())
        if value is original
    ]
    for module, name in held:
        setattr(module, name, by)
    try:
        yield
    finally:
        for module, name in held:
            setattr(module, name, original)


@contextmanager
def patched(holder: object, name: str, value: object) -> Iterator[None]:
    """One name of one module or class is something else for a while."""
    kept = getattr(holder, name)
    setattr(holder, name, value)
    try:
        yield
    finally:
        setattr(holder, name, kept)


@contextmanager
def without_the_first_wall() -> Iterator[None]:
    """Every role may everything everywhere, as far as the program is asked; only the database still refuses."""

    def everywhere(actor: Actor, action: Action) -> Jurisdiction:
        return _EVERYWHERE

    def every(actor: Actor, model: Any, connection: Any) -> Any:
        return model.all().using_db(connection)

    def named(actor: Actor, row: Any) -> bool:
        return True

    with (
        replaced(visible.scope, everywhere),
        replaced(visible.visible, every),
        replaced(visible.reachable, every),
        replaced(visible.names, named),
        replaced(resolved.require, lambda actor, action: None),
    ):
        yield


@contextmanager
def without_the_second_wall() -> Iterator[None]:
    """Whatever the application asks is asked under the service's login, which passes every policy."""
    whole = database._transaction

    def passing(alias: str, *rest: Any) -> Any:
        return whole(database.SERVICE, *rest)

    with patched(database, "_transaction", passing):
        yield


@contextmanager
def cases_without_their_range() -> Iterator[None]:
    """`visible` forgets the range of areas for one table."""
    whole = visible.visible

    def holed(actor: Actor, model: Any, connection: Any) -> Any:
        if model is Case and policy.may(actor, Action.SEE_CASES):
            return model.all().using_db(connection)
        return whole(actor, model, connection)

    with replaced(visible.visible, holed):
        yield


@contextmanager
def a_loader_without_scope() -> Iterator[None]:
    """The alerts of a case are loaded for whoever asks."""

    def holed(actor: Actor, model: Any, connection: Any) -> Any:
        return model.all().using_db(connection)

    with patched(load_alerts, "reachable", holed):
        yield


@contextmanager
def any_area_will_do() -> Iterator[None]:
    """The area that is asked about need not lie within the actor's."""
    whole = place.resolve_area

    async def holed(actor: Actor, action: Action, connection: Any, area_id: str | None) -> Any:
        if area_id is None:
            return await whole(actor, action, connection, area_id)
        area = await Area.get(id=area_id, using_db=connection)
        return area, Jurisdiction(area.lo, area.hi)

    with replaced(place.resolve_area, holed):
        yield


@contextmanager
def a_name_for_everybody() -> Iterator[None]:
    """Whoever hears alerts is given whole cases, and who they are is unsealed without a question."""

    async def rows(actor: Actor, connection: Any, ids: Any) -> Any:
        where = visible.scope(actor, Action.SEE_ALERTS)
        return await Case.filter(id__in=list(ids), area_no__gte=where.lo, area_no__lte=where.hi).using_db(connection)

    with replaced(visible.outlines, rows), replaced(visible.names, lambda actor, row: True):
        yield


@contextmanager
def a_role_too_much() -> Iterator[None]:
    """Every account may do everything within its area."""
    with replaced(policy.may, lambda actor, action: actor.kind == "ACCOUNT"):
        yield


@contextmanager
def ears_without_scope() -> Iterator[None]:
    """A listener takes whatever the hub offers."""

    def holed(self: Listener, version: int, place: Place) -> None:
        self.version, self.where = version, _EVERYWHERE

    with patched(Listener, "stand", holed):
        yield


@contextmanager
def ears_that_forget_nothing() -> Iterator[None]:
    """A listener that stands where it stood when it joined, whatever its account has lost since."""
    whole = Listener.stand

    def holed(self: Listener, version: int, place: Place) -> None:
        if self.version < 0:
            whole(self, version, place)
        # It says that it has looked: who says nothing is asked again and again, and is shown nothing meanwhile.
        self.version = version

    with patched(Listener, "stand", holed):
        yield

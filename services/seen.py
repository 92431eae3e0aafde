"""What one operation has shown of persons, noted while it reads and written before its answer leaves."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from access.actor import Actor
from access.trail import Line


class Seen:
    """One row for each page, with the identifiers in it.

    The cases whose person was unsealed belong to the page where there is one; without a page, or with several, they
    are a row of their own.
    """

    def __init__(self) -> None:
        """Nothing was shown yet."""
        self._pages: list[tuple[str, list[str], dict[str, object]]] = []
        self._persons: dict[str, None] = {}

    def page(self, action: str, ids: Iterable[UUID | str], area_id: str | None = None) -> None:
        """These objects were shown; `area_id` is the area that was asked for. An empty page shows nothing."""
        if found := [str(id) for id in ids]:
            self._pages.append((action, found, {"area": area_id} if area_id else {}))

    def search(self, action: str, ids: Iterable[UUID], area_id: str | None, looked_through: int) -> None:
        """These were found among so many that were looked through: a trace also where nobody was found, and never of
        what was searched for."""
        self._pages.append((action, [str(id) for id in ids], {"area": area_id, "looked_through": looked_through}))

    def person(self, case_id: UUID) -> None:
        """The person of this case was unsealed for whoever asks."""
        self._persons[str(case_id)] = None

    def lines(self, actor: Actor, at: datetime) -> list[Line]:
        """The rows to write, and nothing noted any more."""
        pages, persons = self._pages, list(self._persons)
        self._pages, self._persons = [], {}
        if len(pages) == 1 and persons:
            [(action, ids, detail)] = pages
            # In the order shown, a case that is named already only once.
            objects = list(dict.fromkeys([*ids, *persons]))
            return [Line(actor, action, at, objects, {**detail, "persons": len(persons)})]
        lines = [Line(actor, action, at, ids, detail) for action, ids, detail in pages]
        if persons:
            lines.append(Line(actor, "see_person", at, persons, {"persons": len(persons)}))
        return lines

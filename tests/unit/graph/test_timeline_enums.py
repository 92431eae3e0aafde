"""A line of a timeline has a name in the API for everything that can be written."""

from graph.schema.timeline_enums import TimelineKind
from models.state import AlertChange, CaseEventKind


def test_every_kind_of_line_that_can_be_written_can_be_shown() -> None:
    written = {kind.value for kind in CaseEventKind} | {f"ALERT_{change.value}" for change in AlertChange}
    assert {kind.value for kind in TimelineKind} == written | {"DECLARED"}

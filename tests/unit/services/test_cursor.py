"""Cursors: read back where they were given, refused everywhere else."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cursor import (
    alert_cursor,
    number_cursor,
    page_cursor,
    read_alert_cursor,
    read_number_cursor,
    read_page_cursor,
)
from services.problem import InvalidCursor


@given(st.integers(0, 2**62))
def test_a_log_position_is_read_back(seq: int) -> None:
    assert read_alert_cursor(alert_cursor(seq)) == seq


def test_a_page_s_place_is_read_back_by_its_own_list_alone() -> None:
    at, id = datetime(2022, 3, 18, tzinfo=UTC), uuid4()
    cursor = page_cursor("alerts", 2, at, id)
    assert read_page_cursor("alerts", cursor) == (2, at, id)
    for refuse in (
        lambda: read_page_cursor("cases", cursor),
        lambda: read_alert_cursor(cursor),
        lambda: read_number_cursor("areas", cursor),
        lambda: read_page_cursor("alerts", number_cursor("alerts", 1, "x")),
    ):
        with pytest.raises(InvalidCursor):
            refuse()


@given(st.text(max_size=500))
def test_any_text_is_refused_and_never_breaks(text: str) -> None:
    for read in (read_alert_cursor, lambda text: read_page_cursor("cases", text)):
        try:
            read(text)
        except InvalidCursor:
            continue

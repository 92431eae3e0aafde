"""Rows made without the model's own way of being made."""

from datetime import UTC, datetime

import pytest

from models.alert import Alert
from models.identifier import uuid7
from models.loaded import filled

VALUES = {
    "id": uuid7(),
    "rank": 1,
    "area_no": 7,
    "reasons": [["a", None]],
    "raised_at": datetime.now(UTC),
    "version": 3,
}


def test_it_has_what_the_model_would_have_set() -> None:
    made, own = filled(Alert, **VALUES), Alert(**VALUES)
    assert type(made) is Alert
    assert vars(made) == vars(own)
    assert made == own


def test_two_of_them_share_nothing() -> None:
    one, other = filled(Alert, **VALUES), filled(Alert, **VALUES)
    one.rank = 0
    one.note = b"x"
    assert (other.rank, other.note) == (1, None)
    assert one._await_when_save is not other._await_when_save


@pytest.mark.parametrize("name", ["call_at", "counted_from", "note", "outcome", "acknowledged_by"])
def test_what_was_not_given_is_nothing(name: str) -> None:
    assert getattr(filled(Alert, **VALUES), name) is None

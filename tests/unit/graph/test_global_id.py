"""Ids that are opaque, and of no use for another type."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.global_id import global_id, global_ids, key_of, parse_global_id, uuid_of
from models.identifier import uuid7
from services.problem import NotFound


@given(st.uuids())
def test_an_id_leads_back_to_its_object(key: UUID) -> None:
    assert uuid_of("Alert", global_id("Alert", key)) == key


@given(st.text(max_size=300))
def test_whatever_else_is_sent_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        uuid_of("Alert", text)


def test_the_id_of_another_type_is_not_found() -> None:
    with pytest.raises(NotFound):
        key_of("Case", global_id("Area", "vn-79-2022-79"))
    assert parse_global_id(global_id("Area", "vn-79-2022-79")) == ("Area", "vn-79-2022-79")


@pytest.mark.parametrize("name", ["Case", "Declaration", "A", "Ab", "Abc", "~?~?"])
def test_many_ids_are_those_that_each_has_alone(name: str) -> None:
    keys = [uuid7() for _ in range(50)] + [UUID(int=0), UUID(int=2**128 - 1)]
    assert global_ids(name, [str(key) for key in keys]) == [global_id(name, key) for key in keys]
    assert global_ids(name, []) == []

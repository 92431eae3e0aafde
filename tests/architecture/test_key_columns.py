"""No column that a key has made something in can be forgotten by a rotation."""

from tortoise import fields
from tortoise.models import Model

import models
from services.key_columns import DERIVED, ENDED, KEPT, NOT_KEYED, SEALED

HASHED = ("hash", "origin", "grantee")
"""How a column is called, or ends, that holds a keyed hash."""

NAMED_OTHERWISE = {("rate_limit", "key"), ("evidence", "digest"), ("evidence", "owner")}
"""Columns that hold one and are called otherwise."""

KNOWN = {f"{one.table}.{one.column}" for one in SEALED} | DERIVED | ENDED | set(KEPT) | set(NOT_KEYED)


def made_with_a_key(table: str, name: str, field: object) -> bool:
    """Whether a column could hold something sealed or hashed, as far as its kind and name tell."""
    if isinstance(field, fields.BinaryField):
        return True
    return isinstance(field, fields.CharField) and (name.endswith(HASHED) or (table, name) in NAMED_OTHERWISE)


def columns() -> set[str]:
    """All such columns of the models."""
    found = set()
    for name in models.__all__:
        model: type[Model] = getattr(models, name)
        table = str(model._meta.db_table)
        found |= {
            f"{table}.{name}" for name, field in model._meta.fields_map.items() if made_with_a_key(table, name, field)
        }
    return found


def test_every_sealed_or_hashed_column_is_rotated_or_says_why_not() -> None:
    assert columns() - KNOWN == set()


def test_the_lists_name_no_column_that_is_not_there() -> None:
    assert KNOWN - columns() == set()


def test_no_column_stands_in_two_lists() -> None:
    lists = [{f"{one.table}.{one.column}" for one in SEALED}, DERIVED, ENDED, set(KEPT), set(NOT_KEYED)]
    assert sum(map(len, lists)) == len(KNOWN)


def test_a_new_column_of_that_kind_is_found() -> None:
    assert made_with_a_key("case", "evidence", fields.BinaryField())
    assert made_with_a_key("case", "street_hash", fields.CharField(max_length=64))
    assert not made_with_a_key("case", "state", fields.CharField(max_length=64))

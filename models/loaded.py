"""Rows of a statement of our own as the models that Tortoise would have made of them, at a tenth of its price."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from tortoise import fields
from tortoise.fields.base import Field
from tortoise.fields.data import CharEnumFieldInstance
from tortoise.models import Model

Row = TypeVar("Row", bound=Model)

# What asyncpg hands out as Python wants it; it makes moments in UTC, as Tortoise is set to here.
_AS_THEY_ARE = (
    *(fields.BinaryField, fields.BooleanField, fields.CharField, fields.DateField, fields.DatetimeField),
    *(fields.IntField, fields.SmallIntField, fields.BigIntField, fields.TextField, fields.UUIDField),
)


def loaded(model: type[Row], records: Sequence[Any], names: Sequence[str] | None = None, begin: int = 0) -> list[Row]:
    """A row of the model for each record of asyncpg's, all of one statement. What the records do not have the rows do
    not have either.

    With `names` these are what the records' values from number `begin` on are called: so one statement brings rows of
    several tables.
    """
    if not records:
        return []
    if names is None:
        # What is behind the columns is the statement's own and no part of the row.
        names = list(filter(model._meta.db_fields.__contains__, records[0].keys()))
    end = begin + len(names)
    partial = not model._meta.db_fields <= set(names)
    generated = model._meta.db_pk_column in model._meta.generated_db_fields
    converters = [(name, convert) for name, convert in _converters(model) if name in names]
    found: list[Row] = []
    for record in records:
        values: dict[str, Any] = dict(zip(names, record[begin:end], strict=True))
        for name, convert in converters:
            if (value := values[name]) is not None:
                values[name] = convert(value)
        # As Tortoise's own `_init_from_db` leaves them.
        values["_partial"], values["_saved_in_db"] = partial, True
        values["_custom_generated_pk"], values["_await_when_save"] = not generated, {}
        row = model.__new__(model)
        # All at once: the model's own way of being set looks at every name.
        object.__setattr__(row, "__dict__", values)
        found.append(row)
    return found


def filled(model: type[Row], **values: Any) -> Row:
    """What `model(**values)` makes, of values that are of their fields' types already, at a fiftieth of its price."""
    row = model.__new__(model)
    object.__setattr__(row, "__dict__", {**_blank(model), "_await_when_save": {}, **values})
    return row


@cache
def _blank(model: type[Model]) -> dict[str, Any]:
    # One that was given something would no longer have to make its key by itself.
    return vars(model())


@cache
def _converters(model: type[Model]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Of the columns that have to be made into something else."""
    found: list[tuple[str, Callable[[Any], Any]]] = []
    for name in model._meta.db_fields:
        field: Field[Any] = model._meta.fields_map[name]
        if isinstance(field, CharEnumFieldInstance):
            # Looked up, for calling the class takes three times as long.
            found.append((name, {member.value: member for member in field.enum_type}.__getitem__))
        elif type(field) not in _AS_THEY_ARE:
            found.append((name, field.to_python_value))
    return tuple(found)

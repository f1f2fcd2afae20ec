"""Flat columns: values from inside another column, so that SQL finds them without JSON.

`flat` declares one that is copied, such as ``contact_id`` from ``contact.id``. `with_amounts` gives every
amount of money one that holds it as a plain number, such as ``total_decimal`` from ``total``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.streams.columns import MONEY_DECIMAL, MONEY_UNITS, Schema, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WHOLE_UNITS = (
    "In whole units of the currency, such as dollars; computed by the tap from {path}. "
    "Null if there is no amount."
)


class FlatColumn(dict[str, Any]):
    """The JSON schema of a flat column.

    Attributes:
        path: Dotted path of the value, by the names of columns and properties. It may lead through objects,
            but not into lists.
        schema: What it was declared with.
    """

    def __init__(self, path: str, schema: Schema) -> None:
        """Declare the column.

        Args:
            path: Dotted path of the value.
            schema: Schema of the column: that of the value.
        """
        super().__init__(schema)
        self.path = path
        self.schema = schema

    @property
    def source(self) -> str:
        """The column that the value is in."""
        return self.path.partition(".")[0]


def flat(path: str, schema: Schema) -> FlatColumn:
    """Declare a column with a copy of a value from inside another column.

    Args:
        path: Dotted path of the value, as in ``contact.id``.
        schema: Schema of the column, as in ``text("Id of the contact.")``.
    """
    about = " ".join(filter(None, [schema.get("description"), f"A copy of {path}."]))
    column = FlatColumn(path, schema)
    column["description"] = about
    return column


def with_amounts(properties: Mapping[str, Schema]) -> dict[str, Schema]:
    """Add a flat column with the plain number after every column that holds an amount of money.

    Args:
        properties: The columns of a stream.

    Returns:
        The same columns, and for each amount, also for those in nested objects, a column that is named after
        its path: ``total_decimal`` or ``payment_plan_initial_payment_amount_decimal``.
    """
    found: dict[str, Schema] = {}
    for name, schema in properties.items():
        found[name] = schema
        for path, amount in _amounts(name, schema):
            about = amount["description"].removesuffix(MONEY_UNITS) + _WHOLE_UNITS.format(path=path)
            column = f"{path.replace('.', '_')}_{MONEY_DECIMAL}"
            found[column] = FlatColumn(f"{path}.{MONEY_DECIMAL}", number(about))
    return found


def _amounts(path: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the path and the schema of each amount of money, but for those in lists."""
    inside = schema.get("properties", {})
    if MONEY_DECIMAL in inside:
        yield path, schema
        return
    for name, inner in inside.items():
        yield from _amounts(f"{path}.{name}", inner)


def flat_columns(properties: Mapping[str, Schema]) -> dict[str, FlatColumn]:
    """Return the flat columns among the columns of a stream."""
    return {name: schema for name, schema in properties.items() if isinstance(schema, FlatColumn)}


def mistakes(properties: Mapping[str, Schema]) -> Iterator[str]:
    """Yield what is wrong with the flat columns of a stream, a clause each that names the column.

    Args:
        properties: Its columns.
    """
    columns = flat_columns(properties)
    for name, column in columns.items():
        found = _at(properties, column.path)
        if column.source not in properties:
            yield f"{name} is a copy of {column.path}, but {column.source!r} is not one of its columns"
        elif found is None:
            yield f"{name} is a copy of {column.path}, which is not in the schema of {column.source}"
        elif (found["type"], found.get("format")) != (column["type"], column.get("format")):
            yield f"{name} is a copy of {column.path}, which has another type"
    paths = {column.path for column in columns.values()}
    for name, schema in properties.items():
        for path, _ in _amounts(name, schema):
            if f"{path}.{MONEY_DECIMAL}" not in paths:
                yield f"{path} is an amount of money without a plain column; properties needs with_amounts"


def _at(properties: Mapping[str, Schema], path: str) -> Schema | None:
    """Return the schema at a dotted path; None if there is none."""
    name, _, rest = path.partition(".")
    schema = properties.get(name)
    if schema is None or not rest:
        return schema
    return _at(schema.get("properties", {}), rest)

"""Relations: which stream and column an id points to.

Every column that holds an id is declared with one of these, wherever it is nested, or refused at import:

id_of     the id of a row of another stream, or of this one; null if there is none
ids_of    a list of such ids
key_of    such an id that is part of the key, and never null
own_id    another id of the row itself, besides its key
other_id  an id that leads to no stream, and why
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.streams.columns import array, key, text
from tap_infusionsoft.streams.flat_columns import FlatColumn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_infusionsoft.streams.columns import Schema


class Relation(Struct, frozen=True):
    """What an id points to.

    Attributes:
        stream: The stream; empty if the id points to none.
        column: Its column that has the id.
        none: A value that is no id, such as ``0`` for none; empty if all values are.
        may_dangle: Whether rows keep the id when the row that it points to is deleted, or Keap's documents
            do not say for sure what it points to.
        why: Why it points to no stream; empty if it does, or if it is an id of the row itself.
    """

    stream: str = ""
    column: str = "id"
    none: str = ""
    may_dangle: bool = False
    why: str = ""

    @property
    def target(self) -> str:
        """The stream and the column, as in ``contacts.id``."""
        return f"{self.stream}.{self.column}"


class IdColumn(dict[str, Any]):
    """The JSON schema of a column that holds an id.

    Attributes:
        relation: What it points to.
    """

    def __init__(self, relation: Relation, schema: Schema) -> None:
        """Declare the column.

        Args:
            relation: What it points to.
            schema: Schema of the column.
        """
        super().__init__(schema)
        self.relation = relation


def id_of(stream: str, about: str, *, column: str = "id", none: str = "", may_dangle: bool = False) -> Schema:
    """Declare a column with the id of a row of a stream.

    Args:
        stream: The stream.
        about: Description. The target is added after its first clause: ``Id of the owner (users.id); null if
            nobody is.``
        column: Column of the stream that has the id.
        none: A value that is no id, such as ``0`` for none. The description names it.
        may_dangle: Whether rows keep the id when the row that it points to is deleted.
    """
    relation = Relation(stream, column, none, may_dangle)
    return IdColumn(relation, text(_pointing(about, relation)))


def ids_of(
    stream: str, about: str, *, column: str = "id", none: str = "", may_dangle: bool = False
) -> Schema:
    """Declare a column with a list of ids. The arguments are those of `id_of`."""
    relation = Relation(stream, column, none, may_dangle)
    return IdColumn(relation, array(text(), _pointing(about, relation)))


def key_of(stream: str, about: str, *, column: str = "id") -> Schema:
    """Declare a column that is part of the key, with the id of a row of a stream; see `id_of`."""
    relation = Relation(stream, column)
    return IdColumn(relation, key(_pointing(about, relation)))


def own_id(about: str) -> Schema:
    """Declare a column with another id of the row itself, besides its key."""
    return IdColumn(Relation(), text(about))


def other_id(about: str, why: str) -> Schema:
    """Declare a column with an id that leads to no stream.

    Args:
        about: Description.
        why: Why it leads to none, a sentence, which is added to the description.
    """
    return IdColumn(Relation(why=why), text(f"{about} {why}"))


def _pointing(about: str, relation: Relation) -> str:
    """Add what an id points to after the first clause of a description."""
    first = re.search(r"[.;,](?= |$)", about)
    end = first.start() if first else len(about)
    return f"{about[:end]} ({relation.target}){about[end:]}"


def columns(properties: Mapping[str, Schema]) -> list[tuple[str, Schema]]:
    """Return the path and the schema of every column of a stream, and of everything in them.

    Args:
        properties: The columns.
    """
    found: list[tuple[str, Schema]] = []
    _add_columns(found, properties, "")
    return found


def _add_columns(found: list[tuple[str, Schema]], properties: Mapping[str, Schema], above: str) -> None:
    for name, schema in properties.items():
        path = above + name
        found.append((path, schema))
        if "properties" in schema:
            _add_columns(found, schema["properties"], f"{path}.")
        elif "properties" in schema.get("items", ()):
            _add_columns(found, schema["items"]["properties"], f"{path}[].")


def relations(properties: Mapping[str, Schema]) -> dict[str, Relation]:
    """Return what each id of a stream points to.

    Args:
        properties: The columns of the stream.

    Returns:
        The path of each column, as in ``contact_id``, ``tag_ids[]`` or ``order_items[].product.id`` -> what
        it points to.
    """
    return {
        f"{path}[]" if "items" in schema else path: relation
        for path, schema in columns(properties)
        if (relation := _relation(schema)) is not None
    }


def _relation(schema: Schema) -> Relation | None:
    declared = schema.schema if isinstance(schema, FlatColumn) else schema
    return declared.relation if isinstance(declared, IdColumn) else None


def mistakes(properties: Mapping[str, Schema], keys: tuple[str, ...]) -> Iterator[str]:
    """Yield what is wrong with the ids of a stream by themselves, a clause each that names the column.

    Args:
        properties: Its columns.
        keys: Columns that identify a record.
    """
    found = columns(properties)
    for path, schema in found:
        relation = _relation(schema)
        if relation is None:
            if _is_id(path) and not _is_own_key(path, keys):
                yield f"{path} holds an id, but does not say of what; see streams/relations.py"
            continue
        if relation.none not in schema["description"]:
            yield f"{path} does not say what its value {relation.none!r} means"
        if isinstance(schema, FlatColumn) and relation != _relation(dict(found).get(schema.path, {})):
            yield f"{path} is a copy of {schema.path}, but declares another relation"


def _is_id(path: str) -> bool:
    """Whether the name of a column says that it holds ids."""
    return path.endswith(("_id", "_ids", ".id", ".ids")) or path in {"id", "ids"}


def _is_own_key(path: str, keys: tuple[str, ...]) -> bool:
    """Whether a column is the id of the row itself, not part of a key of ids of other rows."""
    return path in keys and (path == "id" or len(keys) == 1)

"""What a given catalog says, from any program: Singer's format with all its members, old and new.

A member is read where the format puts it. What the tap cannot go by is named in a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from tap_infusionsoft.client.redact import printable
from tap_infusionsoft.discovery.catalog_marks import MARK
from tap_infusionsoft.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_infusionsoft.streams.columns import Schema

Breadcrumb = tuple[str, ...]

FULL_TABLE = "FULL_TABLE"
INCREMENTAL = "INCREMENTAL"

_ENTRY = frozenset(
    {
        *("tap_stream_id", "stream", "stream_alias", "schema", "metadata", "selected"),
        *("key_properties", "replication_key", "bookmark_properties", "replication_method"),
    }
)
"""Members of an entry that are read. The others, such as is_view, say nothing to this tap."""
_ROOT = frozenset(
    {
        *("selected", "selected-by-default", "inclusion", "table-key-properties", "view-key-properties"),
        *("replication-key", "replication-method", "forced-replication-method"),
        *("valid-replication-keys", "schema-name"),  # discovery writes them for others to read
    }
)
"""Members of a stream's metadata that are read."""
_COLUMN = frozenset({"selected", "selected-by-default", "inclusion", "sql-datatype"})
"""Members of a column's metadata that are read, and what other tools leave there."""
_JSON_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


class Given(Struct, frozen=True):
    """What a catalog says about one stream.

    Attributes:
        stream: Its tap_stream_id.
        alias: Its name in messages.
        schema: Its schema; None if the catalog has none, so that the stream has all its columns.
        metadata: Breadcrumb -> metadata, that of the stream itself under an empty one.
        keys: Key columns that it names, if any.
        replication_keys: Columns that it names as bookmarks, if any.
        methods: Replication methods that it names.
        is_selected: Whether the stream is selected.
        says_if_selected: Whether that is said, rather than a default.
        ignored: Members that say nothing to this tap.
    """

    stream: str
    alias: str
    schema: Schema | None
    metadata: Mapping[Breadcrumb, Mapping[str, Any]] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    replication_keys: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    is_selected: bool = True
    says_if_selected: bool = True
    ignored: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the stream is to be read in full on every run."""
        return FULL_TABLE in self.methods


def with_stream_ids(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a catalog whose entries all have a tap_stream_id: their `stream`, if they came without one."""
    streams = document.get("streams")
    if not isinstance(streams, list):
        return {**document}
    return {**document, "streams": [_with_id(entry) for entry in streams]}


def _with_id(entry: Any) -> Any:
    if isinstance(entry, dict) and not entry.get("tap_stream_id") and entry.get("stream"):
        return {**entry, "tap_stream_id": entry["stream"]}
    return entry


def read_catalog(document: Mapping[str, Any]) -> dict[str, Given]:
    """Read a catalog.

    Args:
        document: The JSON object.

    Returns:
        What it says about each stream, by tap_stream_id.

    Raises:
        ConfigError: It is no catalog, or a stream is not as Singer specifies; the message names the stream.
    """
    streams = document.get("streams")
    if not isinstance(streams, list) or not streams:
        raise ConfigError(
            "--catalog has no list of streams. Run discovery again (in Meltano: --refresh-catalog)."
        )
    found: dict[str, Given] = {}
    for place, entry in enumerate(streams, 1):
        given = _read_entry(entry, place)
        if given.stream in found:
            raise ConfigError(f"--catalog: the stream {given.stream} is there twice. Remove one of them.")
        found[given.stream] = given
    return found


def _read_entry(entry: Any, place: int) -> Given:
    name = entry.get("tap_stream_id") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name:
        raise ConfigError(
            f"--catalog: stream {place} has no tap_stream_id. "
            "Run discovery again (in Meltano: --refresh-catalog)."
        )
    aliases = [one for one in (entry.get("stream_alias"), entry.get("stream"), name) if one]
    if not all(isinstance(one, str) for one in aliases):
        raise ConfigError(
            f"--catalog: stream and stream_alias of {name} must be names. "
            "Run discovery again (in Meltano: --refresh-catalog)."
        )
    schema = _read_schema(entry.get("schema"), name)
    metadata = _read_metadata(entry.get("metadata"), name)
    root = metadata.get((), {})
    said = _is_stream_selected(entry, root, schema or {})
    return Given(
        name,
        aliases[0],
        schema if schema and "properties" in schema else None,
        metadata,
        keys=_names(
            entry.get("key_properties"), root.get("table-key-properties"), root.get("view-key-properties")
        ),
        replication_keys=_names(
            root.get("replication-key"), entry.get("replication_key"), entry.get("bookmark_properties")
        ),
        methods=tuple(
            dict.fromkeys(
                str(one).upper()
                for one in (
                    root.get("replication-method"),
                    entry.get("replication_method"),
                    root.get("forced-replication-method"),
                )
                if one
            )
        ),
        is_selected=_is_true(root.get("selected-by-default", not root)) if said is None else said,
        says_if_selected=said is not None,
        ignored=tuple(_ignored(entry, metadata)),
    )


def _names(*places: Any) -> tuple[str, ...]:
    """The column names in all places, each once."""
    listed = [[one] if isinstance(one, str) else one for one in places]
    return tuple(dict.fromkeys(str(name) for one in listed if isinstance(one, list) for name in one))


def _ignored(entry: Mapping[str, Any], metadata: Mapping[Breadcrumb, Mapping[str, Any]]) -> Iterator[str]:
    """The members with a value that say nothing to this tap."""
    yield from (name for name, value in entry.items() if name not in _ENTRY and value not in (None, ""))
    for breadcrumb, members in metadata.items():
        known = _COLUMN if breadcrumb else _ROOT
        yield from (name for name in members if name not in known and not name.startswith(MARK))


# What is selected.


def _is_stream_selected(entry: Mapping[str, Any], root: Mapping[str, Any], schema: Schema) -> bool | None:
    """Whether a stream is selected; None if that is not said."""
    if root.get("inclusion") in {"unsupported", "automatic"}:
        return bool(root["inclusion"] == "automatic")
    # Catalogs from before there was metadata say it in the entry or the schema.
    for said in (root.get("selected"), entry.get("selected"), schema.get("selected")):
        if said is not None:
            return _is_true(said)
    return None


def is_selected(given: Given, breadcrumb: Breadcrumb, schema: Schema) -> bool:
    """Whether a property is selected, if what it is in is.

    Args:
        given: What the catalog says about the stream.
        breadcrumb: The property.
        schema: Its schema in the catalog.
    """
    members = given.metadata.get(breadcrumb, {})
    for where in (members, schema):
        if where.get("inclusion") in {"unsupported", "automatic"}:
            return bool(where["inclusion"] == "automatic")
        if where.get("selected") is not None:
            return _is_true(where["selected"])
    return _is_true(members.get("selected-by-default", True))


def _is_true(value: Any) -> bool:
    """A flag; some tools write it as text."""
    return value if isinstance(value, bool) else str(value).lower() not in {"false", "0", "no", "none", ""}


# The form of the parts.


def _read_metadata(metadata: Any, name: str) -> dict[Breadcrumb, Mapping[str, Any]]:
    entries = metadata or []
    if isinstance(entries, list) and all(_is_metadata(one) for one in entries):
        return {tuple(map(str, one["breadcrumb"])): one["metadata"] for one in entries}
    raise ConfigError(
        f"--catalog: the metadata of {name} is not a list of objects with breadcrumb and metadata. "
        "Run discovery again (in Meltano: --refresh-catalog)."
    )


def _is_metadata(value: Any) -> bool:
    match value:
        case {"breadcrumb": list(), "metadata": dict()}:
            return True
        case _:
            return False


def _read_schema(schema: Any, name: str) -> Schema | None:
    if schema is None:
        return None
    if not isinstance(schema, dict) or not isinstance(schema.get("properties", {}), dict):
        raise ConfigError(
            f"--catalog: the schema of {name} is no object with properties. "
            "Run discovery again (in Meltano: --refresh-catalog)."
        )
    for column, inner in schema.get("properties", {}).items():
        if not _is_schema(inner):
            raise ConfigError(
                f"--catalog: the column {printable(column)} of {name} has no valid type. "
                "Run discovery again (in Meltano: --refresh-catalog)."
            )
    return schema


def _is_schema(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    kinds = schema.get("type", [])
    inner = schema.get("properties", {})
    return (
        _JSON_TYPES.issuperset(map(str, kinds if isinstance(kinds, list) else [kinds]))
        and isinstance(inner, dict)
        and all(map(_is_schema, inner.values()))
        and ("items" not in schema or _is_schema(schema["items"]))
    )


def not_honored(catalog: Iterable[Given]) -> list[str]:
    """A sentence about the members of a catalog that say nothing to this tap; none if there are none."""
    names = sorted({printable(name) for given in catalog for name in given.ignored})
    if not names:
        return []
    return [f"The catalog has members that this tap does not go by, and ignores: {', '.join(names)}."]

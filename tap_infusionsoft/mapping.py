"""On which ways the records of a stream leave: as they are, through `stream_maps`, flattened.

The grammar and the expressions of stream maps are the SDK's. What comes out of them is made to conform to the
schema that the SDK announces for it, which it does not do itself.
"""

from __future__ import annotations

import ast
import copy
import fnmatch
import importlib.util
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from singer_sdk.exceptions import MappingError

# Private to the SDK, read in 0.54.9: the one place that knows how the names of flattened columns are made.
from singer_sdk.helpers._flattening import DEFAULT_FLATTENING_SEPARATOR, DEFAULT_MAX_KEY_LENGTH, flatten_key
from singer_sdk.mapper import (
    MAPPER_ALIAS_OPTION,
    MAPPER_ELSE_OPTION,
    MAPPER_FILTER_OPTION,
    MAPPER_KEY_PROPERTIES_OPTION,
    MAPPER_SOURCE_OPTION,
    NULL_STRING,
    PluginMapper,
    RemoveRecordTransform,
    SameRecordTransform,
)

from tap_infusionsoft.client.redact import printable
from tap_infusionsoft.errors import ConfigError, did_you_mean
from tap_infusionsoft.records.coerce import coercion
from tap_infusionsoft.records.flattening import Flattening, SameNameError
from tap_infusionsoft.records.repair_log import RepairLog
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Mapping, Sequence

    from singer_sdk.mapper import StreamMap

    from tap_infusionsoft.records.coerce import Coerce
    from tap_infusionsoft.streams.columns import Schema

Record = dict[str, Any]

_FLATTENING = ("flattening_enabled", "flattening_max_depth")
_SEPARATORS = ("flattening_separator", "flattening_max_key_length")


class Outlet:
    """One way on which the records of a stream leave.

    Attributes:
        name: Name of the stream in messages.
        schema: The schema of the records that leave.
        keys: Their key columns.
        is_plain: Whether records leave as they are.
        map: The SDK's map.
    """

    def __init__(self, mapped: StreamMap, name: str, flattening: Flattening | None, source: Schema) -> None:
        """Prepare the way.

        Args:
            mapped: The SDK's map, which does not flatten.
            name: Name of the stream in messages.
            flattening: What flattens records after the map; None to leave them nested.
            source: The schema of the records that come.
        """
        self.name = name
        self.keys = list(mapped.transformed_key_properties or ())
        self.is_plain = type(mapped) is SameRecordTransform and flattening is None
        self.schema: Schema = flattening.schema if flattening else mapped.transformed_schema
        self.map = mapped
        self._is_mapped = type(mapped) is not SameRecordTransform
        self._flattening = flattening
        self._rows = 0
        self._log = RepairLog(name, self.schema["properties"], self.keys)
        nested = mapped.transformed_schema["properties"] if self._is_mapped else {}
        self._passed = {one for one, schema in nested.items() if source["properties"].get(one) == schema}
        self._coerce: dict[str, Coerce] = {
            one: coercion(schema, one, self._log) for one, schema in nested.items()
        }

    def __call__(self, record: Record) -> Record | None:
        """Return what becomes of a record; None if it is filtered out.

        Raises:
            ConfigError: An expression fails, or leaves a record without its key.
        """
        if self.is_plain:
            return record
        self._rows += 1
        found: Record | None = record
        if self._is_mapped:
            found = self._transformed(record)
        if found is None:
            return None
        if self._flattening is not None:
            found = self._flattening(found)
            if self._flattening.unknown:
                self._log.note_unknown(self._flattening.unknown)
                self._flattening.unknown.clear()
        if self._log.pending:
            self._log.settle([found.get(name) for name in self._log.key], self._rows)
        return found

    def messages(self) -> list[str]:
        """Which values were changed since the last time, a sentence each without its full stop."""
        found = self._log.messages()
        self._log.clear()
        return found

    def _transformed(self, record: Record) -> Record | None:
        try:
            mapped = self.map.transform(record)
        except MappingError as error:
            raise _wrong_maps(error) from None
        except Exception as error:  # noqa: BLE001  # whatever an expression can raise
            # Its text may quote the record.
            raise ConfigError(
                f"stream_maps: an expression for {self.name} fails in record {self._rows} with "
                f"{type(error).__name__}. Make the expression take every value of its columns, also null."
            ) from None
        if mapped is None:
            return None
        found = {
            name: value
            if name in self._passed and value is record.get(name)
            else self._coerce[name](_plain(value))
            for name, value in mapped.items()
            if name in self._coerce
        }
        for key in self.keys:
            if found.get(key) is None:
                raise ConfigError(
                    f"stream_maps: the key {key} of {self.name} is null in record {self._rows}. "
                    "Correct its expression, or choose another key with __key_properties__."
                )
        return found


class Outlets:
    """Finds the outlets of streams."""

    def __init__(self, config: Mapping[str, Any], logger: logging.Logger) -> None:
        """Read the settings of the SDK.

        Args:
            config: The configuration.
            logger: Where the SDK's mapper logs.

        Raises:
            ConfigError: They contradict themselves.
        """
        own = {name: value for name, value in config.items() if name not in _FLATTENING}  # done here
        maps = copy.deepcopy(config.get("stream_maps") or {})  # the SDK takes parts out of it
        self._has_maps = bool(maps)
        own["stream_maps"] = {name: _removals_last(one) for name, one in maps.items()}
        try:
            self._mapper = PluginMapper(plugin_config=own, logger=logger)
        except MappingError as error:
            raise _wrong_maps(error) from None
        is_enabled, depth = (config.get(name) for name in _FLATTENING)
        if is_enabled and (depth is None or depth < 0):
            raise ConfigError(
                "flattening_enabled needs flattening_max_depth. Set it to the levels of objects to flatten, "
                "such as 1."
            )
        self._depth = depth if is_enabled and depth is not None else 0
        separator, longest = (config.get(name) for name in _SEPARATORS)
        self._name_of = partial(
            _flat_name,
            separator=DEFAULT_FLATTENING_SEPARATOR if separator is None else separator,
            longest=DEFAULT_MAX_KEY_LENGTH if longest is None else longest,
        )

    def of(
        self,
        stream: str,
        alias: str,
        schema: Schema,
        keys: Sequence[str],
        copies: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Outlet]:
        """The outlets of a stream; none if maps remove it.

        Args:
            stream: Name of the stream, by which maps are found.
            alias: Its name in messages, unless a map gives another.
            schema: Schema of its records.
            keys: Their key columns.
            copies: Flat column -> path of its value.

        Raises:
            ConfigError: A map is wrong.
        """
        maps = self._maps(stream, schema, keys) if self._has_maps else [_unmapped(stream, schema, keys)]
        return [self._outlet(one, stream, alias, schema, copies) for one in maps if not _removes(one)]

    def _maps(self, stream: str, schema: Schema, keys: Sequence[str]) -> list[StreamMap]:
        try:
            self._mapper.register_raw_stream_schema(stream, schema, list(keys))
        except (MappingError, NotImplementedError) as error:
            raise _wrong_maps(error) from None
        return list(self._mapper.stream_maps[stream])

    def _outlet(
        self, mapped: StreamMap, stream: str, alias: str, schema: Schema, copies: Mapping[str, str]
    ) -> Outlet:
        name = alias if mapped.stream_alias == stream else mapped.stream_alias
        if not isinstance(name, str):
            raise _wrong(f"the alias of {stream} is no text, but {type(name).__name__}")
        flattening = None
        if self._depth > 0:
            try:
                flattening = Flattening(mapped.transformed_schema, self._depth, self._name_of, copies)
            except SameNameError as error:
                raise ConfigError(
                    f"flattening makes two columns of {name} that are named {error}. Set another "
                    "flattening_separator or a higher flattening_max_key_length, or rename one in "
                    "stream_maps."
                ) from None
        return Outlet(mapped, name, flattening, schema)


def check_names(outlets: Mapping[str, Iterable[Outlet]]) -> None:
    """Refuse two ways out of one name: rows would overwrite each other, and versions delete the others'.

    Args:
        outlets: The outlets of each stream, by its name.

    Raises:
        ConfigError: There are two; the message names the streams.
    """
    owners: dict[str, str] = {}
    for stream, own in outlets.items():
        for outlet in own:
            if (other := owners.setdefault(outlet.name, stream)) != stream or outlet.name in [
                one.name for one in own if one is not outlet
            ]:
                whom = f"{other} and {stream} would both" if other != stream else f"{stream} would twice"
                raise ConfigError(
                    f"{whom} be written as {outlet.name!r}, and their rows would overwrite each other. "
                    "Give them other names in stream_maps, or in stream and stream_alias of the catalog."
                )


def check_maps(maps: Any) -> None:
    """Check the form of `stream_maps`. The SDK's own check of it fails on some mistakes (0.54.9).

    Raises:
        ConfigError: It is not in the SDK's grammar; the message says where.
    """
    if not isinstance(maps, dict | None):
        raise _wrong("it must be an object")
    for name, definition in (maps or {}).items():
        if name == MAPPER_ELSE_OPTION:
            _check_else(name, definition)
        elif name.startswith("__"):
            raise _wrong(f"{name} is not expected")
        elif isinstance(definition, dict):
            if {MAPPER_SOURCE_OPTION, MAPPER_ALIAS_OPTION} <= definition.keys():
                raise _wrong(
                    f"{name}: {MAPPER_ALIAS_OPTION} cannot be combined with {MAPPER_SOURCE_OPTION}, because "
                    f"{name} is the new name already"
                )
            for member, value in definition.items():
                _check_member(f"{name}: {member}", member, value)
        elif definition not in (None, NULL_STRING):
            raise _wrong(f"{name} must be an object or null")


def _check_member(place: str, member: str, value: Any) -> None:
    if member == MAPPER_ELSE_OPTION:
        _check_else(place, value)
    elif member == MAPPER_KEY_PROPERTIES_OPTION:
        if value is not None and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise _wrong(f"{place} must be a list of columns")
    elif member in {MAPPER_SOURCE_OPTION, MAPPER_ALIAS_OPTION, MAPPER_FILTER_OPTION}:
        if not isinstance(value, str) or not value.strip():
            raise _wrong(f"{place} must be a text")
        if member == MAPPER_FILTER_OPTION:
            _check_expression(place, value)
    elif value is not None and not (isinstance(value, str) and value.strip()):
        raise _wrong(f"{place} must be an expression or null")
    elif value not in (None, NULL_STRING):
        _check_expression(place, value)


def _check_expression(place: str, text: str) -> None:
    """Refuse what is no expression whatever the columns are. The SDK finds out with the first record."""
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        statements = []
    if len(statements) != 1 or not isinstance(statements[0], ast.Expr):
        raise _wrong(f"{place} is no expression")
    names = {node.id for node in ast.walk(statements[0]) if isinstance(node, ast.Name)}
    if "fake" in names and importlib.util.find_spec("faker") is None:
        raise _wrong(f"{place} uses fake, for which the package faker must be installed beside the tap")


def _check_else(place: str, value: Any) -> None:
    if value not in (None, NULL_STRING):
        raise _wrong(f"{place} must be null, which leaves out all others")


def check_streams(maps: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse names of streams in `stream_maps` that cannot be meant.

    Args:
        maps: The setting.
        known: The streams that there are or may be.

    Raises:
        ConfigError: A map is for no stream.
    """
    names = list(known)
    for name, definition in maps.items():
        if name == MAPPER_ELSE_OPTION:
            continue
        source = definition.get(MAPPER_SOURCE_OPTION, name) if isinstance(definition, dict) else name
        # Which saved searches there are is only known where one is read.
        if not source.startswith(SAVED_SEARCH) and not any(fnmatch.fnmatch(one, source) for one in names):
            raise ConfigError(
                f"stream_maps: there is no stream {source!r}. Correct the name.{did_you_mean(source, names)}"
            )


def _removals_last(definition: Any) -> Any:
    """The same map. A column that is removed before it is copied has lost its type by then (SDK 0.54.9)."""
    if not isinstance(definition, dict):
        return definition
    is_removal = {name: value in (None, NULL_STRING) for name, value in definition.items()}
    return {name: definition[name] for name in sorted(definition, key=is_removal.__getitem__)}


def _unmapped(stream: str, schema: Schema, keys: Sequence[str]) -> StreamMap:
    """The map of a stream that no setting names. The SDK would copy the whole schema for it."""
    mapped = SameRecordTransform(stream, {}, list(keys), flattening_options=None)
    mapped.transformed_schema = schema
    return mapped


def _removes(mapped: StreamMap) -> bool:
    return isinstance(mapped, RemoveRecordTransform)


def _wrong_maps(error: Exception) -> ConfigError:
    # Names of what simpleeval does not know (read in 1.0.8); other texts of its errors may quote the record.
    cause = error.__cause__
    unknown = getattr(cause, "func_name", None) or getattr(cause, "name", None)
    reason = f", as there is no column or function {printable(str(unknown))}" if unknown else ""
    return _wrong(f"{printable(str(error)).removesuffix('.')}{reason}")


def _wrong(what: str) -> ConfigError:
    return ConfigError(
        f"stream_maps: {what}. Correct it; https://sdk.meltano.com/en/latest/stream_maps.html explains how."
    )


def _flat_name(name: str, above: Sequence[str], *, separator: str, longest: int) -> str:
    return str(flatten_key(name, list(above), separator, max_key_length=longest))


def _plain(value: Any) -> Any:
    """A value that an expression has computed, as it would have come in JSON."""
    match value:
        case bool():
            return value
        case float():
            return Decimal(str(value))
        case datetime():
            return value.isoformat()
        case date() | timedelta():
            return str(value)
        case list() | tuple() | set():
            return [_plain(one) for one in value]
        case dict():
            return {str(name): _plain(one) for name, one in value.items()}
        case None | int() | str() | Decimal():
            return value
        case _:
            return str(value)

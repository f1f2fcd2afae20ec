"""What a catalog selects of a stream: columns, the fields to ask Keap for, and custom fields."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tap_infusionsoft.discovery.schema_drift import column_changes, field_id, matched
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.records.custom_fields import PREFIX, with_given_columns
from tap_infusionsoft.records.record_plan import RecordPlan
from tap_infusionsoft.streams.collection import CUSTOM_FIELDS, ROW_KEY

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from tap_infusionsoft.discovery.schema_drift import Matched
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.columns import Schema


class Selection:
    """What is selected of one stream.

    Attributes:
        schema: Schema of its records, from the catalog if there is one.
        mask: Breadcrumb -> whether it is selected.
        columns: The selected columns, in the order of the schema.
    """

    def __init__(
        self,
        account: Account,
        collection: Collection,
        schema: Schema,
        mask: Mapping[tuple[str, ...], bool],
        given: Mapping[str, str] | None = None,
    ) -> None:
        """The selection of a stream; nothing has been asked for yet.

        Args:
            account: The account, which knows its custom fields.
            collection: The declaration of the stream.
            schema: Schema of its records.
            mask: Breadcrumb -> whether it is selected.
            given: Columns of custom fields that were named before, by id.
        """
        self._given = given or {}
        self.schema = schema
        self.mask = mask
        self.columns = [name for name in schema["properties"] if mask["properties", name]]
        self._account = account
        self._collection = collection

    @property
    def fields(self) -> list[str]:
        """Value of the ``fields`` parameter: the selected columns that it takes; empty to leave it out."""
        collection = self._collection
        wire, flat = collection.wire.renamed, collection.flat
        needed = [flat[name].source if name in flat else name for name in self.columns]
        chosen = {wire.get(name, name) for name in needed}
        chosen |= {wire.get(name, name) for name in (*collection.keys, collection.changes.key) if name}
        if not self._custom_columns.isdisjoint(self.columns):
            chosen.add(CUSTOM_FIELDS)
        # Some names are upper case in the parameter and lower case in the response.
        asked = {
            name for name in collection.endpoint.fields.names if name in chosen or name.lower() in chosen
        }
        # The parameter is a list with commas, so a name with a comma cannot be asked for.
        all_of_them = asked == collection.endpoint.fields.names or any("," in name for name in asked)
        return [] if collection.endpoint.fields.all_by_default and all_of_them else sorted(asked)

    def record_plan(self, *, by_page: bool) -> RecordPlan:
        """Plan the records of the stream.

        Args:
            by_page: Whether records may leave as whole pages.

        Raises:
            KeapError: The model of the custom fields cannot be read.
        """
        custom = self.custom_fields
        if custom is None:
            return RecordPlan(self._collection, self.schema, self.mask, by_page)
        return RecordPlan(self._collection, self.schema, self.mask, by_page, custom.fields, custom.without)

    def check_catalog(self) -> Sequence[str]:
        """What changed since the catalog was made, a sentence each without its full stop.

        Raises:
            ConfigError: It was made with another setting of custom_fields, so columns would stay empty.
            KeapError: The model of the custom fields cannot be read.
        """
        name, properties = self._collection.name, self.schema["properties"]
        if self._collection.search.id and not properties.keys() - {ROW_KEY}:
            raise ConfigError(
                f"The catalog has no columns for {name}: somebody removed them, or when the catalog was "
                "made, Keap refused to describe it or streams did not name it. "
                "Run discovery again (in Meltano: --refresh-catalog)."
            )
        found: list[str] = []
        if self._collection.endpoint.fields.vary:
            found += column_changes(self._collection.schema["properties"], properties, self.columns)
        if self._collection.custom_fields is None:
            return found
        mode, columns = self._account.settings.custom_fields, self._custom_columns
        if (mode == "raw" and not columns.isdisjoint(self.columns)) or (
            mode == "columns" and CUSTOM_FIELDS in properties and not columns
        ):
            raise ConfigError(
                f"The catalog has other columns for custom fields than {name} has with the setting "
                f"custom_fields={mode}. "
                "Run discovery again (in Meltano: --refresh-catalog), or set custom_fields as it was."
            )
        if mode == "both" and CUSTOM_FIELDS not in properties:
            found.append(
                f"the catalog has no column {CUSTOM_FIELDS}. "
                "Run discovery again (in Meltano: --refresh-catalog) to load it"
            )
        return [*found, *(self.custom_fields.messages if self.custom_fields is not None else ())]

    @property
    def _custom_columns(self) -> set[str]:
        """The columns that hold one custom field each."""
        if self._collection.custom_fields is None:
            return set()
        return {name for name in self.schema["properties"] if name.startswith(PREFIX)}

    @property
    def column_names(self) -> dict[str, str]:
        """The columns that were named after something in Keap, by its id, or Keap's name in a saved search.

        Raises:
            KeapError: The model of the custom fields cannot be read.
        """
        if self._collection.search.id:
            return {wire: column for column, wire in self._collection.wire.renamed.items()}
        properties = self.schema["properties"]
        described = {field_id(properties[name]): name for name in self._custom_columns}
        live = self.custom_fields.fields if self.custom_fields is not None else ()
        return {ident: name for ident, name in described.items() if ident} | {
            field.id: field.column for field in live
        }

    @cached_property
    def custom_fields(self) -> Matched | None:
        """The custom fields of the selected columns; None if no columns are selected, which costs no call.

        Raises:
            KeapError: Their model cannot be read.
        """
        path = self._collection.custom_fields
        properties, own = self.schema["properties"], self._custom_columns
        columns = {name: schema for name, schema in properties.items() if name in own}
        selected = columns.keys() & set(self.columns)
        declined = bool(columns) and not selected
        if path is None or self._account.settings.custom_fields == "raw" or declined:
            return None
        found = self._matched(path, columns, selected)
        models = self._account.models
        # A catalog may be newer than what the state remembers.
        if not found.contradicted <= models.unexplained(path):
            if models.ask_again(path):
                found = self._matched(path, columns, selected)
            models.note_unexplained(path, found.contradicted)
        return found

    def _matched(self, path: str, columns: Mapping[str, Schema], selected: Container[str]) -> Matched:
        """Match the account's custom fields with columns.

        Args:
            path: Path of their model.
            columns: The columns, with their schemas.
            selected: Those that are selected.
        """
        live = with_given_columns(self._account.models.custom_fields(path), self._given)
        wanted = self._collection.query.custom_columns
        unwanted = frozenset(field.id for field in live if wanted is not None and field.column not in wanted)
        found = matched(
            [field for field in live if field.id not in unwanted],
            columns,
            selected,
            raw=CUSTOM_FIELDS in self.schema["properties"],
        )
        return replace(found, without=found.without | unwanted)

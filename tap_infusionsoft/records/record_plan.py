"""What the records of one stream are to look like, and what Keap sends for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_infusionsoft.records.custom_fields import CustomField
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.columns import Schema


class RecordPlan(Struct, frozen=True):
    """The plan for the records of one stream.

    Attributes:
        collection: The declaration of the stream.
        schema: Schema of its records: that of the catalog if there is one.
        mask: Breadcrumb -> whether it is selected.
        by_page: Whether records may leave as whole pages. Otherwise something on their way out needs single
            records.
        custom_fields: The custom fields that have a column; None if their values are not spread over columns.
        known_without_column: Ids of custom fields that have no column, as the user has been told already.
    """

    collection: Collection
    schema: Schema
    mask: Mapping[tuple[str, ...], bool]
    by_page: bool = False
    custom_fields: Sequence[CustomField] | None = None
    known_without_column: frozenset[str] = frozenset()

    @property
    def properties(self) -> Mapping[str, Schema]:
        """The schema of each column."""
        properties: Mapping[str, Schema] = self.schema["properties"]
        return properties

    @property
    def columns(self) -> list[str]:
        """The selected columns, in the order of the schema."""
        return [name for name in self.properties if self.is_selected("properties", name)]

    @property
    def flat(self) -> dict[str, str]:
        """Flat column -> path of its value, as in ``contact.id``."""
        return {name: column.path for name, column in self.collection.flat.items() if name in self.properties}

    def is_selected(self, *breadcrumb: str) -> bool:
        """Whether a property is selected."""
        return self.mask[breadcrumb]

    @property
    def dropped(self) -> frozenset[str]:
        """Names on the wire that are dropped without a warning."""
        collection = self.collection
        dropped = collection.wire.ignored
        if collection.parents is not None:
            dropped |= collection.parents.columns.keys()  # some only fill in the path
        if collection.fallback is not None:
            dropped |= collection.fallback.wire.ignored
        # If the catalog leaves out a declared column, somebody wanted that.
        left_out = collection.properties.keys() - self.properties.keys() - collection.flat.keys()
        return dropped | {collection.wire.name(name) for name in left_out}

"""The declaration of a stream. Everything that is known about a collection of Keap is data here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from tap_infusionsoft.streams.columns import key as key_property
from tap_infusionsoft.streams.replication import Changes, Snapshot, Updated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tap_infusionsoft.client.call import Shape
    from tap_infusionsoft.streams.columns import Schema

Paging = Literal["token", "offset", "none", "raw"]
Row = dict[str, Any]

ROW_KEY = "_row_key"
"""Key column of streams whose rows have none of their own."""


@dataclass(frozen=True, slots=True)
class Parents:
    """One walk of the pages for each row of another collection.

    Attributes:
        stream: Name of the collection that is walked.
        columns: What this stream takes from each of its rows: column of this stream, and name in the path ->
            column of the parent.
        setting: Setting with a list of ids that limits the parents, if there is one.
        in_window: Whether the parents are read by their time, as what is below them changes with them.
        only_if: Column of the parent that says whether there is anything below it.
    """

    stream: str
    columns: Mapping[str, str]
    setting: str | None = None
    in_window: bool = False
    only_if: str | None = None


@dataclass(frozen=True, slots=True)
class Batches:
    """One walk of the pages for each batch of ids of another collection.

    Attributes:
        stream: Name of the collection whose ids are asked for.
        column: Column of that collection that holds the ids.
        filter: Name of the filter that takes them, comma-separated.
        setting: Setting with a list of ids that limits them, if there is one.
        size: Most ids in one call.
    """

    stream: str
    column: str
    filter: str
    setting: str | None = None
    size: int = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting that names the rows to read, instead of all.

    Attributes:
        setting: The setting, a list.
        filter: Name of the filter that takes its values.
        path: Address of a single row, with ``{id}``, where there is no such filter.
        each: Whether the filter takes one value at a time.
        by_id: Whether its values are ids of the rows themselves.
        size: Most values in one call.

    With neither filter nor address everything is read, and the rows with these ids are kept.
    """

    setting: str
    filter: str = ""
    path: str = ""
    each: bool = False
    by_id: bool = False
    size: int = 100

    @property
    def is_pick(self) -> bool:
        """Whether rows are picked after reading."""
        return not self.filter and not self.path


@dataclass(frozen=True, slots=True)
class Crawl:
    """Rows can be asked for in the order of their ids, from any id on.

    Such a walk needs no page token, can be taken up anywhere, and loses nothing when rows that were already
    read are deleted meanwhile.

    Attributes:
        filter: Name of the id in filters, as in ``contact_id>91``.
        order_by: Name of the id in ``order_by``.
    """

    filter: str
    order_by: str = "id"


@dataclass(frozen=True, slots=True)
class Collection:
    """One stream.

    Attributes:
        name: Name of the stream.
        path: Below ``/crm/rest``; ``{column}`` stands for a column that `parents` or `each` gives.
        items: Key of the rows in an answer; None where the answer is one row.
        properties: JSON schema of each column.
        key: Columns that identify a row.
        changes: How the collection can be read incrementally.
        about: One sentence for the catalogue and the README.
        paging: ``token`` (v2), ``offset`` (v1), ``none``, or ``raw`` where the answer is a file.
        page_size: Most rows in one call.
        token: Key of the next page's token in an answer.
        method: ``POST`` only for the run of a report.
        params: Query parameters of every call.
        filters: Filters of every call.
        period: Names of the filters that start_date and end_date set in every run, where they do not choose rows
            but the time that sums are for.
        fields: Names that the ``fields`` parameter takes; it is sent with those that are selected. Keap leaves
            most of them out unless they are named.
        custom_fields: Path of the model that names the custom fields, if rows have any.
        custom_columns: The columns of custom fields that are wanted; None for all.
        sure_fields: Those of them that are documented; asked for when Keap refuses the others. Empty for all.
        fields_apart: Whether each field is a parameter of its own instead of one list with commas.
        all_fields: Whether leaving ``fields`` out means all of them.
        renamed: Columns whose name on the wire differs, as column -> wire name; what is nested, by its path, as
            in ``utm_parameters[].utm_source``.
        ignored: Properties on the wire that other streams carry; they are left out without a word.
        crawl: How rows can be walked by id.
        each: Sets of columns that the collection is read for one after another, as for each kind of record.
        parents: The collection that this one is read for each row of.
        batches: The collection whose ids this one is asked for.
        is_bare: Whether rows on the wire are texts instead of objects.
        unpack: Makes rows of what the wire calls one: of a list inside it, or of a bare value.
        chosen: Settings that name the rows to read, instead of all.
        asked: What the user's own query asks for, as the state keeps it: name -> conditions.
        row_key: Columns that the row key is made from, where rows have no key.
        fallback: Collection to read instead when Keap does not serve the path.
        default: Whether the stream is selected unless the user says otherwise.
        shape: How pages are decoded, once it is known what is wanted of them; None for plain documents.
    """

    name: str
    path: str
    items: str | None
    properties: Mapping[str, Schema]
    key: tuple[str, ...] = ("id",)
    changes: Changes = field(default_factory=Snapshot)
    about: str = ""
    paging: Paging = "token"
    page_size: int = 1000
    token: str = "next_page_token"  # noqa: S105
    method: str = "GET"
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    period: tuple[str, str] | None = None
    fields: frozenset[str] = frozenset()
    sure_fields: frozenset[str] = frozenset()
    fields_apart: bool = False
    all_fields: bool = False
    custom_fields: str | None = None
    custom_columns: frozenset[str] | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    crawl: Crawl | None = None
    each: tuple[Mapping[str, str], ...] = ()
    parents: Parents | None = None
    batches: Batches | None = None
    is_bare: bool = False
    unpack: Callable[[Any], Iterable[Row]] | None = None
    chosen: tuple[Choice, ...] = ()
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    row_key: tuple[str, ...] = ()
    fallback: Collection | None = None
    default: bool = True
    shape: Shape | None = None

    @property
    def schema(self) -> Schema:
        """The JSON schema of a row, without custom fields."""
        properties = dict(self.properties)
        if self.row_key:
            properties[ROW_KEY] = key_property(
                "Made by the tap, as Keap gives these rows no id: a digest of the row, and a number among equal rows."
            )
        return {"type": "object", "properties": properties}

    @property
    def unordered(self) -> Collection:
        """The same collection, read by pages only."""
        changes = self.changes
        return replace(
            self,
            crawl=None,
            changes=replace(changes, order_by="") if isinstance(changes, Updated) else changes,
        )

    @property
    def required(self) -> list[str]:
        """The columns that Keap must give a value for."""
        return [name for name, schema in self.properties.items() if isinstance(schema["type"], str)]

    @property
    def given(self) -> frozenset[str]:
        """The columns that do not come with the rows: ids of parents, for one."""
        parents = self.parents.columns.keys() if self.parents is not None else ()
        return frozenset(parents).union(*self.each)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        return (ROW_KEY,) if self.row_key else self.key

"""The declaration of a stream: everything the tap knows about one collection of Keap, as data.

A declaration checks itself when its module is imported. What needs more than one declaration, such as whether
a parent exists, is checked in `registry`.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal, get_args

from msgspec import Struct, field
from msgspec.structs import replace

from tap_infusionsoft.streams import flat_columns
from tap_infusionsoft.streams.columns import key as key_property
from tap_infusionsoft.streams.list_settings import LIST_SETTINGS
from tap_infusionsoft.streams.relations import relations
from tap_infusionsoft.streams.replication import Changes, Moved, Snapshot
from tap_infusionsoft.streams.row_transforms import Inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tap_infusionsoft.streams.columns import Schema
    from tap_infusionsoft.streams.flat_columns import FlatColumn
    from tap_infusionsoft.streams.relations import Relation

Paging = Literal["token", "offset", "none", "raw"]
Row = dict[str, Any]

ROW_KEY = "row_key"
"""Key column of streams whose rows have no key in Keap."""
CUSTOM_FIELDS = "custom_fields"
"""Column that holds custom fields as Keap sends them."""
PAGING = frozenset(
    {"next_page_token", "page_token", "next", "previous", "count", "limit", "offset", "sync_token"}
)
"""Members of an answer that are about its pages. Source: all lists of Keap's OpenAPI documents."""


class DeclarationError(ValueError):
    """A declaration is wrong. The message names the stream and the field."""


class Fields(Struct, frozen=True):
    """Columns that Keap sends only if the ``fields`` parameter names them.

    Attributes:
        names: The names that the parameter takes. Those that are selected are sent.
        sure: Those that Keap documents; asked for when it refuses the others. Empty for all.
        apart: Whether each name is its own parameter instead of one list with commas.
        all_by_default: Whether leaving the parameter out means all of them.
        vary: Whether each account has its own, which come and go.
    """

    names: frozenset[str] = frozenset()
    sure: frozenset[str] = frozenset()
    apart: bool = False
    all_by_default: bool = False
    vary: bool = False


class ById(Struct, frozen=True):
    """Rows can be asked for in the order of their ids, from any id on.

    Such a walk needs no page token, can resume anywhere, and loses nothing when rows that were already read
    are deleted in the meantime.

    Attributes:
        filter: Name of the id in filters, as in ``contact_id>91``.
        order_by: Name of the id in ``order_by``.
    """

    filter: str
    order_by: str = "id"


class Born(Struct, frozen=True):
    """Rows can be asked for by the time of their creation, which never changes, newest first.

    Attributes:
        column: Column with that time.
        order_by: Name of the same time in ``order_by``.
    """

    column: str
    order_by: str


class Endpoint(Struct, frozen=True):
    """Where a collection is, and how its pages are asked for.

    Attributes:
        path: Below ``/crm/rest``, or from ``/services`` on. ``{column}`` is filled in from
            `Collection.slices`.
        items: Key of the rows in an answer; None if the answer is one row.
        paging: ``token`` (v2), ``offset`` (v1), ``none``, or ``raw`` if the answer is a file.
        page_size: Most rows in one call.
        token: Key of the next page's token in an answer.
        method: ``POST`` only to run a report.
        params: Query parameters of every call.
        filters: Filters of every call.
        period: Names of the filters that start_date and end_date set on every run, if they do not select rows
            but the time that sums are for.
        by_id: How rows can be walked by id; None if they cannot.
        born: How rows can be asked for by their creation, where they are read by page token; None if they
            cannot.
        fields: The columns that must be asked for.
        walk: For collections of another API than REST: makes the walk over the pages of a slice, from a read
            plan, the slice, and the id of the last row that was read already.
    """

    path: str
    items: str | None
    paging: Paging = "token"
    page_size: int = 1000
    token: str = "next_page_token"  # noqa: S105
    method: str = "GET"
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    period: tuple[str, str] | None = None
    by_id: ById | None = None
    born: Born | None = None
    fields: Fields = Fields()
    walk: Callable[[Any, Any, int], Any] | None = None


class Wire(Struct, frozen=True):
    """How rows look in Keap's answers, where that differs from the columns.

    Attributes:
        renamed: Column -> its name on the wire. Nested ones go by path, as in
            ``utm_parameters[].utm_source``.
        ignored: Properties on the wire that are dropped without a warning, because other streams carry them.
        beside: Column -> member of the answer, beside the list of rows, whose value every row gets.
        left_out: Members of the answer, beside the list of rows, that are dropped without a warning -> why.
        total: Member of the answer with the number of all rows, on whatever page; empty if there is none.
        bare: Whether rows are texts instead of objects.
        unpack: Makes rows of what the wire calls one: of a list inside it, or of a bare value.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    beside: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    bare: bool = False
    unpack: Callable[[Any], Iterable[Row]] | None = None

    def name(self, column: str) -> str:
        """The name of a column on the wire."""
        return self.renamed.get(column, column)


class Sums(Struct, frozen=True):
    """A stream with sums of what is below each parent. If they change, something happened there.

    Attributes:
        stream: The stream.
        column: Its column with the id of the parent.
        amounts: Its columns with the sums.
    """

    stream: str
    column: str
    amounts: tuple[str, ...]


class PerParent(Struct, frozen=True):
    """The collection is read once for each row of another collection.

    Attributes:
        stream: Name of the other collection.
        columns: What this stream takes from each of its rows: column of this stream, and name in the path ->
            column of the parent.
        setting: Setting with a list of ids that limits the parents, if there is one.
        in_window: Whether the parents are read by their time, because what is below them changes with them.
        only_if: Column of the parent that says whether there is anything below it.
        unless: Values of that column for which there is nothing.
        lists: Column of the parent that lists what is below it. An empty list says that nothing is; null, or
            anything else, says nothing.
        id: Column of the parent that the setting names.
        changed: Column of the parent with the time of its last change, if what is below changes with it.
        shows: Columns of the parent that show some of what is below it, so that it changed if they did. The
            column in `lists` is one of them.
        sums: The sums of what is below each parent, if Keap gives them.
        rows_move: Whether rows can move from one parent to another. Then all parents are read twice, so that
            a row is not missed which moves to a parent that was already read.
    """

    stream: str
    columns: Mapping[str, str]
    setting: str | None = None
    in_window: bool = False
    only_if: str | None = None
    unless: frozenset[str] = frozenset()
    lists: str | None = None
    id: str = "id"
    rows_move: bool = False
    changed: str | None = None
    shows: tuple[str, ...] = ()
    sums: Sums | None = None

    def leads_on(self, parent: Mapping[str, Any]) -> bool:
        """Whether there may be anything below a parent, by its columns."""
        if self.lists is not None and parent.get(self.lists) == []:
            return False
        if self.only_if is None:
            return True
        value = parent.get(self.only_if)
        return bool(value) and value not in self.unless

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns of the parent that show some of what is below it."""
        return (*self.shows, *filter(None, [self.lists]))

    @property
    def ordered_by(self) -> str:
        """The column of the other collection that slices are ordered by."""
        return next(iter(self.columns.values()))

    @property
    def ordered_by_own(self) -> str:
        """The column of this collection that has it."""
        return next(iter(self.columns))


class ShownIn(Struct, frozen=True):
    """Rows of another collection show the keys of all rows of this one.

    Attributes:
        stream: Name of the other collection.
        column: Its column with a list. With the id of the row, each element is the key of a row of this one.
    """

    stream: str
    column: str


class PerBatch(Struct, frozen=True):
    """The collection is read once for each batch of ids of another collection.

    Attributes:
        stream: Name of the other collection.
        column: Its column that holds the ids.
        filter: Name of the filter that takes them, separated by commas.
        setting: Setting with a list of ids that limits them, if there is one.
        size: Most ids in one call.
    """

    stream: str
    column: str
    filter: str
    setting: str | None = None
    size: int = 100

    @property
    def ordered_by(self) -> str:
        """The column of the other collection that slices are ordered by."""
        return self.column


class PerValue(Struct, frozen=True):
    """The collection is read once for each of some fixed values, such as each kind of record.

    Attributes:
        values: Sets of columns, in order; they also fill in the path.
    """

    values: tuple[Mapping[str, str], ...]


class Choice(Struct, frozen=True):
    """A setting that names the rows to read, instead of all.

    Attributes:
        setting: The setting, a list.
        filter: Name of the filter that takes its values.
        path: Address of a single row, with ``{id}``, if there is no such filter.
        each: Whether the filter takes one value at a time.
        by_id: Whether its values are ids of the rows themselves.
        size: Most values in one call.

    With neither filter nor path everything is read, and the rows with these ids are kept.
    """

    setting: str
    filter: str = ""
    path: str = ""
    each: bool = False
    by_id: bool = False
    size: int = 100

    @property
    def is_one_by_one(self) -> bool:
        """Whether each value takes its own call, as Keap takes one at a time."""
        return self.each or bool(self.path)

    @property
    def is_pick(self) -> bool:
        """Whether rows are picked after reading."""
        return not self.filter and not self.path


class Query(Struct, frozen=True):
    """What one of the user's own queries asks for, in a stream that was made from it.

    Attributes:
        setting: Name under which its ids or values are found among the settings; empty if the stream is not a
            query.
        conditions: The stream that it asks and its filters, by name, as the state keeps them.
        custom_columns: The columns of custom fields that it wants; None for all.
    """

    setting: str = ""
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    custom_columns: frozenset[str] | None = None


class Search(Struct, frozen=True):
    """The saved search that a stream was made from.

    Attributes:
        id: Its id.
        label: Its name in Keap.
    """

    id: str = ""
    label: str = ""


class Collection(Struct, frozen=True, kw_only=True):
    """One stream.

    Attributes:
        name: Name of the stream.
        about: One sentence for the catalog and the table of streams.
        endpoint: Where its rows are.
        changes: How it can be read incrementally.
        key: Columns that identify a row.
        row_key: Columns that the row key is made from, if rows have no key.
        slices: What it is read for one after another: rows or ids of another collection, or fixed values.
        chosen: Settings that name the rows to read, instead of all.
        wire: How rows look in Keap's answers.
        custom_fields: Path of the model that names the custom fields, if rows have any.
        shown_in: What shows the keys of all its rows, if anything does.
        fallback: Collection to read instead if Keap does not serve the path.
        unserved: What to do if Keap serves neither the path nor the fallback, for accounts without it; empty
            if all accounts have it.
        selected_by_default: Whether the stream is selected unless the user says otherwise.
        query: The query of the user's that it was made from; an empty one if it was not.
        search: The saved search that it was made from; an empty one if it was not.
        properties: JSON schema of each column.

    Raises:
        DeclarationError: It contradicts itself.
    """

    name: str
    about: str = ""
    endpoint: Endpoint
    changes: Changes = Snapshot()
    key: tuple[str, ...] = ("id",)
    row_key: tuple[str, ...] = ()
    slices: PerParent | PerBatch | PerValue | None = None
    chosen: tuple[Choice, ...] = ()
    wire: Wire = Wire()
    custom_fields: str | None = None
    shown_in: ShownIn | None = None
    fallback: Collection | None = None
    unserved: str = ""
    selected_by_default: bool = True
    query: Query = Query()
    search: Search = Search()
    properties: Mapping[str, Schema]

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        for mistake in _mistakes(self):
            raise DeclarationError(f"{self.name or 'a stream without a name'}: {mistake}.")

    @property
    def schema(self) -> Schema:
        """The JSON schema of a row, without custom fields. Its description is that of the stream."""
        properties = {name: dict(schema) for name, schema in self.properties.items()}
        if self.row_key:
            properties[ROW_KEY] = key_property(
                "Made by the tap, as Keap gives these rows no id: a digest of the row, and a number among "
                "equal rows."
            )
        return {"type": "object", "description": self.about, "properties": properties}

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that identify a record."""
        return (ROW_KEY,) if self.row_key else self.key

    @property
    def flat(self) -> dict[str, FlatColumn]:
        """The columns that are taken from inside other columns."""
        return flat_columns.flat_columns(self.properties)

    @property
    def relations(self) -> dict[str, Relation]:
        """What each id points to, by the path of its column."""
        return relations(self.properties)

    @property
    def required(self) -> list[str]:
        """The columns that Keap must give a value for."""
        return [name for name in self.properties if self.requires(name)]

    def requires(self, column: str) -> bool:
        """Whether Keap must give a value for a column."""
        return column in self.properties and isinstance(self.properties[column]["type"], str)

    @property
    def parents(self) -> PerParent | None:
        """The collection that this one is read for each row of, if it is."""
        return self.slices if isinstance(self.slices, PerParent) else None

    @property
    def batches(self) -> PerBatch | None:
        """The collection whose ids this one is asked for, if it is."""
        return self.slices if isinstance(self.slices, PerBatch) else None

    @property
    def moved(self) -> tuple[Moved, ...]:
        """Orders by time that show changes between two complete reads."""
        return self.changes.moved if isinstance(self.changes, Snapshot) else ()

    @property
    def source(self) -> PerParent | PerBatch | None:
        """The other collection that this one takes ids from, if there is one."""
        return self.slices if isinstance(self.slices, PerParent | PerBatch) else None

    @property
    def values(self) -> tuple[Mapping[str, str], ...]:
        """The columns to read the collection for, one set after another; one empty set if there are none."""
        return self.slices.values if isinstance(self.slices, PerValue) else ({},)

    @property
    def given(self) -> frozenset[str]:
        """The columns that do not come with the rows, such as ids of parents."""
        sliced = (self.slices.columns,) if isinstance(self.slices, PerParent) else self.values
        return frozenset(self.wire.beside).union(*sliced)

    @property
    def known_beside(self) -> frozenset[str]:
        """The members of an answer, beside the list of rows, that are no surprise."""
        wire, endpoint = self.wire, self.endpoint
        given = map(wire.name, self.given)
        return PAGING.union(
            given,
            wire.beside.values(),
            wire.left_out,
            (endpoint.token, endpoint.items or "", wire.total),
        )

    @property
    def unordered(self) -> Collection:
        """The same collection, read by page token only."""
        return replace(
            self,
            endpoint=replace(self.endpoint, by_id=None, born=None),
            changes=self.changes.without_order(),
        )


# What can be wrong with a declaration.


def _mistakes(one: Collection) -> Iterator[str]:
    """What is wrong with a declaration, a clause each that names the field."""
    yield from _wrong_columns(one)
    if not one.query.setting:  # a query may leave out the columns that flat ones are taken from
        yield from flat_columns.mistakes(one.properties)
    yield from _wrong_endpoint(one)
    yield from _wrong_birth(one)
    yield from _wrong_settings(one)
    yield from _wrong_parts(one)
    yield from _wrong_moves(one)
    has_column = CUSTOM_FIELDS in one.properties and one.wire.unpack is None
    if has_column and one.custom_fields is None and not one.query.setting:
        yield f"properties has the column {CUSTOM_FIELDS}, but custom_fields names no model"
    if one.custom_fields is not None and CUSTOM_FIELDS not in one.properties and not one.query.setting:
        yield (
            f"custom_fields names the model {one.custom_fields}, but properties has no column {CUSTOM_FIELDS}"
        )


def _wrong_columns(one: Collection) -> Iterator[str]:
    named = {"row_key": one.row_key} if one.row_key else {"key": one.key}
    named |= {
        "changes": (one.changes.key,) if one.changes.key else (),
        "wire.renamed": tuple(re.split(r"[.\[]", path)[0] for path in one.wire.renamed),
        "wire.beside": tuple(one.wire.beside),
    }
    sources = {column.source for column in one.flat.values()}
    for place, columns in named.items():
        for column in columns:
            if column not in one.properties and (place != "wire.renamed" or column not in sources):
                yield f"{place} names {column!r}, which is not one of its columns"
            elif column in one.flat and place != "wire.renamed":
                yield f"{place} names {column!r}, which is taken from {one.flat[column].path}"
    if one.changes.key and one.properties[one.changes.key].get("format") != "date-time":
        yield f"changes goes by {one.changes.key!r}, which is not a time"
    for column in one.wire.beside:
        if column in one.properties and one.properties[column]["type"] != ["string", "null"]:
            yield f"wire.beside fills {column!r}, which is not a column of nullable text"
    for path in one.wire.renamed:
        if not _has_path(one.properties, path) and not one.query.setting:
            yield f"wire.renamed names {path!r}, which is not in its schema"


def _has_path(properties: Mapping[str, Schema], path: str) -> bool:
    """Whether a path such as ``utm_parameters[].utm_source`` leads to a property."""
    name, _, rest = path.partition(".")
    column = name.removesuffix("[]")
    schema = properties.get(column)
    if schema is None:
        return False
    inner: Schema = schema.get("items", {}) if name.endswith("[]") else schema
    return not rest or _has_path(inner.get("properties", {}), rest)


def _wrong_endpoint(one: Collection) -> Iterator[str]:
    endpoint, fields = one.endpoint, one.endpoint.fields
    if endpoint.walk is None and not endpoint.path.startswith(("/v1/", "/v2/", "/services/v2/")):
        yield f"endpoint.path is {endpoint.path!r}; it must begin with /v1/, /v2/ or /services/v2/"
    if endpoint.paging not in get_args(Paging):
        yield f"endpoint.paging is {endpoint.paging!r}; it must be one of {', '.join(get_args(Paging))}"
    if endpoint.items is None and endpoint.paging in {"token", "offset"}:
        yield (
            f"endpoint.items is missing, but a collection with paging={endpoint.paging!r} has a list of rows"
        )
    by_parents = one.parents is not None and one.parents.in_window
    if one.changes.order and endpoint.paging != "token" and not by_parents:
        yield f"changes walks by time, which needs endpoint.paging='token' instead of {endpoint.paging!r}"
    if endpoint.page_size < 1:
        yield f"endpoint.page_size is {endpoint.page_size}; it must be at least 1"
    if unknown := sorted(fields.sure - fields.names):
        yield f"endpoint.fields.sure names {unknown[0]!r}, which is not one of endpoint.fields.names"
    if taken := sorted(fields.names & one.flat.keys()):
        yield f"endpoint.fields.names has {taken[0]!r}, which is taken from {one.flat[taken[0]].path}"
    has_id = "id" in one.properties or one.wire.unpack is not None or endpoint.walk is not None
    if endpoint.by_id is not None and not has_id:
        yield "endpoint.by_id walks by id, but it has no column 'id'"
    filled = {name for _, name, _, _ in Formatter().parse(endpoint.path) if name}
    if missing := sorted(filled - one.given):
        yield f"endpoint.path needs {missing[0]!r}, which slices does not give"


def _wrong_birth(one: Collection) -> Iterator[str]:
    born = one.endpoint.born
    if born is None:
        return
    schema = one.properties.get(born.column, {})
    if schema.get("format") != "date-time" and not one.query.setting:  # a query may leave the column out
        yield f"endpoint.born goes by {born.column!r}, which is not a column with a time"
    if one.endpoint.paging != "token":
        yield f"endpoint.born needs endpoint.paging='token' instead of {one.endpoint.paging!r}"
    if one.slices is not None or one.wire.unpack is not None or one.row_key:
        yield "endpoint.born needs rows with a key, in one list of their own"


def _wrong_parts(one: Collection) -> Iterator[str]:
    unpack, time = one.wire.unpack, one.changes.key
    if isinstance(unpack, Inside) and unpack.path and time is not None and time not in unpack.carried:
        yield f"wire.unpack does not carry {time!r} along, the time of changes"


def _wrong_moves(one: Collection) -> Iterator[str]:
    if not one.moved:
        return
    is_split = one.slices is not None or bool(one.chosen) or one.wire.unpack is not None
    if one.endpoint.paging != "token" or is_split:
        yield "changes.moved is for a single list by page token, without slices, chosen or wire.unpack"
    for moved in one.moved:
        if one.properties.get(moved.key, {}).get("format") != "date-time":
            yield f"changes.moved names {moved.key!r}, which is not a column with a time"
    kept = [moved.key for moved in one.moved if moved.within is None]
    if len({*kept}) < len(kept):
        yield "changes.moved names the same column twice, so what is known of the two would be mixed up"


def _wrong_settings(one: Collection) -> Iterator[str]:
    named = [("chosen", choice.setting) for choice in one.chosen]
    if isinstance(one.slices, PerParent | PerBatch) and one.slices.setting:
        named.append(("slices", one.slices.setting))
    for place, setting in named:
        if setting not in LIST_SETTINGS and setting != one.query.setting:
            yield f"{place} names the setting {setting!r}, which does not exist"

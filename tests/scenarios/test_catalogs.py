"""Catalogs that other programs and people wrote.

With keys in metadata only, the SCHEMA had no key, and two loads made 600 rows of 300. A column that was
removed instead of deselected ended the stream in a KeyError. What the tap needs for itself comes from its own
declaration, and what it cannot go by is named.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.canary import KEY
from tests.fixtures import Run
from tests.strict_target import StrictTarget
from tests.virtual import VirtualClock

Catalog = dict[str, Any]
Entry = dict[str, Any]


@pytest.fixture
def target(run: Run) -> StrictTarget:
    run.target = StrictTarget()
    return run.target


def changed(catalog: Catalog, change: Callable[[Entry], object]) -> Catalog:
    """Return a copy of a catalog whose entries are changed."""
    catalog = copy.deepcopy(catalog)
    for entry in catalog["streams"]:
        change(entry)
    return catalog


def root(entry: Entry) -> dict[str, Any]:
    """Return the metadata of the stream itself."""
    return next(one["metadata"] for one in entry["metadata"] if not one["breadcrumb"])


def check_two_loads(run: Run, target: StrictTarget, catalog: Catalog, *streams: str) -> None:
    """Load twice, and check that every row is there once."""
    for _ in range(2):
        run.target.state = {}
        run(catalog=catalog)
        for stream in streams:
            assert tuple(target.keys(stream)) == COLLECTIONS[stream].keys
            assert len(target.rows(stream)) == len(run.box.records(stream))


def only(*names: str) -> Callable[[Entry], None]:
    def change(entry: Entry) -> None:
        for name in [one for one in entry if one not in names]:
            del entry[name]

    return change


def keys_in_metadata(entry: Entry) -> None:
    for name in ("key_properties", "replication_key", "replication_method"):
        entry.pop(name, None)
    entry["metadata"] = [
        {"breadcrumb": [], "metadata": {"selected": True, "table-key-properties": ["id"]}},
    ]


def old_style(entry: Entry) -> None:
    del entry["metadata"]
    entry["schema"]["selected"] = True
    for column in entry["schema"]["properties"].values():
        column["selected"] = True


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(keys_in_metadata, id="keys in metadata"),
        pytest.param(only("tap_stream_id", "schema"), id="no metadata"),
        pytest.param(only("tap_stream_id"), id="names only"),
        pytest.param(only("stream", "schema"), id="no id"),
        pytest.param(lambda entry: root(entry).update(inclusion=None, selected="true"), id="flags as text"),
        pytest.param(lambda entry: entry.update(key_properties=[], metadata=[]), id="empty lists"),
        pytest.param(lambda entry: entry.update(metadata=entry["metadata"][1:2]), id="no root"),
        pytest.param(lambda entry: entry.update(schema={}), id="empty schema"),
        pytest.param(lambda entry: entry.update(schema=None), id="null schema"),
        pytest.param(lambda entry: entry["schema"].pop("type"), id="no type"),
        pytest.param(old_style, id="before metadata"),
    ],
)
def test_a_catalog_of_another_style_loads_every_row_once(
    run: Run, target: StrictTarget, change: Callable[[Entry], object]
) -> None:
    check_two_loads(run, target, changed(run.catalog("tags", "users"), change), "tags", "users")


@pytest.mark.parametrize("stream", ["tags", "contacts", "affiliate_clawbacks", "orders"])
def test_what_the_tap_needs_may_be_removed_from_the_schema(
    run: Run, target: StrictTarget, stream: str
) -> None:
    """Keys leave all the same. Times and parts of row keys are used, but do not leave."""
    collection = COLLECTIONS[stream]
    whole = {row[collection.keys[0]] for row in run(stream).rows(stream)}
    needed = {*collection.keys, *collection.row_key, *collection.required, collection.changes.key} - {None}

    def change(entry: Entry) -> None:
        properties = entry["schema"]["properties"]
        left = next(name for name in properties if name not in needed)
        entry["schema"]["properties"] = {left: properties[left]}

    catalog = changed(run.catalog(stream), change)
    run.target = target = StrictTarget()
    run(catalog=catalog)
    assert {row[collection.keys[0]] for row in target.rows(stream)} == whole
    columns = set(catalog["streams"][0]["schema"]["properties"]) | set(collection.keys)
    assert all(row.keys() == columns for row in target.rows(stream))
    if collection.changes.is_timed:
        run.clock.pass_time(86_400)
        assert run(catalog=catalog).count("RECORD", stream) < len(whole)


def test_properties_inside_columns_may_be_removed_or_deselected(run: Run, target: StrictTarget) -> None:
    def change(entry: Entry) -> None:
        properties = entry["schema"]["properties"]
        del properties["company"]["properties"]["company_name"]
        del properties["addresses"]["items"]["properties"]["line1"]
        deselected = ["properties", "email_addresses", "items", "properties", "email"]
        entry["metadata"].append({"breadcrumb": deselected, "metadata": {"selected": False}})

    run(catalog=changed(run.catalog("contacts"), change))
    rows = target.rows("contacts")
    assert len(rows) == len(run.box.records("contacts"))
    assert all("company_name" not in (row["company"] or {}) for row in rows)
    assert all("line1" not in one for row in rows for one in row["addresses"] or ())
    addresses = [one for row in rows for one in row["email_addresses"] or ()]
    assert addresses
    assert all("email" not in one and "field" in one for one in addresses)
    schema = target.schemas["contacts"]["properties"]["email_addresses"]
    assert "email" not in schema["items"]["properties"]


@pytest.mark.parametrize(
    ("members", "selected"),
    [
        ({"selected": True}, True),
        ({"selected": False}, False),
        ({"selected-by-default": True}, True),
        ({"selected-by-default": False}, False),
        ({"selected": False, "selected-by-default": True}, False),
        ({"inclusion": "automatic"}, True),
        ({"inclusion": "unsupported", "selected": True}, False),
        ({"inclusion": "available", "selected": "false"}, False),
        ({"table-key-properties": ["id"]}, False),
    ],
)
def test_a_stream_is_selected_where_the_format_says_so(
    run: Run, target: StrictTarget, members: dict[str, Any], *, selected: bool
) -> None:
    def change(entry: Entry) -> None:
        if entry["tap_stream_id"] == "tags":
            entry["metadata"] = [{"breadcrumb": [], "metadata": members}]

    run(catalog=changed(run.catalog("tags", "users"), change))
    assert bool(target.rows("tags")) is selected
    assert target.rows("users")


@pytest.mark.parametrize("key", ["id", "update_time"])
def test_a_deselected_key_leaves_all_the_same(run: Run, target: StrictTarget, key: str) -> None:
    def change(entry: Entry) -> None:
        for one in entry["metadata"]:
            if one["breadcrumb"] == ["properties", key]:
                one["metadata"] = {"selected": False}

    check_two_loads(run, target, changed(run.catalog("tags"), change), "tags")
    assert all(("update_time" in row) is (key == "id") for row in target.rows("tags"))


@pytest.mark.parametrize(
    "names", [{"stream": "labels"}, {"stream_alias": "labels"}, {"stream": "x", "stream_alias": "labels"}]
)
def test_messages_carry_the_name_that_the_catalog_gives(
    run: Run, target: StrictTarget, names: dict[str, str]
) -> None:
    catalog = changed(run.catalog("tags"), lambda entry: entry.update(names))
    run(catalog=catalog)
    assert set(target.schemas) == {"labels"}
    assert len(target.rows("labels")) == len(run.box.records("tags"))
    assert target.count("ACTIVATE_VERSION", "labels") == 1
    assert set(target.state["bookmarks"]) == {"tags"}
    run(catalog=catalog, stream_maps={"tags": {"__alias__": "mapped"}})
    assert "mapped" in target.schemas


def test_two_streams_of_one_name_are_refused(run: Run) -> None:
    run(catalog=changed(run.catalog("tags", "users"), lambda one: one.update(stream="both")), fails=True)
    assert "tags and users would both be written as 'both'" in str(run.error)


@pytest.mark.parametrize(
    ("place", "member"),
    [("entry", "replication_method"), ("root", "replication-method"), ("root", "forced-replication-method")],
)
def test_full_table_is_honored_wherever_it_stands(
    run: Run, target: StrictTarget, place: str, member: str
) -> None:
    def change(entry: Entry) -> None:
        (entry if place == "entry" else root(entry))[member] = "FULL_TABLE"

    catalog = changed(run.catalog("tags"), change)
    for _ in range(2):
        run.clock.pass_time(3600)
        run(catalog=catalog)
        assert target.count("RECORD", "tags") == len(run.box.records("tags"))


@pytest.mark.parametrize(
    ("stream", "members", "says"),
    [
        ("tags", {"replication_key": "create_time"}, "the catalog's replication key create_time is not used"),
        ("tags", {"bookmark_properties": ["id"]}, "the catalog's replication key id is not used"),
        ("tags", {"replication_method": "LOG_BASED"}, "replication method LOG_BASED is not known"),
        ("users", {"replication_method": "INCREMENTAL"}, "INCREMENTAL is not used"),
        ("users", {"replication_key": "id"}, "replication key id is not used: Keap cannot tell"),
        ("tags", {"key_properties": ["name"]}, "the catalog's keys name are not used: id identifies a row"),
        ("tags", {"is_view": True, "row_count": 5}, "does not go by, and ignores: is_view, row_count"),
        ("tags", {"database_name": "x", "table_name": "y"}, "ignores: database_name, table_name"),
    ],
)
def test_what_cannot_be_honored_is_named(
    run: Run, target: StrictTarget, stream: str, members: dict[str, Any], says: str
) -> None:
    catalog = changed(run.catalog(stream), lambda entry: entry.update(members))
    check_two_loads(run, target, catalog, stream)
    assert run.says(says)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"replication-key": "create_time"}, "the catalog's replication key create_time is not used"),
        (
            {"view-key-properties": ["name"], "table-key-properties": []},
            "the catalog's keys name are not used",
        ),
        ({"row-count": 7}, "ignores: row-count"),
    ],
)
def test_metadata_that_cannot_be_honored_is_named(
    run: Run, target: StrictTarget, members: dict[str, Any], says: str
) -> None:
    def change(entry: Entry) -> None:
        entry.pop("replication_key", None)
        entry.pop("key_properties", None)
        root(entry).update(members)

    check_two_loads(run, target, changed(run.catalog("tags"), change), "tags")
    assert run.says(says)


def test_the_taps_own_catalog_causes_no_warning(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run("tags", "contacts", "users", "orders")
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == []


@pytest.mark.parametrize(
    ("column", "schema"),
    [
        ("name", {"type": "string"}),
        ("name", {"type": ["string", "integer", "null"]}),
        ("name", {}),
        ("name", {"anyOf": [{"type": "string", "format": "date-time"}, {"type": ["string", "null"]}]}),
        ("name", {"type": "string", "maxLength": 3, "minLength": 9, "pattern": "x", "enum": ["x"]}),
        ("description", {"type": "integer"}),
        ("category", {"type": "object"}),
        ("category", {"type": "string"}),
        ("id", {"type": "integer"}),
        ("id", {"type": ["null", "string"], "minLength": 99}),
        ("update_time", {"type": "string"}),
        ("update_time", {"type": ["null", "string"], "format": "date"}),
        ("create_time", {"type": "string", "format": "uuid"}),
    ],
)
def test_records_conform_to_the_types_that_a_catalog_gives(
    run: Run, target: StrictTarget, column: str, schema: dict[str, Any]
) -> None:
    def change(entry: Entry) -> None:
        entry["schema"]["properties"][column] = schema
        entry["schema"]["required"] = ["nothing"]

    catalog = changed(run.catalog("tags"), change)
    check_two_loads(run, target, catalog, "tags")
    assert target.state["bookmarks"]["tags"]["replication_key_value"].endswith("Z")
    run.clock.pass_time(86_400)
    run.box.plant("tags", upsert=[{"id": "91", "name": "New"}], touch=True)
    run(catalog=catalog)
    assert target.count("RECORD", "tags") < len(run.box.records("tags")), "an increment"


def test_the_streams_of_one_account_may_lack_their_id(run: Run, target: StrictTarget) -> None:
    """Their metadata says which account they belong to. It was looked up by an id that was not there."""
    catalog = changed(run.catalog("contacts"), lambda entry: entry.pop("tap_stream_id"))
    check_two_loads(run, target, catalog, "contacts")


@pytest.mark.parametrize("stream", ["orders", "order_items", "products"])
def test_amounts_fit_the_types_that_a_catalog_gives(run: Run, target: StrictTarget, stream: str) -> None:
    def as_text(schema: Any) -> None:
        for inner in schema.get("properties", {}).values():
            as_text(inner)
        if "items" in schema:
            as_text(schema["items"])
        if not {"object", "array"} & {*schema["type"]}:
            schema["type"] = ["string", "null"]
            schema.pop("format", None)

    right = {row["id"]: row for row in run(stream).rows(stream)}
    run.target = target = StrictTarget()
    run(catalog=changed(run.catalog(stream), lambda entry: as_text(entry["schema"])))
    decimals = [name for name in COLLECTIONS[stream].properties if name.endswith("_decimal")]
    texts = {row["id"]: row for row in target.rows(stream)}
    assert decimals
    for ident, row in right.items():
        for name in decimals:
            assert (row[name] is None) == (texts[ident][name] is None)
            assert row[name] is None or float(texts[ident][name]) == float(row[name])
        if stream == "orders":
            assert float(texts[ident]["total"]["decimal"]) == float(row["total"]["decimal"])


STREAMS = ("tags", "users", "contacts", "affiliate_clawbacks", "orders", "order_items")


def trim(value: Any, dice: random.Random, share: float) -> Any:
    """Return a copy of JSON without some of its parts."""
    if isinstance(value, dict):
        return {
            name: trim(one, dice, share)
            for name, one in value.items()
            if name == "tap_stream_id" or dice.random() >= share
        }
    if isinstance(value, list):
        return [trim(one, dice, share) for one in value if dice.random() >= share / 4]
    return value


@pytest.fixture
def small(clock: VirtualClock, quiet: None) -> Iterator[Run]:  # noqa: ARG001
    """A run against a small account."""
    switches = {"limits": "off", "quota_headers": "blank", "pipelines": "v2"}
    with Sandbox(seed=1, contacts=12, api_key=KEY, clock=clock.epoch, switches=switches) as box:
        yield Run(box, clock)


def test_catalogs_trimmed_at_random_lose_no_row(small: Run, nightly: bool) -> None:  # noqa: FBT001
    """Whatever a catalog lacks: selected streams are complete under their own keys, and records conform."""
    whole = small.catalog(*STREAMS)
    counts = {stream: len(small(*STREAMS).rows(stream)) for stream in STREAMS}
    loaded: Counter[str] = Counter()

    @settings(
        max_examples=300 if nightly else 12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(seed=st.integers(0, 2**32), share=st.sampled_from([0.02, 0.1, 0.3, 0.6]))
    def check(seed: int, share: float) -> None:
        dice = random.Random(seed)
        catalog = {"streams": [trim(entry, dice, share) for entry in whole["streams"]]}
        for entry in catalog["streams"]:
            # Without one of its two parts, metadata is no metadata, which is refused.
            for one in entry.get("metadata", ()):
                one.setdefault("breadcrumb", ["properties", "nothing"])
                one.setdefault("metadata", {})
                if not one["breadcrumb"]:
                    one["metadata"]["selected"] = True
        small.target = target = StrictTarget()
        small(catalog=catalog)
        for stream in target.schemas:
            assert tuple(target.keys(stream)) == COLLECTIONS[stream].keys
            assert len(target.rows(stream)) == target.loaded[stream] == counts[stream], stream
        loaded.update([*target.schemas])

    check()
    assert loaded.keys() == set(STREAMS)


def with_limits(**limits: float) -> Callable[[Entry], None]:
    """Give all whole numbers of a stream other limits."""

    def walk(schema: Any) -> None:
        for inner in schema.values() if isinstance(schema, dict) else schema:
            if isinstance(inner, dict | list):
                walk(inner)
        if isinstance(schema, dict) and "integer" in schema.get("type", ()):
            schema.update(limits)

    return lambda entry: walk(entry["schema"])


def test_limits_that_a_program_rounded_are_those_of_64_bits(run: Run) -> None:
    """As jq 1.6 does, which reads numbers as doubles."""
    catalog = run.catalog("orders", "tags")
    exact = run(catalog=catalog).schemas
    assert "9223372036854775807" in str(exact)
    run.target = StrictTarget()
    rounded = with_limits(minimum=-9223372036854776000, maximum=9.223372036854776e18)
    assert run(catalog=changed(catalog, rounded)).schemas == exact
    assert not run.says("asks more of values")


@pytest.mark.parametrize("limits", [{"maximum": 100}, {"minimum": 0}, {"minimum": 2**60}])
def test_limits_of_ones_own_are_still_named(run: Run, limits: dict[str, float]) -> None:
    run(catalog=changed(run.catalog("orders"), with_limits(**limits)))
    assert run.says("asks more of values")

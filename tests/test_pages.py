"""Page by page or row by row: the records are the same, whatever Keap sends and whatever is selected."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from singer_sdk.helpers._catalog import pop_deselected_record_properties
from singer_sdk.singerlib.catalog import SelectionMask

from keap_sandbox import Sandbox
from tap_infusionsoft import stream
from tap_infusionsoft.client.lenient_json import RepairedObject, parse
from tap_infusionsoft.discovery.selection import Selection
from tap_infusionsoft.output.writer import LineWriter, encoder
from tap_infusionsoft.reading import stable_read
from tap_infusionsoft.reading.pages import unpacked
from tap_infusionsoft.records.fast.page_decoder import PageDecoder
from tap_infusionsoft.records.fast.raw_rows import PageSplitter
from tap_infusionsoft.records.record_builder import CHUNK_ROWS, SMALL_PAGE, RecordBuilder, RecordPage
from tap_infusionsoft.stream import KeapStream
from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.tap import TapInfusionsoft
from tests.canary import KEY
from tests.fixtures import Run
from tests.target import Target
from tests.virtual import VirtualClock

ODD = [
    *(None, "", " ", "x", "0", 0, 1, -1, 7.0, 7.5, True, False),
    *([], {}, [None], [""], ["x", 1], {"x": 1}, [{"x": 1}]),
    *(2**63 - 1, 2**63, -(2**63), 2**70, 1e300, "1,234.50", "1e400", "12.50", "NaN", "true", "no", "a,b"),
    *("2024-02-29", "2024-02-30", "2024-02-29T10:00:00.000Z", "2024-02-30T10:00:00.000Z"),
    *("2024-01-05T10:00:00Z", "2024-01-05T10:00:00.123+0200", "0000-01-05T10:00:00.123Z"),
    *("2024-01-05T10:00:00.123Z\n2024-01-05T10:00:00.123Z", "2024-01-05T24:00:00.000Z"),
    *("2024-01-05T10:00:60.000Z", "٢٠٢٤-01-05", "nul \0 in it", "\ud83d", "\u2028"),
    *({"amount": 5, "currency_code": "JPY"}, {"id": 5, "content": {"deep": [[[[1]]]]}}),
]
NUMBERS = [
    "1e400",
    "-1e400",
    "1E+5",
    "0.10",
    "123456789012345678901234567890",
    "NaN",
    "Infinity",
    "1.0000000000000000001",
]
PLACEHOLDER = "a number that json.dumps would not write"
SPLIT = PageSplitter("contacts", "next_page_token")


OF_ORDERS = ("orders", "order_items", "order_payment_plan_items", "invoice_balances")
"""Streams that share responses."""

Account = dict[str, tuple[KeapStream, list[dict[str, Any]]]]


def account_with(custom_fields: str) -> Iterator[Account]:
    """Return every stream, with some rows as the sandbox sends them, before others are made of those.

    Args:
        custom_fields: The setting. Unless it is ``columns``, only streams with custom fields are read.
    """
    switches = {"limits": "off", "quota_headers": "blank", "pipelines": "v2"}
    clock = VirtualClock()
    with Sandbox(seed=1, contacts=60, api_key=KEY, clock=clock.epoch, switches=switches) as box:
        config = {
            "api_key": KEY,
            "api_url": box.url,
            "requests_per_second": 1_000_000,
            "requests_per_minute": 1_000_000,
            "requests_per_hour": 1_000_000,
            "saved_searches": [],
            "custom_fields": custom_fields,
        }
        tap = TapInfusionsoft(config=config, clock=clock)
        sent: dict[str, list[dict[str, Any]]] = {}

        def remember(collection: Collection, page: list[Any]) -> Any:
            sent.setdefault(collection.name, []).extend(copy.deepcopy(page[:5]))
            return unpacked(collection, page)

        streams = {
            name: stream
            for name, stream in tap.streams.items()
            if isinstance(stream, KeapStream)
            and (custom_fields == "columns" or stream.collection.custom_fields)
        }
        with (
            mock.patch.object(stable_read, "unpacked", remember),
            mock.patch.object(PageDecoder, "split", return_value=None),
            mock.patch.object(PageSplitter, "__call__", return_value=None),
        ):
            for name, stream in streams.items():
                for _ in stream.get_records(None):
                    if len(sent.get(name, ())) > 20:
                        break
        yield {name: (stream, sent.get(name, [])) for name, stream in streams.items()}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    yield from account_with("columns")


@pytest.fixture(scope="module")
def account_with_both() -> Iterator[Account]:
    yield from account_with("both")


def builder_of(
    stream: KeapStream, mask: SelectionMask, *, by_page: bool
) -> tuple[RecordBuilder, list[tuple[str, Any]]]:
    """A builder of records, and the list of the rows that it sets aside."""
    aside: list[tuple[str, Any]] = []
    selection = Selection(stream._account, stream.collection, stream.schema, mask)
    builder = RecordBuilder(
        selection.record_plan(by_page=by_page), lambda reason, row: aside.append((reason, row))
    )
    return builder, aside


def decoded(builder: RecordBuilder, body: bytes, items: str) -> list[Any]:
    """The rows of a page, as the client hands them out."""
    document = builder.page_decoder(body) if builder.page_decoder is not None else None
    if document is None:
        document = parse(body)
        if isinstance(document, RepairedObject):
            document.mark_rows(items)
    rows: list[Any] = document[items]
    return rows


def made(stream: KeapStream, body: bytes, mask: SelectionMask, *, by_page: bool) -> dict[str, Any]:
    """What becomes of a page: records, rows set aside, repairs, and how many records came in pages."""
    builder, aside = builder_of(stream, mask, by_page=by_page)
    sent = decoded(builder, body.ljust(SMALL_PAGE), str(stream.collection.endpoint.items))
    rows = unpacked(stream.collection, sent).rows
    records, in_pages = [], 0
    for item in builder.records(rows, dict.fromkeys(stream.collection.given, "31")):
        if isinstance(item, RecordPage):
            records += [json.loads(line) for line in encoder.encode_lines(item.rows).splitlines()]
            in_pages += len(item.rows)
        else:
            pop_deselected_record_properties(item, stream.schema, mask)
            records.append(json.loads(encoder.encode(item)))
    return {
        "records": records,
        "aside": [reason for reason, _ in aside],
        "newest": builder.newest,
        "repairs": builder.repairs.messages(),
        "in pages": in_pages,
    }


def everything(stream: KeapStream) -> SelectionMask:
    """Return a mask that selects all columns."""
    mask = copy.copy(stream.mask)
    mask.update(dict.fromkeys(mask, True))
    return mask


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths to everything inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from places(one, (*path, name))


def put(row: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    inner: Any = row
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value


@st.composite
def pages(draw: st.DrawFn, rows: list[dict[str, Any]]) -> bytes:
    """Draw a page of rows, some with unexpected values."""
    chosen = [copy.deepcopy(draw(st.sampled_from(rows))) for _ in range(draw(st.integers(1, 4)))]
    numbers = []
    for row in chosen:
        for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
            path = draw(st.sampled_from([*places(row), ("unheard_of",)]))
            odd = copy.deepcopy(draw(st.sampled_from([*ODD, PLACEHOLDER])))
            numbers += [draw(st.sampled_from(NUMBERS))] if odd == PLACEHOLDER else []
            put(row, path, odd)
        for name in draw(st.lists(st.sampled_from(list(row)), max_size=2, unique=True)):
            del row[name]
    text = json.dumps(chosen, default=float)
    for number in numbers:
        text = text.replace(f'"{PLACEHOLDER}"', number, 1)
    return text.encode()


fuzz = settings(
    max_examples=settings().max_examples // 10, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("name", sorted(COLLECTIONS))
@fuzz
@given(data=st.data())
def test_pages_and_single_rows_become_the_same_records(
    account: Account, name: str, data: st.DataObject
) -> None:
    check_both_ways(*account[name], data)


@pytest.mark.parametrize("name", ["contacts", "companies", "orders", "opportunities", "tasks"])
@fuzz
@given(data=st.data())
def test_so_they_do_with_custom_fields_both_as_columns_and_as_a_list(
    account_with_both: Account, name: str, data: st.DataObject
) -> None:
    check_both_ways(*account_with_both[name], data)


def check_both_ways(stream: KeapStream, rows: list[dict[str, Any]], data: st.DataObject) -> None:
    if stream.collection.endpoint.items is None or stream.collection.wire.bare or not rows:
        return
    key = stream.collection.endpoint.items
    body = b'{"%s": %s, "next_page_token": ""}' % (key.encode(), data.draw(pages(rows)))
    always = {("properties", one) for one in (*stream.primary_keys, stream.replication_key) if one}
    crumbs = sorted(crumb for crumb in stream.mask if crumb and crumb not in always)
    dropped = data.draw(st.lists(st.sampled_from(crumbs), max_size=6, unique=True) if crumbs else st.just([]))
    mask = everything(stream)
    mask.update(dict.fromkeys(dropped, False))
    assert _but_pages(made(stream, body, mask, by_page=True)) == _but_pages(
        made(stream, body, mask, by_page=False)
    )


def _but_pages(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "in pages"}


def test_pages_as_keap_sends_them_take_the_fast_path(
    account: Account,
) -> None:
    whole: set[str] = set()
    by_row: set[str] = set()
    for name, (read, rows) in account.items():
        if read.collection.endpoint.items is not None and rows:
            body = b'{"%s": %s}' % (read.collection.endpoint.items.encode(), msgspec.json.encode(rows))
            found = made(read, body, everything(read), by_page=True)
            (whole if found["in pages"] == len(found["records"]) else by_row).add(name)
            if name in whole:
                assert list(found["records"][0]) == list(read.schema["properties"]), "columns are in order"
    assert {
        "contacts",
        "orders",
        "emails",
        "contact_tags",
        "notes",
        "tasks",
        "companies",
        "payments",
        "order_items",
        "order_payment_plan_items",
        "invoice_balances",
    } <= whole
    assert len(by_row) < len(whole)


def test_the_page_decoder_is_built_for_the_first_large_page(account: Account) -> None:
    stream, sent = account["contacts"]
    small = b'{"contacts": %s}' % msgspec.json.encode([{"id": row["id"]} for row in sent[:1]])
    builder, _ = builder_of(stream, everything(stream), by_page=True)
    assert builder.page_decoder is not None
    with mock.patch("tap_infusionsoft.records.record_builder.PageDecoder", side_effect=AssertionError):
        assert builder.page_decoder(small) is None
    assert builder.page_decoder(small.ljust(SMALL_PAGE)) is not None
    assert builder.page_decoder(small) is not None, "it has been built now"
    assert builder_of(stream, everything(stream), by_page=False)[0].page_decoder is None


@pytest.mark.parametrize("custom_fields", ["columns", "raw", "both"])
def test_the_fast_path_loads_the_same_tables(run: Run, custom_fields: str) -> None:
    streams = ("contacts", "companies", *OF_ORDERS, "products", "emails", "affiliate_clawbacks")
    catalog = run.catalog(
        *streams, custom_fields=custom_fields, without={"contacts": ["given_name", "company"]}
    )
    by_page = dict(run(catalog=catalog, custom_fields=custom_fields).tables)
    run.target = Target()
    # The SDK counts records to know when to stop, and needs them one by one.
    with mock.patch.object(stream.KeapStream, "ABORT_AT_RECORD_COUNT", sys.maxsize):
        assert dict(run(catalog=catalog, custom_fields=custom_fields).tables) == by_page


@pytest.mark.parametrize("single", OF_ORDERS)
def test_streams_that_share_pages_need_not_all_take_them_whole(run: Run, single: str) -> None:
    catalog = run.catalog(*OF_ORDERS)
    with mock.patch.object(stream.KeapStream, "ABORT_AT_RECORD_COUNT", sys.maxsize):
        by_row = dict(run(catalog=catalog).tables)
    calls = [one["query"] for one in run.box.requests() if one["path"].endswith("/v2/orders")]
    in_pages: set[str] = set()
    write_rows = LineWriter.write_rows

    def noted(self: LineWriter, stream: str, rows: list[Any], version: int | None) -> None:
        in_pages.add(stream)
        write_rows(self, stream, rows, version)

    run.target = Target()
    maps = {single: {"__alias__": single, "id_of_contact": "contact_id"}}
    with mock.patch.object(LineWriter, "write_rows", noted):
        tables = dict(run(catalog=catalog, stream_maps=maps).tables)
    assert in_pages == {*OF_ORDERS} - {single}
    for row in tables[single].values():
        assert row.pop("id_of_contact") == row["contact_id"]
    assert tables == by_row
    again = [one["query"] for one in run.box.requests() if one["path"].endswith("/v2/orders")]
    assert again == calls * 2, "they share pages"


def test_stream_maps_and_flattening_disable_the_fast_path(run: Run) -> None:
    catalog = run.catalog("contacts", "users")
    pages_out = mock.Mock(side_effect=AssertionError("maps must see every record"))
    with mock.patch.object(LineWriter, "write_rows", pages_out):
        target = run(
            catalog=catalog, stream_maps={"contacts": {"id": "id", "name": "given_name", "__else__": None}}
        )
        assert set(target.rows("contacts")[0]) == {"id", "name"}
        run.target = Target()
        target = run(catalog=catalog, flattening_enabled=True, flattening_max_depth=2)
    assert "company__company_name" in target.rows("contacts")[0]


def test_rows_are_decoded_in_chunks_and_keep_their_order(account: Account) -> None:
    stream, rows = account["contacts"]
    many = [{**rows[place % len(rows)], "id": str(place)} for place in range(2 * CHUNK_ROWS + 30)]
    many[CHUNK_ROWS + 3]["given_name"] = {"not": "a text"}
    many[7]["given_name"] = "nul \0 in it"
    body = b'{"contacts": %s}' % json.dumps(many, default=float).encode()
    mask = everything(stream)
    by_page = made(stream, body, mask, by_page=True)
    assert [record["id"] for record in by_page["records"]] == [row["id"] for row in many]
    assert CHUNK_ROWS < by_page["in pages"] < len(many)
    assert _but_pages(by_page) == _but_pages(made(stream, body, mask, by_page=False))


@pytest.mark.parametrize(
    ("odd", "items"),
    [
        (b'"id":"7","order_items":[{"id":"1","notes":"\xff"},{"id":"2","notes":"x"}]', 2),
        (b'"id":"7","contact":{"id":"\xff"},"order_items":[{"id":"1"}]', 1),
        (b'"id":"7\\u0000","order_items":[{"id":"1","order_id":"\\u0000"}]', 1),
        (b'"id":"7","order_items":[{"id":"1","quantity":1e400}]', 1),
        (b'"id":7,"order_items":[{"id":1,"quantity":"2","price_per_unit":{"amount":5}}]', 1),
        (b'"id":"7","order_items":["x",5,null,{"id":"1"}]', 1),
        (b'"id":"7","order_items":{"id":"1"}', 1),
        (b'"id":"7","order_items":5,"contact":[]', 0),
        (b'"id":"","order_items":[{"id":"1"}]', 0),
        (b'"order_items":[{"id":"1"},{"name":"no id"}]', 0),
        (b'"id":"7","order_items":[{"id":"1","line_amount":5,"contact_id":"8","unheard_of":1}]', 1),
        (b'"id":"7","order_items":null', 0),
    ],
)
def test_odd_parts_of_rows_become_the_same_records(account: Account, odd: bytes, items: int) -> None:
    stream, _ = account["order_items"]
    body = b'{"orders":[{%s},{"id":"8","order_items":[{"id":"3"},{"id":"4"}]}]}' % odd
    mask = everything(stream)
    by_page = made(stream, body, mask, by_page=True)
    assert len(by_page["records"]) == items + 2
    assert _but_pages(by_page) == _but_pages(made(stream, body, mask, by_page=False))


@pytest.mark.parametrize("value", [b'"\xff\xfe"', b'"\xc3\xa9t\xe9"', b"1e999999999999999999999", b"-1e400"])
def test_values_the_fast_path_cannot_decode_take_the_careful_one(account: Account, value: bytes) -> None:
    stream, rows = account["contacts"]
    body = (
        json.dumps(rows[:3], default=float)
        .encode()
        .replace(b'"given_name"', b'"given_name": %s, "x"' % value, 1)
    )
    body = b'{"contacts": %s}' % body
    mask = everything(stream)
    by_page = made(stream, body, mask, by_page=True)
    assert len(by_page["records"]) == 3
    assert _but_pages(by_page) == _but_pages(made(stream, body, mask, by_page=False))


@pytest.mark.parametrize("by_page", [True, False])
def test_a_repair_of_a_column_of_the_parent_is_not_mentioned(account: Account, by_page: bool) -> None:  # noqa: FBT001
    stream, rows = account["lead_source_expenses"]
    assert "lead_source_id" in stream.collection.given
    body = b'{"lead_source_expenses":[%s]}' % msgspec.json.encode({**rows[0], "lead_source_id": 2**63})
    found = made(stream, body, everything(stream), by_page=by_page)
    assert found["records"][0]["lead_source_id"] == "31"
    assert found["repairs"] == []


def test_a_row_nested_too_deeply_is_quarantined_with_its_text(account: Account) -> None:
    stream, rows = account["contacts"]
    builder, aside = builder_of(stream, everything(stream), by_page=True)
    deep = b'{"id":"5","given_name":%s1%s}' % (b"[" * 100, b"]" * 100)
    body = b'{"contacts":[%s,%s]}' % (deep, msgspec.json.encode(rows[0]))
    records = list(builder.records(decoded(builder, body.ljust(SMALL_PAGE), "contacts"), {}))
    assert aside == [("a row cannot be read: it is nested too deeply", {"text": deep.decode()})]
    assert len(records) == 1


@pytest.mark.parametrize(
    ("row", "ident"),
    [
        (b'{"id":"12","x":1}', "12"),
        (b'{ "id" : 12 }', 12),
        (b'{"x":{"id":"5"},"id":"7"}', "7"),
        (b'{"id":"007","id2":"8"}', "007"),
        (rb'{"id":"1\u0032"}', "12"),
        (b'{"id":12345678901234567890123}', 12345678901234567890123),
        (b'{"id":null}', None),
        (b'{"id":"\xff","x":1}', "\ufffd"),
        (b'{"name":"id"}', "nothing"),
    ],
)
def test_a_raw_row_returns_the_values_keap_sent(row: bytes, ident: Any) -> None:
    page = SPLIT(b'{"contacts":[%s]}' % row)
    assert page is not None
    (sealed,) = page["contacts"]
    assert sealed.get("id", "nothing") == ident
    assert sealed.get("unheard_of") is None


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"contacts":null}', b'{"contacts":[{"id":"1"', b'{"contacts":[],"fault":{}}']
)
def test_responses_that_are_not_pages_take_the_careful_path(body: bytes) -> None:
    assert SPLIT(body) is None

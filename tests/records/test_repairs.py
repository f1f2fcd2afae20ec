"""The log names column and key of changed values, however the rows were read, and never the values."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import pytest

from tap_infusionsoft.client.lenient_json import RepairedObject, RepairKind, parse, unpack
from tap_infusionsoft.output.writer import LineWriter
from tap_infusionsoft.records.record_builder import SMALL_PAGE
from tap_infusionsoft.records.repair_log import WRONG_TYPE, RepairLog
from tap_infusionsoft.stream import KeapStream
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.saved_searches import saved_search
from tests.canary import PERSON
from tests.fixtures import Run
from tests.sockets import raw_server, saying
from tests.target import Target

ODD_CONTACTS = (
    b'{"id":"22","given_name":"PERSON\\u0000"}',
    b'{"id":"23","job_title":"PERSON\xe9\xe9"}',
    b'{"id":"24","addresses":[{"line1":"PERSON"},{"line1":"PERSON","zip_code":"\\u0000PERSON\\u0000"}]}',
    b'{"id":"26","custom_fields":[{"id":"7","content":1},{"id":"8","content":[1180591620717411303424]}]}',
    b'{"id":"27","birth_date":"PERSON","update_time":"PERSON","origin":{"date":"PERSON"}}',
    b'{"id":"28","unheard_of":"PERSON\\u0000","utm_parameters":[{"utmSource":"PERSON\\u0000"}]}',
    b'{"id":"29","email_addresses":[{"email":"PERSON\\u0000"}],"phone_numbers":"PERSON"}',
)
WARNINGS = [
    (
        "removed NUL characters from 4 values (given_name of id 22; addresses[].zip_code of id 24; "
        "utm_parameters[].utm_source of id 28; email_addresses[].email of id 29)."
    ),
    "replaced broken characters with U+FFFD in 1 value (job_title of id 23).",
    "turned 1 value beyond 64 bits into text (custom_fields[].content of id 26).",
    (
        "set 4 values of the wrong type to null (birth_date of id 27; origin.date of id 27; "
        "update_time of id 27; phone_numbers of id 29)."
    ),
    (
        "dropped properties that have no column: unheard_of. "
        "If they are custom fields, run discovery again (in Meltano: --refresh-catalog) to load them."
    ),
]


def ok(body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )


@pytest.fixture(params=["by page", "by row"])
def path(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs take the fast path or the slow one, and it is checked that they did."""
    in_pages = 0
    write_rows = LineWriter.write_rows

    def counted(self: LineWriter, stream: str, rows: Sequence[Any], version: int | None) -> None:
        nonlocal in_pages
        in_pages += len(rows)
        write_rows(self, stream, rows, version)

    is_fast = request.param == "by page"
    with (
        mock.patch.object(LineWriter, "write_rows", counted),
        contextlib.nullcontext()
        if is_fast
        else mock.patch.object(KeapStream, "ABORT_AT_RECORD_COUNT", sys.maxsize),  # by row, to count them
    ):
        yield
    assert bool(in_pages) is is_fast


def warnings(run: Run, stream: str) -> list[str]:
    """The warnings about a stream, without its name."""
    assert run.caplog is not None
    texts = [one.getMessage() for one in run.caplog.records if one.levelno == logging.WARNING]
    return [text.removeprefix(f"{stream}: ") for text in texts if text.startswith(f"{stream}: ")]


def read(run: Run, stream: str, body: bytes, **settings: Any) -> Target:
    """Load a stream from a server that answers everything with this body."""
    catalog = run.catalog(stream, **settings)
    with raw_server(saying(ok(body.replace(b"PERSON", PERSON.encode())))) as server:
        run.url = server.url
        return run(catalog=catalog, **settings)


@pytest.mark.usefixtures("path")
def test_warnings_name_column_and_key_of_what_was_repaired(run: Run) -> None:
    plain = [b'{"id":"%d","given_name":"%s"}' % (ident, b"x" * 200) for ident in range(101, 101 + 100)]
    body = b'{"contacts":[%s]}' % b",".join([*ODD_CONTACTS, *plain])
    assert len(body) > SMALL_PAGE
    assert run.caplog is not None
    run.caplog.set_level(logging.DEBUG, "tap-infusionsoft")
    target = read(run, "contacts", body, custom_fields="raw")
    assert sorted(warnings(run, "contacts")) == sorted(WARNINGS)
    details = [one.getMessage() for one in run.caplog.records if one.levelno == logging.DEBUG]
    assert details.count("contacts: removed NUL characters from 1 value (given_name of id 22).") == 1
    assert details.count("contacts: set 1 value of the wrong type to null (origin.date of id 27).") == 1
    assert sum(" of id 2" in line for line in details) == 4 + 1 + 1 + 4
    assert PERSON not in run.caplog.text
    rows = {row["id"]: row for row in target.rows("contacts")}
    assert rows["22"]["given_name"] == PERSON
    assert rows["23"]["job_title"] == f"{PERSON}\ufffd\ufffd"
    assert rows["26"]["custom_fields"][1]["content"] == f'["{2**70}"]'


def test_what_is_no_json_is_repaired_too(run: Run) -> None:
    """A page with such a value is always read row by row: msgspec refuses all of it."""
    odd = b'{"id":"25","given_name":NaN,"family_name":"PERSON\\ud800",%s}' % (
        b'"custom_fields":[{"id":"7","content":[1,-Infinity]}]'
    )
    rows = read(run, "contacts", b'{"contacts":[%s]}' % odd, custom_fields="raw").rows("contacts")
    assert (rows[0]["given_name"], rows[0]["family_name"]) == (None, f"{PERSON}\ufffd")
    assert rows[0]["custom_fields"] == [{"id": "7", "content": "[1,null]"}]
    assert warnings(run, "contacts") == [
        "set 2 values of NaN or Infinity to null (custom_fields[].content of id 25; given_name of id 25).",
        "replaced broken characters with U+FFFD in 1 value (family_name of id 25).",
    ]


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("mode", ["columns", "both"])
def test_values_of_custom_fields_are_named_by_their_columns(run: Run, mode: str) -> None:
    fields = {one["label"]: one["id"] for one in run.box.records("contact_custom_fields")}
    columns = {
        one.id: one.column
        for one in run.tap({}, custom_fields=mode).account.models.custom_fields("/v2/contacts/model")
    }
    text = next(ident for ident in fields.values() if ident in columns and ident != fields["Employees"])
    content = {text: "x\0", fields["Employees"]: "many"}
    (row,) = run.box.records("contacts")[:1]
    values = [{"id": ident, "content": content} for ident, content in content.items()]
    run.box.plant("contacts", upsert=[{"id": row["id"], "custom_fields": values}])
    run("contacts", custom_fields=mode)
    nul, wrong = sorted(warnings(run, "contacts"))
    place = f"{columns[text]} of id {row['id']}"
    both = f"2 values ({place}; custom_fields[].content of id {row['id']})"
    assert nul == f"removed NUL characters from {both if mode == 'both' else f'1 value ({place})'}."
    assert (
        wrong == f"set 1 value of the wrong type to null ({columns[fields['Employees']]} of id {row['id']})."
    )


@pytest.mark.usefixtures("path")
def test_columns_that_are_not_selected_are_not_mentioned(run: Run) -> None:
    (row,) = run.box.records("contacts")[:1]
    run.box.plant("contacts", upsert=[{"id": row["id"], "given_name": "x\0", "birth_date": "never"}])
    run(catalog=run.catalog("contacts", without={"contacts": ["given_name", "birth_date"]}))
    assert warnings(run, "contacts") == []


def test_large_numbers_are_mentioned_only_if_they_became_text(run: Run) -> None:
    """In a column of numbers they stay numbers, and in a column of integers they become null."""
    columns = '"description":N,"weight":N,"inventory":{"inventory_limit":N}'.replace("N", str(2**70))
    (row,) = read(run, "products", b'{"products":[{"id":"5",%s}]}' % columns.encode()).rows("products")
    assert (row["description"], row["weight"]) == (str(2**70), 2**70)
    assert warnings(run, "products") == [
        "turned 1 value beyond 64 bits into text (description of id 5).",
        "set 1 value of the wrong type to null (inventory.inventory_limit of id 5).",
    ]


def test_an_email_address_that_is_a_key_stays_out_of_the_log(run: Run) -> None:
    good = b'{"email":"PERSON@example.com","status":"ok"}'
    odd = b'{"email":"x.PERSON@example.com","status":"\\u0000","last_open_time":"PERSON"}'
    read(run, "email_address_statuses", b'{"email_addresses":[%s,%s]}' % (good, odd))
    assert sorted(warnings(run, "email_address_statuses")) == [
        "removed NUL characters from 1 value (status of row 2).",
        "set 1 value of the wrong type to null (last_open_time of row 2).",
    ]


def test_streams_that_share_answers_each_mention_what_is_theirs(run: Run) -> None:
    order = next(one for one in run.box.records("orders") if len(one["order_items"]) > 1)
    items = [*order["order_items"]]
    items[1] = {**items[1], "name": "\0"}
    run.box.plant("orders", upsert=[{"id": order["id"], "title": "\0", "order_items": items}])
    run("orders", "order_items")
    (of_orders,) = warnings(run, "orders")
    (of_items,) = warnings(run, "order_items")
    assert f"(title of id {order['id']}" in of_orders or f"; title of id {order['id']}" in of_orders
    assert of_items == (
        f"removed NUL characters from 1 value (name of order_id {order['id']}, id {items[1]['id']})."
    )


def test_a_stream_that_fails_mentions_what_was_repaired_before(run: Run) -> None:
    run.box.switch(page_rows_max=40)
    (row,) = run.box.records("contacts")[:1]
    run.box.plant("contacts", upsert=[{"id": row["id"], "given_name": "x\0"}])
    catalog = run.catalog("contacts")
    run.box.fault("forbidden", path="/v2/contacts", after=2)  # the first page, and the last row
    run(catalog=catalog, fails=True)
    assert warnings(run, "contacts")[0] == (
        f"removed NUL characters from 1 value (given_name of id {row['id']})."
    )


@pytest.mark.usefixtures("path")
def test_nothing_is_mentioned_if_nothing_was_changed(run: Run) -> None:
    run("contacts")
    assert warnings(run, "contacts") == []


# Rows that are made from other rows.


def unpacked(stream: str, row: dict[str, Any]) -> list[Any]:
    """The repairs in each of the rows that an answer's row is made into."""
    into_rows = COLLECTIONS[stream].wire.unpack
    assert into_rows is not None
    return [getattr(made, "repairs", []) for made in unpack(parse(json.dumps(row).encode()), into_rows)]


def test_a_row_knows_what_was_repaired_in_it_after_it_was_unpacked() -> None:
    order = {
        "id": "5\0",
        "order_items": [{"id": "1", "name": "a"}, {"id": "2", "name": "b\0", "price": {"amount": 2**70}}],
    }
    nul, large = RepairKind.NUL, RepairKind.LARGE_NUMBER
    assert unpacked("order_items", order) == [
        [(nul, ("order_id",))],
        [(nul, ("name",)), (large, ("price", "amount")), (nul, ("order_id",))],
    ]
    assert unpacked("product_inventory", {"inventory": {"product_id": "\0"}}) == [[(nul, ("product_id",))]]
    assert unpacked("countries", {"codes": {"alpha3": "\0"}}) == [
        [(nul, ("codes", "alpha3")), (nul, ("country_code",))]
    ]
    assert unpacked("order_items", {"id": "5", "order_items": [{"id": "1"}]}) == [[]]


def test_columns_of_a_saved_search_are_named_whatever_their_order() -> None:
    fields = [("Id", ""), ("First Name", "")]
    into_rows = saved_search("saved_search_x", {"id": "1", "name": "x"}, fields).wire.unpack
    assert into_rows is not None
    packed = {"columns": [{"field_name": "First Name", "value": "\0"}, {"field_name": "Id", "value": "5"}]}
    (row,) = unpack(parse(json.dumps(packed).encode()), into_rows)
    assert row == {"First Name": "", "Id": "5"}
    assert isinstance(row, RepairedObject)
    assert row.repairs == [(RepairKind.NUL, ("First Name",))]


# The log itself.


def log_of(*key: str) -> RepairLog:
    return RepairLog("things", ["name", "note", *(f"c{n}" for n in range(100))], key)


def test_a_warning_names_the_first_few_values_and_the_first_of_each_column() -> None:
    log = log_of("id")
    for number in range(1, 101):
        log.note(RepairKind.NUL, "name")
        if number in {60, 61}:
            log.note(RepairKind.NUL, "note.text[]")
        log.settle([str(number)], number)
    first = "; ".join(f"name of id {number}" for number in range(1, 6))
    assert log.messages() == [
        f"removed NUL characters from 102 values ({first}; note.text[] of id 60; and 96 more)"
    ]
    log.clear()
    assert log.messages() == []


def test_a_warning_does_not_grow_with_the_columns() -> None:
    log = log_of("id")
    for number in range(100):
        log.note(WRONG_TYPE, f"c{number}")
        log.settle(["7"], 1)
    (message,) = log.messages()
    assert message.count(" of id 7") == 20
    assert message.endswith("; and 80 more)")


def test_a_row_that_becomes_no_record_is_not_mentioned() -> None:
    log = log_of("id")
    log.note(WRONG_TYPE, "name")
    log.discard()
    log.settle(["7"], 1)
    assert log.messages() == []


@pytest.mark.parametrize(
    ("columns", "key", "row"),
    [
        (("id",), ["22"], "id 22"),
        (("contact_id", "tag_id"), ["3", "7"], "contact_id 3, tag_id 7"),
        (("row_key",), ["0f8a-1"], "row_key 0f8a-1"),
        (("report_id", "name"), ["3"], "report_id 3, row 12"),
        (("email",), [], "row 12"),
        (("id",), ["jane@example.com"], "row 12"),
        (("id",), ["5\nERROR forged"], "row 12"),
        (("id",), ["5" * 65], "row 12"),
        (("id",), [""], "row 12"),
    ],
)
def test_rows_are_named_by_keys_that_are_no_personal_data(
    columns: tuple[str, ...], key: list[str], row: str
) -> None:
    log = log_of(*columns)
    log.note(RepairKind.NUL, "name")
    log.settle(key, 12)
    assert log.messages() == [f"removed NUL characters from 1 value (name of {row})"]


def test_key_columns_that_the_log_leaves_out() -> None:
    """A new stream may need a decision: whether its key columns can hold personal data."""
    left_out = {
        f"{name}.{column}"
        for name, collection in COLLECTIONS.items()
        for column in collection.keys
        if column not in RepairLog(name, (), collection.keys).key
    }
    assert left_out == {
        "email_address_statuses.email",
        "pipeline_outcomes.value",
        "report_fields.name",
        "wordpress_opt_in_options.option_key",
    }


def test_names_of_unknown_properties_cannot_forge_a_line_or_fill_the_log() -> None:
    log = log_of("id")
    log.note_unknown(["x\nERROR forged", "y" * 5000, *(f"z{number}" for number in range(1000))])
    (message,) = log.messages()
    assert message.isprintable()
    assert len(message) < 1000

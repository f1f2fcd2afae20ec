"""Every line of stdout is JSON to every reader, holds one message, and is no longer than allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from singer_sdk.singerlib.messages import RecordMessage

from tap_infusionsoft.client.documents import parse
from tap_infusionsoft.emit import LineWriter
from tap_infusionsoft.errors import Exit
from tap_infusionsoft.streams.catalogue import COLLECTIONS
from tap_infusionsoft.streams.records import Conformer
from tests.conftest import Run

READERS: tuple[Callable[[bytes], Any], ...] = (json.loads, orjson.loads, msgspec.json.decode)
STREAMS = ("contacts", "orders", "notes", "file_data", "application_settings")
EXAMPLES, ROWS = 100, 20

# What a server may write where a value stands. Not what Python would write: that would hide the odd ones.
numbers = st.one_of(
    st.integers().map(str),
    st.integers(min_value=2**63 - 2, max_value=2**64 + 2).map(str),
    st.floats().map(json.dumps),  # NaN and Infinity too
    st.sampled_from(
        [
            *(
                "NaN",
                "Infinity",
                "-Infinity",
                "-0",
                "-0.0",
                "1e400",
                "-1e400",
                "1E-400",
                "1e99999999999999999999",
            ),
            *(
                "9" * 400,
                "9" * 5000,
                "0." + "1" * 3000,
                "18446744073709551616",
                "-9223372036854775809",
                "1e22",
            ),
        ]
    ),
)
texts = st.one_of(
    st.text(max_size=12).map(json.dumps),
    st.text(max_size=12).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from(
        [
            *(
                '"\\ud800"',
                '"\\udc00x\\ud83d"',
                '"\\ud83d\\ude00"',
                '"\\u0000"',
                '"a\\u0000b"',
                '"\\u2028\\u2029"',
            ),
            *(
                '"\\n{\\"type\\":\\"STATE\\"}"',
                '"\x01\t\x7f\x85\u2028"',
                '"\ufeff"',
                '"\uffff"',
                '"NaN"',
                '"1e400"',
            ),
            *(
                '"2026-01-02T03:04:05Z"',
                '"99999-01-01"',
                '"0001-01-01T00:00:00+14:00"',
                '"12"',
                '"yes"',
                '""',
            ),
        ]
    ),
)
values = st.recursive(
    st.one_of(numbers, texts, st.sampled_from(["null", "true", "false"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{','.join(parts)}]"),
        st.lists(st.tuples(texts, inner), max_size=3).map(
            lambda pairs: "{" + ",".join(f"{name}:{value}" for name, value in pairs) + "}"
        ),
    ),
    max_leaves=6,
)
nested = st.tuples(st.integers(1, 50), values).map(lambda pair: "[" * pair[0] + pair[1] + "]" * pair[0])
ALWAYS = ['"a\\u0000b"', '"\\ud800"', "1e400", "NaN", "9" * 4400, "9223372036854775808"]
pools = st.tuples(st.lists(values, min_size=7, max_size=25), nested).map(
    lambda pair: [*pair[0], pair[1], *ALWAYS]
)

NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
counted = {"records": 0}


def within(schema: dict[str, Any], value: str) -> str:
    """A value, where there is room for one of any type: as a property that is not known, or one without a type."""
    kinds, inner = schema["type"], schema.get("items", {})
    if len(kinds) == 2 and "object" in kinds:
        name = value if value.startswith('"') else '"x"'
        return f'{{"odd":{value},{name}:{value}}}'
    return f'[{{"id":"1","content":{value}}},{value}]' if "properties" in inner else value


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(pool=pools, shift=st.integers(0, 99))
def check(pool: list[str], shift: int) -> None:
    """Put the values of a pool into every field of every stream, in turns."""
    writer = LineWriter()
    for name in STREAMS:
        collection = COLLECTIONS[name]
        conform = Conformer(collection.schema, collection.required, renamed=collection.renamed)
        keys = "".join(f',"{key}":"{{n}}"' for key in {*collection.required, *collection.keys})
        rows = []
        for number in range(ROWS):
            fields = (
                f"{json.dumps(collection.renamed.get(column, column))}:"
                + within(schema, pool[(shift + place + number) % len(pool)])
                for place, (column, schema) in enumerate(collection.schema["properties"].items())
            )
            rows.append("{" + ",".join(fields) + keys.replace("{n}", str(number)) + "}")
        body = f'{{"rows":[{",".join(rows)}]}}'.encode("utf-8", "surrogatepass")
        for row in parse(body)["rows"]:
            line = writer.format_message(RecordMessage(stream=name, record=conform(row)))
            assert b"\n" not in line
            assert not NUL.search(line)
            seen = [reader(line) for reader in READERS]
            assert {one["type"] for one in seen} == {"RECORD"}
            assert all(one["record"].keys() == seen[0]["record"].keys() for one in seen)
            counted["records"] += 1


def test_whatever_stands_in_any_field_every_reader_reads_the_line() -> None:
    check()
    assert counted["records"] >= 10_000


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1E+299"),
        Decimal("-1E-299"),
        Decimal("0." + "1" * 5000),
        Decimal(10**290 + 1),
        -(2**63),
        2**63 - 1,
    ],
)
def test_numbers_at_the_edge(value: Any) -> None:
    line = LineWriter().format_message(RecordMessage(stream="x", record={"x": value}))
    for reader in READERS:
        assert reader(line)["record"]["x"] == pytest.approx(float(value))


def row_of(size: int) -> dict[str, Any]:
    return {"id": "7", "title": "x", "description": "y" * size}


def test_a_record_that_is_too_large_fails_its_stream_and_says_what_to_do(run: Run) -> None:
    catalog = run.catalog("note_templates", "users")
    run.box.plant("note_templates", upsert=[row_of(1 << 20)])
    target = run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert target.count("ACTIVATE_VERSION", "note_templates") == 0
    assert target.state["bookmarks"]["note_templates"] == {}
    assert len(target.rows("users")) == len(run.box.records("users"))
    assert run.says("note_templates: a record takes a line of 1048")
    assert run.says("deselect the column description")
    assert len(run(catalog=catalog, max_record_bytes=2 << 20).rows("note_templates")) == len(
        run.box.records("note_templates")
    )


def test_no_record_is_longer_than_allowed(run: Run) -> None:
    catalog = run.catalog("note_templates")
    run.box.plant("note_templates", upsert=[row_of(65_000)])
    run(catalog=catalog, max_record_bytes=65_536)
    run.box.plant("note_templates", upsert=[row_of(65_500)])
    run(catalog=catalog, max_record_bytes=65_536, fails=True)
    assert all(len(json.dumps(message, separators=(",", ":"))) < 65_536 for message in run.target.messages)


@pytest.mark.parametrize("size", [786_432, 800_000])
def test_the_content_of_a_large_file_is_left_out_and_its_row_says_so(run: Run, size: int) -> None:
    catalog = run.catalog("file_data")
    calls = {"path_regex": ":data$", "status": 200, "content_type": "application/pdf"}
    run.box.fault({**calls, "nth": 1, "body": "x" * size})
    rows = run(catalog=catalog).rows("file_data")
    (large,) = [row for row in rows if row["is_too_large"]]
    assert (large["data"], large["size"]) == (None, size)
    assert run.says("larger than max_record_bytes allows")
    assert all(row["data"] and row["size"] for row in rows if row is not large)
    assert len(rows) == len(run.box.records("file_data"))


def test_a_content_that_was_left_out_comes_with_the_next_sweep_where_there_is_room(run: Run) -> None:
    def left_out() -> set[str]:
        return {row["file_id"] for row in run.target.rows("file_data") if row["is_too_large"]}

    catalog = run.catalog("file_data")
    ident = run.box.records("files")[0]["id"]
    run.box.fault({"path": f"/v2/files/{ident}:data", "status": 200, "body": "x" * 100_000, "always": True})
    run(catalog=catalog, max_record_bytes=65_536)
    assert left_out() == {ident}
    run.clock.pass_time(86_400)
    run(catalog=catalog)
    assert left_out() == {ident}
    run.clock.pass_time(7 * 86_400)
    run(catalog=catalog)
    assert left_out() == set()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("nan", "tags: in Keap's answers, 1 numbers that are none"),
        ("huge_number", "tags: in Keap's answers, 1 numbers beyond 64 bits"),
        ("lone_surrogate", "tags: in Keap's answers, 1 broken characters"),
        ("lone_surrogate", "tags: in Keap's answers, 1 NUL characters"),
        ("bad_utf8", "tags: in Keap's answers, 1 broken characters"),
    ],
)
def test_what_was_mended_is_told_with_its_stream(run: Run, fault: str, told: str) -> None:
    catalog = run.catalog("tags", "users")
    run.box.fault(fault, path="/v2/tags", nth=1)
    run(catalog=catalog)
    assert run.says(told)
    assert not run.says("users: in Keap's answers")
    assert len(run.target.rows("tags")) == len(run.box.records("tags"))

"""Every line of stdout is one message, valid for every JSON parser, and no longer than allowed."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from singer_sdk.singerlib.messages import RecordMessage

from tap_infusionsoft.client.lenient_json import parse
from tap_infusionsoft.config.schema import MAX_RECORD_BYTES
from tap_infusionsoft.errors import Exit, RecordTooLargeError
from tap_infusionsoft.output.writer import LineWriter
from tap_infusionsoft.records.repair_log import RepairLog
from tap_infusionsoft.records.row_coercer import RowCoercer
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run
from tests.target import Target

READERS: tuple[Callable[[bytes], Any], ...] = (json.loads, orjson.loads, msgspec.json.decode)
STREAMS = ("contacts", "orders", "notes", "file_data", "application_settings")
RUN_STREAMS = ("companies", "contacts", "notes", "opportunities", "orders", "transactions")
EXAMPLES, EXAMPLES_AT_NIGHT, ROWS = 15, 130, 20

# Values as a server may write them, not as Python would, which would hide unusual ones.
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
LARGEST = 65_536
"""Bytes of a line: the least that max_record_bytes accepts, so that some records are too large.

Those are counted, so that no row is lost unseen. Every other time the limit is the default, which all fit.
"""


def within(schema: dict[str, Any], values: Iterator[str]) -> str:
    """Put a value where any type fits: into an unknown property, or one without a type."""
    kinds, inner, value = schema["type"], schema.get("items", {}), next(values)
    if len(kinds) == 2 and "object" in kinds:
        name = value if value.startswith('"') else '"x"'
        return f'{{"odd":{value},{name}:{value}}}'
    if "properties" not in inner:
        return value
    # One custom field of every type. Their ids in the sandbox are even.
    fields = (f'{{"id":"{ident}","content":{next(values)}}}' for ident in range(2, 52, 2))
    return f"[{','.join(fields)},{value}]"


def body(name: str, items: str, pool: list[str], shift: int, count: int) -> str:
    """Return a response with rows of a stream, whose fields take turns with the values of a pool."""
    collection = COLLECTIONS[name]
    keys = "".join(f',"{key}":"{{n}}"' for key in {*collection.required, *collection.key})
    rows = []
    for number in range(1, count + 1):
        values = islice(cycle(pool), (shift + number) % len(pool), None)
        fields = (
            f"{json.dumps(collection.wire.name(column))}:{within(schema, values)}"
            for column, schema in collection.schema["properties"].items()
            if column not in collection.flat
        )
        rows.append("{" + ",".join(fields) + keys.replace("{n}", str(number)) + "}")
    return f'{{"{items}":[{",".join(rows)}]}}'


class Lines:
    """Checks lines with the strictest parsers, and counts their records by stream."""

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self.records: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def take(self, text: str) -> None:
        lines = text.encode().split(b"\n")
        assert lines.pop() == b""
        for line in lines:
            assert len(line) < self.largest or b'"type":"SCHEMA"' in line
            assert not NUL.search(line)
            seen = [reader(line) for reader in READERS]
            assert [one["type"] for one in seen] == [seen[0]["type"]] * 3
            if seen[0]["type"] == "RECORD":
                assert all(one["record"].keys() == seen[0]["record"].keys() for one in seen)
                self.records[seen[0]["stream"]] += 1


fuzz = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


def test_every_json_parser_reads_every_line_whatever_the_fields_hold(nightly: bool) -> None:  # noqa: FBT001
    lines, examples = Lines(LARGEST), EXAMPLES_AT_NIGHT if nightly else EXAMPLES
    limits = cycle((LARGEST, MAX_RECORD_BYTES.default))

    @settings(fuzz, max_examples=examples)
    @given(pool=pools, shift=st.integers(0, 99))
    def check(pool: list[str], shift: int) -> None:
        lines.largest = next(limits)
        for name in STREAMS:
            collection, writer, out = COLLECTIONS[name], LineWriter(), io.StringIO()
            writer.max_record_bytes = lines.largest
            log = RepairLog(name, collection.properties.keys(), collection.keys)
            coerce = RowCoercer(
                collection.schema,
                collection.required,
                log,
                renamed=collection.wire.renamed,
                flat={column: flat.path for column, flat in collection.flat.items()},
            )
            text = body(name, "rows", pool, shift, ROWS)
            with contextlib.redirect_stdout(out):
                for row in parse(text.encode("utf-8", "surrogatepass"))["rows"]:
                    try:
                        writer.write_message(RecordMessage(stream=name, record=coerce(row)))
                    except RecordTooLargeError:
                        lines.refused[name] += 1
                writer.flush()
            lines.take(out.getvalue())

    check()
    assert lines.records + lines.refused == Counter(dict.fromkeys(STREAMS, ROWS * examples))
    assert all(lines.records[name] >= ROWS * examples // 4 for name in STREAMS)
    assert lines.refused


def test_every_json_parser_reads_every_line_of_whole_runs(run: Run, nightly: bool) -> None:  # noqa: FBT001
    """From socket to stdout: with custom fields as columns, unpacked rows, and keys computed from columns."""
    collections = {name: COLLECTIONS[name] for name in RUN_STREAMS}
    catalog = run.catalog(*collections)
    lines = Lines(MAX_RECORD_BYTES.default)

    class Strict(Target):
        def take(self, text: str) -> None:
            lines.take(text)
            super().take(text)

    examples = 10 if nightly else 4

    @settings(fuzz, max_examples=examples)
    @given(pool=pools, shift=st.integers(0, 99))
    def check(pool: list[str], shift: int) -> None:
        run.target = Strict()
        run.box.clear_faults()
        for name, collection in collections.items():
            assert collection.endpoint.items is not None
            text = body(name, collection.endpoint.items, pool, shift, ROWS)
            run.box.fault({"path": collection.endpoint.path, "nth": 1, "status": 200, "body": text})
        run(catalog=catalog)

    check()
    assert all(lines.records[name] >= examples * ROWS for name in collections)


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
def test_numbers_at_the_limits_survive_every_json_parser(value: Any) -> None:
    line = LineWriter().format_message(RecordMessage(stream="x", record={"x": value}))
    for reader in READERS:
        assert reader(line)["record"]["x"] == pytest.approx(float(value))


def row_of(size: int) -> dict[str, Any]:
    return {"id": "7", "title": "x", "description": "y" * size}


def test_a_record_that_is_too_large_fails_its_stream_with_advice(run: Run) -> None:
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


def test_no_record_exceeds_max_record_bytes(run: Run) -> None:
    catalog = run.catalog("note_templates")
    run.box.plant("note_templates", upsert=[row_of(65_000)])
    run(catalog=catalog, max_record_bytes=65_536)
    run.box.plant("note_templates", upsert=[row_of(65_500)])
    run(catalog=catalog, max_record_bytes=65_536, fails=True)
    assert all(len(json.dumps(message, separators=(",", ":"))) < 65_536 for message in run.target.messages)


@pytest.mark.parametrize("size", [786_432, 800_000])
def test_the_content_of_a_large_file_is_left_out_and_its_row_says_that(run: Run, size: int) -> None:
    catalog = run.catalog("file_data")
    calls = {"path_regex": ":data$", "status": 200, "content_type": "application/pdf"}
    run.box.fault({**calls, "nth": 1, "body": "x" * size})
    rows = run(catalog=catalog).rows("file_data")
    (large,) = [row for row in rows if row["is_too_large"]]
    assert (large["data"], large["size"]) == (None, size)
    assert run.says("larger than max_record_bytes allows")
    assert all(row["data"] and row["size"] for row in rows if row is not large)
    assert len(rows) == len(run.box.records("file_data"))


def test_content_left_out_arrives_with_the_next_sweep_if_it_fits(run: Run) -> None:
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

"""Documents that not every JSON reader accepts are repaired, and say where."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.client.lenient_json import RepairedObject, RepairKind, parse

NUL, BROKEN = RepairKind.NUL, RepairKind.BROKEN_TEXT
NOT_A_NUMBER, LARGE = RepairKind.NOT_A_NUMBER, RepairKind.LARGE_NUMBER

ODD: dict[bytes, tuple[Any, tuple[RepairKind, ...]]] = {
    rb'"a\u0000b\u0000"': ("ab", (NUL,)),
    rb'"\ud800"': ("\ufffd", (BROKEN,)),
    rb'"\udc00x\ud83d"': ("\ufffdx\ufffd", (BROKEN,)),
    b'"caf\xe9"': ("caf\ufffd", (BROKEN,)),
    b'"\xed\xa0\x80"': ("\ufffd\ufffd\ufffd", (BROKEN,)),
    b'"\\ud83d\xff\\ude00"': ("\ufffd\ufffd\ufffd", (BROKEN,)),
    b'"\\u0000\xff"': ("\ufffd", (NUL, BROKEN)),
    b"NaN": (None, (NOT_A_NUMBER,)),
    b"-Infinity": (None, (NOT_A_NUMBER,)),
    b"1e99999999999999999999": (None, (NOT_A_NUMBER,)),
    b"1e400": ("1E+400", (LARGE,)),
    b"9223372036854775808": ("9223372036854775808", (LARGE,)),
    b"9" * 5000: (str(Decimal("9" * 5000)), (LARGE,)),
}
PLAIN: dict[bytes, Any] = {
    b"1": 1,
    b"-9223372036854775808": -(2**63),
    b"0.10": Decimal("0.10"),
    b"null": None,
    rb'"\ud83d\ude00"': "\U0001f600",
    b'"\xef\xbf\xbd"': "\ufffd",
    b'"tab\there"': "tab\there",
    b"[]": [],
    b"{}": {},
}


@pytest.mark.parametrize("wire", ODD, ids=lambda wire: ascii(wire[:30].decode("latin-1")))
def test_a_repaired_value_is_found_by_its_path(wire: bytes) -> None:
    value, kinds = ODD[wire]
    document = parse(b'{"rows":[{"id":"1"},{"id":"2","x":[0,%s]}]}' % wire)
    assert isinstance(document, RepairedObject)
    assert document["rows"][1]["x"][1] == value
    assert document.repairs == [(kind, ("rows", 1, "x", 1)) for kind in kinds]
    document.mark_rows("rows")
    assert type(document["rows"][0]) is dict
    assert document["rows"][1].repairs == [(kind, ("x", 1)) for kind in kinds]


def test_a_repaired_name_is_found_by_its_repaired_form() -> None:
    document = parse(rb'{"a\u0000":{"b":1}}')
    assert document == {"a": {"b": 1}}
    assert document.repairs == [(NUL, ("a",))]


@pytest.mark.parametrize(
    "body", [rb'["\u0000"]', rb'"\u0000"', b"NaN", rb'{"x":["\u0000"]}', b'{"x":{"y":NaN}}']
)
def test_marking_rows_leaves_anything_but_lists_of_objects_alone(body: bytes) -> None:
    document = parse(body)
    if isinstance(document, RepairedObject):
        document.mark_rows("x")
        document.mark_rows("y")
    assert json.loads(json.dumps(document)) == document


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    for place in path:
        document = document[place]
    return document


Part = tuple[bytes, int]
"""JSON, and how many repairs it needs."""

tokens = st.sampled_from([(wire, len(ODD[wire][1]) if wire in ODD else 0) for wire in (*ODD, *PLAIN)])


def joined(parts: list[Part], form: bytes) -> Part:
    return form % b",".join(wire for wire, _ in parts), sum(count for _, count in parts)


def numbered(parts: list[Part]) -> list[Part]:
    return [(b'"p%d":%b' % (place, wire), count) for place, (wire, count) in enumerate(parts)]


documents = st.recursive(
    tokens,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: joined(parts, b"[%b]")),
        st.lists(inner, max_size=3).map(lambda parts: joined(numbered(parts), b"{%b}")),
    ),
    max_leaves=8,
)


@given(documents)
def test_every_reader_accepts_a_repaired_document_and_every_repair_is_noted(part: Part) -> None:
    wire, count = part
    document = parse(b'{"x":%b}' % wire)
    text = msgspec.json.encode(document)
    assert orjson.loads(text) == json.loads(text)
    repairs = getattr(document, "repairs", [])
    assert len(repairs) == count
    for kind, path in repairs:
        assert isinstance(at(document, path), str) is (kind is not NOT_A_NUMBER)

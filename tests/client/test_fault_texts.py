"""Property: an error is recognized wherever it is in an answer with status 200, and rows never are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.client.faults import Kind, classify, says_fault
from tap_infusionsoft.records.fast.raw_rows import PageSplitter

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CONTACTS = Call("/v2/contacts", "contacts")
SPLIT = PageSplitter("contacts", "next_page_token")
TEXTS = {
    "[DatabaseError] Query took too long and was cancelled": Kind.QUERY_TOO_LONG,
    "[DatabaseError] Too many consecutive failures. This saved search is blocked temporarily": (
        Kind.SEARCH_BLOCKED
    ),
}

NAMES = st.text(st.sampled_from("abcdefghijk_"), min_size=1, max_size=8).filter("contacts".__ne__)
HARMLESS = st.one_of(st.none(), st.booleans(), st.integers(0, 99), st.text(max_size=10))
VALUES = st.text(max_size=20) | st.sampled_from([*TEXTS]) | st.integers() | st.none()
ROWS = st.lists(
    st.dictionaries(NAMES | st.sampled_from(["message", "status", "notes"]), VALUES, max_size=4).map(
        lambda row: {"id": "1"} | row
    ),
    max_size=4,
)


@st.composite
def worded(draw: st.DrawFn, text: str) -> str:
    """The words of an error as they may be written: in a sentence, in HTML, in other cases or spacing."""
    words = draw(st.sampled_from([text, text.lower(), text.split("] ")[1]]))
    space = draw(st.sampled_from([" ", "  ", "\n", "&nbsp;", "&#32;", "\u00a0"]))
    before, after = draw(
        st.tuples(st.sampled_from(["", "Error: ", "<h1>"]), st.sampled_from(["", ".", "</h1>"]))
    )
    return before + words.replace(" ", space) + after


def inside(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value that holds another one somewhere: in objects and lists, beside others."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.dictionaries(NAMES, HARMLESS, max_size=2), NAMES, inner).map(
                lambda found: {**found[0], found[1]: found[2]}
            ),
            st.tuples(st.lists(HARMLESS, max_size=2), inner).map(lambda found: [*found[0], found[1]]),
        ),
        max_leaves=3,
    )


def kind_of(body: bytes) -> Kind | None:
    """The fault of an answer, as the client finds it: from the split page, or from the whole document."""
    split = SPLIT(body)
    if split is not None and not says_fault(split, CONTACTS):
        return None
    answer = Answer(200, {}, body)
    try:
        document = answer.json()
    except ValueError:
        document = None
    fault = classify(answer, document, CONTACTS, NOW)
    return fault.kind if fault else None


def shapes(text: str) -> st.SearchStrategy[Any]:
    """Members of an answer with an error in one of Keap's JSON shapes, or in a shape of nobody's."""
    return st.one_of(
        st.just({"fault": {"faultstring": text, "detail": {"errorcode": "some.code"}}}),
        st.just({"code": 500, "message": text, "status": "INTERNAL", "details": None}),
        st.just({"message": text}),
        st.tuples(NAMES, inside(st.just(text))).map(lambda found: {found[0]: found[1]}),
    )


@settings(deadline=None)
@given(data=st.data(), text=st.sampled_from([*TEXTS]), rows=ROWS)
def test_an_error_beside_a_list_is_a_fault(data: st.DataObject, text: str, rows: list[Any]) -> None:
    said = data.draw(shapes(data.draw(worded(text))))
    names = data.draw(st.permutations(["contacts", "next_page_token", *said]))
    document = {"contacts": rows, "next_page_token": data.draw(st.sampled_from(["", "x", None]))} | said
    body = json.dumps({name: document[name] for name in names}).encode()
    assert kind_of(body) is TEXTS[text]


@settings(deadline=None)
@given(data=st.data(), text=st.sampled_from([*TEXTS]))
def test_an_error_instead_of_a_list_is_a_fault(data: st.DataObject, text: str) -> None:
    said = data.draw(worded(text))
    body = data.draw(
        st.one_of(
            st.just(said),
            st.just(f"<!doctype html><html><head>{'<meta>' * 9}</head><body><p>{said}</p></body></html>"),
            inside(st.just(said)).map(json.dumps),
            shapes(said).map(json.dumps),
            shapes(said).map(lambda shape: json.dumps({"contacts": None} | shape)),
            st.just(json.dumps({"contacts": said})),
            shapes(said).filter({"id"}.isdisjoint).map(lambda shape: json.dumps({"contacts": {"x": shape}})),
        )
    )
    assert kind_of(body.encode()) is TEXTS[text]


@settings(deadline=None)
@given(rows=ROWS, token=st.sampled_from(["", "x", None]), count=st.none() | st.integers(0, 9))
def test_rows_that_quote_an_error_are_rows(rows: list[Any], token: str | None, count: int | None) -> None:
    document = {"contacts": rows, "next_page_token": token, "count": count}
    assert kind_of(json.dumps(document).encode()) is None


@settings(deadline=None)
@given(rows=ROWS.filter(bool), cut=st.integers(1, 10))
def test_a_page_that_breaks_off_is_damaged_whatever_its_rows_quote(rows: list[Any], cut: int) -> None:
    body = json.dumps({"contacts": rows, "next_page_token": ""}).encode()
    assert kind_of(body[:-cut]) is Kind.DAMAGED


FILE = Call("/v2/files/1:data", is_raw=True)


@settings(deadline=None)
@given(data=st.data(), text=st.sampled_from([*TEXTS]))
def test_an_error_instead_of_a_file_is_a_fault(data: st.DataObject, text: str) -> None:
    body = json.dumps(data.draw(st.sampled_from([{"message": text}, {"fault": {"faultstring": text}}])))
    answer = Answer(200, {}, body.encode())
    fault = classify(answer, answer.file(1000), FILE, NOW)
    assert fault is not None
    assert fault.kind is TEXTS[text]


@given(st.binary(min_size=1, max_size=50) | st.sampled_from([*TEXTS, '{"message":"Hello"}']).map(str.encode))
def test_a_file_may_hold_anything_else(body: bytes) -> None:
    answer = Answer(200, {}, body)
    assert classify(answer, answer.file(1000), FILE, NOW) is None

"""Answers of all kinds, from the service to records, tries and what the log says."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keap_sandbox.faults.xmlrpc_values import VALUES
from tap_infusionsoft.client.auth.refreshing import Bearer
from tap_infusionsoft.client.clock import SystemClock
from tap_infusionsoft.client.http import HttpTransport
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpc
from tap_infusionsoft.xmlrpc.tests.kinds import TEXTS
from tap_infusionsoft.xmlrpc.tests.test_kinds import CALL, row
from tap_infusionsoft.xmlrpc.tests.wire import page
from tests.canary import KEY
from tests.fixtures import Run
from tests.sockets import raw_server, saying
from tests.virtual import VirtualClock

STREAM = "legacy_contact"
Rows = dict[int, dict[str, Any]]


@pytest.fixture
def catalog(run: Run) -> dict[str, Any]:
    found = run.catalog(STREAM, legacy_tables=["Contact"])
    run.box.clear_requests()
    return found


def load(run: Run, catalog: dict[str, Any], *, fails: bool = False) -> Rows:
    """All contacts, by their ids."""
    run.target.state.clear()
    run.target.tables.clear()
    run(catalog=catalog, fails=fails)
    return {one["Id"]: dict(one) for one in run.target.rows(STREAM)}


def warnings(run: Run) -> list[str]:
    """The warnings and errors so far, which are then forgotten."""
    assert run.caplog is not None
    found = [one.getMessage() for one in run.caplog.records if one.levelno >= logging.WARNING]
    run.caplog.clear()
    return found


def calls(run: Run) -> int:
    """How often the table was asked for."""
    return sum(one["rpc"]["params"][0] == "Contact" for one in run.box.requests() if one.get("rpc"))


@pytest.mark.parametrize(
    ("switches", "fault"),
    [
        ({"gzip": True}, None),
        ({}, "xmlrpc_gzip_length"),
        ({}, "xmlrpc_content_type"),
        ({}, "xmlrpc_bom"),
        ({}, "xmlrpc_text_first"),
        ({"xmlrpc_members": "java8"}, None),
        ({"xmlrpc_members": "shuffle"}, None),
        ({"xmlrpc_text": "references"}, None),
        ({"xmlrpc_extensions": True}, None),
        ({"xmlrpc_prolog": "ISO-8859-1", "xmlrpc_text": "references"}, None),
        ({"xmlrpc_prolog": "none"}, None),
    ],
)
def test_other_forms_of_an_answer_give_the_same_rows_and_messages(
    run: Run, catalog: dict[str, Any], switches: dict[str, Any], fault: str | None
) -> None:
    rows, said, asked = load(run, catalog), warnings(run), calls(run)
    run.box.switch(**switches)
    if fault is not None:
        run.box.fault(fault, table="Contact")
    assert load(run, catalog) == rows
    assert warnings(run) == said
    assert calls(run) == 2 * asked
    assert len(rows) == 150


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "xmlrpc_blank"},
        {"name": "xmlrpc_blank_lines"},
        {"name": "xmlrpc_session_text"},
        {"name": "xmlrpc_session"},
        {"name": "xmlrpc_throttled"},
        {"name": "xmlrpc_index"},
        {"name": "xmlrpc_fault"},
        {"name": "xmlrpc_fault", "code": 3},
        {"name": "xmlrpc_loading"},
        {"name": "xmlrpc_code_as_text"},
        {"name": "xmlrpc_no_text"},
        {"name": "xmlrpc_empty_text"},
        {"name": "xmlrpc_cut"},
        {"name": "xmlrpc_missing_chunk"},
        {"name": "xmlrpc_gzip_cut"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_an_answer_that_is_none_is_asked_for_again(
    run: Run, catalog: dict[str, Any], fault: dict[str, Any]
) -> None:
    """Nothing of it becomes a record, and the log has a sentence about it."""
    rows, said, asked = load(run, catalog), warnings(run), calls(run)
    run.box.fault(fault, table="Contact", nth=1)
    assert load(run, catalog) == rows
    assert len(run.target.sent(STREAM)) == 150
    assert calls(run) == 2 * asked + 1
    (again,) = [one for one in warnings(run) if one not in said]
    assert again.startswith("XML-RPC DataService.query of Contact failed")
    assert "Trying again in" in again
    assert ": . " not in again


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"name": "xmlrpc_other_root"}, "it has an element 'error' as its root"),
        ({"name": "xmlrpc_html"}, "XML-RPC DataService.query of Contact"),
        ({"name": "xmlrpc_fault", "code": 9}, "[NoTableFound]"),
        ({"name": "xmlrpc_fault", "code": 13, "text": ""}, "a fault with code 13 and no text"),
        ({"name": "xmlrpc_ip_refused"}, "IP access not allowed"),
        ({"name": "xmlrpc_entities"}, "it declares a document type"),
        ({"name": "xmlrpc_deep"}, "it is nested too deeply"),
        ({"name": "xmlrpc_gzip_bomb"}, "compressed more than 200 to 1"),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_an_answer_that_stays_none_fails_the_stream_with_a_reason(
    run: Run, catalog: dict[str, Any], fault: dict[str, Any], says: str
) -> None:
    run.box.fault(fault, table="Contact")
    assert load(run, catalog, fails=True) == {}
    said = warnings(run)
    assert any(says in one for one in said), said
    assert not any("Bad credential" in one or "Sign in" in one for one in said)


TEXT_KINDS = [
    name for name, kind in VALUES.items() if kind.type is str and not name.endswith(("nil", "twice"))
]


def test_broken_values_of_an_account_become_values_and_warnings(run: Run, catalog: dict[str, Any]) -> None:
    rows = load(run, catalog)
    warnings(run)
    ids = sorted(rows)[20 : 20 + len(TEXT_KINDS)]
    run.box.fault("xmlrpc_value", kinds=TEXT_KINDS, id=ids[0], field="City", table="Contact")
    broken = load(run, catalog)
    place = dict(zip(TEXT_KINDS, ids, strict=True))
    assert {one: broken[one] | {"City": rows[one]["City"]} for one in broken} == rows
    city = {name: broken[number]["City"] for name, number in place.items()}
    assert city["raw_control"] == city["control_reference"] == city["raw_nul"] == "A\ufffdB"
    assert city["emoji"] == city["hex_emoji"] == city["cesu8"] == "A\U0001f600B"
    assert (city["latin1"], city["windows_quotes"]) == ("Café B", "“Hi”")
    assert (city["cdata"], city["comment"], city["instruction"]) == ("A < B", "AB", "AB")
    assert (city["unended_digit"], city["named_entity"]) == ("A\ufffd7", "A&nbsp;B")
    said = "\n".join(warnings(run))
    for sentence, name in [
        ("replaced broken characters with U+FFFD in", "raw_control"),
        ("took a bare & or ]]> as text in 3 values", "bare_ampersand"),
        ("read bytes that are not UTF-8 as Windows-1252 in 3 values", "latin1"),
    ]:
        (line,) = [one for one in said.splitlines() if sentence in one]
        assert f"City of Id {place[name]}" in line
    assert f"City of Id {place['emoji']}" in said


def test_a_table_without_rows_is_complete(run: Run, catalog: dict[str, Any]) -> None:
    run.box.plant("contacts", delete=[one["id"] for one in run.box.records("contacts")])
    assert load(run, catalog) == {}
    assert warnings(run) == []


CASES = [name for name in TEXTS if name != "long"]


def answer(parts: list[bytes], headers: bytes = b"") -> bytes:
    """A chunked answer."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n"
    return head + headers + b"\r\n" + body + b"0\r\n\r\n"


@pytest.fixture(scope="module")
def ask() -> Callable[[bytes], list[Any]]:
    """Sends a call to a server that answers with these bytes, and returns the rows."""

    def rows(wire: bytes) -> list[Any]:
        with raw_server(saying(wire)) as server:
            got = HttpTransport(server.url, Bearer(KEY), SystemClock(), "test").send(CALL)
        document, fault = XmlRpc().read(got, CALL, 0, VirtualClock().now())
        assert fault is None
        found: list[Any] = document[ROWS]
        return found

    return rows


@settings(deadline=None, max_examples=40)
@given(data=st.data(), name=st.sampled_from(CASES), is_packed=st.booleans(), padding=st.integers(0, 9000))
def test_where_an_answer_is_cut_into_chunks_changes_nothing(
    ask: Callable[[bytes], list[Any]],
    data: st.DataObject,
    *,
    name: str,
    is_packed: bool,
    padding: int,
) -> None:
    """Chunks end within the interesting bytes, wherever these are in the answer."""
    kind = TEXTS[name]
    body = page(row(1, kind), *map(row, range(2, 5)))
    body = body.replace(b"<value>FirstName 1<", b"<value>%s<" % (b"p" * padding))
    start = body.index(kind.element)
    within = st.lists(st.integers(start, start + len(kind.element)), min_size=1, max_size=3)
    whole = gzip.compress(body, mtime=0) if is_packed else body
    anywhere = st.lists(st.integers(0, len(whole)), max_size=5)
    cuts = sorted({0, len(whole), *data.draw(anywhere), *(() if is_packed else data.draw(within))})
    parts = [whole[one:other] for one, other in pairwise(cuts)]
    rows = ask(answer(parts, b"Content-Encoding: gzip\r\n" if is_packed else b""))
    assert [one["Id"] for one in rows] == [1, 2, 3, 4]
    assert rows[0]["City"] == kind.value
    assert [one["City"] for one in rows[1:]] == ["City 2", "City 3", "City 4"]

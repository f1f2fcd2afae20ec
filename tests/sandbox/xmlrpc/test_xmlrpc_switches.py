"""How answers look, and when the API is switched off."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from keap_sandbox import Sandbox
from keap_sandbox.switches import BadSwitchError
from keap_sandbox.timestamps import parse_moment
from tests.sandbox.conftest import ManualClock

from .names import Names
from .test_broken_answers import ask, member

pytestmark = pytest.mark.usefixtures("names")


def test_both_writers_of_texts(box: Sandbox, names: Names) -> None:
    names.found = {1: {"Id": 1, "Name": "Zoë\x0b\ud83d", "Zip": "\U0001f600™"}}
    names.version += 1
    assert member("Name", b"Zo\xc3\xab\x0b&#55357;") in ask(box).content
    assert member("Zip", b"&#55357;&#56832;\xe2\x84\xa2") in ask(box).content
    box.switch(xmlrpc_text="references")
    assert member("Name", b"Zo&#235;&#11;&#55357;") in ask(box).content
    assert member("Zip", b"&#55357;&#56832;&#8482;") in ask(box).content


@pytest.mark.parametrize(
    ("prolog", "start", "name"),
    [
        ("UTF-8", b'<?xml version="1.0" encoding="UTF-8"?><methodResponse>', b"M\xc3\xbcller"),
        ("utf-8", b'<?xml version="1.0" encoding="utf-8"?><methodResponse>', b"M\xc3\xbcller"),
        ("ISO-8859-1", b'<?xml version="1.0" encoding="ISO-8859-1"?><methodResponse>', b"M\xfcller"),
        ("none", b"<methodResponse>", b"M\xc3\xbcller"),
    ],
)
def test_the_declaration_names_the_encoding(box: Sandbox, prolog: str, start: bytes, name: bytes) -> None:
    box.switch(xmlrpc_prolog=prolog)
    content = ask(box).content
    assert content.startswith(start)
    assert member("Name", name) in content


def orders(box: Sandbox) -> list[list[bytes]]:
    rows = ask(box, ["Id", "Name", "Zip", "Made"]).content.split(b"<struct>")[1:4]
    return [[part.partition(b"</name>")[0] for part in row.split(b"<name>")[1:]] for row in rows]


def test_the_order_of_members(box: Sandbox) -> None:
    java7 = orders(box)
    assert java7[0] == java7[1] == java7[2]
    box.switch(xmlrpc_members="java8")
    java8 = orders(box)
    assert java8[0] == java8[1] == java8[2] != java7[0]
    box.switch(xmlrpc_members="shuffle")
    shuffled = orders(box)
    assert len({tuple(row) for row in shuffled}) > 1
    assert {tuple(sorted(row)) for row in shuffled} == {tuple(sorted(java7[0]))}


def test_extensions_are_off_unless_switched_on(box: Sandbox) -> None:
    plain = ask(box).content
    assert not any(tag in plain for tag in (b"nil", b"i8", b"ex:"))
    box.switch(xmlrpc_extensions=True)
    extended = ask(box).content
    assert extended.count(b"<name>") == 6 * 8
    assert b'<methodResponse xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions">' in extended


class TestSwitchedOff:
    def set(self, clock: ManualClock, text: str) -> None:
        clock.now = (parse_moment(text) or 0) / 1000

    def test_during_a_brownout_by_the_clock(self, box: Sandbox, clock: ManualClock) -> None:
        box.switch(
            xmlrpc_brownouts="2026-11-28T14:00:00Z/2026-11-28T18:00:00Z, 2026-12-01/2026-12-02",
            xmlrpc_off="html_503",
        )
        statuses = []
        for text in (
            "2026-11-28T13:59:59Z", "2026-11-28T14:00:00Z", "2026-11-28T17:59:59Z", "2026-11-28T18:00:00Z",
            "2026-12-01T12:00:00Z", "2027-06-01T00:00:00Z",
        ):  # fmt: skip
            self.set(clock, text)
            statuses.append(ask(box).status_code)
        assert statuses == [200, 503, 503, 200, 503, 200]
        self.set(clock, "2026-12-01T12:00:00Z")
        rest = requests.get(
            f"{box.url}/crm/rest/v2/tags", headers={"X-Keap-API-Key": box.api_key}, timeout=10
        )
        assert rest.status_code == 200

    def test_after_the_end(self, box: Sandbox, clock: ManualClock) -> None:
        box.switch(xmlrpc_end="2027-01-01")
        self.set(clock, "2026-12-31T23:59:59Z")
        assert ask(box).status_code == 200
        self.set(clock, "2027-01-01T00:00:00Z")
        assert ask(box).status_code == 503

    @pytest.mark.parametrize(
        ("off", "status", "content"),
        [
            ("empty_503", 503, b""),
            ("html_503", 503, b"brownout"),
            ("gone", 410, b""),
            ("json_fault", 503, b'"faultstring"'),
            ("not_found", 404, b"<html>"),
        ],
    )
    def test_what_is_answered_then(self, box: Sandbox, off: str, status: int, content: bytes) -> None:
        box.switch(xmlrpc_end="2020-01-01", xmlrpc_off=off)
        response = ask(box)
        assert response.status_code == status
        assert content in response.content
        assert bool(content) is bool(response.content)

    def test_or_the_connection_is_closed(self, box: Sandbox) -> None:
        box.switch(xmlrpc_end="2020-01-01", xmlrpc_off="dropped")
        with pytest.raises(requests.exceptions.ConnectionError):
            ask(box)


@pytest.mark.parametrize(
    ("name", "value"),
    [("xmlrpc_brownouts", "2026-11-28"), ("xmlrpc_brownouts", "x/y"), ("xmlrpc_end", "soon"),
     ("xmlrpc_brownouts", "2026-11-28/2026-11-27")],
)  # fmt: skip
def test_a_wrong_time_is_refused(box: Sandbox, name: str, value: Any) -> None:
    with pytest.raises(BadSwitchError, match=f"switch {name}: "):
        box.switch(**{name: value})

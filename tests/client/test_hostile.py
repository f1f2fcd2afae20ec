"""Broken and hostile servers, on raw sockets. tests/test_promises.py lists which test covers which attack."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import random
import socket
import ssl
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.client.auth.refreshing import Bearer
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import KeapClient
from tap_infusionsoft.client.clock import SystemClock
from tap_infusionsoft.client.daily_quota import Budget, Share
from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.client.http import ExchangeError, HttpTransport, Limits
from tap_infusionsoft.client.rate_limit import Pacer
from tap_infusionsoft.client.redact import Redactor, install
from tap_infusionsoft.client.retry import Waits
from tests.canary import KEY
from tests.sockets import RawServer, closing, dripping, endless, raw_server, saying
from tests.virtual import VirtualClock

CONTACTS = Call("/v2/contacts", "contacts", {"page_size": "1000", "filter": "email==jane@example.com"})
FILE = Call("/v2/files/1:data", is_raw=True)
GOOD = b'{"contacts":[{"id":"1"}]}'
BOMB = zlib.compress(bytes(300 << 20), 9)

Talk = Callable[[RawServer, socket.socket], None]


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def session(url: str, **limits: Any) -> HttpTransport:
    return HttpTransport(
        url, Bearer(KEY), SystemClock(), "test", Limits(**{"read": 5.0, "total": 10.0} | limits)
    )


def client(url: str, clock: VirtualClock | None = None, **limits: Any) -> KeapClient:
    clock = clock or VirtualClock()
    credential = Bearer(KEY)
    sender = HttpTransport(
        url, credential, SystemClock(), "test", Limits(**{"read": 5.0, "total": 10.0} | limits)
    )
    budget = Budget(Share(1, 1_000_000), clock, "test", {})
    return KeapClient(
        sender, credential, Pacer(1e6, clock), budget, Waits(), clock, Redactor([KEY]), random.Random(1)
    )


def fault_of(talk: Talk, call: Call = CONTACTS, **limits: Any) -> Kind:
    """Return what one call to a server fails with."""
    with raw_server(talk) as server, pytest.raises(ExchangeError) as caught:
        session(server.url, **limits).send(call)
    return caught.value.fault.kind


# Time.

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "talk",
    [
        dripping(b"", b"HTTP/1.1 200 OK\r\nX-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
        dripping(HEAD, b"X-Long: " + b"y" * 60_000),
        dripping(HEAD + b"Content-Length: 1000000\r\n\r\n", b"{"),
        dripping(HEAD + b"\r\n", b" "),
        dripping(CHUNKED, b"1\r\n{\r\n"),
        dripping(CHUNKED + b"1;", b"x"),
        dripping(CHUNKED + b"1\r\n{\r\n0\r\nX-Trailer: ", b"y"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        endless(CHUNKED + b"1\r\n{\r\n0\r\n", b"X-Trailer: y\r\n"),
    ],
)
def test_an_exchange_ends_at_its_deadline_whatever_the_server_drips(talk: Talk) -> None:
    assert fault_of(talk, total=0.3) in {Kind.TIMEOUT, Kind.UNREACHABLE}


def test_dripping_headers_are_a_timeout() -> None:
    assert fault_of(dripping(HEAD, b"X-Long: " + b"y" * 60_000), total=0.2) is Kind.TIMEOUT


@pytest.mark.parametrize("start", [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\n{"])
def test_silence_at_any_point_is_a_timeout(start: bytes) -> None:
    assert fault_of(saying(start), read=0.1) is Kind.TIMEOUT


@pytest.mark.parametrize("start", [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\n{"])
def test_silence_ends_at_the_deadline_if_that_comes_before_the_read_limit(start: bytes) -> None:
    assert fault_of(saying(start), read=600.0, total=0.2) is Kind.TIMEOUT


def test_a_dripping_proxy_ends_at_the_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(dripping(b"", b"HTTP/1.1 200 OK\r\nX-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(ExchangeError) as caught:
            session("https://api.infusionsoft.com", total=0.3).send(CONTACTS)
        assert caught.value.fault.kind in {Kind.TIMEOUT, Kind.UNREACHABLE}
        assert proxy.heads[0].startswith(b"CONNECT api.infusionsoft.com:443")
        assert KEY.encode() not in proxy.heads[0]


# Size.


@pytest.mark.parametrize(
    "talk",
    [
        endless(HEAD, b"X-A: b\r\n"),
        endless(HEAD, b"x" * 1000),
        endless(HEAD + b"\r\n", b" " * 10_000),
        endless(CHUNKED, b"2710\r\n" + b" " * 10_000 + b"\r\n"),
        saying(answer(b"[" + b" " * (9 << 20))),
        saying(answer(BOMB, "Content-Encoding: deflate")),
        saying(answer(gzip.compress(bytes(50 << 20)), "Content-Encoding: gzip")),
        saying(answer(gzip.compress(gzip.compress(bytes(300 << 20), 1)), "Content-Encoding: gzip, gzip")),
        saying(answer(gzip.compress(BOMB), "Content-Encoding: deflate, gzip", status="500 Oops")),
    ],
)
def test_endless_answers_are_refused_before_they_fill_the_memory(talk: Talk) -> None:
    tracemalloc.start()
    try:
        assert fault_of(talk, body=8 << 20) is Kind.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_an_endless_status_line_is_not_an_answer() -> None:
    assert fault_of(endless(b"", b"x" * 1000)) in {Kind.TOO_LARGE, Kind.UNREACHABLE}


@pytest.mark.parametrize(
    ("packed", "coding"),
    [
        (b"this is not gzip", "gzip"),
        (gzip.compress(GOOD, mtime=0)[:-20], "gzip"),
        (gzip.compress(GOOD, mtime=0), "gzip" + ", gzip" * 9),
    ],
)
def test_a_body_that_cannot_be_decompressed_is_damaged(packed: bytes, coding: str) -> None:
    with raw_server(saying(answer(packed, f"Content-Encoding: {coding}"))) as server:
        with pytest.raises(KeapError) as caught:
            client(server.url).fetch(CONTACTS)
        assert caught.value.fault.kind is Kind.DAMAGED
        assert caught.value.tries == 4


PACKED = gzip.compress(GOOD, mtime=0)


@pytest.mark.parametrize(
    "talk",
    [
        saying(answer(PACKED, "Content-Encoding: gzip")),
        saying(answer(PACKED, "Content-Encoding: X-GZIP")),
        saying(answer(PACKED + bytes(5), "Content-Encoding: gzip")),
        saying(answer(gzip.compress(GOOD[:7]) + gzip.compress(GOOD[7:]), "Content-Encoding: gzip")),
        closing(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (len(PACKED) * 2) + PACKED),
        saying(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (len(PACKED) * 2) + PACKED),
        closing(HEAD + b"Content-Encoding: gzip\r\n\r\n" + PACKED),
    ],
)
def test_a_compressed_body_ends_where_its_data_does(talk: Talk) -> None:
    """Whatever the length in its header counts."""
    with raw_server(talk) as server:
        sender = session(server.url, read=0.2)
        assert [sender.send(CONTACTS).body for _ in range(2)] == [GOOD, GOOD]


@pytest.mark.parametrize("length", range(1, len(PACKED)))
def test_a_compressed_body_that_is_cut_is_never_taken_for_a_whole_one(length: int) -> None:
    cut = PACKED[:length]
    assert fault_of(saying(answer(cut, "Content-Encoding: gzip"))) is Kind.DAMAGED


# Bodies that are not what their headers say.


@pytest.mark.parametrize(
    "talk",
    [
        closing(HEAD + b"Content-Length: 100\r\n\r\n" + GOOD),
        closing(CHUNKED + b"19\r\n" + GOOD),
        closing(CHUNKED + b"zz\r\n" + GOOD),
        closing(HEAD + b"Content-Length: 25\r\nContent-Length: 26\r\n\r\n" + GOOD),
        closing(b"SSH-2.0-OpenSSH\r\n"),
        closing(b"\x16\x03\x01\x02\x00"),
        closing(random.Random(1).randbytes(2000)),
        closing(b""),
    ],
)
def test_a_malformed_answer_is_not_an_answer(talk: Talk) -> None:
    assert fault_of(talk) is Kind.UNREACHABLE


@pytest.mark.parametrize("length", ["-5", "x", "1e3", ""])
def test_an_invalid_content_length_is_ignored(length: str) -> None:
    with raw_server(closing(HEAD + f"Content-Length: {length}\r\n\r\n".encode() + GOOD)) as server:
        assert session(server.url).send(CONTACTS).body == GOOD


def test_bytes_beyond_the_content_length_do_not_become_the_next_answer() -> None:
    evil = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"contacts":[]}'
    with raw_server(saying(HEAD + b"Content-Length: 10\r\n\r\n" + GOOD + evil)) as server:
        sender = session(server.url)
        for _ in range(3):
            assert sender.send(CONTACTS).body == GOOD[:10]


# Going elsewhere.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("form", ["{url}/x", "//127.0.0.1:{port}/x", "http://user:pass@127.0.0.1:{port}/"])
def test_no_redirect_is_followed(status: int, form: str) -> None:
    with raw_server(saying(answer(GOOD))) as other:
        location = form.format(url=other.url, port=other.port)
        with raw_server(saying(answer(b"", f"Location: {location}", status=f"{status} Go"))) as server:
            with pytest.raises(KeapError) as caught:
                client(server.url).fetch(CONTACTS)
            assert caught.value.fault.kind is Kind.REDIRECT
            assert caught.value.tries == 1
            assert f"redirect to 127.0.0.1:{other.port}." in str(caught.value)
            assert other.connections == 0
            assert [head.count(KEY.encode()) for head in server.heads] == [1]


@pytest.mark.parametrize("location", ["http://[", "http://\udcff", "", "x" * 60_000, "javascript:alert(1)"])
def test_the_body_of_a_redirect_is_never_read(location: str) -> None:
    head = b"HTTP/1.1 302 Go\r\nLocation: " + location.encode("utf-8", "surrogateescape") + b"\r\n\r\n"
    with raw_server(endless(head, b" " * 10_000)) as server:
        assert session(server.url, total=5.0).send(CONTACTS).status == 302


def test_cookies_are_not_sent_back() -> None:
    with raw_server(saying(answer(GOOD, "Set-Cookie: a=b; Path=/"))) as server:
        sender = session(server.url)
        sender.send(CONTACTS)
        sender.send(CONTACTS)
        assert b"cookie" not in server.heads[1].lower()


# TLS.

PEM = Path(__file__).with_name("self_signed.pem")
"""A key and a self-signed certificate for localhost."""


def tls(server: RawServer, connection: socket.socket) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    saying(answer(GOOD))(server, context.wrap_socket(connection, server_side=True))


def hang_up(server: RawServer, connection: socket.socket) -> None:  # noqa: ARG001
    connection.recv(100_000)


def alert(server: RawServer, connection: socket.socket) -> None:  # noqa: ARG001
    connection.recv(100_000)
    connection.sendall(b"\x15\x03\x01\x00\x02\x02\x28")


def speak_plainly(server: RawServer, connection: socket.socket) -> None:  # noqa: ARG001
    connection.recv(100_000)
    connection.sendall(answer(GOOD))


def test_an_untrusted_certificate_fails_at_once() -> None:
    clock = VirtualClock()
    with raw_server(tls) as server:
        with pytest.raises(KeapError) as caught:
            client(f"https://127.0.0.1:{server.port}", clock).fetch(CONTACTS)
        assert caught.value.fault.kind is Kind.CERTIFICATE
        assert (caught.value.tries, server.connections, server.heads, clock.waits) == (1, 1, [], [])


@pytest.mark.parametrize("talk", [hang_up, alert, speak_plainly])
def test_a_failed_handshake_is_retried_at_once_and_then_three_times(talk: Talk) -> None:
    clock = VirtualClock()
    with raw_server(talk) as server:
        with pytest.raises(KeapError) as caught:
            client(f"https://127.0.0.1:{server.port}", clock).fetch(CONTACTS)
        assert caught.value.fault.kind is Kind.HANDSHAKE
        assert caught.value.tries == server.connections == 5
        assert [wait for wait in clock.waits if wait > 0.001] == [5, 5, 5]


def test_the_environment_cannot_turn_off_certificate_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    with raw_server(tls) as server, pytest.raises(ExchangeError) as caught:
        session(f"https://127.0.0.1:{server.port}").send(CONTACTS)
    assert caught.value.fault.kind is Kind.CERTIFICATE


# Documents.


@pytest.mark.parametrize(
    ("depth", "is_good"), [(61, True), (62, False), (63, False), (65, False), (100_000, False)]
)
def test_documents_nested_deeper_than_64_levels_are_refused(depth: int, *, is_good: bool) -> None:
    body = b'{"contacts":[{"x":' + b"[" * depth + b"]" * depth + b"}]}"
    with raw_server(saying(answer(body))) as server:
        if is_good:
            assert client(server.url).fetch(CONTACTS).document["contacts"]
            return
        with pytest.raises(KeapError) as caught:
            client(server.url).fetch(CONTACTS)
    assert caught.value.fault.kind is Kind.DAMAGED
    assert "nested too deeply" in str(caught.value)


def test_invalid_values_are_repaired_and_named() -> None:
    body = (
        b'{"contacts":[{"id":"1","id":"2","a":NaN,"b":-Infinity,"c":"x\\ud800","d":"\xe9","e":"\\u0000y",'
        b'"f":9223372036854775808,"g":1e999,"h":' + b"9" * 5000 + b',"i":"tab\there"}]}'
    )
    with raw_server(saying(answer(body))) as server:
        (row,) = client(server.url).fetch(CONTACTS).document["contacts"]
    expected = {"id": "2", "a": None, "b": None, "c": "x\ufffd", "d": "\ufffd", "e": "y"}
    assert {name: row[name] for name in expected} == expected
    assert (row["f"], row["i"]) == ("9223372036854775808", "tab\there")
    assert isinstance(row["g"], str)
    assert isinstance(row["h"], str)
    assert sorted(name for repair in row.repairs for name in repair.path) == [*"abcdefgh"]


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ('"\\u0000x"', "x"),
        ('"\\ud800"', "\ufffd"),
        ("NaN", None),
        ("1e999", "1E+999"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("9" * 5000, None),
    ],
)
def test_a_single_invalid_value_deep_inside_is_repaired_and_named(wire: str, value: str | None) -> None:
    body = f'{{"contacts":[{{"id":"1","x":[{{"y":{wire}}}]}}]}}'.encode()
    with raw_server(saying(answer(body))) as server:
        (row,) = client(server.url).fetch(CONTACTS).document["contacts"]
    found = row["x"][0]["y"]
    assert found == value or (len(wire) == 5000 and isinstance(found, str))
    assert [repair.path for repair in row.repairs] == [("x", 0, "y")]


def test_xml_is_never_parsed() -> None:
    document = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    with raw_server(saying(answer(document))) as server, pytest.raises(KeapError) as caught:
        client(server.url).fetch(CONTACTS)
    assert caught.value.fault.kind is Kind.NOT_JSON
    assert "root:" not in str(caught.value)


# What is logged.


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 No", "500 Oops", "200 OK"])
def test_messages_quote_neither_the_credential_nor_forged_log_lines(
    status: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = f'Bearer {KEY}\n{{"type":"STATE","value":{{}}}}\r\x1b[31m\u2028\u202eERROR forged'
    error = {"fault": {"faultstring": said, "detail": {"errorcode": "x"}}}
    for body in (
        json.dumps(error).encode(),
        f"<h1>{said}</h1>".encode(),
        json.dumps({"message": said}).encode(),
    ):
        with raw_server(saying(answer(body, status=status))) as server, pytest.raises(KeapError) as caught:
            client(server.url).fetch(CONTACTS)
        for text in (str(caught.value), *(record.getMessage() for record in caplog.records)):
            assert KEY not in text
            assert text.isprintable()


def test_neither_malformed_headers_nor_urls_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    factory = logging.getLogRecordFactory()
    try:
        install(Redactor([KEY]))
        with raw_server(saying(HEAD + b"Content-Length: 25\r\n: forged\r\n\r\n" + GOOD)) as server:
            client(server.url).fetch(CONTACTS)
    finally:
        logging.setLogRecordFactory(factory)
    assert "jane" not in caplog.text
    assert "forged" not in caplog.text


# Files.


@pytest.mark.parametrize("size", [1000, 1001, 100_000])
@pytest.mark.parametrize("form", ["bytes", "base64", "chunked"])
def test_a_file_that_is_too_large_is_left_out_and_marked(size: int, form: str) -> None:
    content = bytes(size)
    if form == "base64":
        talk = saying(answer(b'"' + base64.b64encode(content) + b'"'))
    elif form == "bytes":
        head = f"Content-Length: {size}\r\nContent-Type: application/octet-stream\r\n\r\n"
        talk = saying(HEAD + head.encode() + content)
    else:
        talk = saying(CHUNKED + f"{size:x}\r\n".encode() + content + b"\r\n0\r\n\r\n")
    with raw_server(talk) as server:
        document = client(server.url, file=1000).fetch(FILE).document
    assert document["is_too_large"] is (size > 1000)
    assert (document["data"] is None) is (size > 1000)
    assert document["size"] == size or (size == 100_000 and form != "bytes" and document["size"] is None)

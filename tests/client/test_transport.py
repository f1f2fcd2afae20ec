"""The HTTP transport against the sandbox's faults, on real sockets."""

from __future__ import annotations

import netrc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth.refreshing import Bearer
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.clock import SystemClock
from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.client.http import ExchangeError, HttpTransport, Limits
from tests.canary import KEY
from tests.sockets import raw_server, saying

CONTACTS = Call("/v2/contacts", "contacts", {"page_size": "1000", "fields": "id,custom_fields"})


@pytest.fixture(scope="module")
def keap() -> Iterator[Sandbox]:
    with Sandbox(seed=1, contacts=300, api_key=KEY, switches={"limits": "off"}) as box:
        yield box


def session(box: Sandbox, **limits: Any) -> HttpTransport:
    box.clear_faults()
    box.switch(gzip=False)
    return HttpTransport(box.url, Bearer(KEY), SystemClock(), "test", Limits(**limits))


def broken(sender: HttpTransport) -> Kind:
    with pytest.raises(ExchangeError) as caught:
        sender.send(CONTACTS)
    return caught.value.fault.kind


def test_a_redirect_is_not_followed_and_its_target_sees_no_call(keap: Sandbox) -> None:
    with Sandbox(contacts=10, api_key=KEY) as other:
        sender = session(keap)
        keap.fault("redirect_elsewhere", location=f"{other.url}/crm/rest/v2/contacts", always=True)
        answer = sender.send(CONTACTS)
        assert 300 <= answer.status < 400
        assert other.requests() == []


def test_the_credential_is_never_taken_from_netrc(
    keap: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login other password other-secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert netrc.netrc(tmp_path / ".netrc").authenticators("127.0.0.1")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert session(keap).send(CONTACTS).status == 200


def test_a_body_over_the_limit_is_refused(keap: Sandbox) -> None:
    assert broken(session(keap, body=10_000)) is Kind.TOO_LARGE


@pytest.mark.parametrize("fault", ["huge_body", "gzip_bomb", "endless"])
def test_huge_bodies_are_refused(keap: Sandbox, fault: str) -> None:
    sender = session(keap, body=8 << 20, total=20)
    keap.fault(fault, always=True)
    assert broken(sender) in {Kind.TOO_LARGE, Kind.TIMEOUT}


def test_a_dripping_body_ends_at_the_deadline(keap: Sandbox) -> None:
    sender = session(keap, total=0.3)
    keap.fault({"path": "/v2/contacts", "always": True, "drip": {"bytes_per_second": 50}})
    assert broken(sender) is Kind.TIMEOUT


def test_a_silent_server_ends_at_the_read_limit(keap: Sandbox) -> None:
    sender = session(keap, read=0.2)
    keap.fault("stall", always=True)
    assert broken(sender) is Kind.TIMEOUT


@pytest.mark.parametrize("rule", [{"reset_after_bytes": 500}, {"truncate_at": 500}])
def test_a_truncated_body_is_not_an_answer(keap: Sandbox, rule: dict[str, Any]) -> None:
    sender = session(keap)
    keap.fault({"path": "/v2/contacts", "always": True, **rule})
    assert broken(sender) is Kind.UNREACHABLE


def test_compressed_answers_are_decompressed(keap: Sandbox) -> None:
    sender = session(keap)
    plain = sender.send(CONTACTS)
    keap.switch(gzip=True)
    packed = sender.send(CONTACTS)
    assert packed.headers.get("content-encoding") == "gzip"
    assert packed.body == plain.body


def test_a_call_has_a_signature_and_an_accept_header() -> None:
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with raw_server(saying(good)) as server:
        sender = HttpTransport(server.url, Bearer(KEY), SystemClock(), "test/1")
        for call in (
            CONTACTS,
            Call("/v2/files/1:data", is_raw=True),
            Call("/v2/reports/7:run", method="POST"),
        ):
            assert sender.send(call).status == 200
        heads = [head.decode().split("\r\n") for head in server.heads]
    assert [head[0] for head in heads] == [
        "GET /crm/rest/v2/contacts?page_size=1000&fields=id%2Ccustom_fields HTTP/1.1",
        "GET /crm/rest/v2/files/1:data HTTP/1.1",
        "POST /crm/rest/v2/reports/7:run HTTP/1.1",
    ]
    for head, accept in zip(heads, ["application/json", "*/*", "application/json"], strict=True):
        assert {f"Authorization: Bearer {KEY}", "User-Agent: test/1", "Accept-Encoding: gzip"} <= {*head}
        assert f"Accept: {accept}" in head
    assert [line for line in heads[2] if "length" in line.lower()] == ["Content-Length: 0"]

"""The endpoint: credentials, requests that the library refuses, limits, and the request log."""

from __future__ import annotations

import http.client
import xmlrpc.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from keap_sandbox import Sandbox

from .names import Names, proxy

QUERY = xmlrpc.client.dumps(("", "Names", 10, 0, {}, ["Id"], "Id", True), "DataService.query").encode()
pytestmark = pytest.mark.usefixtures("names")
PROLOG = '<?xml version="1.0"?>'


def send(box: Sandbox, body: bytes | str = QUERY, path: str = "/crm/xmlrpc/v1", **headers: str) -> Any:
    """Send a request with the API key, or with the headers given."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = sent or {"Authorization": f"Bearer {box.api_key}"}
    return requests.post(f"{box.url}{path}", data=body, headers=sent, timeout=10)


def fault(response: requests.Response) -> tuple[int, str]:
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/xml;charset=UTF-8"
    with pytest.raises(xmlrpc.client.Fault) as raised:
        xmlrpc.client.loads(response.content)
    return raised.value.faultCode, raised.value.faultString


@pytest.mark.parametrize("path", ["/crm/xmlrpc", "/crm/xmlrpc/", "/crm/xmlrpc/v1", "/crm/xmlrpc/v1/"])
def test_paths(box: Sandbox, path: str) -> None:
    assert b"<name>Id</name><value><i4>1</i4></value>" in send(box, path=path).content


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer KEY"},
        {"authorization": "bearer KEY"},
        {"X_Keap_API_Key": "KEY"},
        {"x_keap_api_key": "KEY"},
        {"X_KEAP_API_KEY": "KEY", "Content_Type": "application/json"},
    ],
    ids=str,
)
def test_credentials_in_headers(box: Sandbox, names: Names, headers: dict[str, str]) -> None:
    headers = {name: value.replace("KEY", box.api_key) for name, value in headers.items()}
    assert send(box, **headers).content.count(b"<struct>") == len(names.found)


@pytest.mark.parametrize("first", ["", "x", "backwards-compatability", "0123456789abcdef0123456789abcdef"])
def test_the_place_of_the_private_key_may_hold_anything(
    keap: Any, box: Sandbox, names: Names, first: str
) -> None:
    assert len(keap.DataService.query(first, "Names", 10, 0, {}, ["Id"])) == len(names.found)
    box.switch(xmlrpc_empty_key="refused")
    if not first:
        with pytest.raises(xmlrpc.client.Fault, match=r"\[InvalidKey\]"):
            keap.DataService.query(first, "Names", 10, 0, {}, ["Id"])


@pytest.mark.parametrize(
    ("headers", "path", "error"),
    [
        ({"Accept": "*/*"}, "/crm/xmlrpc", "oauth.v2.InvalidAccessToken"),
        ({"Authorization": "KeapAK-sandbox"}, "/crm/xmlrpc", "oauth.v2.InvalidAccessToken"),
        ({"Authorization": "Bearer x"}, "/crm/xmlrpc", "keymanagement.service.invalid_access_token"),
        ({"Accept": "*/*"}, "/crm/xmlrpc?access_token=x", "keymanagement.service.invalid_access_token"),
    ],
    ids=str,
)
def test_the_gateway_refuses_credentials_in_json_before_it_reads_the_call(
    box: Sandbox, headers: dict[str, str], path: str, error: str
) -> None:
    response = send(box, b"no XML", path, **headers)
    assert response.status_code == 401
    assert response.json()["fault"]["detail"]["errorcode"] == error


def test_oauth_tokens_open_the_account_until_they_expire(box: Sandbox, names: Names) -> None:
    box.switch(oauth_access_token="first")
    with proxy(box, key="first") as keap:
        assert keap.DataService.count("first", "Names", {}) == len(names.found)
    box.expire_tokens()
    response = send(box, Authorization="Bearer first")
    assert response.json()["fault"]["detail"]["errorcode"] == "keymanagement.service.access_token_expired"


def call(value: str = "", method: str = "DataService.echo") -> str:
    params = f"<param><value>{value}</value></param>" if value else ""
    return f"{PROLOG}<methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>"


TYPES = "java.lang.String, java.lang.String, java.lang.Integer, java.lang.Integer"
STRINGS = "java.lang.String, java.lang.String, java.lang.String"
ORDER = "java.lang.String, java.lang.Integer"
NOT_MATCHING = "No method matching arguments: "
NOT_READ = "Failed to parse XML-RPC request: "


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (call("a", "system.listMethods"), "No such handler: system.listMethods"),
        (call("a", "dataservice.query"), "No such handler: dataservice.query"),
        (call("a", "query"), "No such handler: query"),
        (call("a", ""), "No such handler: "),
        (call("a", "AffiliateService.affPayouts"), "No such handler: AffiliateService.affPayouts"),
        (
            ("k", "Contact", 1, 0, [], ["Id"]),
            f"{NOT_MATCHING}{TYPES}, [Ljava.lang.Object;, [Ljava.lang.Object;",
        ),
        (
            ("k", "Contact", "1", 0, {}, ["Id"]),
            f"{NOT_MATCHING}{STRINGS}, java.lang.Integer, java.util.HashMap, [Ljava.lang.Object;",
        ),
        (
            ("k", "Contact", 1, 0, {}, ["Id"], "Id", 1),
            f"{NOT_MATCHING}{TYPES}, java.util.HashMap, [Ljava.lang.Object;, {ORDER}",
        ),
        (("k",), f"{NOT_MATCHING}java.lang.String"),
        ((), NOT_MATCHING),
        (call("<boolean>true</boolean>"), f"{NOT_READ}Failed to parse boolean value: true"),
        (call("<nil/>"), f"{NOT_READ}Unknown type: nil"),
        (call("<i8>1</i8>"), f"{NOT_READ}Unknown type: i8"),
        (call("<int>2147483648</int>"), f"{NOT_READ}Failed to parse integer value: 2147483648"),
        (call("a&#11;"), f'{NOT_READ}Character reference "&#11" is an invalid XML character.'),
        (
            call("<dateTime.iso8601>20120314</dateTime.iso8601>"),
            f"{NOT_READ}Failed to parse date value 20120314 at position 8",
        ),
        ("", f"{NOT_READ}Premature end of file."),
        ("{}", f"{NOT_READ}Content is not allowed in prolog."),
        ("<html></html>", f"{NOT_READ}Expected root element 'methodCall', got html"),
    ],
    ids=str,
)
def test_request_faults_are_those_of_the_library(
    box: Sandbox, body: str | tuple[Any, ...], words: str
) -> None:
    text = body if isinstance(body, str) else xmlrpc.client.dumps(body, "DataService.query")
    assert fault(send(box, text.encode())) == (0, words)


def test_what_foreign_clients_send_is_accepted(box: Sandbox) -> None:
    body = (
        '<?xml version="1.0" encoding="iso-8859-1"?>\n<!-- Perl -->\n<methodCall>\n'
        "<methodName>DataService.findByField</methodName>\n<params>\n<param><value>key</value></param>\n"
        "<param>\n<value><string>Names</string></value>\n</param>\n<param><value><i4>5</i4></value></param>"
        "<param><value><int> 0 </int></value></param><param><value><![CDATA[Name]]></value></param>"
        "<param><value>m\xfcller</value></param>"
        "<param><value><array>\n<data>\n<value>Id</value>\n</data>\n</array></value></param>\n"
        "</params>\n</methodCall>\n"
    ).encode("latin-1")
    response = send(box, body, Authorization=f"Bearer {box.api_key}", Content_Type="application/xml")
    rows: Any = xmlrpc.client.loads(response.content)[0][0]
    assert {row["Id"] for row in rows} == {1, 7}


def test_a_call_without_parameters_may_say_so(box: Sandbox) -> None:
    for params in ("<params/>", "<params></params>", ""):
        text = f"{PROLOG}<methodCall><methodName>DataService.getUserInfo</methodName>{params}</methodCall>"
        assert b"<name>appAlias</name>" in send(box, text).content


def test_a_get_closes_the_connection(box: Sandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(box.url).netloc, timeout=10)
    connection.request("GET", "/crm/xmlrpc/v1", headers={"X-Keap-API-Key": box.api_key})
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    connection.close()


class TestFormerHost:
    """There the key is the first parameter."""

    def test_the_key_opens_the_account(self, box: Sandbox, names: Names) -> None:
        with xmlrpc.client.ServerProxy(f"{box.url}/api/xmlrpc") as keap:
            rows: Any = keap.DataService.query(box.api_key, "Names", 10, 0, {}, ["Id"])
            assert len(rows) == len(names.found)
            assert keap.DataService.echo("hi") == "hi"

    def test_a_wrong_key_is_an_invalid_configuration(self, box: Sandbox) -> None:
        code, text = fault(send(box, path="/api/xmlrpc", Accept="*/*"))
        assert (code, text[:36]) == (1, "[InvalidConfig]Invalid Configuration")
        box.switch(xmlrpc_wrong_key="InvalidKey")
        assert fault(send(box, path="/api/xmlrpc/v1", Accept="*/*")) == (2, "[InvalidKey]Invalid Key")

    def test_a_call_that_cannot_be_read_is_told_first(self, box: Sandbox) -> None:
        assert fault(send(box, "x", "/api/xmlrpc"))[1].endswith("Content is not allowed in prolog.")


class TestLimits:
    @pytest.fixture
    def box(self, clock: Any) -> Iterator[Sandbox]:
        with Sandbox(contacts=5, switches={"minute_limit": 2, "second_limit": 0}, clock=clock) as running:
            yield running

    def test_calls_count_like_those_of_rest(self, box: Sandbox) -> None:
        rest = requests.get(f"{box.url}/crm/rest/v2/tags?access_token=x", timeout=10)
        assert rest.status_code == 401
        first = send(box)
        assert first.headers["x-keap-tenant-id"] == "xx123.infusionsoft.com"
        assert {name for name in first.headers if name.startswith("x-keap-product-")}
        assert send(box).status_code == 200
        third = send(box)
        assert third.status_code == 429
        assert third.json()["fault"]["detail"]["errorcode"] == "policies.ratelimit.QuotaViolation"
        url = f"{box.url}/crm/rest/v2/tags"
        assert requests.get(url, headers={"X-Keap-API-Key": box.api_key}, timeout=10).status_code == 429


def test_each_key_opens_its_account() -> None:
    with Sandbox(contacts=5, accounts=["key=two,tenant=yy456.infusionsoft.com,name=Second"]) as box:
        for key, alias in ((box.api_key, "xx123"), ("two", "yy456")):
            with proxy(box, key=key) as keap:
                assert keap.DataService.getUserInfo()["appAlias"] == alias


def test_the_log_shows_the_call_but_no_credential(box: Sandbox, keap: Any) -> None:
    keap.DataService.query("placeholder", "Names", 5, 0, {"Name": "a%"}, ["Id"])
    with pytest.raises(xmlrpc.client.Fault):
        keap.DataService.authenticateUser("placeholder", "user1@sandbox.example", "digest")
    keap.DataService.getUserInfo(box.api_key)
    keap.DataService.echo(f"a{box.api_key}")
    send(box, "x")
    requests.get(f"{box.url}/crm/rest/v2/tags", headers={"X-Keap-API-Key": box.api_key}, timeout=10)
    entries = box.requests()
    assert [entry.get("rpc") for entry in entries] == [
        {"method": "DataService.query", "params": ["Names", 5, 0, {"Name": "a%"}, ["Id"]]},
        {"method": "DataService.authenticateUser", "params": ["user1@sandbox.example", "***"]},
        {"method": "DataService.getUserInfo", "params": ["***"]},
        {"method": "DataService.echo", "params": ["a***"]},
        {"problem": "Failed to parse XML-RPC request: Content is not allowed in prolog."},
        None,
    ]
    assert box.api_key not in str(entries)
    assert entries[0]["query"] == {"access_token": "***"}


def test_answers_are_compressed_for_clients_that_take_it(box: Sandbox, keap: Any, names: Names) -> None:
    names.found = {key: {"Id": key} for key in range(1, 101)}
    names.version += 1
    box.switch(gzip=True)
    body = QUERY.replace(b"<int>10</int>", b"<int>100</int>")
    response = send(box, body)
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) < len(response.content)
    assert len(keap.DataService.query("", "Names", 100, 0, {}, ["Id"])) == 100

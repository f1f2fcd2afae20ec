"""The API gateway: credentials, rate limits and their headers, OAuth."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from keap_sandbox import Sandbox

from .conftest import START, Client, ManualClock

SECRET = "sandbox-secret"
MISSING = "oauth.v2.InvalidAccessToken"
WRONG = "keymanagement.service.invalid_access_token"


def code(body: Any) -> str:
    return str(body["fault"]["detail"]["errorcode"])


@pytest.mark.parametrize("path", ["/v2/contacts", "/v2/no/such/path", "/no/such/path"])
@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, MISSING),
        ({"Authorization": "Basic abc"}, MISSING),
        ({"Authorization": "Bearer"}, MISSING),
        ({"Authorization": "Bearer wrong"}, WRONG),
        ({"X-Keap-API-Key": "wrong"}, WRONG),
    ],
)
def test_credentials_are_checked_before_the_path(
    api: Client, path: str, headers: dict[str, str], error: str
) -> None:
    reply = api(path, key=None, headers=headers)
    assert reply.status == 401
    assert code(reply.body) == error
    quota = {
        name.lower(): value for name, value in reply.headers.items() if name.lower().startswith("x-keap")
    }
    assert {value for name, value in quota.items() if "tenant-throttle" in name} == {"|"}
    assert {value for name, value in quota.items() if "tenant-throttle" not in name} == {""}


def test_a_key_can_be_sent_in_either_header(box: Sandbox, api: Client) -> None:
    assert api("/v2/tags", key=None, headers={"Authorization": f"bearer {box.api_key}"}).status == 200
    assert api("/v2/tags", key=None, headers={"X-Keap-API-Key": box.api_key}).status == 200


def test_unknown_path_wrong_method_and_get_with_a_body(api: Client) -> None:
    reply = api("/v2/no/such/path")
    assert (reply.status, reply.headers["content-type"].split(";")[0]) == (404, "text/html")
    reply = api("/v2/shipping", method="DELETE")
    assert (reply.status, reply.body["code"]) == (405, 405)
    reply = api("/v2/contacts", body={})
    assert (reply.status, reply.headers["content-type"].split(";")[0]) == (400, "text/html")


def test_minute_window_rolls_and_spikes_are_refused(clock: ManualClock) -> None:
    with Sandbox(contacts=5, clock=clock, switches={"minute_limit": 6, "second_limit": 4}) as box:
        api = Client(box)
        assert [api("/v2/shipping").status for _ in range(5)] == [200] * 4 + [429]
        reply = api("/v2/shipping")
        assert code(reply.body) == "policies.ratelimit.SpikeArrestViolation"
        assert reply.headers["x-keap-product-throttle-available"] == "2"
        assert "retry-after" not in reply.headers
        clock.now += 30
        assert [api("/v2/shipping").status for _ in range(3)] == [200, 200, 429]
        reply = api("/v2/shipping")
        assert code(reply.body) == "policies.ratelimit.QuotaViolation"
        assert "Quota limit  exceeded" in reply.body["fault"]["faultstring"]
        assert reply.headers["x-keap-product-throttle-available"] == "0"
        clock.now += 31  # the first four calls are out of the window, the next two are not
        assert [api("/v2/shipping").status for _ in range(5)] == [200] * 4 + [429]
        api.close()


def test_day_quota_resets_at_midnight_utc(clock: ManualClock) -> None:
    with Sandbox(contacts=5, clock=clock, switches={"day_limit": 3, "second_limit": 0}) as box:
        api = Client(box)
        assert [api("/v2/shipping").status for _ in range(4)] == [200, 200, 200, 429]
        reply = api("/v2/shipping")
        assert reply.headers["x-keap-product-quota-available"] == "0"
        midnight = int(reply.headers["x-keap-product-quota-expiry-time"])
        assert midnight % 86_400_000 == 0
        assert 0 < midnight / 1000 - START <= 86_400
        box.set_clock("2026-11-19T00:00:01Z")
        assert api("/v2/shipping").headers["x-keap-product-quota-used"] == "1"
        api.close()


def test_quota_header_switches(box: Sandbox, api: Client) -> None:
    box.switch(limits="documented")
    headers = api("/v2/shipping").headers
    assert headers["x-keap-product-spike-limit"] == "10ps"
    assert headers["x-keap-tenant-throttle-limit"] == "10000|250000"
    assert headers["x-keap-tenant-throttle-time-unit"] == "minute|day"
    assert headers["x-keap-tenant-throttle-available"] == "9999|249999"
    assert "x-request-id" in headers
    box.switch(quota_headers="plain", expiry_time="s")
    headers = api("/v2/shipping").headers
    assert headers["x-keap-tenant-throttle-limit"] == "10000"
    assert len(headers["x-keap-product-quota-expiry-time"]) == 10
    box.switch(quota_headers="blank")
    assert api("/v2/shipping").headers["x-keap-product-quota-limit"] == ""
    box.switch(quota_headers="pipes", limits="off")
    assert api("/v2/shipping").headers["x-keap-product-throttle-limit"] == "1000000"
    box.switch(quota_headers="absent")
    assert "x-keap-product-quota-limit" not in api("/v2/shipping").headers


@pytest.mark.parametrize(
    ("shape", "status", "code_text"), [("app", 429, "429"), ("html", 500, None), ("blank", 429, None)]
)
def test_throttle_response_switches(
    shape: str, status: int, code_text: str | None, clock: ManualClock
) -> None:
    switches = {
        "second_limit": 1,
        "throttle_shape": shape,
        "throttle_status": status,
        "retry_after": "seconds",
    }
    with Sandbox(contacts=5, clock=clock, switches=switches) as box:
        api = Client(box)
        api("/v2/shipping")
        reply = api("/v2/shipping")
        assert reply.status == status
        assert reply.headers["retry-after"] == "1"
        if code_text:
            assert reply.body["code"] == code_text
        api.close()


# -- OAuth -------------------------------------------------------------------------------------------------


def refresh(box: Sandbox, token: str, *, secret: str | None = None, basic: bool = True) -> requests.Response:
    secret = secret or SECRET
    form = {"grant_type": "refresh_token", "refresh_token": token}
    headers = {}
    if basic:
        headers["Authorization"] = "Basic " + base64.b64encode(f"sandbox-client:{secret}".encode()).decode()
    else:
        form |= {"client_id": "sandbox-client", "client_secret": secret}
    return requests.post(f"{box.url}/token", data=form, headers=headers, timeout=10)


@pytest.mark.parametrize("way", ["basic", "body"])
def test_a_refresh_token_works_once(box: Sandbox, api: Client, way: str) -> None:
    basic = way == "basic"
    first = refresh(box, "sandbox-refresh-0", basic=basic).json()
    assert first["token_type"] == "bearer"
    assert first["expires_in"] == 86_400
    assert first["scope"] == "full|xx123.infusionsoft.com"
    assert api("/v2/shipping", key=first["access_token"]).status == 200
    again = refresh(box, "sandbox-refresh-0", basic=basic)
    assert again.status_code == 400
    assert again.json() == {"error": "invalid_request", "error_description": "Invalid Refresh Token"}
    second = refresh(box, first["refresh_token"], basic=basic).json()
    assert second["access_token"] != first["access_token"]
    assert api("/v2/shipping", key=first["access_token"]).status == 401, (
        "a refresh must invalidate the older access token"
    )
    assert api("/sandbox/oauth").body == {
        "refresh_token": second["refresh_token"],
        "refreshes": 2,
        "replays": 1,
        "exchanges": 0,
    }


def test_access_tokens_expire_by_the_sandbox_clock(box: Sandbox, api: Client) -> None:
    token = refresh(box, "sandbox-refresh-0").json()["access_token"]
    box.advance(86_399)
    assert api("/v2/shipping", key=token).status == 200
    box.advance(1)
    reply = api("/v2/shipping", key=token)
    assert (reply.status, code(reply.body)) == (401, "keymanagement.service.access_token_expired")
    box.switch(expired_status=500)
    assert api("/v2/shipping", key=token).status == 500


def test_wrong_secrets_and_expired_refresh_tokens_are_refused(box: Sandbox) -> None:
    reply = refresh(box, "sandbox-refresh-0", secret="wrong")
    assert reply.json()["error_description"] == "Unable to authenticate username and password"
    box.switch(oauth_credentials="basic", oauth_error="invalid_grant")
    assert refresh(box, "sandbox-refresh-0", basic=False).status_code == 400
    box.advance(46 * 86_400)
    assert refresh(box, "sandbox-refresh-0").json() == {
        "error": "invalid_grant",
        "error_description": "Invalid refresh token",
    }


def test_reusing_a_refresh_token_can_revoke_every_token(box: Sandbox, api: Client) -> None:
    box.switch(oauth_reuse="revokes")
    first = refresh(box, "sandbox-refresh-0").json()
    assert refresh(box, "never-issued").status_code == 400
    assert api("/v2/shipping", key=first["access_token"]).status == 200
    assert refresh(box, "sandbox-refresh-0").status_code == 400
    assert api("/v2/shipping", key=first["access_token"]).status == 401
    assert refresh(box, first["refresh_token"]).status_code == 400
    assert refresh(box, "").status_code == 400
    assert box.oauth() == {"refresh_token": "", "refreshes": 1, "replays": 1, "exchanges": 0}


def authorize(box: Sandbox, **own: str) -> requests.Response:
    query = {
        "client_id": "sandbox-client",
        "redirect_uri": "https://example.com/keap",
        "response_type": "code",
        "scope": "full",
        "state": "s/1",
    }
    address = f"{box.url}/app/oauth/authorize"
    return requests.get(address, params=query | own, allow_redirects=False, timeout=10)


def landed(box: Sandbox, **own: str) -> dict[str, str]:
    reply = authorize(box, **own)
    assert reply.status_code == 302
    address, _, query = reply.headers["Location"].partition("?")
    assert address == own.get("redirect_uri", "https://example.com/keap")
    return dict(parse_qsl(query))


def exchange(box: Sandbox, sent: str, headers: dict[str, str] | None = None, **own: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": "sandbox-client",
        "client_secret": SECRET,
        "code": sent,
        "redirect_uri": "https://example.com/keap",
    }
    return requests.post(f"{box.url}/token", data=form | own, headers=headers, timeout=10)


def test_a_code_brings_tokens_once(box: Sandbox, api: Client) -> None:
    back = landed(box)
    assert back["state"] == "s/1"
    granted = exchange(box, back["code"]).json()
    assert granted["scope"] == "full|xx123.infusionsoft.com"
    assert api("/v2/shipping", key=granted["access_token"]).status == 200
    assert box.oauth()["refresh_token"] == granted["refresh_token"]
    again = exchange(box, back["code"])
    assert again.status_code == 400
    assert again.json()["error_description"] == "Invalid Authorization Code"
    assert refresh(box, "sandbox-refresh-0").status_code == 400, (
        "the new grant takes the place of the old one"
    )
    assert box.oauth()["exchanges"] == 1


def test_a_code_is_refused_with_another_redirect_url_or_secret_or_when_it_is_old(box: Sandbox) -> None:
    assert exchange(box, landed(box)["code"], redirect_uri="https://example.com/other").status_code == 400
    wrong = exchange(box, landed(box)["code"], client_secret="wrong")
    assert wrong.json()["error_description"] == "Unable to authenticate username and password"
    box.switch(oauth_code_seconds=60)
    late = landed(box)["code"]
    box.advance(60)
    assert exchange(box, late).status_code == 400
    assert box.oauth()["exchanges"] == 0


def test_an_authorization_header_is_refused_with_a_code(box: Sandbox) -> None:
    sent = landed(box)["code"]
    basic = base64.b64encode(f"sandbox-client:{SECRET}".encode()).decode()
    reply = exchange(box, sent, headers={"Authorization": f"Basic {basic}"})
    assert reply.status_code == 400
    assert "No Authorization header" in reply.json()["error_description"]
    assert exchange(box, sent).status_code == 200


def test_the_owner_or_the_page_may_refuse(box: Sandbox) -> None:
    assert authorize(box, client_id="unknown").status_code == 400
    assert authorize(box, redirect_uri="http://127.0.0.1/").status_code == 400
    assert landed(box, response_type="token")["error"] == "unsupported_response_type"
    assert landed(box, scope="contacts")["error"] == "invalid_scope"
    box.switch(oauth_consent="denied")
    assert landed(box)["error"] == "access_denied"
    box.switch(oauth_redirect_uri="https://example.com/registered")
    assert authorize(box).status_code == 400


def test_token_requests_must_be_form_encoded(box: Sandbox) -> None:
    form = (
        "grant_type=refresh_token&refresh_token=sandbox-refresh-0"
        f"&client_id=sandbox-client&client_secret={SECRET}"
    )
    for kind, status in (
        ("text/plain", 400),
        ("", 400),
        ("application/x-www-form-urlencoded; charset=utf-8", 200),
    ):
        reply = requests.post(f"{box.url}/token", data=form, headers={"Content-Type": kind}, timeout=10)
        assert reply.status_code == status, kind


def test_tokens_can_be_expired_on_demand(box: Sandbox, api: Client) -> None:
    token = refresh(box, "sandbox-refresh-0").json()["access_token"]
    box.expire_tokens()
    assert api("/v2/shipping", key=token).status == 401
    token = refresh(box, str(box.oauth()["refresh_token"])).json()["access_token"]
    assert api("/sandbox/oauth", method="DELETE").body["refreshes"] == 2
    assert api("/v2/shipping", key=token).status == 401


def test_oauth_has_its_own_limits(clock: ManualClock) -> None:
    switches = {"oauth_access_token": "given"}
    with Sandbox(contacts=5, clock=clock, switches=switches) as box:
        api = Client(box)
        headers = api("/v2/shipping", key="given").headers
        assert headers["x-keap-product-throttle-limit"] == "1500"
        assert headers["x-keap-product-quota-limit"] == "150000"
        assert api("/v2/shipping").headers["x-keap-product-throttle-limit"] == "240"
        api.close()

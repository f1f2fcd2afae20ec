"""OAuth access tokens: renewed in time and when refused, once, and every way in which that can fail told apart."""

from __future__ import annotations

import base64
import errno
import json
import logging
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tap_infusionsoft.client import oauth
from tap_infusionsoft.client.auth import Grant, Refreshing
from tap_infusionsoft.client.budget import Budget, Share
from tap_infusionsoft.client.calls import Call
from tap_infusionsoft.client.faults import ENDS_RUN, KeapError, Kind
from tap_infusionsoft.client.keap import KeapClient
from tap_infusionsoft.client.pacing import Pacer
from tap_infusionsoft.client.redact import Redactor, install
from tap_infusionsoft.client.retry import Waits
from tap_infusionsoft.client.session import Broken, Session
from tap_infusionsoft.sandbox import Sandbox
from tests.virtual import VirtualClock

ID, SECRET, SEED = "canary-client-id", "canary/client+secret", "canary-refresh-seed"
WHO = Call("/v2/oauth/connect/userinfo")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def keap(clock: VirtualClock) -> Iterator[Sandbox]:
    switches = {
        "limits": "off",
        "quota_headers": "blank",
        "oauth_client_id": ID,
        "oauth_client_secret": SECRET,
        "oauth_refresh_token": SEED,
        "oauth_credentials": "basic",
        "oauth_reuse": "revokes",
    }
    with Sandbox(contacts=0, clock=clock.epoch, switches=switches) as box:
        yield box


class Tap:
    """A client with OAuth, as a run of the tap has it."""

    def __init__(self, box: Sandbox, clock: VirtualClock, folder: Path, url: str = "", **grant: str) -> None:
        given = {"client_id": ID, "client_secret": SECRET, "refresh_token": SEED} | grant
        self.path = folder / "keap.token.json"
        self.redactor = Redactor()
        url = url or box.url
        self.credential = Refreshing(Grant(**given, token_file=self.path), url, clock, "test", self.redactor)
        session = Session(url, self.credential, clock, "test")
        self.client = KeapClient(
            session,
            self.credential,
            Pacer(1000, clock),
            Budget(Share(1, 1_000_000), clock),
            Waits(),
            clock,
            self.redactor,
        )

    def call(self) -> dict[str, Any]:
        return self.client.fetch(WHO).document

    def fails(self) -> KeapError:
        with pytest.raises(KeapError) as caught:
            self.call()
        return caught.value


@pytest.fixture
def tap(keap: Sandbox, clock: VirtualClock, tmp_path: Path) -> Tap:
    return Tap(keap, clock, tmp_path)


def refreshes(box: Sandbox) -> tuple[int, int]:
    status = box.oauth()
    return status["refreshes"], status["replays"]


def test_the_first_call_gets_a_token_and_the_next_run_uses_it(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    assert Tap(keap, clock, tmp_path).call()["tenant_id"]
    assert Tap(keap, clock, tmp_path).call()["tenant_id"]
    assert refreshes(keap) == (1, 0)
    assert keap.oauth()["refresh_token"] in (tmp_path / "keap.token.json").read_text()


def test_a_token_is_renewed_five_minutes_before_its_end(keap: Sandbox, tap: Tap, clock: VirtualClock) -> None:
    tap.call()
    clock.pass_time(86_400 - 301)
    tap.call()
    assert refreshes(keap) == (1, 0)
    clock.pass_time(2)
    tap.call()
    assert refreshes(keap) == (2, 0)
    assert all(entry["status"] == 200 for entry in keap.requests())


@pytest.mark.parametrize("seconds", [60, 8])
def test_a_short_life_is_used_for_three_quarters(
    keap: Sandbox, tap: Tap, clock: VirtualClock, seconds: int
) -> None:
    keap.switch(oauth_expires_in=seconds)
    for _ in range(8):
        tap.call()
        clock.pass_time(seconds / 4)
    assert refreshes(keap)[0] == 3
    assert all(entry["status"] == 200 for entry in keap.requests())


@pytest.mark.parametrize("life", [None, "soon", -1, 0, 1e300, True, [], "9" * 400])
def test_a_life_that_makes_no_sense_lasts_until_keap_refuses(keap: Sandbox, tap: Tap, life: Any) -> None:
    keap.fault({"path": "/token", "times": 1, "body": {"access_token": "KeapAK-sandbox", "expires_in": life}})
    tap.call()
    tap.call()
    assert len(keap.requests("/token")) == 1


@pytest.mark.parametrize(
    "fault", ["access_token_expired", "access_token_expired_500", "invalid_access_token"]
)
def test_a_token_that_is_refused_in_mid_run_is_renewed_once_and_the_call_repeated(
    keap: Sandbox, tap: Tap, fault: str
) -> None:
    tap.call()
    keap.clear_requests()
    keap.fault(fault, path=WHO.path, times=1)
    tap.call()
    assert [entry["path"][-8:] for entry in keap.requests()] == ["userinfo", "/token", "userinfo"]


def test_a_new_token_that_is_refused_as_well_ends_the_run(keap: Sandbox, tap: Tap) -> None:
    tap.call()
    keap.fault("invalid_access_token", path=WHO.path, always=True)
    error = tap.fails()
    assert error.fault.kind is Kind.NOT_APPROVED
    assert "Authorize the application again" in str(error)
    assert refreshes(keap) == (2, 0)


def test_what_a_sibling_renewed_is_taken_without_asking(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    one, other = Tap(keap, clock, tmp_path), Tap(keap, clock, tmp_path)
    one.call()
    other.call()
    keap.expire_tokens()
    one.call()
    other.call()
    assert refreshes(keap) == (2, 0)


def test_threads_share_one_refresh(keap: Sandbox, tap: Tap) -> None:
    tap.call()
    keap.expire_tokens()
    threads = [threading.Thread(target=tap.call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refreshes(keap) == (2, 0)


def test_a_refresh_token_that_stays_good_is_kept(keap: Sandbox, tap: Tap) -> None:
    keap.switch(oauth_new_refresh_token="never", oauth_reuse="refused")
    for _ in range(3):
        tap.call()
        keap.expire_tokens()
    assert refreshes(keap) == (3, 0)


def test_a_new_authorization_in_the_settings_wins(keap: Sandbox, clock: VirtualClock, tmp_path: Path) -> None:
    Tap(keap, clock, tmp_path).call()
    keap.switch(oauth_refresh_token="canary-second-seed")
    Tap(keap, clock, tmp_path, refresh_token="canary-second-seed").call()
    assert refreshes(keap) == (1, 0)


SURE = [
    "server_error",
    "service_unavailable",
    "service_unavailable_html",
    "quota_violation_minute",
    "spike_arrest",
]
"""Keap says itself that it did not do it."""


@pytest.mark.parametrize("name", SURE)
def test_a_refresh_that_keap_did_not_carry_out_is_tried_again(keap: Sandbox, tap: Tap, name: str) -> None:
    keap.fault(name, path="/token", times=2)
    tap.call()
    assert refreshes(keap) == (1, 0)
    assert len(keap.requests("/token")) == 3
    assert "asked_at" not in tap.path.read_text()


def test_a_connection_that_fails_before_anything_is_sent_is_tried_again(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    error = Tap(keap, clock, tmp_path, "http://127.0.0.1:1").fails()
    assert error.fault.kind is Kind.UNREACHABLE
    assert error.tries == 7
    Tap(keap, clock, tmp_path).call()
    assert refreshes(keap) == (1, 0)


LOST: list[tuple[str, dict[str, Any]]] = [
    ("reset", {}),
    ("truncate", {"truncate_at": 20}),
    ("blank_body", {}),
    ("empty_object", {}),
    ("bare_array", {}),
    ("token_not_json", {}),
    ("cut_json", {}),
    ("bad_gateway", {}),
    ("gateway_timeout", {}),
    ("cloudflare_524", {}),
    ("html_500", {}),
    ("service_unavailable", {"body": "", "name": None, "status": 503}),
    ("huge_body", {"size": 1}),
    ("deep_json", {}),
]
"""Keap may have spent the token."""


@pytest.mark.parametrize(("name", "settings"), LOST)
def test_a_refresh_that_keap_may_have_carried_out_is_not_repeated(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path, name: str, settings: dict[str, Any]
) -> None:
    rule = {"name": name, "path": "/token", "times": 1} | settings
    keap.fault({key: value for key, value in rule.items() if value is not None})
    error = Tap(keap, clock, tmp_path).fails()
    assert error.fault.kind is Kind.REFRESH_LOST
    assert error.fault.kind in ENDS_RUN
    assert len(keap.requests("/token")) == 1
    assert "Keap may have spent the refresh token" in str(error)
    spent = refreshes(keap)[0]
    if not spent:
        Tap(keap, clock, tmp_path).call()
        return
    again = Tap(keap, clock, tmp_path).fails()
    assert len(keap.requests("/token")) == 2
    assert again.fault.kind is Kind.REFRESH_REFUSED
    assert "the refresh of 2026-11-20 12:00 UTC got no answer, and has most likely spent it" in str(again)


FINAL: list[tuple[dict[str, Any], Kind, str]] = [
    (
        {"name": "invalid_refresh_token"},
        Kind.REFRESH_REFUSED,
        "invalid_request: Invalid Refresh Token (it is the one",
    ),
    (
        {"name": "invalid_grant"},
        Kind.REFRESH_REFUSED,
        "Authorize the application again and put the new token",
    ),
    ({"name": "bad_client"}, Kind.WRONG_CLIENT, "Check client_id and client_secret"),
    ({"status": 401, "body": {"error": "invalid_client"}}, Kind.WRONG_CLIENT, "(HTTP 401): invalid_client."),
    ({"name": "no_credential"}, Kind.WRONG_CLIENT, "Check client_id"),
    ({"name": "client_not_approved"}, Kind.NOT_APPROVED, "Authorize the application again"),
    ({"status": 200, "body": {"error": "invalid_grant"}}, Kind.REFRESH_REFUSED, "invalid_grant"),
    ({"name": "not_found_html"}, Kind.NO_TOKEN_SERVICE, "Check api_url"),
    ({"name": "forbidden"}, Kind.NO_TOKEN_SERVICE, "Check api_url"),
]


@pytest.mark.parametrize(("rule", "kind", "says"), FINAL)
def test_what_keap_refuses_ends_the_run_with_one_line(
    keap: Sandbox, tap: Tap, rule: dict[str, Any], kind: Kind, says: str
) -> None:
    keap.fault(rule, path="/token", always=True)
    error = tap.fails()
    assert error.fault.kind is kind
    assert kind in ENDS_RUN
    assert says in str(error)
    assert "\n" not in str(error)
    assert len(keap.requests("/token")) == 1
    keap.clear_faults()
    tap.call()
    assert refreshes(keap) == (1, 0)


def test_a_token_that_lay_too_long_is_told_with_its_age(tap: Tap, clock: VirtualClock) -> None:
    tap.call()
    clock.pass_time(46 * 86_400)
    assert "(it is of 2026-11-20 12:00 UTC; something else has used it since then, or" in str(tap.fails())


def test_a_redirect_is_not_followed(keap: Sandbox, tap: Tap) -> None:
    with Sandbox(contacts=0) as other:
        keap.fault(
            "redirect_elsewhere", path="/token", status=307, location=f"{other.url}/token", always=True
        )
        error = tap.fails()
        assert error.fault.kind is Kind.REDIRECT
        assert other.requests() == []
    assert "canary" not in str(error)


def test_a_sibling_that_does_not_see_the_lock_is_believed(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Tap(keap, clock, tmp_path)
    (tmp_path / "elsewhere").mkdir()
    sibling = Tap(keap, clock, tmp_path / "elsewhere")
    post = Session.post_form

    def post_late(session: Session, path: str, form: Any) -> Any:
        monkeypatch.undo()
        sibling.call()
        late.path.write_bytes(sibling.path.read_bytes())
        return post(session, path, form)

    keap.switch(oauth_reuse="refused")
    monkeypatch.setattr(Session, "post_form", post_late)
    late.call()
    assert refreshes(keap) == (1, 1)


@pytest.mark.parametrize("name", ["open", "pwrite", "fsync", "replace", "ftruncate", "fchmod"])
def test_a_file_that_cannot_be_written_fails_before_anything_is_spent(
    keap: Sandbox, tap: Tap, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as broken:

        def refuse(*_: Any, **__: Any) -> None:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        broken.setattr(os, name, refuse)
        error = tap.fails()
    assert error.fault.kind is Kind.TOKEN_FILE
    assert "read-only file system. No refresh token was spent." in str(error)
    assert keap.requests() == []
    tap.call()


def test_a_folder_that_nobody_may_write_in_is_told(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    tap = Tap(keap, clock, tmp_path / "missing")
    error = tap.fails()
    assert f"token_file {tap.path} cannot be locked: its folder does not exist." in str(error)
    assert keap.requests() == []


def test_a_disk_that_dies_between_keap_and_the_file_is_told(
    keap: Sandbox, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh = oauth.refresh

    def refresh_and_break(*args: Any) -> oauth.Granted:
        granted = refresh(*args)

        def refuse(*_: Any) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(os, "pwrite", refuse)
        return granted

    monkeypatch.setattr(oauth, "refresh", refresh_and_break)
    error = tap.fails()
    assert error.fault.kind is Kind.TOKEN_UNSAVED
    assert "The refresh token is spent" in str(error)
    assert [entry["path"] for entry in keap.requests()] == ["/token"], "a token was used before it was saved"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_wait_until_the_new_token_is_saved(
    keap: Sandbox, tap: Tap, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    refresh = oauth.refresh

    def refresh_and_signal(*args: Any) -> oauth.Granted:
        granted = refresh(*args)
        signal.raise_signal(number)
        return granted

    class StoppedError(Exception):
        pass

    def stop(*_: Any) -> None:
        raise StoppedError

    monkeypatch.setattr(oauth, "refresh", refresh_and_signal)
    before = signal.signal(number, stop)
    try:
        with pytest.raises(StoppedError):
            tap.call()
    finally:
        signal.signal(number, before)
    assert keap.oauth()["refresh_token"] in tap.path.read_text()


def test_no_form_of_any_token_is_seen(
    keap: Sandbox,
    clock: VirtualClock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    tap = Tap(keap, clock, tmp_path)
    monkeypatch.setattr(logging, "_logRecordFactory", logging.getLogRecordFactory())
    install(tap.redactor)
    said = []
    keap.fault("echo_credential", path="/token", times=1)
    tap.call()
    held = json.loads(tap.path.read_text())["grants"].popitem()[1]
    said += [record.getMessage() for record in caplog.records]
    keap.fault("echo_credential", path=WHO.path, always=True)
    said.append(str(tap.fails()))
    keap.clear_faults()
    keap.expire_tokens()
    echo = {
        "error": "invalid_grant",
        "error_description": f"{held['refresh_token']} {SEED} {quote(SECRET, safe='')}",
    }
    keap.fault({"path": "/token", "status": 400, "body": echo, "times": 1})
    said.append(str(tap.fails()))
    leak = f"access_token={held['access_token']}&refresh_token=brand-new-refresh-token"
    keap.fault({"path": "/token", "body": leak, "content_type": "text/plain"})
    said.append(str(tap.fails()))
    assert "****" in "".join(said)
    basic = base64.b64encode(f"{ID}:{SECRET}".encode()).decode()
    secrets = [SECRET, SEED, held["access_token"], held["refresh_token"], basic, "brand-new-refresh-token"]
    for secret in secrets:
        for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
            assert form not in "".join(said), form


def test_the_body_is_known_to_be_unsent_until_it_is_read(keap: Sandbox, clock: VirtualClock) -> None:
    """What tells a lost answer from a lost connection."""
    form = oauth._Form(b"grant_type=refresh_token")
    assert not form.is_sent
    session = Session("http://127.0.0.1:1", lambda request: request, clock, "test")
    with pytest.raises(Broken):
        session.post_form("/token", form)
    assert not form.is_sent
    session = Session(keap.url, lambda request: request, clock, "test")
    assert session.post_form("/token", form).status == 400
    assert form.is_sent

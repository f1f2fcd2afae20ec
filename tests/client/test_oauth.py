"""OAuth access tokens: renewed in time and when refused, once for all processes, and never leaked."""

from __future__ import annotations

import base64
import json
import logging
import signal
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth import token_endpoint
from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.client.http import ExchangeError, HttpTransport
from tap_infusionsoft.client.redact import install
from tests.canary import CLIENT_SECRET, SEED
from tests.client.oauth_client import ID, WHO, Tap, refreshes
from tests.virtual import VirtualClock


def test_the_first_call_gets_a_token_and_the_next_run_uses_it(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    assert Tap(keap, clock, tmp_path).call()["tenant_id"]
    assert Tap(keap, clock, tmp_path).call()["tenant_id"]
    assert refreshes(keap) == (1, 0)
    assert keap.oauth()["refresh_token"] in (tmp_path / "keap.token.json").read_text()


def test_a_token_is_renewed_five_minutes_before_it_expires(
    keap: Sandbox, tap: Tap, clock: VirtualClock
) -> None:
    tap.call()
    clock.pass_time(86_400 - 301)
    tap.call()
    assert refreshes(keap) == (1, 0)
    clock.pass_time(2)
    tap.call()
    assert refreshes(keap) == (2, 0)
    assert all(entry["status"] == 200 for entry in keap.requests())


@pytest.mark.parametrize("seconds", [60, 8])
def test_a_short_lived_token_is_renewed_after_three_quarters_of_its_life(
    keap: Sandbox, tap: Tap, clock: VirtualClock, seconds: int
) -> None:
    keap.switch(oauth_expires_in=seconds)
    for _ in range(8):
        tap.call()
        clock.pass_time(seconds / 4)
    assert refreshes(keap)[0] == 3
    assert all(entry["status"] == 200 for entry in keap.requests())


@pytest.mark.parametrize("life", [None, "soon", -1, 0, 1e300, True, [], "9" * 400])
def test_a_token_with_an_invalid_lifetime_is_used_until_keap_refuses_it(
    keap: Sandbox, tap: Tap, life: Any
) -> None:
    keap.fault({"path": "/token", "times": 1, "body": {"access_token": "KeapAK-sandbox", "expires_in": life}})
    tap.call()
    tap.call()
    assert len(keap.requests("/token")) == 1


@pytest.mark.parametrize(
    "fault", ["access_token_expired", "access_token_expired_500", "invalid_access_token"]
)
def test_a_token_refused_in_mid_run_is_renewed_once_and_the_call_repeated(
    keap: Sandbox, tap: Tap, fault: str
) -> None:
    tap.call()
    keap.clear_requests()
    keap.fault(fault, path=WHO.path, times=1)
    tap.call()
    assert [entry["path"][-8:] for entry in keap.requests()] == ["userinfo", "/token", "userinfo"]


def test_a_new_token_that_is_refused_too_is_not_renewed_again(keap: Sandbox, tap: Tap) -> None:
    tap.call()
    keap.fault("invalid_access_token", path=WHO.path, always=True)
    error = tap.fails()
    assert error.fault.kind is Kind.NOT_APPROVED
    assert refreshes(keap) == (2, 0)


def test_a_token_renewed_by_another_process_is_used_without_asking_keap(
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


def test_a_refresh_token_that_stays_valid_is_kept(keap: Sandbox, tap: Tap) -> None:
    keap.switch(oauth_new_refresh_token="never", oauth_reuse="refused")
    for _ in range(3):
        tap.call()
        keap.expire_tokens()
    assert refreshes(keap) == (3, 0)


def test_a_new_authorization_replaces_the_old_one(keap: Sandbox, clock: VirtualClock, tmp_path: Path) -> None:
    Tap(keap, clock, tmp_path).call()
    keap.switch(oauth_refresh_token="canary-second-seed")
    Tap(keap, clock, tmp_path, refresh_token="canary-second-seed").call()
    assert refreshes(keap) == (1, 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_wait_until_the_new_token_is_saved(
    keap: Sandbox, tap: Tap, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    refresh = token_endpoint.refresh

    def refresh_and_signal(*args: Any) -> token_endpoint.Granted:
        granted = refresh(*args)
        signal.raise_signal(number)
        return granted

    class StoppedError(Exception):
        pass

    def stop(*_: Any) -> None:
        raise StoppedError

    monkeypatch.setattr(token_endpoint, "refresh", refresh_and_signal)
    before = signal.signal(number, stop)
    try:
        with pytest.raises(StoppedError):
            tap.call()
    finally:
        signal.signal(number, before)
    assert keap.oauth()["refresh_token"] in tap.path.read_text()


@pytest.mark.usefixtures("quiet")
def test_no_form_of_any_token_shows_up_in_messages(
    keap: Sandbox,
    clock: VirtualClock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    tap = Tap(keap, clock, tmp_path)
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
        "error_description": f"{held['refresh_token']} {SEED} {quote(CLIENT_SECRET, safe='')}",
    }
    keap.fault({"path": "/token", "status": 400, "body": echo, "times": 1})
    said.append(str(tap.fails()))
    leak = f"access_token={held['access_token']}&refresh_token=brand-new-refresh-token"
    keap.fault({"path": "/token", "body": leak, "content_type": "text/plain"})
    said.append(str(tap.fails()))
    assert "****" in "".join(said)
    basic = base64.b64encode(f"{ID}:{CLIENT_SECRET}".encode()).decode()
    secrets = [
        CLIENT_SECRET,
        SEED,
        held["access_token"],
        held["refresh_token"],
        basic,
        "brand-new-refresh-token",
    ]
    for secret in secrets:
        for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
            assert form not in "".join(said), form


def test_the_form_of_a_refresh_knows_if_any_of_it_was_sent(keap: Sandbox, clock: VirtualClock) -> None:
    """This tells a lost answer from a lost connection."""
    form = token_endpoint.Form(b"grant_type=refresh_token")
    assert not form.is_sent
    session = HttpTransport("http://127.0.0.1:1", lambda request: request, clock, "test")
    with pytest.raises(ExchangeError):
        session.post_form("/token", form)
    assert not form.is_sent
    session = HttpTransport(keap.url, lambda request: request, clock, "test")
    assert session.post_form("/token", form).status == 400
    assert form.is_sent

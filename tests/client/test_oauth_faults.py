"""Every way a refresh can fail: not carried out, perhaps carried out, refused, not saved."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth import token_endpoint
from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.client.http import HttpTransport
from tap_infusionsoft.errors import ENDS_RUN, explain
from tests.client.oauth_client import Tap, refreshes
from tests.virtual import VirtualClock

SURE = [
    "server_error",
    "service_unavailable",
    "service_unavailable_html",
    "quota_violation_minute",
    "spike_arrest",
]
"""Keap itself says that it did not do it."""


@pytest.mark.parametrize("name", SURE)
def test_a_refresh_that_keap_did_not_carry_out_is_retried(keap: Sandbox, tap: Tap, name: str) -> None:
    keap.fault(name, path="/token", times=2)
    tap.call()
    assert refreshes(keap) == (1, 0)
    assert len(keap.requests("/token")) == 3
    assert "asked_at" not in tap.path.read_text()


def test_a_connection_that_fails_before_anything_was_sent_is_retried(
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
    assert "Keap may have spent the refresh token" in explain(error)
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
        "invalid_request: Invalid Refresh Token (it is the first one",
    ),
    (
        {"name": "invalid_grant"},
        Kind.REFRESH_REFUSED,
        "Run tap-infusionsoft-login to authorize the application again",
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
    assert says in explain(error)
    assert "\n" not in str(error)
    assert len(keap.requests("/token")) == 1
    keap.clear_faults()
    tap.call()
    assert refreshes(keap) == (1, 0)


def test_the_message_about_an_unused_token_names_its_age(tap: Tap, clock: VirtualClock) -> None:
    tap.call()
    clock.pass_time(46 * 86_400)
    assert "(it is from 2026-11-20 12:00 UTC; something else has used it since then, or" in str(tap.fails())


def test_a_redirect_is_not_followed(keap: Sandbox, tap: Tap) -> None:
    with Sandbox(contacts=0) as other:
        keap.fault(
            "redirect_elsewhere", path="/token", status=307, location=f"{other.url}/token", always=True
        )
        error = tap.fails()
        assert error.fault.kind is Kind.REDIRECT
        assert other.requests() == []
    assert "canary" not in str(error)


def test_tokens_saved_by_a_process_that_does_not_see_the_lock_are_used(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Tap(keap, clock, tmp_path)
    (tmp_path / "elsewhere").mkdir()
    sibling = Tap(keap, clock, tmp_path / "elsewhere")
    post = HttpTransport.post_form

    def post_late(session: HttpTransport, path: str, form: Any) -> Any:
        monkeypatch.undo()
        sibling.call()
        late.path.write_bytes(sibling.path.read_bytes())
        return post(session, path, form)

    keap.switch(oauth_reuse="refused")
    monkeypatch.setattr(HttpTransport, "post_form", post_late)
    late.call()
    assert refreshes(keap) == (1, 1)


@pytest.mark.parametrize("name", ["open", "pwrite", "fsync", "replace", "ftruncate", "fchmod"])
def test_an_unwritable_file_fails_before_the_token_is_spent(
    keap: Sandbox, tap: Tap, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as broken:

        def refuse(*_: Any, **__: Any) -> None:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        broken.setattr(os, name, refuse)
        error = tap.fails()
    assert error.fault.kind is Kind.TOKEN_FILE
    assert "read-only file system. No refresh token was spent." in explain(error)
    assert keap.requests() == []
    tap.call()


def test_the_message_about_a_missing_folder_names_the_file(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    tap = Tap(keap, clock, tmp_path / "missing")
    error = tap.fails()
    assert f"the token file {tap.path} cannot be locked: its folder does not exist." in str(error)
    assert keap.requests() == []


def test_a_disk_failure_between_keap_and_the_file_is_reported(
    keap: Sandbox, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh = token_endpoint.refresh

    def refresh_and_break(*args: Any) -> token_endpoint.Granted:
        granted = refresh(*args)

        def refuse(*_: Any) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(os, "pwrite", refuse)
        return granted

    monkeypatch.setattr(token_endpoint, "refresh", refresh_and_break)
    error = tap.fails()
    assert error.fault.kind is Kind.TOKEN_UNSAVED
    assert [entry["path"] for entry in keap.requests()] == ["/token"], "a token was used before it was saved"

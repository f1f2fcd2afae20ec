"""Logins: a code becomes tokens that are on disk, once, and runs that are going on use them."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth.code_exchange import CodeExchange
from tap_infusionsoft.client.auth.refreshing import Grant
from tap_infusionsoft.client.auth.token_file import TokenStore
from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.client.redact import Redactor
from tap_infusionsoft.errors import Exit, exit_for, explain
from tap_infusionsoft.login import ADVICE
from tests.canary import CLIENT_SECRET, SEED
from tests.client.oauth_client import ID, Tap, refreshes
from tests.consent import REDIRECT, code
from tests.virtual import VirtualClock


class Login:
    """The login of an application, as the program does it."""

    def __init__(self, keap: Sandbox, clock: VirtualClock, folder: Path, **grant: Any) -> None:
        self.keap = keap
        given = {"refresh_token": "", "redirect_uri": REDIRECT} | grant
        self.grant = Grant(ID, CLIENT_SECRET, token_file=folder / "keap.token.json", **given)
        self.exchange = CodeExchange(self.grant, keap.url, clock, "test", Redactor(), ADVICE)

    def code(self) -> str:
        return code(self.keap, self.grant)

    def run(self) -> None:
        self.exchange.check()
        self.exchange.run(self.code())

    def fails(self, sent: str) -> KeapError:
        with pytest.raises(KeapError) as caught:
            self.exchange.run(sent)
        return caught.value


@pytest.fixture
def login(keap: Sandbox, clock: VirtualClock, tmp_path: Path) -> Login:
    return Login(keap, clock, tmp_path)


@pytest.fixture
def run(keap: Sandbox, clock: VirtualClock, tmp_path: Path) -> Tap:
    """A run of the tap whose settings have no refresh token."""
    return Tap(keap, clock, tmp_path, refresh_token="")


def test_a_run_after_a_login_needs_no_refresh_token(
    keap: Sandbox, login: Login, run: Tap, clock: VirtualClock
) -> None:
    login.run()
    assert run.call()["tenant_id"]
    assert refreshes(keap) == (0, 0), "the login brought an access token"
    clock.pass_time(86_400)
    run.call()
    assert refreshes(keap) == (1, 0)


def test_the_exchange_has_the_documented_form_and_no_authorization_header(
    keap: Sandbox, login: Login
) -> None:
    login.run()
    (sent,) = keap.requests("/token")
    assert sent["status"] == 200
    assert "authorization" not in {name.lower() for name in sent["headers"]}


def test_a_run_without_a_login_says_to_log_in(run: Tap) -> None:
    error = run.fails()
    assert "keap.token.json has no login. Run tap-infusionsoft-login" in explain(error)
    assert exit_for(error.fault) is Exit.CONFIG
    assert not run.path.exists()


def test_a_later_login_replaces_the_first_and_nothing_else(
    keap: Sandbox, login: Login, tap: Tap, clock: VirtualClock
) -> None:
    tap.call()
    others = json.loads(tap.path.read_text())["grants"]
    assert login.exchange.check() is None
    login.run()
    first = json.loads(tap.path.read_text())["grants"]
    logged_in = clock.now()
    clock.pass_time(60)
    assert login.exchange.check() == logged_in
    login.run()
    second = json.loads(tap.path.read_text())["grants"]
    assert others.items() <= first.items()
    assert others.items() <= second.items()
    assert first["login"] != second["login"]
    assert second["login"]["refresh_token"] == keap.oauth()["refresh_token"]


def test_a_login_takes_the_place_of_what_began_with_a_refresh_token(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path, tap: Tap
) -> None:
    """With refresh_token left in the settings, the new tokens are found with it."""
    tap.call()
    Login(keap, clock, tmp_path, refresh_token=SEED).run()
    Tap(keap, clock, tmp_path).call()
    assert refreshes(keap) == (1, 0)


def test_a_run_that_is_going_on_uses_the_tokens_of_the_login(keap: Sandbox, login: Login, run: Tap) -> None:
    login.run()
    run.call()
    login.run()
    keap.clear_requests()
    run.call()
    assert refreshes(keap) == (0, 0)
    assert [(one["path"][-8:], one["status"]) for one in keap.requests()] == [
        ("userinfo", 401),
        ("userinfo", 200),
    ]


def test_a_code_works_once(keap: Sandbox, login: Login, run: Tap) -> None:
    sent = login.code()
    login.exchange.run(sent)
    before = run.path.read_text()
    error = login.fails(sent)
    assert error.fault.kind is Kind.REFRESH_REFUSED
    assert "Invalid Authorization Code. A code works once" in explain(error)
    assert sent not in explain(error)
    assert run.path.read_text() == before
    run.call()
    assert keap.oauth()["exchanges"] == 1


def test_a_code_that_has_expired_or_belongs_to_another_redirect_url_is_refused(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path, login: Login
) -> None:
    late = login.code()
    clock.pass_time(301)
    assert login.fails(late).fault.kind is Kind.REFRESH_REFUSED
    other = Login(keap, clock, tmp_path, redirect_uri="https://example.com/other")
    assert "redirect URL that it was made for" in explain(other.fails(login.code()))
    assert login.fails("never-issued").fault.kind is Kind.REFRESH_REFUSED


def test_a_wrong_secret_is_named(keap: Sandbox, login: Login) -> None:
    sent = login.code()
    keap.switch(oauth_client_secret="another")
    error = login.fails(sent)
    assert error.fault.kind is Kind.WRONG_CLIENT
    assert "Check client_id and client_secret." in explain(error)


@pytest.mark.parametrize(
    "fault",
    ["reset", "truncate", "blank_body", "token_not_json", "cut_json", "bad_gateway", "token_without_refresh"],
)
def test_an_exchange_that_keap_may_have_carried_out_is_not_repeated(
    keap: Sandbox, login: Login, run: Tap, fault: str
) -> None:
    login.run()
    before = run.path.read_text()
    keap.clear_requests()
    keap.fault({"name": fault, "path": "/token", "times": 1})
    error = login.fails(login.code())
    assert error.fault.kind is Kind.REFRESH_LOST
    assert exit_for(error.fault) is Exit.CONFIG
    assert "Do not try the code again" in explain(error)
    assert len(keap.requests("/token")) == 1
    assert run.path.read_text() == before
    login.run()
    run.call()


@pytest.mark.parametrize("fault", ["server_error", "service_unavailable", "spike_arrest"])
def test_a_busy_token_service_is_not_asked_again_by_itself(keap: Sandbox, login: Login, fault: str) -> None:
    keap.fault(fault, path="/token", times=1)
    login.fails(login.code())
    assert len(keap.requests("/token")) == 1
    assert not list(login.grant.token_file.parent.glob("*.next"))
    login.run()


def test_a_file_that_cannot_be_used_is_found_before_anybody_gets_a_code(
    keap: Sandbox, clock: VirtualClock, tmp_path: Path
) -> None:
    missing = Login(keap, clock, tmp_path / "missing")
    with pytest.raises(KeapError, match="its folder does not exist"):
        missing.exchange.check()
    sent = missing.code()
    missing.fails(sent)
    assert keap.requests("/token") == [], "the code is not spent"
    Login(keap, clock, tmp_path).exchange.run(sent)


def test_tokens_of_another_application_are_not_overwritten(
    keap: Sandbox, clock: VirtualClock, login: Login
) -> None:
    login.run()
    before = login.grant.token_file.read_text()
    other = CodeExchange(replace(login.grant, client_id="another"), keap.url, clock, "test", Redactor())
    with pytest.raises(KeapError, match="belongs to another client id"):
        other.check()
    assert login.grant.token_file.read_text() == before


def test_a_save_that_fails_keeps_the_old_tokens_and_the_next_run_finishes_it(
    keap: Sandbox, login: Login, run: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    login.run()
    before = run.path.read_text()

    def refuse(_: TokenStore) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(TokenStore, "_put_in_place", refuse)
        error = login.fails(login.code())
    assert error.fault.kind is Kind.TOKEN_UNSAVED
    assert "The code is spent, and the tokens may be lost." in explain(error)
    assert run.path.read_text() == before
    run.call()
    assert refreshes(keap) == (0, 0)

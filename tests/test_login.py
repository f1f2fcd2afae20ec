"""`tap-infusionsoft-login` as a user meets it: on a terminal, in a script, and with every mistake."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth.refreshing import Grant
from tap_infusionsoft.errors import Exit, TapError
from tap_infusionsoft.login import _UnusableError, authorize_url, code_in
from tests.canary import CLIENT_SECRET, assert_clean
from tests.consent import REDIRECT, allow, code
from tests.program import errors, tap
from tools.messages import is_listed

PROGRAM = str(Path(sys.executable).parent / "tap-infusionsoft-login")
SWITCHES = {
    "limits": "off",
    "quota_headers": "blank",
    "oauth_client_id": "app-1",
    "oauth_client_secret": CLIENT_SECRET,
    "oauth_redirect_uri": REDIRECT,
}
UNLIMITED = {"requests_per_second": 1000, "requests_per_minute": 1_000_000, "requests_per_hour": 1_000_000}


@pytest.fixture(scope="module")
def keap() -> Iterator[Sandbox]:
    with Sandbox(contacts=5, switches=SWITCHES) as box:
        yield box


def settings(keap: Sandbox, folder: Path, **own: Any) -> dict[str, Any]:
    return {
        "client_id": "app-1",
        "client_secret": CLIENT_SECRET,
        "token_file": str(folder / "keap.token.json"),
        "redirect_uri": REDIRECT,
        "api_url": keap.url,
    } | own


def login(
    folder: Path, config: dict[str, Any], pasted: str, *options: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    (folder / "config.json").write_text(json.dumps(config))
    done = subprocess.run(
        [PROGRAM, "--config", str(folder / "config.json"), *options],
        input=pasted,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": os.environ["PATH"], **(env or {})},
    )
    assert_clean(done.stdout, done.stderr)
    assert all(is_listed(line) for line in errors(done)), "docs/troubleshooting.md does not list this error"
    return done


def grant() -> Grant:
    return Grant("app-1", CLIENT_SECRET, "", Path("/unused"), REDIRECT)


def held(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "keap.token.json").read_text())["grants"]["login"]
    return found


# -- in a script -------------------------------------------------------------------------------------------


def test_a_script_logs_in_and_the_tap_runs_with_the_same_settings(keap: Sandbox, tmp_path: Path) -> None:
    config = settings(keap, tmp_path)
    sent = code(keap, grant())
    done = login(tmp_path, config, f"{sent}\n", "--code", "-")
    assert done.returncode == Exit.OK, done.stderr
    assert sent not in done.stdout + done.stderr
    assert "Account  xx123.infusionsoft.com" in done.stdout
    assert re.search(r"^Email    \S+@\S+$", done.stdout, re.MULTILINE)
    assert (tmp_path / "keap.token.json").stat().st_mode & 0o777 == 0o600
    found = tap(tmp_path, config | UNLIMITED | {"saved_searches": []}, "--discover")
    assert found.returncode == Exit.OK, found.stderr
    again = login(tmp_path, config, f"{sent}\n", "--code", "-")
    assert again.returncode == Exit.CONFIG
    assert "A code works once" in again.stderr
    assert held(tmp_path)["access_token"]


def test_settings_may_come_from_the_environment(keap: Sandbox, tmp_path: Path) -> None:
    env = {f"TAP_INFUSIONSOFT_{name.upper()}": value for name, value in settings(keap, tmp_path).items()}
    done = login(tmp_path, {}, code(keap, grant()), "--config", "ENV", "--code", "-", env=env)
    assert done.returncode == Exit.OK, done.stderr
    assert held(tmp_path)["refresh_token"] == keap.oauth()["refresh_token"]


def test_the_option_replaces_the_redirect_url_of_the_settings(keap: Sandbox, tmp_path: Path) -> None:
    config = settings(keap, tmp_path, redirect_uri="https://example.com/old")
    done = login(tmp_path, config, code(keap, grant()), "--code", "-", "--redirect-uri", REDIRECT)
    assert done.returncode == Exit.OK, done.stderr


def test_a_login_whose_account_cannot_be_shown_is_saved_and_fails(keap: Sandbox, tmp_path: Path) -> None:
    keap.fault("forbidden", path="/v2/oauth/connect/userinfo", times=1)
    done = login(tmp_path, settings(keap, tmp_path), code(keap, grant()), "--code", "-")
    assert "The tokens are saved" in done.stdout
    assert done.returncode == Exit.FAILED
    assert held(tmp_path)["access_token"]


MISTAKES: list[tuple[dict[str, Any], tuple[str, ...], str, Exit]] = [
    ({}, (), "stdin is not a terminal", Exit.CONFIG),
    ({}, ("--code", "-"), "What came on stdin is no code: it is empty", Exit.CONFIG),
    ({}, ("--code", "4711"), "--code takes only -", Exit.CONFIG),
    ({"client_secret": None}, ("--code", "-"), "A login needs client_secret as well", Exit.CONFIG),
    ({"client_id": "", "token_file": None}, ("--code", "-"), "needs client_id and token_file", Exit.CONFIG),
    ({"redirect_uri": "http://127.0.0.1:8080/"}, ("--code", "-"), "must be an https:// address", Exit.CONFIG),
    ({"token_file": "tokens.json"}, ("--code", "-"), "must be an absolute path", Exit.CONFIG),
    ({"api_url": "http://example.com"}, ("--code", "-"), "api_url cannot be used", Exit.CONFIG),
    ({"api_key": "KeapAK-1"}, ("--code", "-"), "api_key is set, so the tap needs no login", Exit.CONFIG),
    ({"access_token": "abc"}, ("--code", "-"), "access_token is set, so the tap needs no", Exit.CONFIG),
    ({"token_file": "/missing/t.json"}, ("--code", "-"), "its folder does not exist", Exit.CONFIG),
]


@pytest.mark.parametrize(("spoiled", "options", "says", "code_of_exit"), MISTAKES)
def test_a_mistake_is_reported_in_one_line_before_keap_is_asked(
    keap: Sandbox,
    tmp_path: Path,
    spoiled: dict[str, Any],
    options: tuple[str, ...],
    says: str,
    code_of_exit: Exit,
) -> None:
    keap.clear_requests()
    done = login(tmp_path, settings(keap, tmp_path) | spoiled, "", *options)
    assert done.returncode == code_of_exit
    (line,) = errors(done)
    assert says in line
    assert keap.requests("/token") == []
    assert not (tmp_path / "keap.token.json").exists()


# -- on a terminal -----------------------------------------------------------------------------------------


class Terminal:
    """The program on its own terminal."""

    def __init__(self, master: int, slave: int, process: subprocess.Popen[bytes]) -> None:
        self.master, self.slave, self.process = master, slave, process
        self.seen = ""
        self.read = 0

    @property
    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def reads_until(self, text: str, *, hidden: bool = False) -> None:
        """Read what is shown until a text comes that was not there before, and the echo is off if wanted."""
        while text not in self.seen[self.read :] or (hidden and self.echoes):
            assert self.process.poll() is None, self.seen
            self._read()
        self.read = self.seen.index(text, self.read) + len(text)

    def ends(self) -> int:
        while self.process.poll() is None:
            self._read()
        while self._read():
            pass
        return self.process.returncode

    def types(self, text: str) -> None:
        os.write(self.master, f"{text}\n".encode())

    def _read(self) -> bool:
        found = bool(select.select([self.master], [], [], 0.01)[0])
        if found:
            self.seen += os.read(self.master, 65536).decode()
        return found


@contextmanager
def on_a_terminal(*words: str) -> Iterator[Terminal]:
    master, slave = os.openpty()
    try:
        with subprocess.Popen(
            [PROGRAM, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={"PATH": os.environ["PATH"], "TERM": "dumb"},
        ) as process:
            try:
                yield Terminal(master, slave, process)
            finally:
                process.kill()
    finally:
        os.close(master)
        os.close(slave)


def address_in(shown: str) -> str:
    return str(re.findall(r"^http\S+", shown, re.MULTILINE)[-1])


def test_a_user_without_a_config_is_asked_for_everything(keap: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"api_url": keap.url}))
    with on_a_terminal("--config", str(tmp_path / "config.json")) as terminal:
        terminal.reads_until("Client id")
        terminal.types("app-1")
        terminal.reads_until("Client secret (not shown)", hidden=True)
        terminal.types(CLIENT_SECRET)
        terminal.reads_until("file for the tokens")
        terminal.types(str(tmp_path / "keap.token.json"))
        terminal.reads_until("Redirect URL")
        terminal.types(REDIRECT)
        terminal.reads_until("Address or code", hidden=True)
        landed = allow(address_in(terminal.seen))
        terminal.types(landed)
        assert terminal.ends() == Exit.OK, terminal.seen
        assert terminal.echoes
    assert_clean(terminal.seen)
    assert parse_qs(urlsplit(landed).query)["code"][0] not in terminal.seen
    assert '"client_secret": "..."' in terminal.seen
    assert held(tmp_path)["refresh_token"] == keap.oauth()["refresh_token"]


def test_a_wrong_paste_may_be_repeated_three_times(keap: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(settings(keap, tmp_path)))
    keap.clear_requests()
    with on_a_terminal("--config", str(tmp_path / "config.json")) as terminal:
        terminal.reads_until("Address or code", hidden=True)
        terminal.types(f"{REDIRECT}?code=canary-of-another&state=guessed")
        terminal.reads_until("its state is not that of this login")
        terminal.reads_until("Address or code", hidden=True)
        terminal.types(address_in(terminal.seen))
        terminal.reads_until("it has no code")
        terminal.reads_until("Address or code", hidden=True)
        terminal.types("two words")
        assert terminal.ends() == Exit.CONFIG
    assert "What was pasted is no code" in terminal.seen
    assert "canary" not in terminal.seen
    assert keap.requests("/token") == []


def test_a_user_who_denies_access_is_told_so(keap: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(settings(keap, tmp_path)))
    keap.switch(oauth_consent="denied")
    try:
        with on_a_terminal("--config", str(tmp_path / "config.json")) as terminal:
            terminal.reads_until("Address or code", hidden=True)
            terminal.types(allow(address_in(terminal.seen)))
            assert terminal.ends() == Exit.FAILED
    finally:
        keap.switch(oauth_consent="allowed")
    assert "Keap gave no access: access_denied: The user denied access" in terminal.seen
    assert not (tmp_path / "keap.token.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_a_hidden_question_gives_the_echo_back(
    keap: Sandbox, tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(settings(keap, tmp_path)))
    with on_a_terminal("--config", str(tmp_path / "config.json")) as terminal:
        terminal.reads_until("Address or code", hidden=True)
        terminal.process.send_signal(number)
        assert terminal.ends() == 128 + number
        assert terminal.echoes
    assert "Traceback" not in terminal.seen


# -- what is pasted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        "abc",
        "  abc \n",
        '"abc"',
        f"{REDIRECT}?code=abc&state=mine",
        f"{REDIRECT}?a=1&state=mine&code=abc&scope=full%7Cxx123.infusionsoft.com#x",
        f"<{REDIRECT}?state=mine&code=abc>",
        "code=abc&state=mine",
        "?state=mine&code=abc",
    ],
)
def test_the_code_is_found_in_whatever_is_pasted(pasted: str) -> None:
    assert code_in(pasted, "mine") == "abc"


def test_a_code_is_unquoted_only_in_an_address() -> None:
    assert code_in(f"{REDIRECT}?code=a%2Bb%3D&state=mine", "mine") == "a+b="
    assert code_in("a%2Bb=", "mine") == "a%2Bb="


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("", "empty"),
        ("a b", "no code has"),
        ("a\u200bb", "no code has"),
        ("a" * 20_000, "no code has"),
        (REDIRECT, "state is not that"),
        (f"{REDIRECT}?code=abc", "state is not that"),
        (f"{REDIRECT}?code=abc&state=other", "state is not that"),
        (f"{REDIRECT}?code=abc&state=min\u00e9", "state is not that"),
        (f"{REDIRECT}?state=mine", "has no code"),
        (f"{REDIRECT}?state=mine&code=", "has no code"),
        (f"{REDIRECT}?state=mine&code=a&code=b", "more than one"),
        (f"{REDIRECT}?state=mine&code=a%20b", "no code has"),
        ("https://[/?code=a&state=mine", "not an address"),
        (f"{REDIRECT}?{'a=1&' * 200}code=a&state=mine", "not an address"),
    ],
)
def test_what_is_no_code_is_refused_without_quoting_it(pasted: str, says: str) -> None:
    with pytest.raises(_UnusableError, match=says) as caught:
        code_in(pasted, "mine")
    assert "abc" not in str(caught.value)


def test_an_error_that_keap_sends_back_is_quoted_on_one_line() -> None:
    pasted = f"{REDIRECT}?error=access_denied&error_description=No%0Away%1B%5B2J"
    with pytest.raises(TapError, match=r"Keap gave no access: access_denied: No way\\x1b\[2J\."):
        code_in(pasted, "mine")


def test_the_address_is_keaps_own_page_and_asks_for_what_is_exchanged() -> None:
    application = Grant("a&b", "secret", "", Path("/unused"), f"{REDIRECT}?x=1")
    address = urlsplit(authorize_url(application, "https://api.infusionsoft.com", "s"))
    assert (address.scheme, address.netloc) == ("https", "accounts.infusionsoft.com")
    assert {name: one for name, (one,) in parse_qs(address.query, strict_parsing=True).items()} == {
        "client_id": "a&b",
        "redirect_uri": f"{REDIRECT}?x=1",
        "response_type": "code",
        "scope": "full",
        "state": "s",
    }

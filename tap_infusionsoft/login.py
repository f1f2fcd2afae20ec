"""The program ``tap-infusionsoft-login``: from an OAuth application to tokens in token_file.

The user opens an address in a browser, on any machine, and brings back what Keap answers there. Nothing
listens for it: Keap redirects to https addresses only, and a listener on this machine would need a
certificate that the browser trusts.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import signal
import sys
import webbrowser
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import click

from tap_infusionsoft.cli import CONFIG_PATH, as_declared, check_log_level, from_environment, read_config
from tap_infusionsoft.client.auth.code_exchange import CodeExchange
from tap_infusionsoft.client.auth.refreshing import OAuthCredential
from tap_infusionsoft.client.client import KeapClient
from tap_infusionsoft.client.clock import SystemClock
from tap_infusionsoft.client.daily_quota import Budget, Share
from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.client.http import HttpTransport
from tap_infusionsoft.client.rate_limit import Pacer
from tap_infusionsoft.client.redact import Redactor, install, printable
from tap_infusionsoft.client.retry import Waits
from tap_infusionsoft.client.signals import stopping
from tap_infusionsoft.client.tenant import USER_INFO
from tap_infusionsoft.config.credentials import read_grant, read_redirect_uri, read_url
from tap_infusionsoft.config.schema import (
    ACCESS_TOKEN,
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    CONFIG_SCHEMA,
    GROUPS,
    REDIRECT_URI,
    TOKEN_FILE,
)
from tap_infusionsoft.errors import ConfigError, Exit, TapError, exit_for, explain
from tap_infusionsoft.tap import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

    from tap_infusionsoft.client.auth.refreshing import Grant

logger = logging.getLogger("tap-infusionsoft")

_AGAIN = "Run tap-infusionsoft-login again, which gives you a new address, and use the code that it leads to."
ADVICE = {
    Kind.REFRESH_REFUSED: (
        "A code works once and for a short time, and only with the client id and redirect URL that it was "
        f"made for. {_AGAIN}"
    ),
    Kind.REFRESH_LOST: (
        "Keap may have spent the code, and the tokens never arrived. Do not try the code again. Earlier "
        f"tokens in token_file are still there. {_AGAIN}"
    ),
    Kind.WRONG_CLIENT: f"Check client_id and client_secret. {_AGAIN}",
    Kind.TOKEN_UNSAVED: (
        "The code is spent, and the tokens may be lost. Fix the problem and run the tap; if it finds no "
        "valid tokens, run tap-infusionsoft-login again."
    ),
    Kind.NO_TOKEN_SERVICE: (
        f"Check api_url and proxies: what answers there is not Keap's token service. {_AGAIN}"
    ),
}
"""What to do after a fault, where that is something else than after a failed refresh."""

_SETTINGS = GROUPS["The account"]
_NEEDED = {
    CLIENT_ID.name: "Client id of the application",
    CLIENT_SECRET.name: "Client secret (not shown)",
    TOKEN_FILE.name: "Absolute path of the file for the tokens",
    REDIRECT_URI.name: "Redirect URL, as registered for the application",
}
"""Settings that a login needs -> how to ask for one."""
_PATH = "/app/oauth/authorize"
_ACCOUNTS = "https://accounts.infusionsoft.com"
"""Where users of Keap sign in. (The sandbox has that page at its own address.)"""
_TRIES = 3
_LONGEST = 16_384
"""Characters of what is pasted."""
_ANSWER = re.compile(r"(?:^|[?&#])(?:code|error|state)=")
"""What an address, or the query of one, has and a code does not."""
_CODE = re.compile(r"[!-~]+")


class _UnusableError(Exception):
    """What was pasted is no code. The text says why, and does not quote it."""


@click.command(
    name="tap-infusionsoft-login",
    help="Authorize an OAuth application to read a Keap account, and save the tokens in token_file.",
)
@click.option(
    "--config",
    multiple=True,
    type=CONFIG_PATH,
    metavar="FILE",
    help="Settings, as the tap takes them; ENV for environment variables. What is missing is asked for.",
)
@click.option(
    "--redirect-uri",
    metavar="URL",
    help="The application's redirect URL, as registered with Keap, instead of the setting redirect_uri.",
)
@click.option(
    "--code",
    metavar="-",
    help="With -, read the code, or the address with the code, from stdin and ask for nothing.",
)
@click.option(
    "--open", "opens_browser", is_flag=True, help="Open the address in the browser of this machine, too."
)
def _command(
    *, config: tuple[str, ...], redirect_uri: str | None, code: str | None, opens_browser: bool
) -> None:
    try:
        given = _read(config)
        if redirect_uri is not None:
            given[REDIRECT_URI.name] = redirect_uri
        _log_in(given, from_stdin=_is_stdin(code), opens_browser=opens_browser)
    except KeapError as error:
        _end(explain(error), exit_for(error.fault))
    except TapError as error:
        _end(str(error), error.exit_code)


def main() -> None:
    """Run the program with the arguments of the process."""
    for number in stopping():
        signal.signal(number, _stop)
    check_log_level(f"{ENVIRONMENT}LOGLEVEL", "LOGLEVEL")
    logging.basicConfig(
        format="%(asctime)s | %(levelname)-8s | %(name)-30s | %(message)s",
        level=(os.environ.get(f"{ENVIRONMENT}LOGLEVEL") or "WARNING").upper(),
    )
    _command()


def _stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """End, but let a hidden question give the terminal its echo back."""
    sys.exit(128 + signum)


def _end(line: str, code: Exit) -> None:
    logger.error("%s", line)
    sys.exit(code)


def _read(paths: tuple[str, ...]) -> dict[str, Any]:
    """Read the settings that a login uses.

    Raises:
        ConfigError: They cannot be read, or they are for an account without OAuth.
    """
    config, reads_environment = read_config(paths)
    if reads_environment:
        config |= from_environment(CONFIG_SCHEMA, ENVIRONMENT, os.environ)
    own = {one.name: config[one.name] for one in _SETTINGS if one.name in config}
    config = as_declared(own, CONFIG_SCHEMA)
    for one in (API_KEY, ACCESS_TOKEN):
        if one.read(config):
            raise ConfigError(f"{one.name} is set, so the tap needs no login. Remove it to use OAuth.")
    return config


def _is_stdin(code: str | None) -> bool:
    if code not in {None, "-"}:
        raise ConfigError(
            "--code takes only -, because others can see the arguments of a process. Give the code on stdin."
        )
    return code == "-"


def _log_in(config: dict[str, Any], *, from_stdin: bool, opens_browser: bool) -> None:
    """Do all of it.

    Args:
        config: The settings as given.
        from_stdin: The code comes on stdin, and nobody can be asked.
        opens_browser: Whether to open a browser on this machine.

    Raises:
        TapError: Settings or the code are wrong.
        KeapError: Keap refuses, or the tokens cannot be saved.
    """
    asks = not from_stdin and sys.stdin is not None and sys.stdin.isatty()
    if not asks and not from_stdin:
        raise ConfigError(
            "Nobody can be asked for the code: stdin is not a terminal. Use a terminal, or --code -."
        )
    asked = _complete(config, asks=asks)
    redactor = Redactor(str(config.get(one.name) or "").strip() for one in _SETTINGS if one.secret)
    install(redactor)
    grant = read_grant(config)
    url = read_url(config)
    agent, clock = f"tap-infusionsoft/{version('tap-infusionsoft')}", SystemClock()
    exchange = CodeExchange(grant, url, clock, agent, redactor, ADVICE)
    replaced = exchange.check()
    if replaced is not None:
        click.echo(
            f"The tokens of {replaced:%Y-%m-%d %H:%M} UTC in {printable(str(grant.token_file))} will go."
        )
    state = secrets.token_urlsafe(16)
    address = authorize_url(grant, url, state)
    click.echo(
        "Open this address in a browser, on any machine. Sign in, as an admin, to the account that the tap "
        f"is to read, and allow access:\n\n{address}\n\n"
        f"The browser then goes to {grant.redirect_uri}, and it does not matter if there is no such page. "
        "Copy the whole address from its address bar right away: the code in it does not live long."
    )
    sys.stdout.flush()
    if opens_browser and not webbrowser.open(address):
        logger.warning("No browser could be opened here. Open the address yourself.")
    exchange.run(_code(state, asks=asks))
    click.echo(f"\nThe tokens are saved in {printable(str(grant.token_file))}.")
    _show_account(grant, url, clock, agent, redactor)
    _show_settings(config, asked)


def _complete(config: dict[str, Any], *, asks: bool) -> list[str]:
    """Fill in the settings that are missing.

    Args:
        config: The settings as given; those that are asked for are added.
        asks: Whether somebody can be asked.

    Returns:
        The names of the settings that were asked for.

    Raises:
        ConfigError: Some are missing, and nobody can be asked; or one that was given is wrong.
    """
    read_redirect_uri(config)
    read_url(config)
    missing = [name for name in _NEEDED if not str(config.get(name) or "").strip()]
    if missing and not asks:
        raise ConfigError(f"A login needs {' and '.join(missing)} as well. See OAuth in docs/account.md.")
    for name in missing:
        config[name] = click.prompt(_NEEDED[name], hide_input=name == CLIENT_SECRET.name, err=True).strip()
    return missing


def authorize_url(grant: Grant, url: str, state: str) -> str:
    """Return the address at which a user lets the application in.

    Args:
        grant: The application.
        url: The API address. The sandbox has the page at the same address.
        state: Comes back with the code.
    """
    host = url if url.startswith("http://") else _ACCOUNTS
    query = {
        "client_id": grant.client_id,
        "redirect_uri": grant.redirect_uri,
        "response_type": "code",
        "scope": "full",
        "state": state,
    }
    return f"{host}{_PATH}?{urlencode(query)}"


def _code(state: str, *, asks: bool) -> str:
    """Get the code from the user, who may try again, or from stdin.

    Raises:
        TapError: There is none.
    """
    if not asks:
        # A null stdin is an empty one.
        line = "" if sys.stdin is None else sys.stdin.readline(_LONGEST)
        try:
            return code_in(line, state)
        except _UnusableError as error:
            raise ConfigError(
                f"What came on stdin is no code: {error}. Nothing has changed. Give the code alone."
            ) from None
    tries = 1
    while True:
        pasted = click.prompt("Address or code (not shown)", hide_input=True, err=True)
        try:
            return code_in(pasted, state)
        except _UnusableError as error:
            if tries == _TRIES:
                raise ConfigError(
                    f"What was pasted is no code: {error}. Nothing has changed. Run it again."
                ) from None
            click.echo(f"That is no code: {error}.", err=True)
            tries += 1


def code_in(pasted: str, state: str) -> str:
    """Find the code in what was pasted: the code itself, or the address that it came in.

    Args:
        pasted: The text.
        state: What an address must have brought back.

    Raises:
        _UnusableError: There is none.
        TapError: It is an address that says why Keap gave no code.
    """
    text = pasted.strip().strip("<>\"'")
    if not text:
        raise _UnusableError("it is empty")
    if "://" not in text and not _ANSWER.search(text):
        if not _CODE.fullmatch(text) or len(text) >= _LONGEST:
            raise _UnusableError("it holds characters that no code has; copy it again, on one line")
        return text
    found = _answer(text)
    if "error" in found:
        said = ": ".join(found[name] for name in ("error", "error_description") if name in found)
        raise TapError(
            f"Keap gave no access: {printable(said)[:200]}. Run tap-infusionsoft-login again, and allow it."
        )
    if not secrets.compare_digest(found.get("state", "").encode(), state.encode()):
        raise _UnusableError(
            "its state is not that of this login; open the address above, and paste where that one leads"
        )
    if "code" not in found:
        raise _UnusableError(
            "it has no code; open the address above, allow access, and paste where the browser ends up"
        )
    if not _CODE.fullmatch(found["code"]):
        raise _UnusableError("its code holds characters that no code has; copy it again, on one line")
    return found["code"]


def _answer(text: str) -> dict[str, str]:
    """Return the query of an address; Keap's answer is in it.

    Raises:
        _UnusableError: It is none.
    """
    query = text.lstrip("?&#")
    if "://" in text:
        try:
            query = urlsplit(text).query
        except ValueError:
            raise _UnusableError("it is not an address; copy it again") from None
    try:
        found = parse_qs(query, max_num_fields=100)
    except ValueError:
        raise _UnusableError("it is not an address; copy it again") from None
    if any(len(values) > 1 for name, values in found.items() if name in {"code", "state", "error"}):
        raise _UnusableError("it has more than one code or state; copy it again")
    return {name: value for name, (value, *_) in found.items()}


def _show_account(grant: Grant, url: str, clock: SystemClock, agent: str, redactor: Redactor) -> None:
    """Ask Keap, with the new tokens, whose they are.

    Raises:
        KeapError: Keap cannot be asked.
    """
    credential = OAuthCredential(grant, url, clock, agent, redactor)
    transport = HttpTransport(url, credential, clock, agent)
    budget = Budget(Share(1, 1_000_000), clock)
    client = KeapClient(transport, credential, Pacer(1, clock), budget, Waits(), clock, redactor)
    user = client.fetch(USER_INFO).document
    name = " ".join(str(user[part]) for part in ("given_name", "family_name") if user.get(part))
    said = {"User": name, "Email": user.get("email"), "Account": user.get("tenant_id")}
    click.echo("".join(f"\n{label:8} {redactor.quote(str(value))}" for label, value in said.items() if value))
    if user.get("is_admin") is False:
        logger.warning("This user is no admin, so Keap may leave rows out without saying so.")


def _show_settings(config: Mapping[str, Any], asked: list[str]) -> None:
    """Say what the tap needs from now on."""
    if not asked:
        click.echo("\nThe tap can run with these settings. Later tokens go into the same file.")
        return
    names = (CLIENT_ID.name, CLIENT_SECRET.name, TOKEN_FILE.name, REDIRECT_URI.name)
    shown = {name: "..." if name == CLIENT_SECRET.name else config[name] for name in names}
    click.echo(
        "\nThe tap can run with these settings (with the client secret instead of the dots). Later tokens go "
        f"into the same file.\n\n{json.dumps(shown, indent=2)}"
    )


if __name__ == "__main__":
    main()

"""The credential and address of the Keap account to read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tap_infusionsoft.client.auth.refreshing import Grant
from tap_infusionsoft.client.http import checked_url
from tap_infusionsoft.config.schema import (
    ACCESS_TOKEN,
    API_KEY,
    API_URL,
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    REFRESH_TOKEN,
    TOKEN_FILE,
)
from tap_infusionsoft.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 4096
"""Most characters of a credential. Servers reject longer headers, and may quote them unredacted."""
CREDENTIALS = (API_KEY, ACCESS_TOKEN, REFRESH_TOKEN)
"""Settings of which at most one may be set."""
_OAUTH = (CLIENT_ID, CLIENT_SECRET, TOKEN_FILE)
"""Settings that OAuth needs: after a login they are enough, otherwise refresh_token says where to begin."""


def read_url(config: Mapping[str, Any]) -> str:
    """Return the address of Keap's API.

    Raises:
        ConfigError: Credentials must not be sent there.
    """
    try:
        return checked_url(API_URL.read(config))
    except ValueError as error:
        raise ConfigError(f"api_url cannot be used: {error}.") from None


def read_credential(config: Mapping[str, Any]) -> str | Grant:
    """Return the one credential of a configuration: a key or access token, or what OAuth needs to get one.

    Raises:
        ConfigError: There is none, more than one, or part of one.
    """
    given = [one.name for one in CREDENTIALS if one.read(config)]
    oauth = [one.name for one in _OAUTH if one.read(config)]
    if not given and not oauth:
        raise ConfigError(
            "No credential: set api_key to a personal access token or service account key of your Keap "
            "account (or client_id, for OAuth). docs/account.md explains where to create one."
        )
    if len(given) > 1:
        raise ConfigError(
            f"{' and '.join(given)} are set, but the tap can use only one credential. Remove the others."
        )
    name = given[0] if given else ""
    if name not in {"", REFRESH_TOKEN.name}:
        if oauth:
            raise ConfigError(f"{oauth[0]} belongs to OAuth, but {name} is set. Remove one of them.")
        return _token(config, name)
    return read_grant(config)


def read_grant(config: Mapping[str, Any]) -> Grant:
    """Return what OAuth needs.

    Raises:
        ConfigError: Part of it is missing or wrong.
    """
    given = [one.name for one in (REFRESH_TOKEN, *_OAUTH) if one.read(config)]
    missing = [one.name for one in _OAUTH if one.name not in given]
    if missing:
        first = given[0] if given else "OAuth"
        raise ConfigError(f"{first} needs {' and '.join(missing)} as well. See OAuth in docs/account.md.")
    client_id = _token(config, CLIENT_ID.name)
    if ":" in client_id:
        raise ConfigError("client_id contains a colon, which no client id does. Copy it again.")
    return Grant(
        client_id,
        _token(config, CLIENT_SECRET.name),
        _token(config, REFRESH_TOKEN.name) if REFRESH_TOKEN.name in given else "",
        _token_file(config),
        read_redirect_uri(config),
    )


def read_redirect_uri(config: Mapping[str, Any]) -> str:
    """Return where Keap sends the browser after a login; empty if the configuration does not say.

    Raises:
        ConfigError: Keap would not take it.
    """
    given = (REDIRECT_URI.read(config) or "").strip()
    if not given:
        return ""
    try:
        parts = urlsplit(given)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() != "https" or not parts.hostname or "@" in parts.netloc or "#" in given:
        raise ConfigError(
            "redirect_uri must be an https:// address without a user name or #: Keap accepts no other. Give "
            "the one that is registered for the application."
        )
    if not given.isascii() or not given.isprintable() or " " in given or len(given) > _LONGEST:
        raise ConfigError(
            "redirect_uri contains characters that no address has, or too many. Copy it again from Keap's "
            "developer portal."
        )
    return given


def _token(config: Mapping[str, Any], name: str) -> str:
    token = str(config[name]).strip()
    if len(token) > _LONGEST:
        raise ConfigError(
            f"{name} is longer than any Keap credential: {len(token)} characters. Copy it again."
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"{name} contains characters that no Keap credential has. Copy it again, without quotes or line "
            "breaks."
        )
    return token


def _token_file(config: Mapping[str, Any]) -> Path:
    text = str(config[TOKEN_FILE.name])
    if sys.platform == "win32":
        raise ConfigError(
            "token_file cannot be used on Windows, where the tap cannot protect it. Use api_key, or WSL."
        )
    if "://" in text:
        raise ConfigError(
            "token_file must be a file: object stores and databases have no locks and atomic renames, which "
            "the tap needs."
        )
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        path = Path(text)
    if not path.is_absolute() or not path.name or "\0" in text:
        raise ConfigError(
            "token_file must be an absolute path of a file, so that every run finds the same one."
        )
    return path

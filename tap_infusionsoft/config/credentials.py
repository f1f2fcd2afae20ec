"""Which Keap account is read, and by which credential: the settings, and how they are checked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_infusionsoft.client.auth.refreshing import Grant
from tap_infusionsoft.client.http import checked_url
from tap_infusionsoft.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_URL = "https://api.infusionsoft.com"

_LONGEST = 4096
"""Characters of a credential; headers that are longer are refused, and quoted, by servers that know nothing of it."""
_OAUTH = ("client_id", "client_secret", "token_file")
"""Settings that OAuth needs beside its refresh token."""

ACCOUNT = (
    th.Property(
        "api_key",
        th.StringType,
        secret=True,
        title="API key",
        description="Personal access token or service account key of the Keap account (KeapAK-...). "
        "Set this, or refresh_token, or access_token.",
    ),
    th.Property(
        "access_token",
        th.StringType,
        secret=True,
        title="OAuth access token",
        description="OAuth access token, valid for 24 hours and not renewed. Set this, or refresh_token, or api_key.",
    ),
    th.Property(
        "refresh_token",
        th.StringType,
        secret=True,
        title="OAuth refresh token",
        description="The first refresh token of an authorization; later ones are kept in token_file. "
        "A new one here wins over those. Needs client_id, client_secret and token_file.",
    ),
    th.Property(
        "client_id",
        th.StringType,
        title="OAuth client id",
        description="Client id of the application that refresh_token was issued to.",
    ),
    th.Property(
        "client_secret",
        th.StringType,
        secret=True,
        title="OAuth client secret",
        description="Secret of that application.",
    ),
    th.Property(
        "token_file",
        th.StringType,
        title="OAuth token file",
        description="Absolute path of the file in which the tap keeps the current tokens, readable by its user only. "
        "It must survive the run: a refresh token is good for one use. Not on Windows.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        default=DEFAULT_URL,
        title="API address",
        description="Where Keap's API is: https on one of Keap's hosts, or http on 127.0.0.1 for the sandbox.",
    ),
)


def read_url(config: Mapping[str, Any]) -> str:
    """Where Keap's API is.

    Raises:
        ConfigError: Credentials must not be sent there.
    """
    try:
        return checked_url(config.get("api_url") or DEFAULT_URL)
    except ValueError as error:
        raise ConfigError(f"api_url cannot be used: {error}.") from None


def read_credential(config: Mapping[str, Any]) -> str | Grant:
    """The one credential of a configuration: a key or access token, or what OAuth needs.

    Raises:
        ConfigError: There is none, more than one, or part of one.
    """
    given = [name for name in ("api_key", "access_token", "refresh_token") if config.get(name)]
    oauth = [name for name in _OAUTH if config.get(name)]
    if not given and oauth:
        raise ConfigError(f"{oauth[0]} is set, but refresh_token is not. The README says how to get one.")
    if not given:
        raise ConfigError(
            "No credential: set api_key to a personal access token or service account key of your Keap account "
            "(or refresh_token, for OAuth). The README says where to make one."
        )
    if len(given) > 1:
        raise ConfigError(
            f"{' and '.join(given)} are set, and only one credential can be used. Remove the others."
        )
    name = given[0]
    if name != "refresh_token":
        if oauth:
            raise ConfigError(f"{oauth[0]} belongs to refresh_token, but {name} is set. Remove one of them.")
        return _token(config, name)
    missing = [one for one in _OAUTH if not config.get(one)]
    if missing:
        raise ConfigError(
            f"refresh_token needs {' and '.join(missing)} as well. The README says more under OAuth."
        )
    client = _token(config, "client_id")
    if ":" in client:
        raise ConfigError("client_id holds a colon, which no client id has. Copy it again.")
    return Grant(
        client,
        _token(config, "client_secret"),
        _token(config, name),
        _token_file(config),
    )


def _token(config: Mapping[str, Any], name: str) -> str:
    token = str(config[name]).strip()
    if len(token) > _LONGEST:
        raise ConfigError(
            f"{name} is longer than any Keap credential: {len(token)} characters. Copy it again."
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"{name} holds characters that no Keap credential has. Copy it again, without quotes or breaks."
        )
    return token


def _token_file(config: Mapping[str, Any]) -> Path:
    text = str(config["token_file"])
    if sys.platform == "win32":
        raise ConfigError(
            "refresh_token cannot be used on Windows, where the tap cannot guard token_file. Use api_key, or WSL."
        )
    if "://" in text:
        raise ConfigError(
            "token_file must be a file: addresses of object stores and databases are not taken, for lack of locks "
            "and atomic renames."
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

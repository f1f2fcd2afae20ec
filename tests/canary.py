"""Secrets and a person's name that must not show up in anything that the tap leaves behind.

This is checked after every test: in stdout, stderr and logs, of this process and of every process that a test
starts; in state and catalog; in the files in a test's folder; and in the messages of all errors that the tap
raises, even if no test looks at them.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote, quote_plus

from requests.utils import requote_uri

from tap_infusionsoft.client.auth.token_file import TokenFileError
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.errors import TapError

KEY = 'KeapAK-canary/01+23="4\\56789abcdef'
"""The API key of all tests. Each encoding changes how it looks."""
CLIENT_SECRET = 'Secret-canary/+ab="c\\defghij01234567'
SEED = 'Refresh-canary/+mn="o\\pqrstuv89abcde'
ACCESS_TOKEN = 'Access-canary/+xy="z\\0123456789uvwxy'
SECRETS = {
    "the key": KEY,
    "the client's secret": CLIENT_SECRET,
    "the refresh token": SEED,
    "the access token": ACCESS_TOKEN,
}
PERSON = "Zyxcanary"
"""Part of a contact's name and address. It belongs in records and nowhere else."""

_ISSUED = re.compile(r"(?:access|refresh|code)-[0-9a-f]{16}")
"""Tokens and codes that the sandbox issued."""
_WITH_SECRETS = ("config.json", ".netrc", "token.json", "token.json.next", "tokens.json", "tokens.json.next")
"""Suffixes of files that are meant to hold secrets."""


def forms(secret: str) -> dict[str, str]:
    """Return every encoding in which a secret could show up, by name."""
    half = len(secret) // 2
    encodings = {
        "first half": secret[:half],  # this finds the whole secret too
        "second half": secret[half:],
        "URL-quoted": quote(secret, safe=""),
        "path-quoted": quote(secret),
        "quoted only where necessary": requote_uri(secret),
        "form-quoted": quote_plus(secret),
        "JSON-escaped": json.dumps(secret)[1:-1],
        "JSON in JSON": json.dumps(json.dumps(secret))[3:-3],
        "as Python writes it": repr(secret)[1:-1],
    }
    for lead in range(3):
        # The bytes around the secret change the first and last characters
        shifted = bytes(lead) + secret.encode()
        encodings[f"base64 after {lead} bytes"] = base64.b64encode(shifted)[4:-4].decode()
        encodings[f"base64 for URLs after {lead} bytes"] = base64.urlsafe_b64encode(shifted)[4:-4].decode()
    return encodings


_NEEDLES = [
    (f"{name} ({how})", form) for name, secret in SECRETS.items() for how, form in forms(secret).items()
]


def leaks(text: str) -> list[str]:
    """Return which secrets a text contains, and in which encodings."""
    issued = ["a token that Keap issued"] if _ISSUED.search(text) else []
    return [description for description, form in _NEEDLES if form in text] + issued


def assert_clean(*texts: str) -> None:
    """Fail if any of the texts contains a secret."""
    for text in texts:
        assert not leaks(text), "a secret leaked"


def leaking_files(folder: Path) -> list[Path]:
    """Return the files in a folder that contain a secret, including catalogs and states."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.name.endswith(_WITH_SECRETS)
        and leaks(path.read_bytes().decode("latin-1"))
    ]


class Recorder:
    """Records the messages of all errors of the tap, and the output of all processes that tests start.

    Attributes:
        recorded: (where, text) since the last call of `leaks`.
    """

    def __init__(self) -> None:
        self.recorded: list[tuple[str, str]] = []

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Record for the length of a `with` block."""
        with contextlib.ExitStack() as stack:
            for error in (KeapError, TokenFileError, TapError):
                stack.enter_context(
                    mock.patch.object(error, "__init__", self._recording_init(error.__init__))
                )
            communicate = self._recording_output(subprocess.Popen.communicate)
            stack.enter_context(mock.patch.object(subprocess.Popen, "communicate", communicate))
            yield

    def leaks(self) -> list[str]:
        """Return the secrets in what was recorded, and clear it."""
        found = [f"{leak} in {where}" for where, text in self.recorded for leak in leaks(text)]
        self.recorded.clear()
        return found

    def _recording_init(self, init: Callable[..., None]) -> Callable[..., None]:
        def recording_init(error: Exception, *args: Any, **kwargs: Any) -> None:
            init(error, *args, **kwargs)
            self.recorded.append((f"a {type(error).__name__}", str(error)))

        return recording_init

    def _recording_output(self, communicate: Callable[..., Any]) -> Callable[..., Any]:
        def recording_communicate(process: Any, *args: Any, **kwargs: Any) -> Any:
            output = communicate(process, *args, **kwargs)
            for where, text in zip(("stdout", "stderr"), output, strict=True):
                if text:
                    decoded = text.decode("latin-1") if isinstance(text, bytes) else text
                    self.recorded.append((f"{where} of a process", decoded))
            return output

        return recording_communicate


RECORDER = Recorder()

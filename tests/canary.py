"""Secrets and a person that nobody may find in what the tap leaves behind: looked for after every test.

Six places are searched: stdout and stderr, of this process and of every one that a test starts, with all logs; state and
catalogue; files in a test's folder; and the texts of all errors that the tap raises, whether a test looks at them or not.
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
"""The API key of all tests; it looks different in each form in which it may travel."""
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
"""Part of the name and address of a contact: for records, and for nothing else."""

_ISSUED = re.compile(r"(?:access|refresh)-[0-9a-f]{16}")
"""Tokens that the sandbox gave."""
_WITH_SECRETS = ("config.json", ".netrc", "token.json", "token.json.next", "tokens.json", "tokens.json.next")
"""Ends of the names of files into which secrets belong."""


def forms(secret: str) -> dict[str, str]:
    """Every form in which a secret may show up, by name."""
    half = len(secret) // 2
    found = {
        "first half": secret[:half],  # and so the whole
        "second half": secret[half:],
        "URL-quoted": quote(secret, safe=""),
        "path-quoted": quote(secret),
        "quoted where it must be": requote_uri(secret),
        "form-quoted": quote_plus(secret),
        "JSON-escaped": json.dumps(secret)[1:-1],
        "JSON in JSON": json.dumps(json.dumps(secret))[3:-3],
        "as Python writes it": repr(secret)[1:-1],
    }
    for lead in range(3):
        # What stands before and behind changes the first and last characters.
        found[f"base64, {lead} bytes behind"] = base64.b64encode(bytes(lead) + secret.encode())[4:-4].decode()
        safe = base64.urlsafe_b64encode(bytes(lead) + secret.encode())[4:-4].decode()
        found[f"base64 for URLs, {lead} bytes behind"] = safe
    return found


_LOOKED_FOR = [
    (f"{name} ({how})", form) for name, secret in SECRETS.items() for how, form in forms(secret).items()
]


def leaks(text: str) -> list[str]:
    """Which secrets stand in a text, in which forms."""
    issued = ["a token that Keap gave"] if _ISSUED.search(text) else []
    return [told for told, form in _LOOKED_FOR if form in text] + issued


def assert_clean(*texts: str) -> None:
    """Fail if a secret stands in any of the texts."""
    for text in texts:
        assert not leaks(text), "a secret leaked"


def leaking_files(folder: Path) -> list[Path]:
    """Files in a folder, catalogues, states and all, that hold a secret."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.name.endswith(_WITH_SECRETS)
        and leaks(path.read_bytes().decode("latin-1"))
    ]


class Ears:
    """Hear what every error of the tap says, and what every process that is started prints.

    Attributes:
        heard: Where, and what, since the last look.
    """

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Listen, in a `with` block."""
        with contextlib.ExitStack() as stack:
            for error in (KeapError, TokenFileError, TapError):
                stack.enter_context(mock.patch.object(error, "__init__", self._telling(error.__init__)))
            communicate = self._printing(subprocess.Popen.communicate)
            stack.enter_context(mock.patch.object(subprocess.Popen, "communicate", communicate))
            yield

    def leaks(self) -> list[str]:
        """What was heard that nobody may hear; it is forgotten then."""
        found = [f"{leak} in {where}" for where, text in self.heard for leak in leaks(text)]
        self.heard.clear()
        return found

    def _telling(self, create: Callable[..., None]) -> Callable[..., None]:
        def create_and_tell(error: Exception, *args: Any, **kwargs: Any) -> None:
            create(error, *args, **kwargs)
            self.heard.append((f"a {type(error).__name__}", str(error)))

        return create_and_tell

    def _printing(self, communicate: Callable[..., Any]) -> Callable[..., Any]:
        def communicate_and_tell(process: Any, *args: Any, **kwargs: Any) -> Any:
            printed = communicate(process, *args, **kwargs)
            for where, text in zip(("stdout", "stderr"), printed, strict=True):
                if text:
                    said = text.decode("latin-1") if isinstance(text, bytes) else text
                    self.heard.append((f"{where} of a process", said))
            return printed

        return communicate_and_tell


EARS = Ears()

"""A key and a person that nobody may find in what the tap leaves behind: looked for after every test."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

KEY = 'KeapAK-canary/01+23="4\\56789abcdef'
"""The API key of all tests; it looks different in each form in which it may travel."""
PERSON = "Zyxcanary"
"""Part of the name and address of a contact: for records, and for nothing else."""

WITH_KEY = frozenset({"config.json", ".netrc"})
"""Files into which tests write the key themselves."""


def forms(secret: str) -> dict[str, str]:
    """Every form in which a secret may show up, by name."""
    found = {
        "plain": secret,
        "URL-quoted": quote(secret, safe=""),
        "form-quoted": quote_plus(secret),
        "JSON-escaped": json.dumps(secret)[1:-1],
        "as Python writes it": repr(secret)[1:-1],
    }
    for lead in range(3):
        # What stands before and behind changes the first and last characters.
        found[f"base64, {lead} bytes behind"] = base64.b64encode(bytes(lead) + secret.encode())[4:-4].decode()
    return found


def leaks(text: str, secret: str = KEY) -> list[str]:
    """The forms of a secret that stand in a text."""
    return [name for name, form in forms(secret).items() if form in text]


def assert_clean(*texts: str) -> None:
    """Fail if the key stands in any of the texts."""
    for text in texts:
        assert not leaks(text), "the key leaked"


def leaking_files(folder: Path) -> list[Path]:
    """Files in a folder, catalogues, states and all, that hold the key."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name not in WITH_KEY and leaks(path.read_bytes().decode("latin-1"))
    ]

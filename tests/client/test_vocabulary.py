"""The client speaks of Keap only; errors.py says what users can do about a fault, and by which setting."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tap_infusionsoft.client
from tap_infusionsoft.config.schema import CONFIG_SCHEMA

MODULES = sorted(Path(tap_infusionsoft.client.__path__[0]).rglob("*.py"))
OF_OAUTH = {"access_token", "refresh_token", "client_id", "client_secret", "redirect_uri", "refresh"}
"""Settings that are called like the parameters and the vocabulary of OAuth."""
OF_SINGER = {"singer", "stream", "streams", "tap", "catalog", "deselect", "readme", "setting", "settings"}
PRODUCT = {"tap-infusionsoft", "tap-infusionsoft-mark-broken"}
"""The name of the product's logger, and of a codec error handler."""


def texts(path: Path) -> list[str]:
    """Return the string literals of a module without its docstrings."""
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_message_of_the_client_names_a_setting_or_a_singer_term(path: Path) -> None:
    forbidden = (CONFIG_SCHEMA["properties"].keys() - OF_OAUTH) | OF_SINGER
    words = {word for text in texts(path) if text not in PRODUCT for word in re.findall(r"\w+", text.lower())}
    assert not words & forbidden

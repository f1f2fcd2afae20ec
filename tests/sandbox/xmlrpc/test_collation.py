"""Texts are compared as MySQL does it."""

from __future__ import annotations

import json

import pytest

from keap_sandbox.xmlrpc.collation import first_foreign, like, weight
from tests.sandbox.reference import FOLDER

MEASURED = FOLDER / "latin1_swedish_ci.json"


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Müller", "MYLLER", True),
        ("Müller", "Muller", False),
        ("Renée Ñuñoz", "renee nunoz", True),
        ("Åsa", "Asa", False),
        ("Åsa", "[sa", True),
        ("ß", "ss", False),
        ("Ogden ", "Ogden", True),
        ("", "   ", True),
        ("ø", "ö", False),
    ],
)
def test_which_texts_are_equal(one: str, other: str, equal: object) -> None:
    assert (weight(one) == weight(other)) is equal


def test_the_order_is_swedish() -> None:
    assert sorted("öäåzüxféa", key=weight) == list("aéfxüzåäö")


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a%", "Ábc", True),
        ("%b%", "ABC", True),
        ("a_b%", "axb", True),
        (r"a\_b%", "axb", False),
        (r"a\_b%", "A_B", True),
        (r"100\%", "100%", True),
        (r"100\%", "1000", False),
        ("Ogden%", "Ogden ", True),
        ("%Ogden", "Ogden ", False),
        ("%", "", True),
        ("a%z", "a\nz", True),
        ("a.%", "abc", False),
        ("%\\", "a\\", True),
    ],
)
def test_wildcards(pattern: str, text: str, matches: object) -> None:
    assert like(pattern)(text) is matches


def test_what_latin1_cannot_hold() -> None:
    assert first_foreign("Zūrich Ā") == "ū"
    assert first_foreign("€ “Müller”\x81") == ""


@pytest.mark.skipif(not MEASURED.exists(), reason="the measured weights are not at hand")
def test_weights_are_those_that_were_measured() -> None:
    measured = json.loads(MEASURED.read_text())["weights"]
    for byte, (_, wanted) in measured.items():
        raw = bytes.fromhex(byte)
        text = raw.decode("latin-1" if raw in {b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"} else "cp1252")
        assert ord((weight(text + "x"))[0]) == int(wanted, 16), byte

"""Compares texts as MySQL's `latin1_swedish_ci` does, in which Infusionsoft keeps most tables.

Measured with MariaDB 10.11: case and most accents do not count, but å, ä and ö are separate letters after
z, where ASCII has brackets and the backslash, and ü is a y.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["first_foreign", "like", "weight"]

_SAME = {
    "A": "àáâã",
    "C": "ç",
    "D": "ð",
    "E": "èéêë",
    "I": "ìíîï",
    "N": "ñ",
    "O": "òóôõ",
    "U": "ùúû",
    "Y": "üý",
    "[": "å",
    "\\": "äæ",
    "]": "ö",
    "Ø": "ø",
    "Þ": "þ",
}
"""The lower-case letters that count as another character, by that; so do their capitals."""


def _stored() -> dict[str, int]:
    """Return the characters of MySQL's latin1, which is cp1252 with its gaps filled, with their bytes."""
    found = {}
    for byte in range(256):
        raw = bytes([byte])
        try:
            found[raw.decode("cp1252")] = byte
        except UnicodeDecodeError:
            found[raw.decode("latin-1")] = byte
    return found


def _weights() -> dict[int, str]:
    weights = {ord(character): chr(byte) for character, byte in _STORED.items()}
    weights |= {ord(letter): letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}
    for letter, others in _SAME.items():
        weights |= {ord(other): letter for other in others + others.upper()}
    return weights


_STORED = _stored()
_WEIGHTS = _weights()


def first_foreign(text: str) -> str:
    """Return the first character of a text that latin1 does not have; empty if it has all of them."""
    return next((character for character in text if character not in _STORED), "")


def weight(text: str) -> str:
    """Return what texts are compared and sorted by. Two texts are equal if theirs are.

    Blanks at the end do not count.
    """
    return text.translate(_WEIGHTS).rstrip(" ")


def _bare(text: str) -> str:
    return text.translate(_WEIGHTS)


def like(pattern: str, bare: Callable[[str], str] = _bare) -> Callable[[str], bool]:
    """Return the test of a LIKE.

    ``%`` matches any text, ``_`` any character, and a backslash escapes the character after it.
    Blanks at the end do count.

    Args:
        pattern: The pattern.
        bare: Turns a text into what is compared.
    """
    parts = []
    for piece in re.findall(r"\\.|\\$|.", pattern, re.DOTALL):
        match piece:
            case "%":
                parts.append(".*")
            case "_":
                parts.append(".")
            case _:
                parts.append(re.escape(bare(piece[-1])))
    test = re.compile("".join(parts), re.DOTALL)
    return lambda text: test.fullmatch(bare(text)) is not None

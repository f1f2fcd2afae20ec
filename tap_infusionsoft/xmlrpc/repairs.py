"""What can be wrong with a value that came over XML-RPC, and what became of it."""

from __future__ import annotations

from enum import Enum


class WireRepair(Enum):
    """What was done to a value. The texts end a sentence that names the column and the row."""

    FORBIDDEN = "characters that XML forbids were replaced with U+FFFD"
    """Control characters, U+FFFF, and halves of characters that were cut in two."""
    JOINED = "characters that came as two halves were joined"
    """The service writes every character above U+FFFF as two references, which is not XML."""
    ENCODING = "bytes that are not UTF-8 were read as Windows-1252"
    AMPERSAND = "a bare & was taken as text"
    NUMBER = "a number that is none became null"
    TIME = "a time that is none became null"
    BOOLEAN = "a truth value that is none became null"
    BASE64 = "base64 that cannot be decoded became null"
    TWICE = "it came twice, and the last value was taken"


TEXT_REPAIRS = (WireRepair.FORBIDDEN, WireRepair.JOINED, WireRepair.ENCODING, WireRepair.AMPERSAND)
"""Repairs of the text of a response, before it is parsed."""

"""What can be wrong with a value that came over XML-RPC, and what became of it."""

from __future__ import annotations

from enum import Enum


class WireRepair(Enum):
    """What was done to a value, as a sentence for the log."""

    FORBIDDEN = "replaced characters that XML forbids with U+FFFD in {values}"
    """Control characters, U+FFFF, and halves of characters that were cut in two."""
    JOINED = "joined characters that came as two halves in {values}"
    """The service writes every character above U+FFFF as two references, which is not XML."""
    ENCODING = "read bytes that are not UTF-8 as Windows-1252 in {values}"
    AMPERSAND = "took a bare & as text in {values}"
    NUMBER = "set {values} that are no numbers to null"
    TIME = "set {values} that are no times to null"
    BOOLEAN = "set {values} that are neither true nor false to null"
    BASE64 = "set {values} that are no base64 to null"
    TWICE = "took the last of several values in {values}"


TEXT_REPAIRS = (WireRepair.FORBIDDEN, WireRepair.JOINED, WireRepair.ENCODING, WireRepair.AMPERSAND)
"""Repairs of the text of a response, before it is parsed."""

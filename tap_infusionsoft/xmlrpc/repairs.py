"""What can be wrong with a value that came over XML-RPC, and what became of it.

What can be wrong with values of REST too is a `RepairKind`, so that the log says the same about both.
"""

from __future__ import annotations

from enum import Enum


class WireRepair(Enum):
    """What was done to a value, as a sentence for the log."""

    JOINED = "joined characters that came as two halves in {values}"
    """The service writes every character above U+FFFF as two references, which is not XML."""
    ENCODING = "read bytes that are not UTF-8 as Windows-1252 in {values}"
    BARE = "took a bare & or ]]> as text in {values}"
    NUMBER = "set {values} without a valid number to null"
    TIME = "set {values} without a valid time to null"
    BOOLEAN = "set {values} other than true or false to null"
    BASE64 = "set {values} of broken base64 to null"
    TWICE = "took the last of several values in {values}"

"""What can come of comparing two values."""

from __future__ import annotations

from enum import Enum

from tap_infusionsoft.xmlrpc.counterparts.comparisons import CUT


class Outcome(Enum):
    """How two values compare, with a text for people. The better ones come first."""

    SAME = "the same"
    # Expected.
    EMPTY = "null on one side, an empty text or list on the other"
    ZERO = "0 on one side, null on the other: both mean none"
    LINE_BREAKS = "the same text with other line breaks: XML has only line feeds"
    FORBIDDEN = "the same text without the characters that XML cannot carry"
    CUT_BY_API = f"the first {CUT:,} characters: XML-RPC sends no more"
    CENTS = "the same to the cent: the table has fractions of it"
    HOUR_TWICE = "an hour apart in the hour that comes twice: the table cannot tell which"
    # Differences.
    HOURS = "shifted by whole hours"
    UNIT = "100 times as much on one side: another unit"
    CUT = "cut: one is the beginning of the other"
    VALUE = "another value"
    NOT_IN_REST = "nothing in REST"
    NOT_IN_TABLE = "nothing in the table"

    @property
    def is_expected(self) -> bool:
        """Whether it is a difference that the two APIs always have."""
        return self in _EXPECTED

    @property
    def is_difference(self) -> bool:
        """Whether the two do not say the same."""
        return self in _DIFFERENCES


_ALL = list(Outcome)
_EXPECTED = frozenset(_ALL[1 : _ALL.index(Outcome.HOURS)])
_DIFFERENCES = frozenset(_ALL[_ALL.index(Outcome.HOURS) :])

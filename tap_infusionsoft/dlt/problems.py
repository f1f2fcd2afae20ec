"""How a load can end, in words that say what to do."""

from __future__ import annotations


class BridgeError(Exception):
    """The load ended early. What was loaded before is complete, and the next load goes on from there.

    Attributes:
        exit_code: That of the tap if the tap failed, otherwise 1.
    """

    def __init__(self, text: str, exit_code: int = 1) -> None:
        """Take the message."""
        super().__init__(text)
        self.exit_code = exit_code


_LOCKED = (
    "Another program has the DuckDB file open; one that only reads it counts, too. Close it and load again."
)
_ADVICE = {
    "could not set lock": _LOCKED,
    "conflicting lock": _LOCKED,
    "used by another process": _LOCKED,
    "ambiguous reference to catalog": "Give the dataset another name than the DuckDB file.",
    "contract on `data_type`": (
        "A column has another type than in its table: {error} Rename or deselect the column, or load into "
        "another dataset. Nothing of this package was loaded."
    ),
    "job for": (
        "The destination refused a load package: {error} The next load tries it again. To read its rows "
        "again instead, run dlt pipeline {pipeline} abort-packages."
    ),
}
"""Text in dlt's error -> what to say instead."""
_LONGEST = 500


def explained(error: Exception, pipeline: str) -> BridgeError | None:
    """Return an error with advice in place of one of dlt's; None if it has no better text."""
    cause: BaseException = error
    texts = [str(error)]
    while (deeper := cause.__cause__ or cause.__context__) is not None:
        cause = deeper
        texts.append(str(cause))
    said = " ".join(texts).casefold()
    advice = next((text for sign, text in _ADVICE.items() if sign in said), None)
    reason = " ".join(str(cause).split())[:_LONGEST]
    return BridgeError(advice.format(error=reason, pipeline=pipeline)) if advice else None

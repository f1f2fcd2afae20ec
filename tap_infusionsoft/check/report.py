"""What a check found, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from tap_infusionsoft.errors import Exit

if TYPE_CHECKING:
    from tap_infusionsoft.check.planned import Planned


class Report(Struct):
    """What a check found.

    Attributes:
        credential: Kind of the credential: the setting that holds it.
        account: Name of the account; empty if Keap does not tell.
        user: Name of the user who owns the credential; empty if unknown.
        quota: What is left: ``day``, ``day_limit`` and ``resets_at`` as Keap says; ``share``, what the tap
            may use of the day, and ``hour``.
        streams: The streams that are selected.
        seen: Stream -> how it is known that it can be read.
        refused: Stream -> why it cannot be read.
        new_columns: Stream -> what changed in Keap since the catalog was made.
        left_out: Stream -> columns of every account that the catalog does not have, so that they are not
            loaded.
        plan: What the next run will do.
        calls: Calls for all that the next run would read; the least if `is_least` and nothing is estimated.
        calls_at_once: Calls among them that it makes: no more than max_calls_per_run.
        rows: Rows of what the next run would read; likewise.
        is_least: Whether streams may take more, of which only the least is known.
        is_estimate: Whether some of the numbers are estimates.
        least_calls: Calls that the next run takes at least.
        least_rows: Rows that it brings at least.
        seconds: About how long the run takes.
        problems: Why it would not work, or not to its end.
        notes: What else to know.
        calls_made: Calls of this check.
        exit_code: What the check ends with.
    """

    credential: str = ""
    account: str = ""
    user: str = ""
    quota: dict[str, Any] = field(default_factory=dict)
    streams: list[str] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    new_columns: dict[str, list[str]] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    plan: list[Planned] = field(default_factory=list)
    calls: int = 0
    calls_at_once: int = 0
    rows: int = 0
    is_least: bool = False
    is_estimate: bool = False
    least_calls: int = 0
    least_rows: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    calls_made: int = 0
    exit_code: int = Exit.OK

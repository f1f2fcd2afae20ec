"""What comes of a comparison: counts, examples by key, and a verdict for each table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_infusionsoft.xmlrpc.compare.outcomes import Outcome
    from tap_infusionsoft.xmlrpc.counterparts.declarations import Counterpart, TableMove

EXAMPLES = 5
"""Examples of each kind."""


class Verdict(Enum):
    """What can be said of a table, in words for people."""

    EQUAL = "equal"
    EQUAL_BUT = "equal but for the listed differences"
    UNPROVED = "not proved"
    DIFFERS = "differs"
    FAILED = "not compared"


@dataclass(frozen=True, slots=True)
class Example:
    """A row in which a field differs.

    Attributes:
        key: What identifies it; empty if that is personal data.
        legacy: The value in the table, if values are wanted.
        rest: The value in REST, if values are wanted.
    """

    key: str
    legacy: Any = None
    rest: Any = None


@dataclass(slots=True)
class FieldResult:
    """How a field compares in all rows.

    Attributes:
        counterpart: The field, and what REST has for it.
        stream: The stream.
        counts: How many rows had which outcome, without those that are the same.
        examples: Outcome -> the first rows that had it.
    """

    counterpart: Counterpart
    stream: str
    counts: Counter[Outcome] = field(default_factory=Counter)
    examples: dict[Outcome, list[Example]] = field(default_factory=dict)

    def add(self, outcome: Outcome, example: Example) -> None:
        """Count a row."""
        self.counts[outcome] += 1
        found = self.examples.setdefault(outcome, [])
        if len(found) < EXAMPLES:
            found.append(example)

    @property
    def differing(self) -> int:
        """Rows in which the two do not say the same."""
        return sum(count for outcome, count in self.counts.items() if outcome.is_difference)


@dataclass(slots=True)
class Missing:
    """Rows that are on one side only.

    Attributes:
        count: How many.
        keys: What identifies the first of them, unless that is personal data.
    """

    count: int = 0
    keys: list[str] = field(default_factory=list)

    def add(self, key: str) -> None:
        """Count a row."""
        self.count += 1
        if key and len(self.keys) < EXAMPLES:
            self.keys.append(key)


@dataclass(slots=True)
class TableResult:
    """How a table compares with its streams.

    Attributes:
        move: The table, and what REST has for it.
        legacy_rows: Rows of the table.
        rest_rows: Rows of the streams.
        both: Rows that are on both sides, and were compared.
        changed: Rows that changed while they were read, and are not judged.
        only_legacy: Rows in the table only.
        only_rest: Rows in REST only.
        fields: Field, and stream -> how it compares, for those that are not the same in all rows.
        compared: Fields that were compared.
        not_there: Fields that are not compared: some accounts do not have them, and they are empty in the
            whole table; or the service refuses them.
        refused: Those that the service refuses.
        failure: Why it could not be compared; empty if it was.
    """

    move: TableMove
    legacy_rows: int = 0
    rest_rows: int = 0
    both: int = 0
    changed: int = 0
    only_legacy: Missing = field(default_factory=Missing)
    only_rest: Missing = field(default_factory=Missing)
    fields: dict[tuple[str, str], FieldResult] = field(default_factory=dict)
    compared: dict[str, Counterpart] = field(default_factory=dict)
    not_there: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    failure: str = ""

    def field(self, counterpart: Counterpart, stream: str) -> FieldResult:
        """How a field compares, to be added to."""
        key = (counterpart.field, stream)
        if key not in self.fields:
            self.fields[key] = FieldResult(counterpart, stream)
        return self.fields[key]

    @property
    def streams(self) -> list[str]:
        """The streams that have its rows."""
        return list(dict.fromkeys(one.stream for one in self.move.parts))

    @property
    def guessed(self) -> bool:
        """Whether nobody says that the rows are the same."""
        return any(one.guessed for one in self.move.parts)

    @property
    def is_counted_only(self) -> bool:
        """Whether no id is in both, so that rows cannot be put side by side."""
        return not all(one.match for one in self.move.parts)

    @property
    def differing(self) -> list[FieldResult]:
        """The fields that do not say the same, and are known to have to."""
        return [one for one in self.fields.values() if one.differing and not one.counterpart.guessed]

    @property
    def doubtful(self) -> list[FieldResult]:
        """The fields that do not say the same, but whose counterparts are only guessed."""
        return [one for one in self.fields.values() if one.differing and one.counterpart.guessed]

    @property
    def expected(self) -> list[tuple[FieldResult, Outcome, int]]:
        """The differences that the two APIs always have."""
        return [
            (one, outcome, count)
            for one in self.fields.values()
            for outcome, count in one.counts.items()
            if outcome.is_expected
        ]

    @property
    def lost_rows(self) -> bool:
        """Whether rows are on one side only without a reason."""
        return bool(self.only_legacy.count and not self.move.only_legacy) or bool(
            self.only_rest.count and not self.move.only_rest
        )

    @property
    def verdict(self) -> Verdict:
        """What can be said of it."""
        if self.failure:
            return Verdict.FAILED
        if self.is_counted_only:
            return Verdict.UNPROVED if self.legacy_rows == self.rest_rows else Verdict.DIFFERS
        is_unlike = bool(self.differing) or self.lost_rows
        if is_unlike:
            return Verdict.UNPROVED if self.guessed else Verdict.DIFFERS
        if self.refused:
            return Verdict.UNPROVED
        listed = self.expected or self.doubtful or self.only_legacy.count or self.only_rest.count
        return Verdict.EQUAL_BUT if listed or self.changed else Verdict.EQUAL

    @property
    def reasons(self) -> list[str]:
        """Why it differs, or why nothing is proved, in a few words each."""
        if self.failure:
            return [self.failure]
        return list(_reasons(self))


def _reasons(one: TableResult) -> Iterator[str]:
    if one.is_counted_only:
        yield "no id is in both, so rows were only counted"
        if one.legacy_rows != one.rest_rows:
            yield f"{one.legacy_rows:,} rows in the table, {one.rest_rows:,} in REST"
        return
    if one.guessed and one.verdict is Verdict.UNPROVED:
        yield "whether an id means the same in both is not known"
    if one.refused:
        yield f"the service refuses {', '.join(one.refused)}"
    for missing, where, reason in (
        (one.only_legacy, "the table", one.move.only_legacy),
        (one.only_rest, "REST", one.move.only_rest),
    ):
        if missing.count and not reason:
            yield f"{_rows(missing.count)} only in {where}"
    for found in one.differing:
        yield f"{found.counterpart.field} in {_rows(found.differing)}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"

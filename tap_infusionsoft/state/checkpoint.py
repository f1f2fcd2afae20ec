"""How far a pass has come: what a run that breaks off leaves, so that the next one can resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.records.coerce import CoercionError, parse_time
from tap_infusionsoft.state.mark import BadMarkError, Mark

if TYPE_CHECKING:
    from collections.abc import Mapping


class BadCheckpointError(ValueError):
    """The checkpoint in a state cannot be used; the message says what is wrong with it."""


class Checkpoint(Struct):
    """What has been read of a collection and written out.

    The state keeps it under ``progress``, by the names of its attributes.

    Attributes:
        path: Path of the collection, which may be that of the fallback.
        after: Place of the last slice that is complete; None before the first.
        at: Id of the last row that was read of the slice after it, in a walk by id.
        since: The time that the slice after it goes on from, in a walk by time; empty at its beginning.
        again: Keys of rows that were read and may come again then.
        rows: Rows so far.
        slices: Slices so far, without those that were skipped.
        counts: Rows of these slices, as `row_counts` keeps them; empty if that is not known, or not needed.
        pages: Pages so far, those of second reads included.
        gone: Slices so far whose parents were not found.
        gone_above: Parents of those parents that were not found when the parents were listed.
        gone_digest: Digest of the places of both.
        skipped: Places of the slices that Keap refused, so that the pass went on without them. They come
            before `after`.
        unlisted: Whether parents are missing because Keap refused a parent of theirs.
        empty_pages: Whether Keap sent empty pages although it announced rows.
        unsteady: Whether rows went away during every read of a slice.
        unproved: Whether it was left open whether rows have slipped between the pages of a slice.
        quarantined: Rows so far that no record could be made of.
        newest: The latest time among the rows, as the record has it; empty without one.
        keys: Digest of the keys of a slice that took more than one page.
        newest_birth: The latest time of creation among its rows; empty if that is not known.
        digest: Digest of the keys of all rows so far.
        up_to_known: Rows so far whose ids are not above the largest one that the last complete pass found.
        known_digest: Digest of the keys of those rows.
        largest: The largest id so far, where a single number is the key.
        shown: Sum of the digests of the keys that the rows show of another stream.
        moved: Column with a time that moves -> the latest one that a walk by it found, as the row has it.
        overrun: Whether so much moved that everything has to be read.
    """

    path: str = ""
    after: tuple[str, ...] | None = None
    at: int = 0
    since: str = ""
    again: str = ""
    rows: int = 0
    slices: int = 0
    counts: list[int] = []
    pages: int = 0
    gone: int = 0
    gone_above: int = 0
    gone_digest: int = 0
    skipped: tuple[tuple[str, ...], ...] = ()
    unlisted: bool = False
    empty_pages: bool = False
    unsteady: bool = False
    unproved: bool = False
    quarantined: int = 0
    newest: str = ""
    keys: str = ""
    newest_birth: str = ""
    digest: int = 0
    up_to_known: int = 0
    known_digest: int = 0
    largest: int = 0
    shown: int = 0
    moved: dict[str, str] = {}
    overrun: bool = False

    @property
    def mark(self) -> Mark:
        """How far the slice is that was not read to its end."""
        return Mark(self.at, self.since, self.again)

    @mark.setter
    def mark(self, mark: Mark) -> None:
        self.at, self.since, self.again = mark.id, mark.since, mark.keys

    def restart(self, path: str) -> None:
        """Forget everything: the collection is read from the start, at ``path``."""
        fresh = Checkpoint(path)
        for name in self.__struct_fields__:
            setattr(self, name, getattr(fresh, name))

    def return_to(self, before: Checkpoint) -> None:
        """Forget which rows were found since an earlier moment: they come again.

        Args:
            before: A copy of the checkpoint at that moment.
        """
        kept = ("at", "since", "again", "rows", "digest", "up_to_known", "known_digest", "largest", "shown")
        for name in kept:
            setattr(self, name, getattr(before, name))

    def count_as(self, before: Checkpoint) -> None:
        """Forget what was found since an earlier moment, but not the doubts about it.

        Args:
            before: A copy of the checkpoint at that moment.
        """
        kept = {"unlisted", "empty_pages", "unsteady", "unproved", "quarantined", "newest"}
        for name in self.__struct_fields__:
            if name not in kept:
                setattr(self, name, getattr(before, name))

    def as_state(self) -> dict[str, Any]:
        """The checkpoint as the state keeps it, without what is as at the start."""
        fresh = Checkpoint()
        kept = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: _as_json(value) for name, value in kept.items() if value != getattr(fresh, name)}

    @classmethod
    def from_state(cls, kept: Mapping[str, Any]) -> Checkpoint:
        """The checkpoint that a state holds.

        Raises:
            BadCheckpointError: It holds something else.
        """
        fresh = cls()
        for name in cls.__struct_fields__:
            value = kept.get(name)
            if value is None:
                continue
            if name == "after":
                if not _is_place(value):
                    raise BadCheckpointError("after is not a list of ids")
                fresh.after = tuple(value)
                continue
            if name == "skipped":
                if not isinstance(value, list) or not all(_is_place(place) for place in value):
                    raise BadCheckpointError("skipped is not a list of lists of ids")
                fresh.skipped = tuple(tuple(place) for place in value)
                continue
            kind = type(getattr(fresh, name))
            if type(value) is not kind or (kind is int and value < 0):
                raise BadCheckpointError(f"{name} is {str(value)[:40]!r}")
            setattr(fresh, name, value)
        _check_parts(fresh)
        return fresh


def _check_parts(fresh: Checkpoint) -> None:
    """Refuse parts of a checkpoint that are of the right type, and wrong all the same.

    Raises:
        BadCheckpointError: One is.
    """
    for name in ("newest", "newest_birth"):
        _check_time(name, getattr(fresh, name))
    if not all(type(count) is int and count >= 0 for count in fresh.counts):
        raise BadCheckpointError(f"counts is {str(fresh.counts)[:40]!r}, which are no numbers of rows")
    for name, moment in fresh.moved.items():
        _check_time(name, str(moment) or "empty")
    try:
        fresh.mark.check()
    except BadMarkError as error:
        raise BadCheckpointError(str(error)) from None


def _check_time(name: str, moment: str) -> None:
    """Refuse a text of a state that is neither a time nor empty.

    Raises:
        BadCheckpointError: It is not.
    """
    try:
        if moment:
            parse_time(moment)
    except CoercionError:
        raise BadCheckpointError(f"{name} is {moment[:40]!r}") from None


def _as_json(value: Any) -> Any:
    return [_as_json(one) for one in value] if isinstance(value, tuple) else value


def _is_place(value: Any) -> bool:
    """Whether a value of a state is the place of a slice."""
    return isinstance(value, list) and all(isinstance(part, str) for part in value)

"""What a run of a stream costs in calls, worked out from its declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Happened, NewestFirst, Updated

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Batches, Collection, Parents


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls of one run.

    Attributes:
        per: What the pages are read once for each of, such as ``affiliate`` or ``100 tags``; empty for one reading.
        walks: How often they are read where that is the same in every account.
        size: Rows in one call; 0 where a call brings all there are.
        rows: Which rows, such as ``changed orders``.
        model: Whether the custom fields cost a call.
    """

    per: str = ""
    walks: int = 1
    size: int = 0
    rows: str = "rows"
    model: bool = False

    def __str__(self) -> str:
        pages = f"{self.size:,} {self.rows}" if self.size else ""
        if self.per:
            text = f"1 per {self.per}" + (f" and {pages}" if pages else "")
        else:
            text = f"1 per {pages}" if pages else str(self.walks)
        return text + (" + 1" if self.model else "")


def cost(collection: Collection) -> Cost:
    """The calls of a run that is not the first, without those for the ids of parents."""
    size = collection.page_size if collection.paging in {"token", "offset"} else 0
    model = collection.custom_fields is not None
    kind = _kind(collection)
    if collection.parents is not None:
        return Cost(_each(collection.parents), 1, size, _rows(kind, "rows"), model)
    if collection.batches is not None:
        return Cost(
            _batch(collection.batches),
            1,
            0 if _is_by_id(collection, collection.batches) else size,
            _rows(kind, "rows"),
            model,
        )
    return Cost("", len(collection.each) or 1, size, _rows(kind, base(collection)), model)


def base(collection: Collection) -> str:
    """What the answers of a stream hold: its own rows, or those of another that its rows are packed into."""
    for other in COLLECTIONS.values():
        if collection.unpack is not None and other.path == collection.path and other.unpack is None:
            return other.name.replace("_", " ")
    return "rows"


def _kind(collection: Collection) -> str:
    match collection.changes:
        case Happened():
            return "new"
        case Updated():
            return "changed"
        case NewestFirst():
            return "newer"
        case _:
            return ""


def _rows(kind: str, noun: str) -> str:
    return " ".join(word for word in (kind, noun) if word)


def _each(parents: Parents) -> str:
    """One parent, in words."""
    noun = _singular(parents.stream.replace("_", " "))
    if parents.in_window:
        noun = _rows(_kind(COLLECTIONS[parents.stream]), noun)
    return noun + (
        f" with {parents.only_if}".replace("_", " ").replace("has ", "a ") if parents.only_if else ""
    )


def _batch(batches: Batches) -> str:
    """The ids of one call, in words."""
    if batches.column == "id":
        return f"{batches.size} {batches.stream.replace('_', ' ')}"
    return f"{batches.size} {batches.column.removesuffix('_id')}s in {batches.stream}"


def _is_by_id(collection: Collection, batches: Batches) -> bool:
    """Whether there is one row for each id, so that a batch is never more than a page."""
    return len(collection.key) == 1 and batches.filter in {"ids", f"{collection.key[0]}s"}


def _singular(noun: str) -> str:
    return f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")

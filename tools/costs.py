"""How many calls a run of a stream costs, derived from its declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Happened, NewestFirst, Updated

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Collection, PerBatch, PerParent


@dataclass(frozen=True, slots=True)
class Cost:
    """The calls of one run.

    Attributes:
        per: What the pages are read for, one by one, such as ``affiliate`` or ``100 tags``. Empty if they are
            read once.
        walks: How often the pages are read, if that is the same in every account.
        size: Rows per call; 0 if one call returns all rows.
        rows: Which rows are read, such as ``changed orders``.
        model: True if the custom fields cost another call.
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
    """Return the cost of a run after the first load, without the calls that list the ids of parents."""
    size = collection.endpoint.page_size if collection.endpoint.paging in {"token", "offset"} else 0
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
    return Cost("", len(collection.values) or 1, size, _rows(kind, base(collection)), model)


def base(collection: Collection) -> str:
    """Return what the responses of a stream contain.

    That is its own rows, or the records that its rows are nested in, such as ``orders``.
    """
    for other in COLLECTIONS.values():
        if (
            collection.wire.unpack is not None
            and other.endpoint.path == collection.endpoint.path
            and other.wire.unpack is None
        ):
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


def _each(parents: PerParent) -> str:
    """Return the words for one parent, such as ``changed webform``."""
    noun = _singular(parents.stream.replace("_", " "))
    if parents.in_window:
        noun = _rows(_kind(COLLECTIONS[parents.stream]), noun)
    condition = parents.only_if or parents.lists
    return noun + (f" with {condition}".replace("_", " ").replace("has ", "a ") if condition else "")


def _batch(batches: PerBatch) -> str:
    """Return the words for the ids of one call, such as ``100 tags``."""
    if batches.column == "id":
        return f"{batches.size} {batches.stream.replace('_', ' ')}"
    return f"{batches.size} {batches.column.removesuffix('_id')}s in {batches.stream}"


def _is_by_id(collection: Collection, batches: PerBatch) -> bool:
    """Return whether each id has exactly one row, so that a batch always fits into one page."""
    return len(collection.key) == 1 and batches.filter in {"ids", f"{collection.key[0]}s"}


def _singular(noun: str) -> str:
    return f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")

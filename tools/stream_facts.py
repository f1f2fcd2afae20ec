"""What tables and pages say of a stream, in a few words, derived from its declaration."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from tap_infusionsoft.reading.account import limits
from tap_infusionsoft.streams.replication import Happened, NewestFirst, Updated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_infusionsoft.streams.collection import Collection


def notes(collection: Collection) -> Iterator[str]:
    """Yield what else there is to say of a stream."""
    if not collection.selected_by_default:
        yield "selected if `tag_ids` is set" if collection.batches else "not selected by default"
    named = sorted(limits(collection))
    if named:
        yield f"limited by {', '.join(f'`{name}`' for name in named)}"
    if each := [choice.setting for choice in collection.chosen if choice.is_one_by_one]:
        yield f"1 call for each value of {', '.join(f'`{name}`' for name in each)}"
    left_out = dict(collection.wire.left_out)
    if collection.wire.total:
        left_out[collection.wire.total] = "the number of rows"
    for reason, group in groupby(left_out.items(), itemgetter(1)):
        yield f"leaves out {', '.join(f'`{name}`' for name, _ in group)}: {reason}"


def replication(collection: Collection) -> str:
    """Return how a stream is read again, in a few words."""
    match collection.changes:
        case Happened(key=key):
            return f"incremental by event time (`{key}`)"
        case Updated(key=key):
            return f"incremental by last change (`{key}`)"
        case NewestFirst(key=key):
            return f"incremental, newest first (`{key}`)"
        case _:
            return "full table"


def selected(collection: Collection) -> str:
    """Return whether a stream is selected by default."""
    if collection.selected_by_default:
        return "yes"
    return "if `tag_ids` is set" if collection.batches else "no"


def when_selected(collection: Collection) -> str:
    """Return when a stream is selected, so that a table needs no title for it."""
    return {"yes": "by default", "no": "if you name it"}.get(selected(collection), selected(collection))

"""How much a first load brings, by the pages that were tried: rows, and what streams are read for.

A list whose first page is not full is known. Of a longer one, the newest ids tell how many there are, as far
as ids are as close to each other in all of it. What was not tried may be named by rows that were: tags by
contacts, payments by transactions. The rest is taken to be like the lists that were tried.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

from tap_infusionsoft.check.tried import Size, distinct
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.collection import PerParent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_infusionsoft.check.tried import Tried
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.collection import Collection, PerBatch

NAMED = {("contacts", "email_addresses[].email"): "email_address_statuses"}
"""Stream and path of values that are keys of another stream, though they are no ids."""
_MOST = 1e9


class Estimates:
    """How many rows collections have before they were ever read."""

    def __init__(
        self,
        account: Account,
        tried: Mapping[str, Tried],
        samples: Mapping[str, Sequence[int]],
        before: Mapping[str, int],
    ) -> None:
        """Estimates.

        Args:
            account: The account.
            tried: What was tried, by the name of the collection.
            samples: Name of a stream -> how many rows it has below each of some parents.
            before: How many rows streams had when they were read before, by name.
        """
        self._account = account
        self._collections = account.collections
        self._tried = tried
        self._samples = samples
        self._before = before

    def rows(self, collection: Collection) -> Size:
        """How many rows a list has, as Keap sends them."""
        name = collection.name
        shown = self.shown(collection)
        if shown is not None and shown.is_known:
            return shown
        if collection.source is not None:
            return self.below(collection)
        if collection.endpoint.items is None:
            return Size(len(collection.values), len(collection.values), "one of a kind")
        if collection.endpoint.path == saved_searches.REPORTS.endpoint.path and self.has_listed_searches:
            count = len(self._account.saved_searches.every)
            return Size(count, count, "the list of saved searches")
        named = self._named(name)
        if shown is not None:
            is_longer = named is not None and named.rows > shown.rows
            return Size(named.rows, shown.least, named.basis) if named is not None and is_longer else shown
        return self._typical(collection) if named is None else named

    def shown(self, collection: Collection) -> Size | None:
        """How many rows a list has by itself; None if neither the state nor an answer shows that."""
        name = collection.name
        if name in self._before:
            return Size(self._before[name], self._before[name], "as many rows as the last complete read")
        tried = self._tried.get(name)
        return None if tried is None else tried.size

    @property
    def has_listed_searches(self) -> bool:
        """Whether the saved searches were listed."""
        return self._account.saved_searches.is_read

    def made(self, collection: Collection) -> Size:
        """How many rows a stream makes of a list."""
        tried = self._tried.get(collection.name)
        return self.rows(collection) if tried is None or collection.wire.unpack is None else tried.made

    def parents(self, source: PerParent | PerBatch) -> Size:
        """How many rows of another collection have something below them."""
        limit = self._account.settings.limit(source.setting) if source.setting else None
        if source.setting == saved_searches.SETTING:
            count = len(self._account.saved_searches.wanted) if limit != () else 0
            return Size(count, count, f"{count:,} saved searches")
        if limit:
            return Size(len(limit), len(limit), f"{len(limit):,} in {source.setting}")
        other = self._collections[source.stream]
        found, tried = self.rows(other), self._tried.get(source.stream)
        what = source.stream.replace("_", " ")
        if tried is None or not isinstance(source, PerParent):
            return Size(found.rows, found.least, f"{_about(found)} {what}", found.is_known)
        leading = len([*tried.leading(source)])
        rows = round(leading * tried.times)
        return Size(rows, leading, f"{rows:,} of {found.rows:,.0f} {what}", found.is_known)

    def below(self, collection: Collection) -> Size:
        """How many rows a stream has in all that is read for another one."""
        source = collection.source
        assert source is not None  # noqa: S101  # who calls it looks
        parents = self.parents(source)
        if isinstance(source, PerParent):
            tried = self._tried.get(source.stream)
            lists = source.lists
            if lists is not None and tried is not None:
                name = tried.collection.wire.name(lists)
                count = sum(len(row[name]) for row in tried.rows if isinstance(row.get(name), list))
                return Size(round(count * tried.times), count, f"listed in {source.stream}")
            if collection.endpoint.items is None:
                return parents
            counts = self._samples.get(collection.name)
            if not counts:
                return Size(parents.rows, 0, f"{parents.basis}; taken as 1 row each")
            rows = round(parents.rows * sum(counts) / len(counts))
            return Size(rows, sum(counts), f"{parents.basis}, by {len(counts)} of them")
        if collection.shown_in is not None and (shown := self._tried.get(collection.shown_in.stream)):
            column = collection.shown_in.column
            if not shown.rows or any(shown.collection.wire.name(column) in row for row in shown.rows):
                count = len(shown.named(f"{column}[]"))
                return Size(round(count * shown.times), count, f"listed in {shown.collection.name}")
        if len(collection.key) == 1:
            return parents
        return self._typical(collection)

    def _named(self, name: str) -> Size | None:
        """How many rows of a list the rows of others name; None if none was tried that could."""
        found = [
            (distinct(len({*map(str, values)}), len(values), len(values) * tried.times), values, tried)
            for tried in self._tried.values()
            for path in _paths(tried.collection, name)
            if (values := tried.named(path))
        ]
        if not found:
            return None
        rows, _, tried = max(found, key=lambda one: one[0])
        least = max(len({*map(str, values)}) for _, values, _ in found)
        return Size(max(round(min(rows, _MOST)), least), least, f"named in {tried.collection.name}")

    def _typical(self, collection: Collection) -> Size:
        """How many rows a list may have that nothing tells anything about."""
        sizes = self._sizes[collection.changes.is_timed]
        if not sizes or collection.name not in self._collections:
            return Size(0, 0, "its rows are not known", is_known=False)
        rows = round(math.expm1(sum(map(math.log1p, sizes)) / len(sizes)))
        others = "list that was" if len(sizes) == 1 else f"{len(sizes)} lists that were"
        return Size(rows, 0, f"like the {others} tried")

    @cached_property
    def _sizes(self) -> Mapping[bool, Sequence[float]]:
        """How long the lists are that were tried: those with a time of change, and those without one."""
        found: dict[bool, list[float]] = {True: [], False: []}
        for tried in self._tried.values():
            if (
                tried.collection.source is None
                and tried.collection.wire.unpack is None
                and tried.size.is_known
            ):
                found[tried.collection.changes.is_timed].append(tried.size.rows)
        return found


def _paths(collection: Collection, stream: str) -> Iterator[str]:
    """The paths of columns that name rows of a stream."""
    if collection.source is not None or collection.wire.unpack is not None:
        return
    for path, relation in collection.relations.items():
        if relation.stream == stream:
            yield path
    yield from (path for (name, path), other in NAMED.items() if name == collection.name and other == stream)


def _about(size: Size) -> str:
    return f"{size.rows:,.0f}" if size.is_exact else f"about {size.rows:,.0f}"

"""How much a first load brings, by the pages that were tried: rows, and what streams are read for.

A list whose first page is not full is known. Of a longer one, the newest ids tell how many there are, as far
as ids are as close to each other in all of it. What was not tried may be named by rows that were: tags by
contacts, payments by transactions. The rest is taken to be as long as such lists are as a rule.
"""

from __future__ import annotations

import math
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tap_infusionsoft.check.targets import ALL_CONTACTS, all_of, page_for
from tap_infusionsoft.check.tried import OWN, Size, distinct
from tap_infusionsoft.check.usual_sizes import EACH, FEW, growing_rank, is_long
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.collection import PerBatch, PerParent
from tap_infusionsoft.streams.replication import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_infusionsoft.check.tried import Tried
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.collection import Collection

_MOST = 1e9


class Estimates:
    """How many rows collections have before they were ever read."""

    def __init__(
        self,
        account: Account,
        tried: Mapping[str, Tried],
        samples: Mapping[str, Sequence[int]],
        before: Mapping[str, int],
        listed: Mapping[str, int],
    ) -> None:
        """Estimates.

        Args:
            account: The account.
            tried: What was tried, by the name of the collection.
            samples: Name of a stream -> how many rows it has below each of some parents.
            before: How many rows streams had when they were read before, by name.
            listed: How many rows of collections others were read for then, by name.
        """
        self._account = account
        self._collections = account.collections
        self._tried = tried
        self._samples = samples
        self._before = before
        self._listed = listed

    def rows(self, collection: Collection) -> Size:
        """How many rows a list has, as Keap sends them."""
        shown = self.shown(collection)
        if shown is not None and shown.is_known:
            return shown
        if collection.source is not None:
            return self.below(collection)
        if (lists := len(collection.values)) > 1 and (counts := self._samples.get(collection.name)):
            rows = round(sum(counts) * lists / len(counts))
            return Size(rows, sum(counts), f"by {len(counts)} of {lists} lists")
        if collection.endpoint.items is None:
            return Size(len(collection.values), len(collection.values), "one of a kind")
        if collection.endpoint.path == saved_searches.REPORTS.endpoint.path and self.has_listed_searches:
            count = len(self._account.saved_searches.every)
            return Size(count, count, "the list of saved searches")
        found = self._untold(collection)
        if shown is None:
            return found
        return replace(found, least=shown.least) if found.is_known and found.rows > shown.rows else shown

    def _untold(self, collection: Collection) -> Size:
        """How many rows a list may have that does not tell it itself.

        Others name only some of the rows. Of what a business sets up, those that are in use; of a list that
        grows with the contacts, the more the longer it is, so that is taken to be between that and the usual.
        """
        named, typical = self._named(collection.name), self._typical(collection)
        if named is None or (named.rows < typical.rows and growing_rank(collection) is None):
            return typical
        if named.rows >= typical.rows:
            return named
        return Size(round(math.sqrt(named.rows * typical.rows)), named.least, f"{named.basis}; more is usual")

    def shown(self, collection: Collection) -> Size | None:
        """How many rows a list has by itself; None if neither the state nor an answer shows that."""
        name = collection.name
        if name in self._before:
            return Size(self._before[name], self._before[name], "as many rows as the last complete read")
        tried = self._tried.get(name)
        return None if tried is None else tried.size

    @cached_property
    def most(self) -> float:
        """Most rows of a page, if Keap sends fewer than are asked for; infinite if not."""
        return min((one.most for one in self._tried.values()), default=math.inf)

    @property
    def has_listed_searches(self) -> bool:
        """Whether the saved searches were listed."""
        return self._account.saved_searches.is_read

    def made(self, collection: Collection) -> Size:
        """How many rows a stream makes of a list."""
        tried = self._tried.get(collection.name)
        is_plain = tried is None or (collection.wire.unpack is None and tried.kept is None)
        return self.rows(collection) if tried is None or is_plain else tried.made

    def parents(self, source: PerParent | PerBatch) -> Size:
        """How many rows of another collection have something below them."""
        limit = self._account.settings.limit(source.setting) if source.setting else None
        if source.setting == saved_searches.SETTING:
            if limit == ():
                return Size(0, 0, "no saved searches")
            searches = self._account.saved_searches.wanted if self.has_listed_searches else ()
            return Size(
                len(searches), len(searches), f"{len(searches):,} saved searches", self.has_listed_searches
            )
        page, other = page_for(source, self._tried), self._collections[source.stream]
        if limit:
            return _in_setting(source, limit, page)
        if isinstance(source, PerBatch) and (lists := self._shown(other, is_source=True)) is not None:
            shown = self._shower(other, other.relations[source.column].stream, is_source=True)
            assert shown is not None  # noqa: S101  # it has shown the lists
            rows = round(len(lists) * shown.times)
            return Size(rows, len(lists), f"{rows:,} of {shown.size.rows:,.0f} {shown.collection.name}")
        found = self.listed(source)
        what = source.stream.replace("_", " ")
        if page is None or not isinstance(source, PerParent):
            return Size(found.rows, found.least, f"{_about(found)} {what}", found.is_known)
        leading = len([*page.leading(source)]) if page.kept is None or not source.in_window else page.kept
        rows = round(leading * page.times)
        return Size(rows, leading, f"{rows:,} of {found.rows:,.0f} {what}", found.is_known)

    def listed(self, source: PerParent | PerBatch) -> Size:
        """How many rows are listed of another collection, as Keap sends them."""
        other, page = self._collections[source.stream], page_for(source, self._tried)
        is_in_window = isinstance(source, PerParent) and source.in_window
        is_other = self._is_part(other) and not is_in_window  # than the rows of the stream
        if page is not None and not (is_other and page.is_part):
            return page.size if is_other else self.rows(other)
        if source.stream in self._listed and (is_other or self.shown(other) is None):
            count = self._listed[source.stream]
            return Size(count, count, "as many as the last complete read")
        found = self.rows(other)
        return replace(found, is_known=found.is_known and not is_other)

    def below(self, collection: Collection) -> Size:
        """How many rows a stream has in all that is read for another one."""
        source = collection.source
        assert source is not None  # noqa: S101  # who calls it looks
        parents = self.parents(source)
        if isinstance(source, PerParent):
            tried = page_for(source, self._tried)
            lists = source.lists
            if lists is not None and tried is not None:
                name = tried.collection.wire.name(lists)
                count = sum(len(row[name]) for row in tried.rows if isinstance(row.get(name), list))
                return Size(round(count * tried.times), count, f"listed in {source.stream}")
            if collection.endpoint.items is None:
                return parents
            counts = self._samples.get(collection.name, ())
            usual = EACH * self._share_of_time if self._is_part(collection) else EACH
            each = (sum(counts) + usual) / (len(counts) + 1)
            rows = round(sum(counts) + max(parents.rows - len(counts), 0) * each)
            by = f", by {len(counts)} of them" if counts else f"; taken as {usual:.2g} rows each"
            return Size(rows, sum(counts), f"{parents.basis}{by}")
        if (
            collection.shown_in is None
            or (shown := self._shower(collection, collection.shown_in.stream)) is None
        ):
            return parents if len(collection.key) == 1 else self._typical(collection)
        what, listed = shown.collection.name, self._shown(collection)
        if listed is None:
            others = self._typical(shown.collection) if self._is_chosen(shown) else shown.size
            return Size(round(EACH * others.rows), 0, f"taken as {EACH} rows for each of the {what}")
        count = sum(map(len, listed))
        return Size(
            round(count * shown.times), 0 if self._is_part(collection) else count, f"listed in {what}"
        )

    def _shower(self, collection: Collection, name: str, *, is_source: bool = False) -> Tried | None:
        """The rows that show those of a collection: those of all times, if all of these are wanted.

        Args:
            collection: The collection.
            name: The collection that shows its rows.
            is_source: Whether its rows are listed for others, whatever their times.
        """
        some, every = self._tried.get(name), self._tried.get(all_of(name))
        if some is not None and self._is_part(collection) and not is_source:
            return some
        return some if every is None else every

    def _shown(self, collection: Collection, *, is_source: bool = False) -> list[list[Any]] | None:
        """The wanted rows of a stream, as each row of another collection lists them.

        Args:
            collection: The collection of the stream.
            is_source: Whether its rows are listed for others, whatever their times.

        Returns:
            The lists that are not empty; None if no such rows were tried.
        """
        source, shown_in = collection.source, collection.shown_in
        if (
            shown_in is None
            or (shown := self._shower(collection, shown_in.stream, is_source=is_source)) is None
        ):
            return None
        name = shown.collection.wire.name(shown_in.column)
        if self._is_chosen(shown) or (shown.rows and not any(name in row for row in shown.rows)):
            return None
        setting = source.setting if isinstance(source, PerBatch) else None
        limit = self._account.settings.limit(setting) if setting else None
        lists = (row[name] for row in shown.rows if isinstance(row.get(name), list))
        found = [[one for one in listed if not limit or str(one) in limit] for listed in lists]
        return [one for one in found if one]

    def _named(self, name: str) -> Size | None:
        """How many rows of a list the rows of others name; None if none was tried that could."""
        found = [
            (_in_all(tried, path, values), values, tried)
            for tried in self._tried.values()
            for path in (() if tried.is_part else _paths(tried.collection, name))
            if (values := tried.named(path))
        ]
        if not found:
            return None
        rows, _, tried = max(found, key=lambda one: one[0])
        least = max(len({*map(str, values)}) for _, values, _ in found)
        return Size(max(round(min(rows, _MOST)), least), least, f"named in {tried.collection.name}")

    def _typical(self, collection: Collection) -> Size:
        """How many rows a list may have that nothing tells anything about."""
        rank, growing = growing_rank(collection), self._growing(collection)
        if rank is not None and growing:
            longer = {other: size for other, size in growing.items() if other < rank} or growing
            rows = round(median(size * min((other + 1) / (rank + 1), 1) for other, size in longer.items()))
            return Size(rows, 0, f"usual beside {_lists(len(growing))} tried")
        if collection.name not in self._collections or not self._lists:
            return Size(0, 0, "its rows are not known", is_known=False)
        if len(collection.values) > 1:
            rows = FEW * len(collection.values)
            return Size(rows, 0, f"taken as {FEW} rows for each of {len(collection.values)}")
        plain, share = self._plain, self._share_of_time if self._is_part(collection) else 1
        rows = round(share * math.expm1(sum(map(math.log1p, [*plain, FEW])) / (len(plain) + 1)))
        return Size(rows, 0, f"like {_lists(len(plain))} tried" if plain else f"taken as {FEW} rows")

    def _is_part(self, collection: Collection) -> bool:
        """Whether only the rows of some time are read of a collection."""
        return self._account.settings.limits_times and collection.changes.is_timed

    @cached_property
    def _share_of_time(self) -> float:
        """Which part of all rows those of the time may be that is read: as of the contacts."""
        some, every = self._tried.get("contacts"), self._tried.get(ALL_CONTACTS)
        if some is None or every is None or not every.size.rows:
            return 1
        return min(some.size.rows / every.size.rows, 1)

    def _growing(self, collection: Collection) -> Mapping[int, float]:
        """How long the lists are that grow with the contacts and were tried, by their rank.

        Lists of which only the rows of some time are read tell about each other only, and so do the others.
        """
        is_part = self._is_part(collection)
        ranks = [(growing_rank(one.collection), one) for one in self._lists]
        growing = [(rank, one) for rank, one in ranks if rank is not None]
        alike = [(rank, one) for rank, one in growing if one.is_part == is_part]
        return {rank: one.size.rows for rank, one in alike or growing}

    @cached_property
    def _plain(self) -> Sequence[float]:
        """How long the lists are that were tried and are not long as a rule."""
        return [one.size.rows for one in self._lists if not is_long(one.collection)]

    @cached_property
    def _lists(self) -> Sequence[Tried]:
        """The lists that were tried, as Keap sends them, and whose length is known."""
        return [
            one
            for one in self._tried.values()
            if one.collection.source is None and one.collection.wire.unpack is None
            if one.size.is_known and not self._is_chosen(one)
        ]

    def _is_chosen(self, tried: Tried) -> bool:
        """Whether settings name the rows, so that they tell nothing about the account."""
        return bool(self._account.plan(tried.collection, Window()).asked_for)


def _in_setting(source: PerParent | PerBatch, limit: Sequence[str], page: Tried | None) -> Size:
    """How many rows of another collection are read for that settings name."""
    if page is None or not page.size.is_exact or not isinstance(source, PerParent):
        return Size(len(limit), 0, f"{len(limit):,} in {source.setting}")
    name = page.collection.wire.name(source.id)
    count = len([row for row in page.leading(source) if str(row.get(name)) in limit])
    return Size(count, count, f"{count:,} in {source.setting}")


def _in_all(tried: Tried, path: str, values: Sequence[Any]) -> float:
    """About how many different values there are at a path in all rows, by those on the page tried."""
    here = len({*map(str, values)})
    if (tried.collection.name, path) in OWN:
        return here * tried.times
    return distinct(here, len(values), len(values) * tried.times)


def _lists(count: int) -> str:
    return "the list that was" if count == 1 else f"the {count} lists that were"


def _paths(collection: Collection, stream: str) -> Iterator[str]:
    """The paths of columns that name rows of a stream."""
    if collection.source is not None or collection.wire.unpack is not None:
        return
    for path, relation in collection.relations.items():
        if relation.stream == stream:
            yield path
    yield from (path for (name, path), other in OWN.items() if name == collection.name and other == stream)


def _about(size: Size) -> str:
    return f"{size.rows:,.0f}" if size.is_exact else f"about {size.rows:,.0f}"

"""One reading of a collection: its slices and pages, one after another, and how far it has come."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import NOT_SERVED, KeapError, Kind
from tap_infusionsoft.errors import ConfigError, explain
from tap_infusionsoft.reading.requests import Window, first_call, plan
from tap_infusionsoft.reading.stable_read import Steady
from tap_infusionsoft.reading.walks import OutOfOrderError
from tap_infusionsoft.streams.replication import Timed, Updated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tap_infusionsoft.client.call import Call, Shape
    from tap_infusionsoft.client.retry import Tries
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.requests import Slice
    from tap_infusionsoft.reading.walks import Page
    from tap_infusionsoft.state.checkpoint import Progress
    from tap_infusionsoft.streams.collection import Choice, Collection

logger = logging.getLogger("tap-infusionsoft")


@dataclass(frozen=True, slots=True)
class Pause:
    """A stream steps aside: let others go on until ``until``, a reading of the monotonic clock.

    Or, where there is no reason, until those that read from the same shelf had their turn.
    """

    until: float = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows of one page, and where they were found."""

    collection: Collection
    piece: Slice
    rows: Page
    begins: bool
    """Whether they are the first of their slice."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What was handed out so far is a point to go on from; the progress says which."""


class Reading:
    """Reads a collection, or its fallback where Keap does not serve it.

    Attributes:
        progress: How far it has come.
    """

    def __init__(
        self,
        account: Account,
        collection: Collection,
        window: Window,
        fields: Sequence[str],
        progress: Progress,
        known: str = "",
        on_last: Callable[[], None] = lambda: None,
        decode: Shape | None = None,
    ) -> None:
        """A reading that has not begun.

        Args:
            account: Where to read.
            collection: What to read.
            window: The times to read.
            fields: Value of the ``fields`` parameter; empty to leave it out.
            progress: What was read before; the reading goes on behind it, and keeps it up to date.
            known: The keys that the last whole reading found.
            on_last: Called when the last answer has come, as far as that is known, and before its rows are handed out.
            decode: Decodes whole pages; None for plain documents.
        """
        self.progress = progress
        self._account = account
        self._collection = collection
        self._window = window
        self._fields = tuple(fields)
        self._known = known
        self._on_last = on_last
        self._decode = decode
        self._has_rows = False
        self._seen: set[str] = set()
        self._named: set[str] = set()
        self._picked: set[str] = set()
        self._aside: Tries = account.client.tries()
        self._reader = account.reader(collection.name)

    def __iter__(self) -> Iterator[Portion | Reached | Pause]:
        """Read everything that is left.

        Raises:
            KeapError: Something cannot be read.
            ConfigError: Settings name ids that the account does not have.
        """
        try:
            yield from self._read_somehow()
        except BaseException:
            self._reader.leave()
            raise

    def _read_somehow(self) -> Iterator[Portion | Reached | Pause]:
        """Read everything that is left, in the way that Keap lets us."""
        while True:
            try:
                yield from self._read(self._collection)
            except KeapError as error:
                if self._has_rows or not self._asks_differently(error):
                    raise
            except OutOfOrderError:
                name = self._collection.name
                logger.warning("%s: rows cannot be walked in order; reading by pages instead.", name)
                self._collection = self._collection.unordered
                self.progress.restart(self._collection.endpoint.path)
            else:
                return

    def _asks_differently(self, error: KeapError) -> bool:
        """Whether there is another way to ask, after a fault of the first call; if so, it is taken."""
        if error.fault.kind not in NOT_SERVED:
            return False
        if error.fault.kind is Kind.BAD_REQUEST:
            if "order_by" in error.call.params and _by_time(self._collection):
                logger.warning("%s Asking without an order instead.", error)
                self._collection = self._collection.unordered
                return True
            left = self._fields_but(error)
            if left != self._fields:
                dropped = ", ".join(sorted(set(self._fields) - set(left)))
                name = self._collection.name
                logger.warning("%s: Keap does not take all fields; not asked for: %s.", name, dropped)
                self._fields = left
                return True
        if self._collection.fallback is None:
            return False
        self._collection = self._collection.fallback
        logger.warning("%s Reading %s instead.", error, self._collection.endpoint.path)
        return True

    def _fields_but(self, error: KeapError) -> tuple[str, ...]:
        """The fields without those that Keap refuses: all but the sure ones, or the one that its message names first."""
        sure = self._collection.endpoint.fields.sure
        if sure and not sure.issuperset(self._fields):
            return tuple(name for name in self._fields if name in sure)
        words = re.findall(r"\w+", error.fault.text)
        refused = next((word for word in words if word in self._fields), None)
        return tuple(name for name in self._fields if name != refused)

    def _read(self, collection: Collection) -> Iterator[Portion | Reached | Pause]:
        account, progress = self._account, self.progress
        if not self._reader.shares:  # whoever shares finds on the shelf what others asked for
            account.ahead.forget()  # what a reading before this left
        if progress.path != collection.endpoint.path:
            progress.restart(collection.endpoint.path)
        behind = self._parent_behind(collection)
        over = (
            account.parents(collection.parents, self._window, behind)
            if collection.parents
            else collection.values
        )
        ids = account.ids(collection.batches, behind) if collection.batches else ()
        progress.empty_pages |= account.is_doubtful(collection)
        named = self._chosen(collection)
        self._named = {one for values in named.values() for one in values}
        self._picked = {one for choice, values in named.items() if choice.is_pick for one in values}
        vanished: KeapError | None = None
        self._seen.clear()
        for piece, is_last in self._pieces(collection, over, ids):
            try:
                yield from self._read_slice(collection, piece, is_last=is_last)
            except KeapError as error:
                if error.fault.kind is not Kind.NOT_FOUND or collection.parents is None:
                    raise
                logger.warning("%s: %s was listed, but is not found.", collection.name, piece.path)
                vanished = error
                progress.gone += 1
            progress.slices += 1
            progress.after, progress.at = piece.place, 0
            if not named and not is_last:  # what settings name is little, and its order is theirs
                yield Reached()
        for choice, values in named.items():
            missing = (
                sorted(set(values) - self._seen, key=int) if choice.by_id and self._window.is_open else ()
            )
            if missing:
                raise ConfigError(
                    f"{choice.setting}: the account has no {collection.name} with the id {', '.join(missing[:10])}."
                )
        if vanished is not None and progress.gone == progress.slices:
            raise vanished  # not one of the parents is there: rather the address is not

    def _pieces(
        self, collection: Collection, over: Sequence[Mapping[str, str]], ids: Sequence[str]
    ) -> Iterator[tuple[Slice, bool]]:
        """The slices that are left, each with whether it is the last; the calls of the next ones are sent ahead."""
        pieces = _with_last(self._plan(collection, over, ids))
        if self._reader.shares:
            return pieces
        return self._account.ahead.along(
            pieces, lambda one: first_call(collection, one[0], decode=self._decode)
        )

    def opening(self) -> Call | None:
        """The first call of all; None where answers before it say what that is."""
        collection, progress = self._collection, self.progress
        if collection.parents is not None or collection.batches is not None:
            return None
        at = progress.at if progress.path == collection.endpoint.path else 0
        piece = next(self._plan(collection, collection.values), None)
        return None if piece is None else first_call(collection, piece, at, self._decode)

    def _chosen(self, collection: Collection) -> dict[Choice, Sequence[str]]:
        """The settings that name rows, and what they name."""
        settings = self._account.settings
        return {choice: values for choice in collection.chosen if (values := settings.ids(choice.setting))}

    def _plan(
        self, collection: Collection, over: Sequence[Mapping[str, str]], ids: Sequence[str] = ()
    ) -> Iterator[Slice]:
        """The slices that are left."""
        settings, progress = self._account.settings, self.progress
        period = Window(*(one.value if one else None for one in (settings.start, settings.end)))
        chosen = {choice: values for choice, values in self._chosen(collection).items() if not choice.is_pick}
        after = progress.after if progress.path == collection.endpoint.path else None
        return plan(collection, self._window, self._fields, over, ids, period, chosen, after)

    def _parent_behind(self, collection: Collection) -> int:
        """The last parent that is done with, if no later pass of this run comes back to it; else 0."""
        source, after = collection.parents, self.progress.after
        column = collection.batches.column if source is None and collection.batches else ""
        by_id = (column if source is None else next(iter(source.columns.values()))) == "id"
        if after is None or not by_id or isinstance(collection.changes, Timed) or not after[0].isdigit():
            return 0
        return int(after[0])

    def _read_slice(
        self, collection: Collection, piece: Slice, *, is_last: bool
    ) -> Iterator[Portion | Reached | Pause]:
        progress = self.progress
        before = progress.rows
        slice_ = Steady(
            self._reader,
            collection,
            piece,
            after=progress.at if piece.crawl else 0,
            known=self._known,
            pick=self._wanted if self._named else None,
            decode=self._decode,
        )
        while not slice_.done:
            try:
                for page in slice_:
                    progress.empty_pages |= slice_.is_doubtful
                    self._has_rows |= bool(page)
                    if is_last and slice_.is_last:
                        self._on_last()
                    yield Portion(collection, piece, page, slice_.begins)
                    progress.rows = before + slice_.rows
                    progress.newest = max(progress.newest, slice_.newest)
                    if slice_.last_id:
                        progress.at = slice_.last_id
                        yield Reached()
                    if self._reader.is_ahead:
                        taken = self._reader.shelf.taken
                        yield Pause()
                        self._reader.go_on(taken)
            except KeapError as error:
                if error.fault.kind is Kind.NOT_FOUND and piece.single:
                    settings = " or ".join(choice.setting for choice in collection.chosen)
                    ident = piece.path.rsplit("/", 1)[-1]
                    raise ConfigError(
                        f"{settings}: the account has no {collection.name} with the id {ident}."
                    ) from None
                yield self._step_aside(error)
        progress.unsteady |= slice_.is_unsteady
        progress.keys = slice_.keys

    def _wanted(self, page: Page) -> Page:
        """The rows of a page that settings pick, where they do so after reading."""
        found = [str(row.get("id")) for row in page]
        self._seen |= self._named.intersection(found)
        return [
            row for row, ident in zip(page, found, strict=True) if not self._picked or ident in self._picked
        ]

    def _step_aside(self, error: KeapError) -> Pause:
        """The pause that a fault asks for.

        Raises:
            KeapError: It asks for none, or not for one more.
        """
        if not self._aside.schedule(error.fault).aside:
            raise error
        wait = self._aside.next(error.fault)
        if wait is None:
            error.tries = self._aside.used(error.fault.kind) + 1
            raise error
        self._reader.leave()
        self._account.ahead.forget()  # it would be old when this goes on
        return Pause(self._account.client.clock.monotonic() + wait, explain(error))


def _with_last(pieces: Iterable[Slice]) -> Iterator[tuple[Slice, bool]]:
    """Slices, each with whether it is the last."""
    before = None
    for piece in pieces:
        if before is not None:
            yield before, False
        before = piece
    if before is not None:
        yield before, True


def _by_time(collection: Collection) -> bool:
    return (
        collection.endpoint.by_id is None
        and isinstance(collection.changes, Updated)
        and bool(collection.changes.order_by)
    )

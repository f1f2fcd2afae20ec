"""One reading of a collection: its slices and pages, one after another, and how far they can be trusted."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import NOT_SERVED, KeapError, Kind
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.streams.pages import Walk, unpacked
from tap_infusionsoft.streams.slices import Window, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_infusionsoft.client.retry import Tries
    from tap_infusionsoft.streams.account import Account
    from tap_infusionsoft.streams.collection import Collection, Row
    from tap_infusionsoft.streams.pages import Page
    from tap_infusionsoft.streams.slices import Slice

logger = logging.getLogger("tap-infusionsoft")


@dataclass(frozen=True, slots=True)
class Pause:
    """A stream steps aside: let others go on until ``until``, a reading of the monotonic clock."""

    until: float
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A row, and where it was found."""

    collection: Collection
    piece: Slice
    row: Row
    first: bool
    """Whether it is the first of its slice."""


class Reading:
    """Reads a collection, or its fallback where Keap does not serve it.

    Attributes:
        is_doubtful: Whether Keap sent empty pages where it announced rows.
        misses_parents: Whether parents answered that they are not there, which may pass.
        by_pages: Whether rows could slip from one page to another while they were read: there was more than one
            page, and not in the order of ids.
    """

    def __init__(
        self, account: Account, collection: Collection, window: Window, fields: Sequence[str]
    ) -> None:
        self.is_doubtful = False
        self.misses_parents = False
        self.by_pages = False
        self._account = account
        self._collection = collection
        self._window = window
        self._fields = tuple(fields)
        self._has_rows = False
        self._seen: set[str] = set()
        self._picked: set[str] = set()
        self._aside: Tries = account.client.tries()

    def __iter__(self) -> Iterator[Found | Pause]:
        """Read everything; again, if iterated over again.

        Raises:
            KeapError: Something cannot be read.
            ConfigError: Settings name ids that the account does not have.
        """
        self._has_rows = False
        while True:
            try:
                yield from self._read(self._collection)
            except KeapError as error:
                if self._has_rows or not self._asks_differently(error):
                    raise
            else:
                return

    def _asks_differently(self, error: KeapError) -> bool:
        """Whether there is another way to ask, after a fault of the first call; if so, it is taken."""
        if error.fault.kind not in NOT_SERVED:
            return False
        if error.fault.kind is Kind.BAD_REQUEST:
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
        logger.warning("%s Reading %s instead.", error, self._collection.path)
        return True

    def _fields_but(self, error: KeapError) -> tuple[str, ...]:
        """The fields without those that Keap refuses: all but the sure ones, or the one that its message names first."""
        sure = self._collection.sure_fields
        if sure and not sure.issuperset(self._fields):
            return tuple(name for name in self._fields if name in sure)
        words = re.findall(r"\w+", error.fault.text)
        refused = next((word for word in words if word in self._fields), None)
        return tuple(name for name in self._fields if name != refused)

    def _read(self, collection: Collection) -> Iterator[Found | Pause]:
        account, settings = self._account, self._account.settings
        over = (
            account.parents(collection.parents, self._window)
            if collection.parents
            else collection.each or ({},)
        )
        ids = account.ids(collection.batches) if collection.batches else ()
        period = Window(*(one.value if one else None for one in (settings.start, settings.end)))
        named = {choice: values for choice in collection.chosen if (values := settings.ids(choice.setting))}
        chosen = {choice: values for choice, values in named.items() if not choice.is_pick}
        self._picked = {one for choice, values in named.items() if choice.is_pick for one in values}
        gone: list[KeapError] = []
        self._seen.clear()
        for piece in plan(collection, self._window, self._fields, over, ids, period, chosen):
            yield from self._read_slice(collection, piece, gone)
        for choice, values in named.items():
            missing = (
                sorted(set(values) - self._seen, key=int) if choice.by_id and self._window.is_open else ()
            )
            if missing:
                raise ConfigError(
                    f"{choice.setting}: the account has no {collection.name} with the id {', '.join(missing[:10])}."
                )
        if gone and len(gone) == len(over):
            raise gone[-1]  # not one of the parents is there: rather the address is not
        self.misses_parents |= bool(gone)

    def _read_slice(
        self, collection: Collection, piece: Slice, gone: list[KeapError]
    ) -> Iterator[Found | Pause]:
        walk = Walk(self._account.client, collection, piece)
        first = True
        while walk.call is not None:
            try:
                for page in walk:
                    self.is_doubtful |= walk.is_doubtful
                    self.by_pages |= walk.call is not None and not piece.crawl
                    for row in unpacked(collection, self._wanted(collection, page)):
                        self._has_rows = True
                        yield Found(collection, piece, row, first)
                        first = False
            except KeapError as error:
                if error.fault.kind is Kind.NOT_FOUND and piece.single:
                    settings = " or ".join(choice.setting for choice in collection.chosen)
                    ident = piece.path.rsplit("/", 1)[-1]
                    raise ConfigError(
                        f"{settings}: the account has no {collection.name} with the id {ident}."
                    ) from None
                if error.fault.kind is Kind.NOT_FOUND and collection.parents is not None:
                    logger.warning(
                        "%s: %s was listed, but is not found.", collection.name, dict(piece.values)
                    )
                    gone.append(error)
                    return
                yield self._step_aside(error)

    def _wanted(self, collection: Collection, page: Page) -> Page:
        """The rows of a page that settings pick, where they do so after reading."""
        if not collection.chosen:
            return page
        self._seen.update(str(row.get("id")) for row in page)
        return [row for row in page if not self._picked or str(row.get("id")) in self._picked]

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
        return Pause(self._account.client.clock.monotonic() + wait, str(error))

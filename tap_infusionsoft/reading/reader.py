"""One read of a collection: its slices and pages, one after another, and how far it has come.

Streams, the parents of other streams and the list of saved searches are all read here, with one policy for
what to do if Keap does not serve what was asked for: leave out a field, ask without an order, or read the
fallback.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from tap_infusionsoft.client.faults import NOT_SERVED, KeapError, Kind
from tap_infusionsoft.reading.fallbacks import other_plan
from tap_infusionsoft.reading.key_tally import digest_of_shown
from tap_infusionsoft.reading.moves import MovesRead
from tap_infusionsoft.reading.refused import OF_ONE_SLICE, Refusals, names_of
from tap_infusionsoft.reading.requests import Order, halves, places_of, slices
from tap_infusionsoft.reading.stable_read import StableRead
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.reading.walks.moved import TooManyMovedError
from tap_infusionsoft.reading.walks.walk import OutOfOrderError
from tap_infusionsoft.state.mark import Mark
from tap_infusionsoft.state.row_counts import with_slice
from tap_infusionsoft.state.shown_rows import MODULUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.client.call import BodyDecoder, Call
    from tap_infusionsoft.client.client import KeapClient
    from tap_infusionsoft.client.prefetch import Prefetcher
    from tap_infusionsoft.client.retry import Tries
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.shared_responses import SharedFetcher
    from tap_infusionsoft.reading.walks.walk import Page, Walk
    from tap_infusionsoft.state.births import KnownBirths
    from tap_infusionsoft.state.checkpoint import Checkpoint
    from tap_infusionsoft.streams.collection import Collection, PerBatch, PerParent
    from tap_infusionsoft.streams.replication import Window

logger = logging.getLogger("tap-infusionsoft")


class WaitUntil(Struct, frozen=True):
    """The stream steps aside after a fault: others can go on until then.

    Attributes:
        moment: When to go on, as a reading of the monotonic clock.
        error: The fault.
    """

    moment: float
    error: KeapError


class LetOthersCatchUp(Struct, frozen=True):
    """The stream steps aside until the streams that share its responses had their turn."""


class Portion(Struct, frozen=True):
    """How much of a pass to read in this run, if not all of it from the start.

    Attributes:
        share: Part of the slices that should have been read when it is over, above 0 and up to 1.
        known: Ids of the parents that there were before -> marks of what they showed, empty without one; None
            if that is not known. New ones are read now, and those that show something else.
        since: Parents that changed since then are read now, where parents show when they changed.
    """

    share: float
    known: Mapping[str, str] | None
    since: datetime | None


StepAside = WaitUntil | LetOthersCatchUp
_END = ("\U0010ffff",)
"""A place after all others."""


class RowsRead(Struct, frozen=True):
    """Rows of one page, and where they were found.

    Attributes:
        collection: The declaration that they were read by, which may be the fallback.
        values: Columns that are the same for all of them, such as the parent's id.
        rows: The rows, as Keap sent them.
        starts_slice: Whether they are the first of their slice.
        beside: What is beside them in Keap's answer, by name.
    """

    collection: Collection
    values: Mapping[str, str]
    rows: Page
    starts_slice: bool
    beside: Mapping[str, Any]


class CheckpointReached(Struct, frozen=True):
    """A later run can resume after the rows that were handed out so far: the checkpoint says where."""


class Source(Protocol):
    """What a reader needs to know about the account."""

    client: KeapClient
    prefetcher: Prefetcher

    def fetcher(self, reader: str) -> SharedFetcher:
        """What a reader asks instead of the client."""

    def parents(self, source: PerParent, window: Window, after: int = 0) -> list[Mapping[str, str]]:
        """What a stream is read for, a set of columns each."""

    def ids(self, source: PerBatch, after: int = 0) -> list[str]:
        """The ids that a stream asks for."""

    def marks(self, source: PerParent, window: Window) -> Mapping[str, str]:
        """Ids of the parents -> a mark of what shows something of what is below them."""

    def is_listed(self, source: PerParent | PerBatch, window: Window, after: int) -> bool:
        """Whether `parents` or `ids` make no call, as their rows were read before."""

    def listing_call(self, source: PerParent | PerBatch, window: Window, after: int) -> Call | None:
        """The first call of `parents` or `ids`; None if it is unknown, or was made."""

    def fell_back(self, stream: str) -> bool:
        """Whether a stream that others are read for was read from its fallback."""

    def is_doubtful(self, collection: Collection) -> bool:
        """Whether some of the rows that a collection is read for may be missing."""

    def not_found(self, collection: Collection) -> tuple[int, int]:
        """How many parents of a collection's parents were listed and not found, and a digest of them."""

    def changed(self, source: PerParent, since: datetime) -> frozenset[str]:
        """Ids of the parents that changed since a time, as far as they show it."""

    def unlisted(self, collection: Collection) -> str:
        """Names what Keap refused when a collection's parents were listed; empty for nothing."""

    def note_missing(self, setting: str, stream: str, missing: set[str], named: Sequence[str]) -> None:
        """Say which ids in a setting the account does not have; refuse the setting if it has none of them."""


class Reader:
    """Reads a collection, or its fallback if Keap does not serve it.

    Attributes:
        checkpoint: How far it has come.
        starts: How often it has started to read. Rows of an earlier start come again.
        is_partial: Whether it has come to the end of its portion, and slices are left for other runs.
        parents: Ids of the parents that there are -> a mark of what shows something of what is below them,
            empty without one; empty if it is not read for parents.
        fresh: How many parents were read out of their turn, because they are new or changed.
    """

    def __init__(
        self,
        source: Source,
        plan: ReadPlan,
        checkpoint: Checkpoint,
        *,
        name: str = "",
        known: str = "",
        largest: int = 0,
        can_step_aside: bool = True,
        portion: Portion | None = None,
        births: KnownBirths | None = None,
        is_once: bool = False,
        shows: str = "",
        marks_parents: bool = False,
    ) -> None:
        """A read that has not begun.

        Args:
            source: The account to read from.
            plan: What to read.
            checkpoint: What was read before. The read resumes after it, and keeps it up to date.
            name: Name of the reader, where responses are shared; the collection's own if empty.
            known: The keys that the last complete read found.
            largest: The largest id that it found.
            can_step_aside: Whether it can let other streams go on meanwhile. If not, it never waits for
                others to catch up, and raises faults that would make it wait.
            portion: How much of it to read; None for all.
            births: The births that the last complete read found.
            is_once: Whether one read of its pages is enough, proved or not.
            shows: Name on the wire of a list that shows the rows of another stream, to be summed up; empty
                for none.
            marks_parents: Whether to find out what shows something of what is below each parent.
        """
        self.checkpoint = checkpoint
        self.starts = 0
        self.is_partial = False
        self.parents: Mapping[str, str] = {}
        self.fresh = 0
        self._portion = portion
        self.shows = shows
        self._marks_parents = marks_parents
        self._source = source
        self._plan = plan if births is None else replace(plan, newest_first=True)
        self._births = births
        self._is_once = is_once
        self._known = known
        self._largest = largest
        self._can_step_aside = can_step_aside
        self._has_rows = False
        self._said_disorder = False
        self._found: set[str] = set()  # of the values that settings name
        self._not_found: set[str] = set()
        self._refusals = Refusals(checkpoint)
        self._fresh: frozenset[tuple[str, ...]] = frozenset()
        self._unlisted = ""
        self._moves = MovesRead(plan.collection, checkpoint)
        self._plan_before: ReadPlan | None = None  # of a read that resumes with the fallback
        self._of_source: KeapError | None = None  # what went wrong when parents or ids were read
        self._aside: Tries = source.client.tries()
        self._fetcher = source.fetcher(name or plan.collection.name)

    def __iter__(self) -> Iterator[RowsRead | CheckpointReached | StepAside]:
        """Read everything that is left.

        Raises:
            KeapError: Something cannot be read.
            ConfigError: Settings name ids that the account does not have.
        """
        try:
            self._resume_fallback()
            yield from self._read_with_fallbacks()
        except BaseException:
            self._fetcher.leave()
            raise

    def decode_pages_with(self, decode: BodyDecoder | None) -> None:
        """Decode whole pages with something faster than plain JSON. Say so before the read begins.

        Args:
            decode: Takes the body of a response, and returns None for those that have to be read in the plain
                way; None for plain documents.
        """
        self._plan = replace(self._plan, decode=decode)

    def opening_call(self) -> Call | None:
        """The call that the read begins with, as far as is known: for the first slice, or to list parents."""
        collection, checkpoint, window = self._plan.collection, self.checkpoint, self._plan.window
        is_resumed = checkpoint.path == collection.endpoint.path
        after, mark = (checkpoint.after, checkpoint.mark) if is_resumed else (None, None)
        source = collection.source
        parents: Sequence[Mapping[str, str]] = ()
        ids: Sequence[str] = ()
        if source is not None:
            done = self._last_parent_done()
            if not self._source.is_listed(source, window, done):
                return self._source.listing_call(source, window, done)
            if self._portion is not None or self._source.fell_back(source.stream):
                return None
            if collection.parents is not None:
                parents = self._source.parents(collection.parents, window, done)
            if collection.batches is not None:
                ids = self._source.ids(collection.batches, done)
        piece = next(slices(self._plan, parents, ids, after, checkpoint.skipped), None)
        return None if piece is None else walk_of(self._plan, piece, mark).first_call()

    @property
    def path(self) -> str:
        """The path that it reads, which may be that of the fallback."""
        return self._plan.collection.endpoint.path

    @property
    def refused(self) -> str:
        """Names the slices that Keap refused, and what it refused when their parents were listed."""
        found = (names_of(self._plan.collection, self.checkpoint.skipped), self._unlisted)
        return ", ".join(filter(None, found))

    # What to do if Keap does not serve what was asked for.

    def _resume_fallback(self) -> None:
        """Go on with the fallback, if that is what an earlier run was reading."""
        fallback, checkpoint = self._plan.collection.fallback, self.checkpoint
        if fallback is not None and checkpoint.path == fallback.endpoint.path and checkpoint.after:
            self._plan_before = self._plan
            self._plan = replace(self._plan, collection=fallback, decode=None)

    def _read_with_fallbacks(self) -> Iterator[RowsRead | CheckpointReached | StepAside]:
        while True:
            self.starts += 1
            try:
                yield from self._read()
            except KeapError as error:
                other = self._other_plan(error)
                if other is None:
                    raise
                self._plan, warning = other
                self._plan_before = None
                logger.warning("%s", warning)
                if self._has_rows:
                    self.checkpoint.restart(self._plan.collection.endpoint.path)
            except OutOfOrderError:
                collection = self._plan.collection
                logger.warning(
                    "%s: rows cannot be walked in order; reading by pages instead.", collection.name
                )
                self._plan = replace(self._plan, collection=collection.unordered)
                self.checkpoint.restart(collection.endpoint.path)
            else:
                return

    def _other_plan(self, error: KeapError) -> tuple[ReadPlan, str] | None:
        """Another way to ask, after a fault of the first call, and a warning; None if there is none."""
        # Rows that were written out stay; those that are read for other streams can be read again.
        is_committed = self._has_rows and self._can_step_aside
        if is_committed or error.fault.kind not in NOT_SERVED or error is self._of_source:
            return None
        return other_plan(self._plan, error, self._plan_before)

    # Reading slice by slice.

    def _read(self) -> Iterator[RowsRead | CheckpointReached | StepAside]:
        collection, checkpoint = self._plan.collection, self.checkpoint
        if not self._fetcher.is_shared:  # those who share find what others asked for
            self._source.prefetcher.drop_all_but_openings()  # what a read before this one left
        if checkpoint.path != collection.endpoint.path:
            checkpoint.restart(collection.endpoint.path)
        are_alike = collection.source is not None or bool(self._plan.asked_for)
        self._refusals = Refusals(checkpoint, are_alike=are_alike)
        pieces = self._pieces()
        parents = collection.parents
        if parents is not None and collection.fallback is not None and self._source.fell_back(parents.stream):
            self._plan = replace(self._plan, collection=collection.fallback, decode=None)
            yield from self._read()
            return
        checkpoint.empty_pages |= self._source.is_doubtful(collection)
        above, places = self._source.not_found(collection)
        checkpoint.gone_above += above
        checkpoint.gone_digest = (checkpoint.gone_digest + places) % MODULUS
        self._unlisted = self._source.unlisted(collection)
        checkpoint.unlisted |= bool(self._unlisted)
        self._found.clear()
        self._not_found.clear()
        reads_twice = parents is not None and parents.rows_move
        yield from self._read_pieces(pieces, is_last=not reads_twice and not self.is_partial)
        if self.is_partial:
            return
        if reads_twice and not checkpoint.skipped:
            checkpoint.after, checkpoint.rows = None, 0
            yield from self._read_pieces(self._pieces(), is_last=True)
        self._check_chosen()
        error = self._refusals.of_all(is_complete=self._plan.window.is_open)
        if error is not None:
            raise error  # not one of the parents was served: the address must be wrong

    def _read_pieces(
        self, pieces: Iterator[tuple[Slice, bool]], *, is_last: bool
    ) -> Iterator[RowsRead | CheckpointReached | StepAside]:
        for piece, ends in pieces:
            if piece.moved is not None:
                if not self.checkpoint.overrun:
                    yield from self._read_moved(piece, is_last=is_last and ends)
                if self.checkpoint.overrun:
                    self._source.prefetcher.drop_all_but_openings()
                    return
            elif not self._refusals.waits(piece):
                yield from self._read_or_skip(piece, is_last=is_last and ends)

    def _read_or_skip(
        self, piece: Slice, *, is_last: bool
    ) -> Iterator[RowsRead | CheckpointReached | StepAside]:
        """Read a slice. If Keap refuses it, go on without it; without the refused ids of a batch."""
        collection, checkpoint = self._plan.collection, self.checkpoint
        before = replace(checkpoint)
        if piece.place in self._fresh:
            self._fresh -= {piece.place}
            yield from self._read_out_of_turn(piece, before)
            return
        is_refused = False
        try:
            yield from self._read_slice(piece)
        except KeapError as error:
            if not self._can_do_without(piece, error):
                raise
            checkpoint.return_to(before)
            if len(piece.batch) > 1:
                logger.warning("%s Asking for these %d ids in two calls.", error, len(piece.batch))
                first, second = halves(piece)
                yield from self._read_or_skip(first, is_last=False)
                yield from self._read_or_skip(second, is_last=is_last)
                return
            is_gone = error.fault.kind is Kind.NOT_FOUND and collection.source is not None
            if error.fault.kind is Kind.NOT_FOUND and self._plan.asked_for:
                self._not_found |= {*piece.batch}
            elif is_gone:
                what = names_of(collection, [piece.place]) if piece.batch else piece.path
                logger.warning("%s: %s was listed, but is not found.", collection.name, what)
                self._refusals.gone(piece, error)
            else:
                is_refused = True
                self._refusals.skip(piece, error, names_of(collection, [piece.place]))
                checkpoint.unlisted |= bool(self._plan.asked_for)  # what settings name is read all again
        if not is_refused:
            self._count_slice(checkpoint.rows - before.rows)
            self._refusals.served(piece)
        checkpoint.mark = Mark()
        if not self._refusals.is_again(piece):
            checkpoint.after = piece.place
        # What settings name is little, and comes in the order of the settings.
        if not self._plan.chosen and not is_last:
            yield CheckpointReached()

    def _count_slice(self, rows: int) -> None:
        """Count a slice that was read, and its rows."""
        checkpoint = self.checkpoint
        if self._marks_parents and self._plan.collection.parents is not None:
            checkpoint.counts = with_slice(checkpoint.counts, checkpoint.slices, rows)
        checkpoint.slices += 1

    def _read_moved(
        self, piece: Slice, *, is_last: bool
    ) -> Iterator[RowsRead | CheckpointReached | StepAside]:
        """Read the rows that something of one kind happened to. What goes wrong with that fails nothing."""
        moves, newest, count = self._moves, None, 0
        assert piece.moved is not None  # noqa: S101  # who calls it looks
        try:
            for item in self._read_slice(moves.begin(piece)):
                if isinstance(item, RowsRead):
                    if item.rows and newest is None:
                        newest = item.rows[0].get(item.collection.wire.name(piece.moved.key))
                    rows = moves.new(item.rows)
                    count += len(rows)
                    yield replace(item, rows=rows)
                else:
                    yield item
        except TooManyMovedError:
            moves.overrun(piece, newest)
            return
        except OutOfOrderError:
            moves.give_up(piece, "rows come in another one, or those without the time come first")
        except KeapError as error:
            if error.fault.kind not in {Kind.BAD_REQUEST, Kind.PAGING}:
                raise
            moves.give_up(piece, error)
        else:
            moves.end(piece, newest, count)
        if not is_last:
            yield CheckpointReached()

    def _read_out_of_turn(
        self, piece: Slice, before: Checkpoint
    ) -> Iterator[RowsRead | CheckpointReached | StepAside]:
        """Read a slice that has had its turn, or will have it: its rows are not counted now."""
        self.checkpoint.mark = Mark()  # it is in another slice
        try:
            for item in self._read_slice(piece):
                if not isinstance(item, CheckpointReached):
                    yield item
        except KeapError as error:
            if error.fault.kind not in OF_ONE_SLICE:
                raise
            logger.warning("%s It has its turn in a later run.", error)
        self.checkpoint.count_as(before)

    def _can_do_without(self, piece: Slice, error: KeapError) -> bool:
        """Whether a fault can be that of a single slice among others, and nothing else can be tried."""
        plan, kind = self._plan, error.fault.kind
        if kind not in OF_ONE_SLICE:
            return False
        if plan.asked_for:
            is_single_row = piece.order is Order.SINGLE
            is_one_of_several = bool(piece.batch) and sum(map(len, plan.asked_for.values())) > 1
            if kind is Kind.NOT_FOUND and (is_single_row or is_one_of_several):
                return True
        else:
            is_one_of_several = plan.collection.source is not None or len(plan.collection.values) > 1
            if kind is Kind.NOT_FOUND and plan.collection.parents is not None:
                return True
        return is_one_of_several and self._other_plan(error) is None

    def _pieces(self) -> Iterator[tuple[Slice, bool]]:
        """The slices of this run, each with whether it is the last. Prefetches the next ones."""
        pieces = _with_last(self.slices_of_this_run())
        if self._fetcher.is_shared:
            return pieces
        return self._source.prefetcher.iterate(pieces, lambda one: _calls(walk_of(self._plan, one[0])))

    def slices_of_this_run(self) -> Iterator[Slice]:
        """The slices that are left, as far as this run reads them. Parents and ids are listed for that.

        Raises:
            KeapError: Parents or ids cannot be listed.
        """
        plan, source, checkpoint = self._plan, self._source, self.checkpoint
        collection = plan.collection
        done = self._last_parent_done()
        try:
            parents = source.parents(collection.parents, plan.window, done) if collection.parents else ()
            ids = source.ids(collection.batches, done) if collection.batches else ()
            is_marked = collection.parents is not None and self._marks_parents
            marks = source.marks(collection.parents, plan.window) if is_marked and collection.parents else {}
        except KeapError as error:
            self._of_source = error  # another way to ask for the rows does not help
            raise
        if checkpoint.skipped:
            self._refusals.keep(places_of(plan, parents, ids))
        left = slices(plan, parents, ids, checkpoint.after, checkpoint.skipped)
        if collection.parents is not None:
            own = collection.parents.ordered_by_own
            self.parents = {one[own]: marks.get(one[own], "") for one in parents}
        if self._portion is not None:
            left = self._of_this_run(self._portion, [*left], parents)
        return left

    def _of_this_run(
        self, portion: Portion, left: list[Slice], parents: Sequence[Mapping[str, str]]
    ) -> Iterator[Slice]:
        """The slices whose turn it is, after those of parents that are new or changed.

        Args:
            portion: How much to read.
            left: All slices that are left of the pass.
            parents: All parents.
        """
        source = self._plan.collection.parents
        assert source is not None  # noqa: S101  # only those have portions
        wanted = math.ceil(len(parents) * portion.share) - (len(parents) - len(left))
        own = left[: max(wanted, 0)]
        self.is_partial = len(own) < len(left)
        changed = self._source.changed(source, portion.since) if portion.since else frozenset()
        turn = {piece.place for piece in own}
        fresh = [
            tuple(one.values())
            for one in parents
            if (ident := one[source.ordered_by_own]) in changed
            or (portion.known is not None and self._is_news(ident, portion.known))
        ]
        self._fresh = frozenset(fresh) - turn
        self.fresh = len(self._fresh)
        yield from slices(self._plan, parents, skipped=[*self._fresh], after=_END)
        yield from own

    def _is_news(self, parent: str, known: Mapping[str, str]) -> bool:
        """Whether a parent is new, or shows something else of what is below it than before."""
        before = known.get(parent)
        return before is None or (before != "" and before != self.parents[parent])

    def _last_parent_done(self) -> int:
        """Id of the last parent that no later pass of this run comes back to; 0 if there is none."""
        if self._marks_parents:
            return 0  # new and changed ones come back, and all of them are noted
        collection, after = self._plan.collection, self.checkpoint.after
        source = collection.source
        if source is None or after is None or source.ordered_by != "id" or collection.changes.is_timed:
            return 0
        places = [(0, after), *((1, place) for place in self.checkpoint.skipped)]
        if not all(place[0].isdigit() for _, place in places):
            return 0
        return max(min(int(place[0]) - is_needed for is_needed, place in places), 0)

    def _read_slice(self, piece: Slice) -> Iterator[RowsRead | CheckpointReached | StepAside]:
        plan, checkpoint = self._plan, self.checkpoint
        before = replace(checkpoint)
        read = StableRead(
            self._fetcher,
            plan,
            piece,
            mark=checkpoint.mark if piece.order in {Order.BY_ID, Order.BY_TIME} else None,
            known=self._known,
            pick=self._pick if plan.chosen else None,
            largest=self._largest,
            digest_before=checkpoint.digest,
            known_digest_before=checkpoint.known_digest,
            births=self._births,
            is_once=self._is_once,
        )
        while not read.done:
            try:
                for page in read:
                    if read.upcoming and not self._fetcher.is_shared:
                        self._source.prefetcher.send_ahead(read.upcoming)
                    checkpoint.empty_pages |= read.is_doubtful
                    self._has_rows |= bool(page)
                    if not read.is_in_order:
                        self._say_disorder()
                    yield RowsRead(plan.collection, piece.values, page, read.is_first_page, read.beside)
                    checkpoint.pages += 1
                    if self.shows:
                        checkpoint.shown = (checkpoint.shown + digest_of_shown(page, self.shows)) % MODULUS
                    checkpoint.rows = before.rows + read.rows
                    checkpoint.digest = read.tally.digest
                    checkpoint.up_to_known = before.up_to_known + read.tally.up_to_known
                    checkpoint.known_digest = read.tally.known_digest
                    checkpoint.largest = max(before.largest, read.tally.largest)
                    checkpoint.newest = max(checkpoint.newest, read.newest)
                    if read.mark:
                        checkpoint.mark = read.mark
                        yield CheckpointReached()
                    if self._can_step_aside and self._fetcher.is_ahead:
                        taken = self._fetcher.responses.taken
                        yield LetOthersCatchUp()
                        self._fetcher.go_on(taken)
            except KeapError as error:
                # Nobody takes their answers, which would fill the room for others.
                self._source.prefetcher.drop(read.upcoming)
                yield self._step_aside(error)
        checkpoint.unsteady |= read.is_unsteady
        checkpoint.unproved |= read.is_unproved
        checkpoint.keys, checkpoint.newest_birth = read.keys, read.newest_birth

    def _say_disorder(self) -> None:
        """Say once that the order that was asked for did not come."""
        if not self._said_disorder:
            name, order = self._plan.collection.name, self._plan.collection.changes.order
            logger.warning(
                "%s: Keap does not send these rows in the order %r that was asked for; reading all pages.",
                name,
                order,
            )
        self._said_disorder = True

    def _step_aside(self, error: KeapError) -> WaitUntil:
        """How long to step aside after a fault.

        Raises:
            KeapError: The fault is none to step aside for, or not once more.
        """
        if not self._can_step_aside or not self._aside.schedule(error.fault).aside:
            raise error
        wait = self._aside.next(error.fault)
        if wait is None:
            error.tries = self._aside.used(error.fault.kind) + 1
            raise error
        self._fetcher.leave()
        self._source.prefetcher.drop_all_but_openings()  # it would be stale when this read goes on
        return WaitUntil(self._source.client.clock.monotonic() + wait, error)

    # Rows that settings name.

    def _pick(self, page: Page) -> Page:
        """The rows of a page that settings name, if they are picked after reading."""
        named = {one for values in self._plan.chosen.values() for one in values}
        picked = {one for choice, values in self._plan.chosen.items() if choice.is_pick for one in values}
        ids = [str(row.get("id")) for row in page]
        self._found |= named.intersection(ids)
        return [row for row, one in zip(page, ids, strict=True) if not picked or one in picked]

    def _check_chosen(self) -> None:
        """Say which of the ids in settings the account does not have.

        Raises:
            ConfigError: It has none of those in a setting; the message names it.
        """
        for choice, values in self._plan.chosen.items():
            missing = {*values} & self._not_found
            if choice.by_id and self._plan.window.is_open:
                missing |= {*values} - self._found
            self._source.note_missing(choice.setting, self._plan.collection.name, missing, values)


def _calls(walk: Walk) -> Iterator[Call]:
    """The calls of a walk, as far as they are known before its first answer."""
    yield walk.first_call()
    yield from walk.upcoming


def _with_last(pieces: Iterable[Slice]) -> Iterator[tuple[Slice, bool]]:
    """Slices, each with whether it is the last."""
    before = None
    for piece in pieces:
        if before is not None:
            yield before, False
        before = piece
    if before is not None:
        yield before, True

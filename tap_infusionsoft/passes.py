"""The passes of a stream in one run: what the next one reads, and what is left of it in the state.

`state` decides about passes, as functions of values; this joins it with the account, the settings and the
readers. Streams may read by turns: all of them in some runs, or a part of the parents in each.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.reading.key_tally import digests
from tap_infusionsoft.reading.reader import Portion, Reader
from tap_infusionsoft.records.coerce import to_moment
from tap_infusionsoft.records.row_keys import digest
from tap_infusionsoft.report.run_log import PassRecord
from tap_infusionsoft.state.entry import (
    BOOKMARK,
    CALLS,
    CHANGED,
    FRESH,
    KEYS,
    KNOWN,
    MARKS,
    REFUSED,
    ROWS,
    ROWS_BY_PARENT,
    SEEN,
    SHOWN,
    SWEPT,
    UNDERWAY,
    BadStateError,
    has_overrun,
    read_at,
    time_of,
)
from tap_infusionsoft.state.finish_pass import Believable, conclude
from tap_infusionsoft.state.plan_pass import (
    FEW,
    PassOptions,
    Rolls,
    Spread,
    largest_before,
    plan_pass,
    sweep_is_due,
)
from tap_infusionsoft.state.rounds import ROUND, marked, packed
from tap_infusionsoft.state.shown_rows import Proof, Shown
from tap_infusionsoft.state.turns import Load

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_infusionsoft.discovery.selection import Selection
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.reader import RowsRead
    from tap_infusionsoft.state.finish_pass import Conclusion
    from tap_infusionsoft.state.plan_pass import Pass
    from tap_infusionsoft.streams.collection import Collection


class Passes:
    """The passes of one stream, one after another.

    Attributes:
        collection: Its declaration. Another one may take its place while nothing is read.
        current: The pass that was begun last; None before the first.
        reader: Reads it; None if no pass is being read.
        conclusion: What the last pass left that came to its end; None if none did.
        is_turn: Whether this run reads all of the stream, if that is spread over runs; see `load`.
        has_more: Whether another pass follows at once.
    """

    def __init__(
        self, account: Account, collection: Collection, state: Callable[[], dict[str, Any]], *, is_whole: bool
    ) -> None:
        """Passes of which none has begun.

        Args:
            account: Where the stream is read.
            collection: The declaration of the stream.
            state: Returns the stream's state, to be changed.
            is_whole: Whether the catalog asks for the full table on every run.
        """
        self.collection = collection
        self.current: Pass | None = None
        self.reader: Reader | None = None
        self.conclusion: Conclusion | None = None
        self.is_turn = False
        self.has_more = False
        self._account = account
        self._state = state
        self._is_whole = is_whole
        self._has_swept = False
        self._portion_read = ""
        self._proof: Proof | None = None
        self._is_proof_left = True
        self._is_due = False  # whether the pass would read everything without a proof

    # What comes next.

    def begin(self, selection: Selection) -> Reader:
        """The reader of the next pass. Nothing has been asked for or logged yet.

        Args:
            selection: What is selected.

        Raises:
            ConfigError: The state cannot be used.
        """
        if self.reader is not None:
            return self.reader
        name, state, settings = self.collection.name, self._state(), self._account.settings
        is_batched = settings.batches is not None
        proof = self._proof_that_none_is_gone()
        options = PassOptions(
            started=self._account.started,
            scope=self._account.scope(self.collection),
            sweep_days=self.oldest,
            sweeps_now=settings.sweeps_now(name) and not self._has_swept,
            lookback=settings.of(name).lookback,
            whole=self._is_whole,
            versioned=settings.activate_versions and not is_batched,
            resumes=not is_batched,
            columns=f"{digest(sorted(selection.columns)):016x}",
            rolls=self.rolls,
            since=None if proof is None or proof.now is None else proof.since,
        )
        try:
            begun = self.current = plan_pass(self.collection.changes, state, options)
        except BadStateError as error:
            raise ConfigError(
                f"The state of the stream {name} cannot be used: {error}. Correct the state file, "
                "or remove the stream's entry to load it again."
            ) from None
        self.conclusion, self._portion_read = None, ""
        self._proof = None if begun.is_taken_up or begun.complete else proof
        if self._proof is not None:
            self._proof.start = begun.window.since
        self._is_due = sweep_is_due(state, options)
        plan = self._account.plan(self.collection, begun.window, selection.fields)
        self.reader = Reader(
            self._account,
            replace(plan, moves=begun.moves),
            begun.checkpoint,
            known=(state.get(KEYS) if begun.complete else None) or "",
            largest=largest_before(state, begun),
            portion=_portion(begun),
            births=begun.births,
            is_once=begun.is_once,
            shows=self._shows(begun, selection),
            marks_parents=self.rolls is not None,
        )
        return self.reader

    def take(self, read: RowsRead) -> None:
        """Look at the rows of a page before they are made into records.

        What other streams are compared with holds no more then. It is noted again when the pass has ended.
        """
        self._state().pop(SHOWN, None)
        if self._proof is not None:
            self._proof.add(digests(read.collection, read.rows))

    @property
    def oldest(self) -> float:
        """Days that a row of the copy may be old; 0 for no limit."""
        return self._account.settings.sweep_days(self.collection.name)

    @property
    def rolls(self) -> Rolls | None:
        """How the stream can be spread over several runs; None if it cannot, or is not to be."""
        settings, collection = self._account.settings, self.collection
        if not settings.rolls(collection.name) or not self.oldest or settings.batches is not None:
            return None
        if collection.changes.is_timed and self._account.scope(collection).moves:
            return None
        parents = collection.parents
        by_parent = parents is not None and not (parents.in_window or parents.rows_move)
        spread = Spread.BY_PARENT if by_parent else Spread.AS_A_WHOLE
        age = timedelta(days=self.oldest) * ROUND
        return Rolls(spread, age, self._calls, self.is_turn, collection.moved)

    @property
    def _calls(self) -> int:
        """Calls that the last complete read took, as far as is known."""
        state, collection = self._state(), self.collection
        calls, rows = state.get(CALLS), state.get(ROWS)
        if isinstance(calls, int):
            return calls
        if not isinstance(rows, int) or collection.wire.unpack is not None:
            return FEW + 1  # several rows come as one
        return max(math.ceil(rows / collection.endpoint.page_size), 1)

    @property
    def load(self) -> Load | None:
        """What it costs to read all of the stream, which a run may leave to others; None if not."""
        rolls, state = self.rolls, self._state()
        if rolls is None or rolls.spread is not Spread.AS_A_WHOLE:
            return None
        if rolls.calls <= (1 if self.collection.changes.is_timed else FEW):
            return None
        try:
            read, seen = time_of(state, SWEPT), time_of(state, SEEN)
            is_due = bool(rolls.moved) and has_overrun(state)
        except BadStateError:
            return None  # it is raised again when it is this stream's turn
        if read is None:
            return None
        # What another stream may prove is not read before it has to be.
        can_wait = self.collection.shown_in is not None and Shown.from_state(state.get(SHOWN)) is not None
        return Load(rolls.calls, read, seen, timedelta(days=self.oldest), can_wait=can_wait, is_due=is_due)

    @property
    def shows_moves(self) -> bool:
        """Whether a run reads what moved, unless it reads everything."""
        rolls = self.rolls
        is_long = rolls is not None and bool(rolls.moved) and rolls.calls > FEW
        return is_long and self._state().get(SWEPT) is not None

    # What other streams show.

    @property
    def spared_by(self) -> str | None:
        """Name of a stream that, read before it, may show that it need not be swept; None if none can."""
        shown_in = self.collection.shown_in
        return None if shown_in is None or self.rolls is None else shown_in.stream

    def _shows(self, begun: Pass, selection: Selection) -> str:
        """Name on the wire of the list that shows the rows of another stream; empty if none is needed."""
        found = self._account.shows(self.collection)
        is_whole = begun.complete and begun.window.is_open and self.rolls is not None
        if found is None or not is_whole or found.column not in selection.columns:
            return ""
        return self.collection.wire.name(found.column)

    def _proof_that_none_is_gone(self) -> Proof | None:
        """What can prove that no row is gone, now or later, as another stream shows all of them."""
        state, other = self._state(), self.spared_by
        before = Shown.from_state(state.get(SHOWN))
        if other is None or before is None:
            return None
        # If rows were refused, a complete pass has to tell whether that was right.
        is_possible = self._is_proof_left and not state.get(REFUSED)
        return Proof(before, self._account.shown.get(other) if is_possible else None)

    def _note_shown(self, done: Pass, conclusion: Conclusion, reader: Reader) -> None:
        """Note what a complete pass shows of its rows, or of those of another stream."""
        state, ended = self._state(), self._account.client.clock.now()
        if reader.shows:
            self._account.shown[self.collection.name] = Shown(done.checkpoint.shown, done.started, ended)
        if self.collection.shown_in is not None and conclusion.activate is not None:
            state[SHOWN] = [Shown(done.checkpoint.digest, done.started, ended).as_state()]
        if self._proof is None:
            return
        if self._proof.holds and (now := self._proof.now) is not None:
            state.update({SHOWN: [now.as_state()], SWEPT: to_moment(now.began.isoformat())})
            self.is_turn = False
        elif (noted := self._proof.noted) is not None:
            state[SHOWN] = [noted.as_state()]

    # What is left of a pass.

    def end(self, activate: Callable[[int], None]) -> Conclusion | None:
        """Move the state after a pass that was read to its end, or as far as this run reads it.

        Args:
            activate: Writes the message that activates a version.

        Returns:
            What the pass left; None if the rest of it is left to later runs.
        """
        done, reader, state = self.current, self.reader, self._state()
        assert done is not None and reader is not None  # noqa: S101, PT018  # it was read
        self.reader = None
        if done.share == 0 or reader.is_partial:
            self._put_off(done, reader)
            return None
        settings = self._account.settings
        self.conclusion = conclusion = conclude(
            done,
            self.collection.changes,
            state,
            now=self._account.started,
            believable=Believable(settings.sweep_max_drop, settings.sweep_max_rows),
            refused=reader.refused,
        )
        if conclusion.activate is not None:
            activate(conclusion.activate)
        state.update(conclusion.state)
        is_good = conclusion.refusal is None
        self.is_turn &= not done.complete
        if is_good:
            self._note_shown(done, conclusion, reader)
        if not done.complete:
            state[CHANGED] = done.checkpoint.rows
        elif is_good and self.rolls is not None and self.rolls.spread is Spread.BY_PARENT:
            counts, parents = done.checkpoint.counts, done.checkpoint.slices
            state[ROWS_BY_PARENT] = [{"parents": parents, "rows": counts}] if counts else []
        tried = None if self._proof is None or self._proof.now is None else self._proof
        is_in_doubt = is_good and self._is_due and tried is not None and not tried.holds
        self._is_proof_left = tried is None
        self._note_seen(reader)
        self._has_swept |= done.complete
        overran = done.checkpoint.overrun and settings.max_calls_per_run is None
        self.is_turn |= overran
        is_old = is_good and self.goes_on_with_changes(done)
        self.has_more = overran or conclusion.is_stale or is_in_doubt or is_old
        return conclusion

    def goes_on_with_changes(self, done: Pass) -> bool:
        """Whether an increment follows a pass in the same run, as what earlier runs read may have changed."""
        can_follow = self.collection.changes.is_timed or done.moves is not None
        return done.is_taken_up and not done.is_spread and can_follow

    def give_up(self) -> None:
        """Give up the pass, because the stream starts over with other columns."""
        assert self.current is not None  # noqa: S101  # there is one that showed it
        self._state()[UNDERWAY] = [self.current.as_state(is_over=True)]
        self.has_more = True

    def _put_off(self, done: Pass, reader: Reader) -> None:
        """Leave the rest of a round to later runs."""
        if done.share:
            self._state()[UNDERWAY] = [replace(done, is_spread=True).as_state()]
            fresh = f", and {reader.fresh} that are new or changed" if reader.fresh else ""
            self._portion_read = (
                f"{done.checkpoint.slices} of {len(reader.parents)} parents read in this round{fresh}, "
                f"no row older than {self.oldest:g} days"
            )
        self._note_seen(reader)
        self.has_more = False

    def _note_seen(self, reader: Reader) -> None:
        """Put into the state when the stream was looked at, and which parents there were."""
        state = self._state()
        if self.rolls is None:
            for key in (SEEN, KNOWN, MARKS, FRESH, ROWS_BY_PARENT):
                state.pop(key, None)
            return
        state[SEEN] = to_moment(self._account.started.isoformat())
        if reader.parents:
            state[KNOWN] = packed(reader.parents)
            state[MARKS] = marked(reader.parents)
            state[FRESH] = reader.fresh

    def record(self, *, earlier: int, mended: int, seconds: float) -> PassRecord:
        """What the last pass did. Its calls are not counted here.

        Args:
            earlier: Rows that earlier runs read, if it was taken up.
            mended: Values that were changed so that records can hold them.
            seconds: How long it took.
        """
        name, done, left, state = self.collection.name, self.current, self.conclusion, self._state()
        if done is None or done.share == 0:
            note = f"left for a later run, as it was read at {read_at(state)[:16]}"
            return PassRecord(stream=name, note=note)
        is_activated = left is not None and left.activate is not None
        found = done.checkpoint
        return PassRecord(
            stream=name,
            kind=done.kind,
            rows=found.rows,
            earlier=earlier if done.is_taken_up else 0,
            new=found.rows - found.up_to_known if found.largest and not done.complete else None,
            gone=left.gone if left is not None and is_activated else None,
            fewer=left.fewer if left is not None and is_activated and left.gone is None else 0,
            mended=mended,
            quarantined=found.quarantined,
            skipped=len(found.skipped),
            seconds=seconds,
            bookmark=time_of(state, BOOKMARK) if self.collection.changes.is_timed else None,
            oldest=self.oldest or None,
            note=self._portion_read or (left.note if left is not None else ""),
            refusal=left.refusal if left is not None else None,
        )


def _portion(begun: Pass) -> Portion | None:
    """How much of a pass to read; None for all of it."""
    # A run that ends a round still looks at the parents that had their turn in earlier runs.
    if begun.known is None or not begun.share or (begun.share == 1 and not begun.is_taken_up):
        return None
    return Portion(begun.share, begun.known, begun.seen)

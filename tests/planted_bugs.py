"""Bugs to plant into a copy of the tap, and the tests of the short suite that have to find each of them.

A `Bug` replaces one piece of source text. If that text has gone, `test_planted_bugs.py` says so: make the
same mistake in the new code.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Bug:
    """A mistake in the source.

    Attributes:
        name: What is wrong.
        file: File below `tap_infusionsoft/`.
        old: Text that is in the file exactly once.
        new: Text to put in its place.
        found_by: Tests below `tests/`, as ``file::test``. Each of them alone must fail.
    """

    name: str
    file: str
    old: str
    new: str
    found_by: tuple[str, ...]

    def plant(self, root: Path) -> None:
        """Put the bug into the source below `root`."""
        path = root / "tap_infusionsoft" / self.file
        path.write_text(path.read_text().replace(self.old, self.new))


MACHINE = "test_machine.py::test_no_row_is_lost_whatever_happens"
RESUME = "test_resume.py::test_a_killed_stream_resumes_where_it_was"
ROWS = "test_every_stream.py::test_every_row_and_value_of_the_stream_arrives"
SECOND_RUN = "test_every_stream.py::test_the_second_run_reads_from_the_bookmark_only"

BUGS = [
    # State and bookmarks.
    Bug(
        "the state is ahead of the data",
        "state/plan_pass.py",
        '"progress": self.checkpoint.as_state(),',
        '"progress": {name: value + 20 if name == "at" else value'
        " for name, value in self.checkpoint.as_state().items()},",
        (MACHINE, RESUME),
    ),
    Bug(
        "the bookmark lies after the start of the run",
        "state/finish_pass.py",
        "_stamp(min(max(times), done.started))",
        "_stamp(done.started.replace(year=done.started.year + 1))",
        (SECOND_RUN,),
    ),
    Bug(
        "the bookmark passes the start of the run if a row does",
        "state/finish_pass.py",
        "_stamp(min(max(times), done.started))",
        "_stamp(max(times))",
        ("state/test_plan_pass.py::test_the_bookmark_is_the_newest_time_but_never_past_the_start",),
    ),
    Bug(
        "increments ignore the bookmark",
        "state/plan_pass.py",
        "_window(changes, options, None if complete else bookmark)",
        "_window(changes, options, None)",
        (SECOND_RUN, "test_loads.py::test_the_second_run_loads_only_changes"),
    ),
    Bug(
        "increments have no look-back",
        "state/plan_pass.py",
        "after = max(bookmark, _EARLIEST + lookback) - lookback",
        "after = bookmark",
        (
            SECOND_RUN,
            "state/test_plan_pass.py::test_later_runs_are_increments_with_the_version_of_the_snapshot",
            "test_stream_settings.py::test_a_row_that_becomes_visible_late_arrives_if_the_lookback_covers_it",
        ),
    ),
    Bug(
        "a checkpoint is written before its rows",
        "reading/reader.py",
        "                    yield RowsRead(plan.collection,",
        "                    if read.mark:\n"
        "                        checkpoint.mark = read.mark\n"
        "                        yield CheckpointReached()\n"
        "                    yield RowsRead(plan.collection,",
        ("test_resume.py::test_a_run_can_start_from_every_state",),
    ),
    Bug(
        "a STATE is written before buffered records",
        "output/line_buffer.py",
        "            chunk += state\n            return chunk\n",
        "            return bytearray(state) + chunk\n",
        ("output/test_writer.py::test_output_is_whole_lines_and_a_state_follows_records",),
    ),
    # Resuming.
    Bug(
        "a resumed pass skips a slice",
        "reading/reader.py",
        "left = slices(plan, parents, ids, checkpoint.after, checkpoint.skipped)",
        "left = (one for number, one in enumerate("
        "slices(plan, parents, ids, checkpoint.after, checkpoint.skipped))"
        " if number or checkpoint.after is None)",
        (RESUME,),
    ),
    Bug(
        "a resumed pass starts its slice over",
        "reading/reader.py",
        "mark=checkpoint.mark if piece.order in {Order.BY_ID, Order.BY_TIME} else None,",
        "mark=None,",
        (RESUME,),
    ),
    # Paging.
    Bug(
        "a walk by id skips rows after each page",
        "reading/walks/by_id.py",
        "return self._call_after(reply.call, self.last_id)\n\n    def _last_row",
        "return self._call_after(reply.call, self.last_id + 3)\n\n    def _last_row",
        (MACHINE, RESUME),
    ),
    Bug(
        "the last row of a page is skipped",
        "reading/pages.py",
        "return rows[reply.overlap :]",
        "return rows[reply.overlap : -1]",
        (ROWS,),
    ),
    Bug(
        "a page arrives twice",
        "reading/pages.py",
        "            yield page\n\n    def _next_page",
        "            yield page\n            yield page\n\n    def _next_page",
        (ROWS,),
    ),
    Bug(
        "rows that a prefetched page repeats arrive twice",
        "reading/pages.py",
        "return rows[reply.overlap :]",
        "return rows",
        ("reading/test_walks_by_id.py::test_no_empty_page_is_awaited_after_a_full_one",),
    ),
    Bug(
        "a walk from the newest row stops one row early",
        "reading/walks/newest_first.py",
        "window.since is not None and moment < window.since",
        "window.since is not None and moment <= window.since",
        (SECOND_RUN,),
    ),
    # Deletions.
    Bug(
        "a version is activated before its rows are written",
        "stream.py",
        "        self._stream_version = begun.version\n",
        "        self._stream_version = begun.version\n"
        '        if begun.activates and self.stream_state.get("version"):\n'
        "            self._write_activate_version_message(begun.version or 0)\n",
        (MACHINE, "test_no_rows.py::test_a_pass_that_fails_halfway_deletes_nothing"),
    ),
    Bug(
        "an increment activates its version",
        "state/finish_pass.py",
        "        return Conclusion(after)\n    return _completed(",
        "        return Conclusion(after, activate=(done.version or 0) + 1)\n    return _completed(",
        (MACHINE, SECOND_RUN, "test_deletes.py::test_deleted_rows_stay_until_the_next_sweep"),
    ),
    Bug(
        "a pass that failed marks deletions",
        "runner.py",
        "            return self._failed(stream, error)\n",
        "            stream._is_read = True\n            stream.close()\n"
        "            return self._failed(stream, error)\n",
        ("test_no_rows.py::test_a_pass_that_fails_halfway_deletes_nothing",),
    ),
    Bug(
        "a pass with empty pages marks deletions",
        "state/finish_pass.py",
        "    if doubt in {Doubt.UNSTEADY, Doubt.EMPTY_PAGES}:\n",
        "    if doubt is Doubt.UNSTEADY:\n",
        ("test_no_rows.py::test_an_empty_page_that_repeats_deletes_nothing",),
    ),
    Bug(
        "a pass that missed parents marks deletions",
        "state/finish_pass.py",
        " or (doubt is Doubt.PARENTS and state.get(NOT_FOUND) != not_found):",
        ":",
        ("test_deletes.py::test_a_missing_parent_deletes_no_rows",),
    ),
    Bug(
        "any drop in rows is believed",
        "state/finish_pass.py",
        "    if not before or believable.includes(rows, before):\n        return\n",
        "    if rows >= 0:\n        return\n",
        ("test_deletes.py::test_an_implausible_drop_deletes_nothing_and_fails",),
    ),
    Bug(
        "there are no sweeps",
        "state/plan_pass.py",
        "    is_due = not options.scope.moves and sweep_is_due(state, options)\n",
        "    is_due = False\n",
        (MACHINE, "test_deletes.py::test_every_kind_of_stream_detects_deletions"),
    ),
    Bug(
        "a narrowed scope deletes what it leaves out",
        "state/plan_pass.py",
        "    narrowed = bool(narrows) or bool(state.get(NARROWED))\n",
        "    narrowed = False\n",
        ("test_deletes.py::test_narrowing_a_setting_deletes_nothing",),
    ),
    # Calls.
    Bug(
        "a server error is not retried",
        "client/retry.py",
        "            Kind.SERVER_ERROR: transient,\n",
        "",
        ("test_patience.py::test_transient_failures_are_retried_until_the_waits_are_used_up",),
    ),
    Bug(
        "an exceeded minute limit is not retried",
        "client/retry.py",
        "            Kind.MINUTE_THROTTLE: Schedule((0.0,) * self.throttle_tries, window=True),\n",
        "",
        ("test_patience.py::test_the_minute_throttle_is_waited_out",),
    ),
    Bug(
        "calls of the day are not counted",
        "client/daily_quota.py",
        '"used": self.used + 1,',
        '"used": self.used,',
        ("test_quota.py::test_the_state_counts_every_call_across_runs",),
    ),
    # Trust in what was asked for.
    Bug(
        "ids that ascend are taken for all ids",
        "reading/walks/by_id.py",
        "self.proof = None if self._is_proved else self._last_row(reply.call)",
        "self.proof = None",
        ("scenarios/test_order.py::test_rows_that_a_server_sends_late_are_loaded_although_ids_ascend",),
    ),
    Bug(
        "an error beside rows is no error",
        "client/faults.py",
        "    return any(map(_is_known, texts(outside_rows(document, call))))\n",
        "    return False\n",
        ("scenarios/test_error_beside_a_list.py::test_a_query_that_took_too_long_is_no_end_of_the_list",),
    ),
    Bug(
        "refused parents are forgotten",
        "state/finish_pass.py",
        "    if done.checkpoint.skipped or done.checkpoint.unlisted:\n",
        "    if done.checkpoint.unlisted:\n",
        ("scenarios/test_refused_parents.py::test_rows_of_a_refused_parent_stay",),
    ),
    Bug(
        "the state of another account is taken up",
        "client/tenant.py",
        "            if _plain(other) != _plain(found):\n",
        "            if not where:\n",
        (MACHINE, "scenarios/test_accounts.py::test_a_state_of_another_account_ends_the_run_before_any_row"),
    ),
]

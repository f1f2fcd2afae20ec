"""The command ``tap-infusionsoft-check``: connects as the tap does, and says what a run would do.

It makes at most `MOST_CALLS` calls: one for the account, one for each model of custom fields that the run
needs, one for the list of saved searches if any is wanted, and with the rest it looks at the first pages of
streams whose rows nothing else tells.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import IO, TYPE_CHECKING, Any

import click
import msgspec

from tap_infusionsoft.check.changes import look_at_changes
from tap_infusionsoft.check.checked_tap import CheckedTap
from tap_infusionsoft.check.duration import seconds
from tap_infusionsoft.check.named_ids import look_at_ids
from tap_infusionsoft.check.parts import look_at_parts
from tap_infusionsoft.check.plan import Plan, take_turns
from tap_infusionsoft.check.planned import Planned, Seen
from tap_infusionsoft.check.probe import Probe
from tap_infusionsoft.check.report import Report
from tap_infusionsoft.check.samples import Samples
from tap_infusionsoft.check.spared import compare
from tap_infusionsoft.check.table import as_text
from tap_infusionsoft.check.targets import is_first_load
from tap_infusionsoft.cli import (
    CATALOG_ADVICE,
    CONFIG_PATH,
    INPUT_FILES,
    STATE_ADVICE,
    checked_file,
    read_config,
)
from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.client.tenant import USER_INFO
from tap_infusionsoft.config.credentials import CREDENTIALS
from tap_infusionsoft.config.report_settings import read_report
from tap_infusionsoft.config.schema import TOKEN_FILE
from tap_infusionsoft.errors import Exit, HourSpentError, TapError, ends_run, exit_for, explain
from tap_infusionsoft.output.quarantine import check_writable
from tap_infusionsoft.reading.account import sources
from tap_infusionsoft.report.report_file import ReportFile
from tap_infusionsoft.report.summary import plural
from tap_infusionsoft.streams import saved_searches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_infusionsoft.check.tried import Tried
    from tap_infusionsoft.config.settings import Settings
    from tap_infusionsoft.stream import KeapStream

WORTH = 20
"""Rows that a call should tell of, as long as there are such calls."""
_SETTINGS = {Kind.DAY_SHARE: "daily_quota_share", Kind.DAY_MOST: "requests_per_day"}
"""What may stop a run for the day, as far as settings say so."""


class Check:
    """One check."""

    def __init__(self, tap: CheckedTap) -> None:
        """A check that has not begun.

        Args:
            tap: The tap, with its settings, catalog and state.
        """
        self._tap = tap
        self._codes: set[Exit] = set()
        self._uncompared: list[str] = []
        self._chosen: Sequence[KeapStream] = ()
        given = [one.name for one in CREDENTIALS if one.read(tap.config)]
        self.report = Report(credential=given[0] if given else TOKEN_FILE.name)  # after a login

    def run(self) -> Report:
        """Look at the account, the streams and the plan.

        Raises:
            TapError: The settings, the catalog or the state are wrong.
            KeapError: Keap cannot be asked.
        """
        tap, report = self._tap, self.report
        self._look_at_files(tap.settings)
        client = tap.account.client
        if client.hour_left < 1:
            raise HourSpentError(tap.wanted.requests_per_hour)
        user = client.fetch(USER_INFO).document
        asks_for_account = client.sent > 1  # answers do not name the account, so runs ask for it, too
        report.user = " ".join(
            str(user[name]) for name in ("given_name", "family_name") if user.get(name)
        ) or str(user.get("email") or "")
        report.account = str(user.get("tenant_id") or (client.tenant.name if client.tenant else ""))
        chosen = tap.chosen()
        for name, (message, code) in tap.refused.items():
            self._refuse(name, message, code)
        self._chosen = chosen
        tap.account.begin([stream.collection for stream in chosen])
        take_turns(chosen, tap.account.started)
        chosen = self._with_usable_states(chosen)
        for stream in chosen:
            if (read := stream.read_at) != "":
                report.seen[stream.name] = f"read at {read[:16]}"
        report.left_out = {one.name: left for one in chosen if (left := one.columns_left_out)}
        seen = self._look(chosen)
        streams = self._readable(chosen)
        report.streams = [stream.name for stream in chosen] + [
            name for name in report.refused if name not in {one.name for one in chosen}
        ]
        report.plan = Plan(tap.account, streams, seen).rows()
        if asks_for_account:
            report.plan.append(
                Planned("(account)", "list", 1, 0, is_least=False, basis="which account it is")
            )
        self._sum_up()
        return report

    def _with_usable_states(self, chosen: Sequence[KeapStream]) -> list[KeapStream]:
        """The streams whose states can be used; the run fails the others."""
        for stream in chosen:
            try:
                _ = stream.next_pass
            except TapError as error:
                self._refuse(stream.name, str(error), error.exit_code)
        return self._readable(chosen)

    def _look_at_files(self, settings: Settings) -> None:
        """Find out whether the files can be written that settings name.

        Raises:
            ConfigError: One cannot that the run needs.
        """
        if settings.quarantine_file is not None:
            check_writable(settings.quarantine_file)
        path, keep = read_report(self._tap.config)
        if path is not None and (problem := ReportFile(path, keep).problem) is not None:
            self.report.notes.append(problem)

    def _refuse(self, name: str, message: str, code: Exit) -> None:
        self.report.refused[name] = message
        self.report.seen.pop(name, None)
        self._codes.add(code)

    def _failed(self, stream: KeapStream, error: KeapError) -> None:
        """Note that a stream cannot be read, unless that is because the check has used up its calls.

        Those that are read for its rows cannot be read either.
        """
        if error.fault.kind in {Kind.CALLS_SPENT, Kind.RUN_OVER}:
            if error.tries > 1:
                self.report.notes.append(
                    f"{stream.name}: {error.call} failed, and the check had no call left to try again."
                )
            return
        if ends_run(error, answered=self._tap.account.client.answered):
            raise error
        self._refuse(stream.name, explain(error, stream.collection.unserved), exit_for(error.fault))
        collections, called = self._tap.account.collections, error.call.path
        refused = {stream.name, *(one.name for one in self._chosen if one.collection.endpoint.path == called)}
        for one in self._chosen:
            if one.name not in self.report.refused and refused & {
                one.name,
                *sources(one.collection, collections),
            }:
                self._refuse(one.name, explain(error), exit_for(error.fault))

    def _look_at_columns(self, chosen: Sequence[KeapStream]) -> None:
        """Find what is new since the catalog was made."""
        for stream in chosen:
            try:
                if changes := stream.changes_of_columns():
                    self.report.new_columns[stream.name] = [*changes]
            except KeapError as error:
                if error.fault.kind is Kind.CALLS_SPENT:
                    self._uncompared.append(stream.name)
                self._failed(stream, error)
            except TapError as error:
                self._refuse(stream.name, str(error), error.exit_code)

    def _look_at_models(self, chosen: Sequence[KeapStream]) -> None:
        """Find out whether the custom fields of streams can be read that a run asks for first."""
        account = self._tap.account
        for stream in chosen:
            path = stream.collection.custom_fields
            if path is None or stream.name in self.report.refused or account.client.calls_left < 1:
                continue
            try:
                account.models.custom_fields(path)
            except KeapError as error:
                self._failed(stream, error)

    def _look_at_searches(self, chosen: Sequence[KeapStream]) -> None:
        """List the saved searches if streams are read for them."""
        account = self._tap.account
        read_for = [
            one
            for one in chosen
            if one.collection.source is not None and one.collection.source.setting == saved_searches.SETTING
        ]
        if not read_for or account.settings.limit(saved_searches.SETTING) == ():
            return
        try:
            _ = account.saved_searches.wanted
        except KeapError as error:
            for stream in read_for:
                self._failed(stream, error)

    def _look_at_ids(self, chosen: Sequence[KeapStream], tried: Mapping[str, Tried]) -> None:
        """Find the streams whose settings name only ids that the account does not have, as answers show."""
        for stream in self._readable(chosen):
            try:
                look_at_ids(self._tap.account, stream, tried)
            except KeapError as error:
                self._failed(stream, error)
            except TapError as error:
                self._refuse(stream.name, str(error), error.exit_code)

    def _readable(self, chosen: Sequence[KeapStream]) -> list[KeapStream]:
        """The streams that were not refused so far."""
        return [one for one in chosen if one.name not in self.report.refused]

    def _look(self, chosen: Sequence[KeapStream]) -> Seen:
        """Make the calls that show most about the next run: about first loads before increments."""
        account, first = self._tap.account, [one for one in chosen if is_first_load(one)]
        lists_searches = account.saved_searches.is_read or "reports" not in {one.name for one in chosen}
        self._look_at_searches(chosen)
        self._look_at_columns([one for one in chosen if one not in first])
        probe = Probe(account, self._readable(chosen), self._failed)
        samples = Samples(account, probe.tried, self._failed)
        probe.run(WORTH)
        samples.take(self._readable(chosen), WORTH)
        probe.run()
        self._look_at_columns(first)
        self._look_at_models(first)
        self._look_at_ids(chosen, probe.tried)
        compared = compare(account, self._readable(chosen), self._failed)
        changes = look_at_changes(account, self._readable(chosen), self._failed)
        samples.take(self._readable(chosen))
        parts = look_at_parts(account, self._readable(chosen), self._failed)
        probe.read_on()
        self.report.seen |= dict.fromkeys([*probe.seen, *changes, *samples.counts], "answers")
        counted = {name: counted for name, counted in changes.items() if counted is not None}
        lists_searches &= account.saved_searches.is_read
        return Seen(probe.tried, samples.counts, counted, compared, parts, lists_searches)

    def _sum_up(self) -> None:
        """Compare the plan with what is left of quota, hour and run."""
        tap, report, client = self._tap, self.report, self._tap.account.client
        wanted, left, (share, limit) = tap.wanted, client.quota, client.next_run
        hour = client.hour_left + client.sent  # the next run does not know of the calls of this check
        report.calls_made = client.sent
        report.calls = sum(one.calls for one in report.plan)
        report.rows = sum(one.rows or 0 for one in report.plan)
        report.is_least = any(one.is_least for one in report.plan)
        report.is_estimate = any(one.is_estimate for one in report.plan)
        report.least_calls = sum(_least(one.least_calls, one.calls) for one in report.plan)
        report.least_rows = sum(_least(one.least_rows, one.rows) for one in report.plan)
        report.calls_at_once = min(report.calls, wanted.max_calls_per_run or report.calls)
        report.seconds = seconds(report.calls_at_once, wanted, hour, client.latency.seconds)
        report.quota = {
            "day": left.left if left else None,
            "day_limit": left.limit if left else None,
            "resets_at": f"{left.resets_at:%Y-%m-%dT%H:%M:%SZ}" if left else None,
            "share": share,
            "hour": None if hour == float("inf") else int(hour),
        }
        if report.calls_at_once > share:
            report.problems.append(self._shortage(share, limit))
            self._codes.add(Exit.QUOTA)
        if report.seconds >= wanted.max_run_hours * 3600:
            report.problems.append("The run takes longer than max_run_hours, and goes on in the next one.")
            self._codes.add(Exit.QUOTA)
        if hour < report.calls_at_once:
            report.notes.append(
                f"The hour has {plural(int(hour), 'call')} left (requests_per_hour), so the run waits."
            )
        if report.calls_at_once < report.calls:
            report.notes.append(
                f"max_calls_per_run is {report.calls_at_once:,}: later runs go on where the next one stops."
            )
        if untried := [name for name in report.streams if name not in {*report.seen, *report.refused}]:
            report.notes.append(
                f"Streams not tried: {len(untried)}; tap-infusionsoft --test makes a call for each."
            )
        if self._uncompared:
            report.notes.append(
                f"Custom fields not compared with the catalog, as the check had no calls left for them: "
                f"{', '.join(self._uncompared)}. The run compares them."
            )
        report.notes[:0] = [*tap.warnings, *tap.catalog_warnings]
        report.exit_code = self._exit_code()

    def _shortage(self, share: int, limit: Kind) -> str:
        """Say that the day's calls do not suffice.

        Args:
            share: Calls that the next run may make today.
            limit: What stops it then.
        """
        report, setting = self.report, _SETTINGS.get(limit)
        about = ""
        if report.calls_at_once == report.calls:
            is_estimate = report.is_estimate and report.least_calls != report.calls
            about = "about " if is_estimate else "at least " if report.is_least else ""
        allows = f"{setting} allows {share:,} more" if setting else f"Keap has {share:,} left for"
        reset = report.quota["resets_at"]
        again = f"after {reset}" if reset else "after the reset"
        return (
            f"The run needs {about}{plural(report.calls_at_once, 'call')}, and {allows} today, so it ends "
            f"with exit code 75. What it has read by then is kept; run again {again}"
            f"{f', or raise {setting}' if setting else ''}."
        )

    def _exit_code(self) -> Exit:
        """The exit code of a run as far as it is known."""
        if Exit.QUOTA in self._codes:
            return Exit.QUOTA
        if not self._codes:
            return Exit.OK
        is_all = len(self.report.refused) == len(self.report.streams) and len(self._codes) == 1
        return next(iter(self._codes)) if is_all else Exit.PARTIAL


def _least(least: int | None, number: int | None) -> int:
    return (number or 0) if least is None else least


@click.command(name="tap-infusionsoft-check")
@click.option(
    "--config", multiple=True, type=CONFIG_PATH, help="Settings: a file, or ENV for the environment."
)
@click.option("--catalog", type=INPUT_FILES["catalog"], help="The catalog of the next run.")
@click.option("--state", type=INPUT_FILES["state"], help="The state that the next run gets.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of a table.")
def main(config: tuple[str, ...], catalog: IO[str] | None, state: IO[str] | None, *, as_json: bool) -> None:
    """Say whether the next run would work, and what it would take.

    It reads the first pages of some lists, writes no records, and makes at most 12 calls.
    """
    logger = logging.getLogger("tap-infusionsoft")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # the report says why streams cannot be read
    try:
        code = _checked(config, catalog, state, as_json=as_json)
    finally:
        logger.setLevel(level)
    sys.exit(code)


def _checked(
    config: tuple[str, ...], catalog: IO[str] | None, state: IO[str] | None, *, as_json: bool
) -> int:
    notes: list[str] = []
    try:
        settings, parse_env = read_config(config)
        tap = CheckedTap(
            config=settings,
            parse_env_config=parse_env,
            catalog=None if catalog is None else checked_file("--catalog", catalog, CATALOG_ADVICE)[0],
            state=None if state is None else checked_file("--state", state, STATE_ADVICE)[0],
        )
        notes = tap.warnings
        report = Check(tap).run()
    except TapError as error:
        return _ended(str(error), error.exit_code, notes, as_json=as_json)
    except KeapError as error:
        return _ended(explain(error), exit_for(error.fault), notes, as_json=as_json)
    click.echo(json.dumps(as_json_object(report), indent=2) if as_json else as_text(report))
    return report.exit_code


def _ended(message: str, code: Exit, notes: Sequence[str], *, as_json: bool) -> int:
    if as_json:
        found = {"problems": [message], "notes": notes, "exit_code": int(code)}
        click.echo(json.dumps(found, indent=2))
    for one in notes:
        click.echo(f"Note: {one}", err=True)
    click.echo(message, err=True)
    return code


def as_json_object(report: Report) -> Mapping[str, Any]:
    """The report as JSON has it."""
    found: dict[str, Any] = msgspec.to_builtins(report)
    return found

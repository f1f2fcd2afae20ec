"""`TapInfusionsoft`: reads the settings, builds the streams, runs them, ends honestly."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys
import threading
from dataclasses import replace
from functools import cache, cached_property
from typing import IO, TYPE_CHECKING, Any, ClassVar, cast

import click
import msgspec
from singer_sdk import Tap
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.metrics import METRICS_LOGGER_NAME
from singer_sdk.plugin_base import _ConfigInput
from singer_sdk.singerlib import Catalog
from singer_sdk.singerlib.messages import StateMessage

from tap_infusionsoft import wings
from tap_infusionsoft.cli import (
    ACCOUNT,
    CATALOG_ADVICE,
    CONFIG_PATH,
    INPUT_FILES,
    QUOTA,
    STATE_ADVICE,
    HonestCommand,
    as_declared,
    check_state,
    checked_file,
    from_environment,
    read_config,
    settings_error,
    unwrapped_state,
)
from tap_infusionsoft.client.clock import Clock, SystemClock
from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.client.http import Limits
from tap_infusionsoft.client.redact import Redactor, install
from tap_infusionsoft.client.signals import stopping
from tap_infusionsoft.config.batches import read_batches, without_nulls
from tap_infusionsoft.config.chosen_streams import read_chosen
from tap_infusionsoft.config.schema import CONFIG_SCHEMA
from tap_infusionsoft.config.settings import Settings, limits, read_settings, warnings
from tap_infusionsoft.config.stream_overrides import check_overrides
from tap_infusionsoft.connection import connect
from tap_infusionsoft.discovery.catalog import not_honored, read_catalog, with_stream_ids
from tap_infusionsoft.discovery.catalog_marks import ACCOUNT as ACCOUNT_MARK
from tap_infusionsoft.discovery.catalog_marks import SEARCH_ID, SEARCH_NAME, Marks, add_marks, marks
from tap_infusionsoft.discovery.choice import disagreement, with_choice
from tap_infusionsoft.discovery.discover import Discovery
from tap_infusionsoft.discovery.given_names import with_given_names
from tap_infusionsoft.errors import (
    ConfigError,
    Exit,
    RunFailedError,
    did_you_mean,
    ends_run,
    exit_for,
    explain,
)
from tap_infusionsoft.mapping import Outlets, check_maps, check_names, check_streams
from tap_infusionsoft.output.quarantine import check_writable
from tap_infusionsoft.output.writer import LineWriter, StateLineWriter
from tap_infusionsoft.reading.account import Account
from tap_infusionsoft.report.progress import Progress
from tap_infusionsoft.report.run_log import RunLog
from tap_infusionsoft.report.watch import Watch
from tap_infusionsoft.run_order import in_order, whose_turn_it_is
from tap_infusionsoft.run_report import RunReport
from tap_infusionsoft.runner import Failure, Runner
from tap_infusionsoft.state.given_names import NamedSearch, column_names, named_searches
from tap_infusionsoft.state.kept_models import MODELS, KeptModels
from tap_infusionsoft.state.left_streams import LEFT, LeftStreams
from tap_infusionsoft.stream import KeapStream
from tap_infusionsoft.streams.custom_field_models import CUSTOM_FIELDS
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.trial import WAYS, Trial, check_way

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from types import FrameType

    from tap_infusionsoft.discovery.discover import AccountStream
    from tap_infusionsoft.queries.compile import CompiledQuery
    from tap_infusionsoft.streams.collection import Collection

LOG_CONFIG = "SINGER_SDK_LOG_CONFIG"
"""Environment variable with the path of a log configuration for the SDK."""
MELTANO = "MELTANO_EXTRACTOR_NAME"
"""Environment variable that Meltano sets for the extractors that it runs."""
ENVIRONMENT = "TAP_INFUSIONSOFT_"
"""Prefix of the environment variables that hold settings."""


class TapInfusionsoft(Tap):
    """Singer tap for Infusionsoft (Keap)."""

    name = "tap-infusionsoft"
    package_name = "tap-infusionsoft"
    config_jsonschema: ClassVar[dict[str, Any]] = wings.with_settings(CONFIG_SCHEMA)
    message_writer_class = LineWriter
    message_writer: LineWriter
    dynamic_catalog = True  # custom fields and saved searches are the account's own
    _is_trial = False
    _is_run = False
    collections: ClassVar[Mapping[str, Collection]] = COLLECTIONS
    """The collections that are discovered, by name; a subclass may have fewer."""
    unused_settings: ClassVar[frozenset[str]] = frozenset()
    """Settings that are ignored; a subclass may have some."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        limits: Limits | None = None,
        config: Any = None,
        catalog: Any = None,
        **kwargs: Any,
    ) -> None:
        """A tap that has asked Keap for nothing yet.

        Args:
            clock: Its time; the system's if left out.
            rng: For the random part of waits.
            limits: Bounds of every HTTP exchange.
            config: The settings, unchecked.
            catalog: The catalog, as a document or the SDK's object; None to discover the streams.
            kwargs: What the SDK's tap takes.

        Raises:
            ConfigError: The settings do not match their schema, or the catalog is none.
        """
        document = catalog.to_dict() if isinstance(catalog, Catalog) else catalog
        if isinstance(document, dict):
            document = with_stream_ids(document)
        state = kwargs.get("state")
        if isinstance(state, dict):
            state = kwargs["state"] = unwrapped_state(state)
        self._renamed: list[str] = []
        if isinstance(document, dict) and isinstance(state, dict):
            check_state(state)
            document, self._renamed = with_given_names(document, state.get("bookmarks", {}))
        self._given = None if document is None else read_catalog(document)
        self._marks: dict[str, Marks] = {} if document is None else marks(document)
        self._undiscovered: dict[str, Failure] = {}
        self._unasked: dict[str, str] = {}  # stream -> path of the call that its description lacks
        self._clock = clock or SystemClock()
        self._random = rng
        self._limits = limits or Limits()
        self._started = self._clock.now()
        self.run_log = RunLog(self._started)
        config = dict(config or {})
        self.append_builtin_config(self.config_jsonschema)  # the SDK's own settings
        if kwargs.pop("parse_env_config", False):
            config |= from_environment(self.config_jsonschema, ENVIRONMENT, os.environ)
            named = {
                name.removeprefix(ENVIRONMENT).lower() for name in os.environ if name.startswith(ENVIRONMENT)
            }
            # Unknown ones are kept, so that they are reported.
            config |= dict.fromkeys(named - self.config_jsonschema["properties"].keys() - {"loglevel"}, "")
        config = as_declared(config, self.config_jsonschema)
        self._unused = sorted(self.unused_settings & config.keys())
        config = {name: value for name, value in config.items() if name not in self._unused}
        self._redactor = Redactor(
            str(config.get(name) or "").strip()
            for name, schema in self.config_jsonschema["properties"].items()
            if schema.get("secret")
        )
        install(self._redactor)
        check_maps(config.get("stream_maps"))
        if self._given is not None:
            self._given = with_choice(self._given, read_chosen(config))
        read_batches(config)  # its messages say more than the SDK's
        if "batch_config" in config:
            config["batch_config"] = without_nulls(config["batch_config"])
        try:
            super().__init__(config=config, catalog=self._sdk_catalog(), **kwargs)
        except ConfigValidationError as error:
            raise settings_error(error, config) from None

    def _sdk_catalog(self) -> dict[str, Any] | None:
        """The streams of the given catalog, for the SDK: it only asks which ones there are."""
        if self._given is None:
            return None
        return {"streams": [{"tap_stream_id": name} for name in self._given]}

    def setup_mapper(self) -> None:
        """Do nothing: streams find their maps themselves, once it is known which of them are read."""

    @cached_property
    def outlets(self) -> Outlets:
        """What finds the ways on which the records of streams leave.

        Raises:
            ConfigError: Settings of stream maps or flattening are wrong.
        """
        return Outlets(self.config, self.logger)

    @cached_property
    def settings(self) -> Settings:
        """The checked settings.

        Raises:
            ConfigError: One is wrong.
        """
        for sentence in warnings(self.config, self.config_jsonschema["properties"]):
            self.logger.warning(sentence)
        for name in self._unused:
            self.logger.info("The setting %s is ignored here.", name)
        found = read_settings(self.config, self._started)
        is_default = self._given is None and not found.chosen
        if self._is_trial and is_default and found.saved_searches is None:
            return replace(found, saved_searches=())  # none is selected, so none needs to be described
        return found

    @cached_property
    def account(self) -> Account:
        """The Keap account, with the one client of this tap."""
        settings, state = self.settings, cast("dict[str, Any]", self.state)
        state.setdefault("bookmarks", {})  # some programs that read states fail without
        client = connect(
            settings,
            state,
            self._accounts_in_catalog,
            clock=self._clock,
            limits=self._limits,
            agent=f"{self.name}/{self.plugin_version}",
            redactor=self._redactor,
            rng=self._random,
        )
        self.message_writer.max_record_bytes = settings.max_record_bytes
        lists = {one.request.query.setting: one.values for one in self.queries if one.values}
        given = {
            own[SEARCH_ID]: NamedSearch(stream, own.get(SEARCH_NAME, ""))
            for stream, own in self._marks.items()
            if SEARCH_ID in own
        }
        return Account(
            client,
            settings.with_lists({**lists, **self.further.lists}),
            self._started,
            KeptModels(state, state[ACCOUNT], self._started),
            given | named_searches(state["bookmarks"]),
            self.further.collections,
        )

    @property
    def _accounts_in_catalog(self) -> dict[str, str]:
        """The accounts that the selected streams of the catalog belong to, by where that is said."""
        selected = self._selected_in_catalog or {}
        return {
            f"the catalog's stream {stream}": own[ACCOUNT_MARK]
            for stream, own in self._marks.items()
            if ACCOUNT_MARK in own and selected.get(stream)
        }

    @property
    def catalog_dict(self) -> dict[str, Any]:
        """The catalog as it is written; a new object each time."""
        found: dict[str, Any] = json.loads(self.catalog_json_text)
        return found

    @property
    def catalog_json_text(self) -> str:
        """The catalog, with what it keeps of Keap's own identities. All of it is ASCII, for any locale.

        The SDK would make objects of all schemas, and documents of those, in a tenth of the time of a
        discovery.
        """
        streams = [one.catalog_entry for one in self.streams.values() if isinstance(one, KeapStream)]
        catalog = {"streams": streams}
        add_marks(catalog, self._marks_of)
        return msgspec.json.format(json.dumps(catalog))

    def _marks_of(self, name: str) -> Marks:
        stream = self.streams[name]
        if not isinstance(stream, KeapStream):
            return {}
        tenant, search = self.account.client.tenant, stream.collection.search
        # The setting may name one that is not there; then its name stands in for the id.
        found = {SEARCH_ID: search.id, SEARCH_NAME: search.label} if search.id.isdigit() else {}
        if stream.is_of_one_account and tenant is not None and tenant.name:
            found[ACCOUNT_MARK] = tenant.name
        return found

    @cached_property
    def state_writer(self) -> StateLineWriter:
        """What writes the state, for the streams and the SDK."""
        return StateLineWriter(self.message_writer)

    @cached_property
    def queries(self) -> list[CompiledQuery]:
        """The user's own queries, checked as far as possible without a call.

        Raises:
            ConfigError: Keap cannot answer one; the message names it.
        """
        if not self.settings.queries:
            return []
        from tap_infusionsoft.queries.compile import compile_query  # noqa: PLC0415  # slow to import, and rarely needed

        return [compile_query(one, self.settings.custom_fields) for one in self.settings.queries]

    @cached_property
    def further(self) -> wings.WingStreams:
        """The streams of other APIs than REST that settings or the catalog name.

        Raises:
            ConfigError: A setting is wrong.
        """
        named = dict.fromkeys(self.settings.chosen.names, True)
        catalog = named if self._given is None else self._selected_in_catalog
        return wings.streams(self.config, catalog, self._started)

    @property
    def own_streams(self) -> Sequence[AccountStream]:
        """The streams that the user chose besides those that every account has, saved searches aside."""
        return (*self.queries, *self.further.streams)

    def discover_streams(self) -> list[KeapStream]:
        """Find all streams: those that every account has, the queries, and one for each wanted saved search.

        Raises:
            KeapError: Keap cannot be asked.
            TapError: Settings are wrong.
        """
        self.account.models.takes_from_state = self._is_run and (
            self._may_break_off or not self._reads_all_models
        )
        discovery = Discovery(
            self.account,
            self.own_streams,
            self._selected_in_catalog,
            self.collections,
            self._columns_of,
            self._columns_in_catalog,
            is_run=self._is_run,
            describes=self._describes,
        )
        streams, refusals = [], discovery.failed
        for found in discovery.streams():
            name = found.collection.name
            if found.refusal is not None:
                refusals[name] = found.refusal
            streams.append(
                KeapStream(
                    self,
                    found.collection,
                    self.account,
                    self.outlets,
                    selected=found.selected,
                    given=(self._given or {}).get(name),
                    named=self._columns_of(name),
                    is_described=found.refusal is None and found.is_asked,
                )
            )
        self._unasked = {name: one.unsent for name, one in refusals.items() if one.unsent}
        self._undiscovered = {
            name: Failure(name, one.message, one.exit_code)
            for name, one in refusals.items()
            if not (self._is_run and one.unsent)
        }
        known = COLLECTIONS | {one.collection.name: one.collection for one in self.own_streams}
        check_overrides(self.settings.streams, known, self.settings.rolls)
        return streams

    def _describes(self, stream: str) -> bool:  # noqa: ARG002  # for a subclass
        """Whether Keap is asked for the custom fields of a stream, without a catalog."""
        return True

    def _columns_of(self, stream: str) -> dict[str, str]:
        """The columns of a stream that were named before, by id."""
        bookmarks: dict[str, dict[str, Any]] = self.state.get("bookmarks", {})
        return column_names(bookmarks.get(stream, {}))

    def _columns_in_catalog(self, stream: str) -> AbstractSet[str]:
        """The columns that the catalog has of a stream; none without a catalog."""
        given = (self._given or {}).get(stream)
        return frozenset() if given is None or given.schema is None else given.schema["properties"].keys()

    @property
    def _may_break_off(self) -> bool:
        """Whether a run may end before all is read that it could read."""
        return self.settings.max_calls_per_run is not None

    @property
    def _reads_all_models(self) -> bool:
        """Whether the models are read in every run, because the rows of a stream are in them."""
        name, selected = CUSTOM_FIELDS.name, self._selected_in_catalog
        default = self.settings.chosen.selects(name, default=CUSTOM_FIELDS.selected_by_default)
        is_selected = default if selected is None else selected.get(name, False)
        is_spread = self.settings.rolls(name) and self.settings.sweep_days(name) > 0
        return is_selected and name in self.collections and not is_spread

    @cached_property
    def _selected_in_catalog(self) -> dict[str, bool] | None:
        """Streams of the given catalog -> whether they are selected; None without a catalog."""
        if self._given is None:
            return None
        return {name: given.is_selected for name, given in self._given.items()}

    def sync_all(self) -> None:  # type: ignore[misc]  # final there: it stops at the first stream that fails
        """Run all selected streams, write the state as the last line, and then the report, however it ends.

        Raises:
            TapError: Something failed. Everything else is complete.
        """
        program = f"{self.name} {self.plugin_version}"
        report = RunReport(self.config, self.run_log, self._clock, program, self._redactor)
        try:
            self._sync_all(report)
        except BaseException as error:
            report.end(error)
            raise
        report.end(None)

    def _sync_all(self, report: RunReport) -> None:
        """Run all selected streams, and write the state as the last line.

        Args:
            report: Is told the settings and the client.

        Raises:
            TapError: Something failed. Everything else is complete.
        """
        if self.state:
            self.state_writer.write_state(self.state)
        report.settings = self.settings
        is_wanted = self.settings.log_metrics or LOG_CONFIG in os.environ
        if not is_wanted and not self.logger.isEnabledFor(logging.DEBUG):
            logging.getLogger(METRICS_LOGGER_NAME).setLevel(logging.WARNING)
        try:
            for sentence in self._renamed:
                self.logger.warning(sentence)
            self._is_run = True
            report.client = self.account.client
            watch = Watch(self.run_log, self.account.client, self.message_writer)
            progress = Progress(self.settings.progress, watch, self._clock)
            with progress.shown():
                self._run(watch, progress)
        finally:
            if self.state:
                self.message_writer.write_message(StateMessage(value=self.state))

    def _run(self, watch: Watch, progress: Progress) -> None:
        """Run all selected streams.

        Args:
            watch: Looks at what the run does.
            progress: Shows it.
        """
        if (path := self.settings.quarantine_file) is not None:
            check_writable(path)
        chosen = self.chosen()
        if (limited := limits(self.settings)) is not None:
            self.logger.info(limited)
        self.account.begin([stream.collection for stream in chosen])
        left = LeftStreams(cast("dict[str, Any]", self.state))
        try:
            self._note_unasked()
            in_full = whose_turn_it_is(chosen, self._started)
            has_limit = self._may_break_off
            for stream in () if has_limit else in_full:
                stream.passes.is_turn = True
            client, prefetcher = self.account.client, self.account.prefetcher
            failures = self._undiscovered.values()
            runner = Runner(client, prefetcher, failures, self.run_log, watch, progress)
            runner.run(in_order(chosen, left if has_limit else None), in_full if has_limit else ())
        finally:
            left.note(self.run_log.without_call, self.run_log.without_progress)
            self.account.prefetcher.drop_all()

    def _note_unasked(self) -> None:
        """Leave to the next run what this one did not get to know, and note if no call is left for rows."""
        self.run_log.left += self._unasked
        self.run_log.without_call += self._unasked
        self.run_log.without_progress += self._unasked
        sent, most = self.account.client.sent, self.settings.max_calls_per_run
        if most is not None and sent >= most:
            known, unknown = self.account.models.from_state, {*self._unasked.values()}
            self.run_log.calls_before_rows = sent + len(known) + len(unknown)

    def run_discovery(self) -> str:
        """Write the catalog, and say what could not be discovered.

        Returns:
            The catalog.

        Raises:
            RunFailedError: Something could not be discovered. The catalog is complete as far as it could be.
        """
        text = super().run_discovery()
        sys.stdout.flush()
        # Meltano 4.4.1 deletes the catalog and ends the whole run if discovery does not end with 0 (tried).
        # So there, only what the catalog cannot hold ends with 3. The rest is in the catalog: the run that
        # follows reads the other streams, says what is wrong with these, and ends with 3. If
        # only calls were lacking, it would find nothing wrong.
        is_meltano = bool(os.environ.get(MELTANO))
        held = set(self.streams) - set(self._unasked)
        if any(not is_meltano or name not in held for name in self._undiscovered):
            raise RunFailedError(
                f"Discovery could not see everything: {', '.join(self._undiscovered)}. The catalog has been "
                "written. Follow the reasons above, and run discovery again (in Meltano: --refresh-catalog).",
                Exit.PARTIAL,
            )
        return text

    # It is final there, but writes no STATE at the end.
    def run_sync_dry_run(self, *args: Any, **kwargs: Any) -> bool:  # type: ignore[misc]
        """Read some records of each stream, as ``--test=records`` does, and write all of them."""
        try:
            return super().run_sync_dry_run(*args, **kwargs)
        finally:
            self.message_writer.flush()

    def test(self, way: str) -> None:
        """Do what ``--test`` asks for.

        Args:
            way: One of `WAYS`.

        Raises:
            RunFailedError: Streams do not work.
        """
        self._is_trial = True
        chosen = self.chosen()
        if way == "schema":
            for stream in chosen:
                for message in stream.outgoing.schemas(stream.replication_key):
                    self.write_message(message)
            self.message_writer.flush()
            return
        Trial(self.account, self._undiscovered.values()).run(chosen)

    def chosen(self) -> list[KeapStream]:
        """The streams that are selected and that stream maps do not remove.

        Raises:
            ConfigError: There are none; or the catalog or stream maps are wrong.
        """
        self._check_catalog()
        streams = [stream for stream in self.streams.values() if isinstance(stream, KeapStream)]
        for stream in streams:
            if not stream.selected:
                self.run_log.deselected.append(stream.name)
                self._undiscovered.pop(stream.name, None)
                self._unasked.pop(stream.name, None)
        unknown = {*self._undiscovered, *self._unasked}
        wanted = [stream for stream in streams if stream.selected and stream.name not in unknown]
        chosen = [stream for stream in wanted if self._leaves(stream)]
        check_names({stream.name: stream.outgoing.outlets for stream in chosen})
        is_all = not (self._undiscovered or self._unasked)
        if wanted and not chosen and is_all:
            raise ConfigError(
                "stream_maps removes every selected stream, so there is nothing to read. Correct it, or "
                "select others in the catalog."
            )
        if not chosen and is_all:
            raise ConfigError(
                "No stream is selected, so there is nothing to read. Select some in the catalog (in Meltano, "
                "in select: a name that is no stream's selects nothing)."
            )
        return chosen

    def _leaves(self, stream: KeapStream) -> bool:
        """Whether anything can leave for a stream; if Keap refuses its columns, the others go on."""
        try:
            if stream.outgoing.outlets:
                return True
        except KeapError as error:
            if ends_run(error, answered=self.account.client.answered):
                raise
            if self._is_run and error.fault.kind is Kind.CALLS_SPENT:
                self._unasked[stream.name] = error.call.path
                return False
            self._undiscovered[stream.name] = Failure(stream.name, explain(error), exit_for(error.fault))
            return False
        self.logger.info("Skipping the stream %s, which stream_maps removes.", stream.name)
        return False

    def _check_catalog(self) -> None:
        """Report streams that do not exist: the SDK ignores them, so their rows would silently stop coming.

        Raises:
            ConfigError: stream_maps names one.
        """
        known = {*self.streams, *self._known}
        check_streams(
            self.config.get("stream_maps") or {},
            {*known, *self._undiscovered, *self._unasked, *COLLECTIONS, *(self._given or {})},
        )
        selected = self._selected_in_catalog or {}
        for name, is_selected in selected.items():
            if is_selected and name not in {*self.streams, *self._undiscovered, *self._unasked}:
                failure = Failure(
                    name,
                    "the catalog selects this stream, but there is none of this name (any more), so it is "
                    "not read. Correct the name, run discovery again (in Meltano: --refresh-catalog), or "
                    f"deselect it.{did_you_mean(name, known)}",
                    Exit.CONFIG,
                )
                self.logger.error("%s: %s", name, failure.message)
                self._undiscovered[name] = failure
        for sentence in self.catalog_warnings:
            self.logger.warning(sentence)

    @property
    def _known(self) -> set[str]:
        """Names of the streams that there are without looking into the account: saved searches are not."""
        return {*self.collections, *(one.collection.name for one in self.own_streams)}

    @property
    def catalog_warnings(self) -> list[str]:
        """What of the given catalog has no effect, and where it disagrees with the setting streams."""
        given = self._given
        if given is None:
            return []
        absent = {name for name, one in self._undiscovered.items() if one.exit_code is Exit.CONFIG}
        said = disagreement(given, self.settings.chosen, self._known, absent)
        return [*not_honored(given.values()), *([] if said is None else [said])]

    def load_state(self, state: dict[str, Any]) -> None:
        """Take the state of the last run.

        Raises:
            ConfigError: It is not a Singer state.
        """
        check_state(state)
        super().load_state(state)
        kept = cast("dict[str, Any]", self.state)
        if used := state.get(QUOTA):
            kept[QUOTA] = {owner: dict(own) for owner, own in used.items()}
        if account := state.get(ACCOUNT):
            kept[ACCOUNT] = dict(account)
        for key in (MODELS, LEFT):
            if key in state:
                kept[key] = state[key]

    def _setup_signal_handlers(self) -> None:
        """Write the state also when the terminal closes.

        The SDK's own would answer to a Ctrl-C that whoever started the tap has made it ignore.
        """
        if threading.current_thread() is threading.main_thread():
            for number in stopping():
                signal.signal(number, self._handle_termination)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End with the signal's exit code, after the state is written. A second signal ends at once."""
        for number in stopping():
            signal.signal(number, signal.SIG_DFL)
        self.logger.warning("Stopped by %s. The state keeps what is complete.", signal.Signals(signum).name)
        self.message_writer.interrupt(SystemExit(128 + signum))

    # The command line.

    @classmethod
    @cache
    def get_plugin_version(cls) -> str:
        """The version of the installed tap, which takes milliseconds to look up."""
        return str(super().get_plugin_version())

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The command, with the tap's messages and exit codes."""
        command = super().get_singer_command()
        # The SDK's own option acts before it knows the catalog.
        command.params = [one for one in command.params if one.name != "test"]
        for option in command.params:
            if option.name == "config":
                option.type = CONFIG_PATH
            option.type = INPUT_FILES.get(str(option.name), option.type)
        command.params.append(
            click.Option(
                ["--test"],
                is_flag=False,
                flag_value=WAYS[0],
                default=None,
                metavar="[schema]",
                help="Make one call for each selected stream, and say which of them work. "
                "With schema: write the schemas instead, without a call for rows.",
            )
        )
        return HonestCommand(
            name=command.name,
            callback=command.callback,
            context_settings=command.context_settings,
            help=command.help,
            params=command.params,
            logger=cls.logger,
        )

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> _ConfigInput:  # noqa: ARG003
        """Read the files of ``--config``.

        Raises:
            ConfigError: A file cannot be read.
        """
        config, parse_env = read_config(value)
        return _ConfigInput(config=config, parse_env=parse_env)

    @classmethod
    def invoke(
        cls,
        *,
        state: IO[str] | None = None,
        catalog: IO[str] | None = None,
        test: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Run the tap, as the command does.

        Args:
            state: The file of ``--state``.
            catalog: The file of ``--catalog``.
            test: The value of ``--test``; None to read everything.
            kwargs: The other options.

        Raises:
            ConfigError: A file does not hold what it should.
        """
        if state is not None:
            _, text = checked_file("--state", state, STATE_ADVICE)
            state = io.StringIO(text)
        if catalog is not None:
            _, text = checked_file("--catalog", catalog, CATALOG_ADVICE)
            catalog = io.StringIO(text)
        if test is not None and test != "disabled" and not kwargs.get("about"):
            check_way(test)
            config = kwargs.get("config") or _ConfigInput()
            given = None if catalog is None else json.loads(catalog.read())
            tap = cls(config=config.config, parse_env_config=config.parse_env, catalog=given)
            tap.test(test)
            return
        super().invoke(state=state, catalog=catalog, **kwargs)

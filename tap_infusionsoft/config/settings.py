"""The checked values of the settings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.daily_quota import KEY_CALLS, OAUTH_CALLS, Share
from tap_infusionsoft.client.rate_limit import KEY_PER_MINUTE, OAUTH_PER_MINUTE
from tap_infusionsoft.client.retry import Waits
from tap_infusionsoft.config import report_settings, schema
from tap_infusionsoft.config.batches import Batches, read_batches, wants_batches
from tap_infusionsoft.config.chosen_streams import read_chosen
from tap_infusionsoft.config.credentials import read_credential, read_url
from tap_infusionsoft.config.setting_types import Date, ListOfObjects, Text, Texts
from tap_infusionsoft.config.stream_overrides import StreamSettings, read_stream_settings
from tap_infusionsoft.config.user_queries import read_queries
from tap_infusionsoft.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tap_infusionsoft.client.auth.refreshing import Grant
    from tap_infusionsoft.config.chosen_streams import ChosenStreams
    from tap_infusionsoft.config.relative_dates import Moment
    from tap_infusionsoft.config.setting_types import Setting
    from tap_infusionsoft.config.user_queries import QueryEntry

_AROUND_CONTENT = 16 << 10
"""Bytes of a record that are left for the columns besides the content of a file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings. Those that are not explained here are explained in `config.schema`.

    Attributes:
        credential: A key or access token, or what OAuth needs to get one.
        start: start_date, in UTC.
        end: end_date, in UTC.
        lists: Name of a setting or query -> ids or email addresses of the rows to read; empty for all rows.
        streams: stream_settings, by name of stream.
        chosen: The setting streams.
        batches: How records are written to files; None if they go to stdout.
        quarantine_file: Where rows without a key go; None to fail their stream.
        requests_per_second: Calls a second, also where the setting is null.
        documented_per_minute: Calls in a rolling minute that Keap documents for such a credential.
        share: Calls of a day that may be used.
        waits: Waits and tries after failures.
    """

    credential: str | Grant = field(repr=False)
    api_url: str
    start: Moment | None
    end: Moment | None
    lists: Mapping[str, tuple[str, ...]]
    saved_searches: tuple[str, ...] | None
    queries: tuple[QueryEntry, ...]
    custom_fields: str
    sweep_interval_days: float
    refresh: str
    sweep: str
    sweep_max_drop: float
    activate_versions: bool
    sweep_max_rows: int
    streams: Mapping[str, StreamSettings]
    chosen: ChosenStreams
    quarantine_file: str | None
    requests_per_second: float
    requests_per_minute: int | None
    requests_per_hour: int
    documented_per_minute: int
    max_calls_per_run: int | None
    concurrency: int
    share: Share
    waits: Waits
    batches: Batches | None
    max_record_bytes: int
    max_run_hours: float
    log_metrics: bool
    progress: str

    @property
    def max_file_bytes(self) -> int:
        """Size of the largest file whose content fits into a record, in base64."""
        return (self.max_record_bytes - _AROUND_CONTENT) * 3 // 4

    @property
    def limits_times(self) -> bool:
        """Whether only rows of some time are read."""
        return self.start is not None or self.end is not None

    @property
    def owner(self) -> str:
        """Digest of the key, or of the client id of the OAuth application: Keap counts calls by these."""
        named = self.credential if isinstance(self.credential, str) else self.credential.client_id
        return hashlib.sha256(f"tap-infusionsoft:{named}".encode()).hexdigest()[:16]

    def ids(self, setting: str) -> tuple[str, ...]:
        """The ids that a list setting such as ``tag_ids``, or a query, names; empty for all rows."""
        return self.lists[setting]

    def of(self, stream: str) -> StreamSettings:
        """The stream_settings of a stream."""
        return self.streams.get(stream) or StreamSettings()

    def sweep_days(self, stream: str) -> float:
        """Days between sweeps of a stream; 0 for no sweeps."""
        own = self.of(stream).sweep_interval_days
        return self.sweep_interval_days if own is None else own

    def rolls(self, stream: str) -> bool:
        """Whether a stream that is read in full may be spread over several runs."""
        return (self.of(stream).refresh or self.refresh) == "rolling"

    def sweeps_now(self, stream: str) -> bool:
        """Whether a sweep of a stream is wanted now."""
        return (self.of(stream).sweep or self.sweep) == "now"

    def with_lists(self, more: Mapping[str, tuple[str, ...]]) -> Settings:
        """A copy with the ids that queries name, by name of the query."""
        return replace(self, lists={**self.lists, **more})

    def limit(self, setting: str) -> tuple[str, ...] | None:
        """What a list setting limits reading to; None for all rows.

        An empty list of ids means all rows, an empty ``saved_searches`` means none.
        """
        return self.saved_searches if setting == "saved_searches" else self.lists[setting] or None


def read_settings(config: Mapping[str, Any], now: datetime) -> Settings:
    """Check a configuration.

    Args:
        config: The configuration.
        now: Time of the run, from which relative dates count back.

    Raises:
        ConfigError: A setting is wrong; the message names it.
    """
    credential = read_credential(config)
    has_key = schema.API_KEY.read(config) is not None
    start, end = schema.START_DATE.moment(config, now), schema.END_DATE.moment(config, now)
    if start and start.value > now:
        raise ConfigError("start_date is in the future, so there is nothing to read. Change it.")
    if start and end and start.value > end.value:
        raise ConfigError(
            "start_date is later than end_date, so there is nothing to read. Swap or change them."
        )
    lists = {name: setting.read(config) for name, setting in schema.LISTS.items()}
    saved_searches = lists.pop("saved_searches")
    report_settings.read_report(config)  # its values are used earlier, so that it tells of other mistakes
    quarantines = schema.ON_BAD_RECORD.read(config) == "quarantine"
    return Settings(
        credential=credential,
        api_url=read_url(config),
        start=start,
        end=end,
        lists={name: listed or () for name, listed in lists.items()},
        saved_searches=saved_searches,
        queries=read_queries(config),
        custom_fields=schema.CUSTOM_FIELDS.read(config),
        sweep_interval_days=schema.SWEEP_INTERVAL_DAYS.read(config),
        refresh=schema.REFRESH.read(config),
        sweep=schema.SWEEP.read(config),
        sweep_max_drop=schema.SWEEP_MAX_DROP.read(config),
        activate_versions=schema.ACTIVATE_VERSIONS.read(config),
        sweep_max_rows=schema.SWEEP_MAX_ROWS.read(config),
        streams=read_stream_settings(config),
        chosen=read_chosen(config),
        quarantine_file=schema.QUARANTINE_FILE.read(config) if quarantines else None,
        requests_per_second=schema.REQUESTS_PER_SECOND.read(config)
        or (schema.KEY_PACE if has_key else schema.TOKEN_PACE),
        requests_per_minute=schema.REQUESTS_PER_MINUTE.read(config),
        requests_per_hour=schema.REQUESTS_PER_HOUR.read(config),
        max_calls_per_run=schema.MAX_CALLS_PER_RUN.read(config),
        documented_per_minute=KEY_PER_MINUTE if has_key else OAUTH_PER_MINUTE,
        concurrency=schema.CONCURRENCY.read(config),
        share=Share(
            part=schema.DAILY_QUOTA_SHARE.read(config),
            documented=KEY_CALLS if has_key else OAUTH_CALLS,
            most=schema.REQUESTS_PER_DAY.read(config),
        ),
        waits=Waits(
            query=schema.QUERY_WAITS.read(config),
            blocked=schema.BLOCKED_WAIT.read(config),
            blocked_tries=schema.BLOCKED_TRIES.read(config),
            transient=schema.TRANSIENT_WAITS.read(config),
            blank=schema.BLANK_WAITS.read(config),
            page=schema.PAGE_WAITS.read(config),
            throttle_tries=schema.THROTTLE_TRIES.read(config),
            spike_tries=schema.SPIKE_TRIES.read(config),
            longest=schema.MAX_WAIT.read(config),
        ),
        batches=read_batches(config),
        max_record_bytes=schema.MAX_RECORD_BYTES.read(config),
        max_run_hours=schema.MAX_RUN_HOURS.read(config),
        log_metrics=report_settings.LOG_METRICS.read(config),
        progress=report_settings.PROGRESS.read(config),
    )


def limits(settings: Settings) -> str | None:
    """A sentence about what the settings leave out; None if they leave out nothing.

    It has numbers instead of ids and addresses, because addresses are personal data.
    """
    found = [
        f"only rows changed {word} {edge.value:%Y-%m-%dT%H:%M:%SZ} ({name})"
        for word, edge, name in (("since", settings.start, "start_date"), ("until", settings.end, "end_date"))
        if edge is not None
    ]
    limited = {name: settings.limit(name) for name in schema.LISTS}
    found += [f"only what {name} lists ({len(listed)})" for name, listed in limited.items() if listed]
    if limited["saved_searches"] == ():
        found.append("no saved searches (saved_searches is empty)")
    reasons = {
        "start_date is relative": settings.start is not None and settings.start.is_relative,
        "end_date is set": settings.end is not None,
        "sweep_interval_days is 0": not settings.sweep_interval_days,
    }
    if any(reasons.values()):
        why = " and ".join(reason for reason, holds in reasons.items() if holds)
        found.append(f"no sweeps, which find deleted rows ({why})")
    return f"The settings limit this run: {'; '.join(found)}." if found else None


def changed(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that decide what a run reads and have another value than by default, by name.

    Of lists it only has the number of entries, because addresses and names are personal data; and no paths.

    Args:
        config: A configuration without mistakes.
    """
    found: dict[str, Any] = {}
    for group in ("What to read", "Completeness", "Pace and patience"):
        for setting in schema.GROUPS[group]:
            value = setting.read(config)
            if value == setting.default or (isinstance(setting, Text) and not isinstance(setting, Date)):
                continue
            is_listed = isinstance(setting, Texts | ListOfObjects)
            found[setting.name] = f"{len(value)} listed" if is_listed else config[setting.name]
    return found


def wrong_values(config: Mapping[str, Any], settings: Iterable[Setting[Any, Any]]) -> dict[str, str]:
    """Name -> message of each setting whose value its declaration does not take."""
    found = {}
    for setting in settings:
        try:
            setting.read(config)
        except ConfigError as error:
            found[setting.name] = str(error)
    return found


def warnings(config: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """Sentences about settings that have no effect, or not the one that was probably meant.

    Args:
        config: The configuration.
        known: Names of all settings, those of the SDK included.
    """
    names = set(known)
    found = [
        f"There is no setting {name!r}.{did_you_mean(name, names)}" for name in config if name not in names
    ]
    if config.get("batch_config") and not wants_batches(config):
        found.append(
            "batch_config has no encoding, so records go to stdout. "
            "To write files, set encoding.format to jsonl."
        )
    if report_settings.REPORT_HISTORY.read(config) and not report_settings.REPORT_FILE.read(config):
        found.append("report_history has no effect without report_file.")
    second, minute = schema.REQUESTS_PER_SECOND.read(config), schema.REQUESTS_PER_MINUTE.read(config)
    hour = schema.REQUESTS_PER_HOUR.read(config)
    paces = {"requests_per_second": (second or 0, 3600), "requests_per_minute": (minute or 0, 60)}
    found += [
        f"{name} is {pace:g}, but requests_per_hour is {hour}, so long loads are slower than that. To read "
        "faster for more than a short time, raise requests_per_hour too."
        for name, (pace, times) in paces.items()
        if pace * times > hour == schema.REQUESTS_PER_HOUR.default
    ]
    return found

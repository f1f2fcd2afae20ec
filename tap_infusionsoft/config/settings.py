"""The tap's settings: their JSON schema, one group per concern, and their checked values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_infusionsoft.client.daily_quota import KEY_CALLS, OAUTH_CALLS, Share
from tap_infusionsoft.client.retry import Waits
from tap_infusionsoft.config.credentials import ACCOUNT, read_credential, read_url
from tap_infusionsoft.config.patience import (
    CONCURRENCY,
    DAY_SHARE,
    KEY_PACE,
    LONGEST_RUN,
    MINUTE_PACE,
    MOST_CONCURRENCY,
    PATIENCE,
    TOKEN_PACE,
)
from tap_infusionsoft.config.relative_dates import FORMS, Moment, parse_date
from tap_infusionsoft.config.stream_overrides import (
    MOST_DAYS,
    STREAM_SETTINGS,
    StreamSettings,
    read_stream_settings,
)
from tap_infusionsoft.config.user_queries import QUERIES, read_queries
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.output.quarantine import BAD_RECORDS, FILE
from tap_infusionsoft.streams.list_settings import LIST_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tap_infusionsoft.client.auth.refreshing import Grant
    from tap_infusionsoft.config.user_queries import Query
    from tap_infusionsoft.streams.list_settings import ListSetting

LARGEST_RECORD = 1 << 20
"""Bytes of a line."""
_LARGEST_RECORD_OF_ALL = 48 << 20
"""Bytes; Meltano gives up at 50 MiB."""
_AROUND_CONTENT = 16 << 10
"""Bytes of a line that are left for the columns beside the content of a file."""

_MOST = 1_000_000_000
"""Of what has no limit of its own."""
_DAY = 86_400
_MOST_TRIES = 1000
_MOST_HOURS = 24 * 366

_WAITS = Waits()


def _listed(setting: ListSetting) -> th.Property[Any]:
    """A setting that lists what to read."""
    return th.Property(
        setting.name, th.ArrayType(th.StringType), title=setting.title, description=setting.description
    )


_WHAT = (
    th.Property(
        "start_date",
        th.StringType,
        title="Start date",
        description="Read what was changed, or happened, at or after this date, in streams that know it. "
        f"One of: {FORMS}. Without it everything is read.",
    ),
    th.Property(
        "end_date",
        th.StringType,
        title="End date",
        description="Read nothing that was changed, or happened, after this date, which includes the whole day. "
        "Same forms as start_date.",
    ),
    *(_listed(one) for one in LIST_SETTINGS.values()),
    QUERIES,
    th.Property(
        "custom_fields",
        th.StringType,
        default="columns",
        allowed_values=["columns", "raw", "both"],
        title="Custom fields",
        description="How custom fields arrive: as typed columns named cf_..., raw as Keap sends them "
        "in the column custom_fields, or both.",
    ),
    th.Property(
        "max_record_bytes",
        th.IntegerType,
        default=LARGEST_RECORD,
        title="Largest record",
        description="Most bytes of a record as a line of JSON. Contents of files that would not fit come as null, with "
        "is_too_large true; once there is room, they come with the next sweep, or when the stream is loaded without its "
        "state. Any other record that does not fit fails its stream. Targets have limits of their own: Meltano's is 50 "
        "MiB a line.",
    ),
)

_DELETIONS = (
    th.Property(
        "sweep_interval_days",
        th.NumberType,
        default=7,
        title="Days between sweeps",
        description="After how many days an incremental stream is read whole again, to notice deleted rows. "
        "0 switches sweeps off.",
    ),
    th.Property(
        "sweep_max_drop",
        th.NumberType,
        default=0.2,
        title="Largest believable drop",
        description="If a whole pass finds this share fewer rows than the last one, or none, "
        "nothing is marked as deleted and the run ends with an error.",
    ),
)

GROUPS = {
    "The account": ACCOUNT,
    "What to read": _WHAT,
    "Completeness": (*_DELETIONS, STREAM_SETTINGS, *BAD_RECORDS),
    "Pace and patience": PATIENCE,
}
"""Title -> settings, for the schema and the README."""

CONFIG_SCHEMA: dict[str, Any] = th.PropertiesList(
    *(one for group in GROUPS.values() for one in group)
).to_dict()


ID_LISTS = tuple(name for name, one in LIST_SETTINGS.items() if one.kind == "ids")
"""Settings that hold lists of ids."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings. Seconds, days, and shares of 1."""

    credential: str | Grant = field(repr=False)
    api_url: str
    start: Moment | None
    end: Moment | None
    lists: Mapping[str, tuple[str, ...]]
    saved_searches: tuple[str, ...] | None
    queries: tuple[Query, ...]
    custom_fields: str
    sweep_interval_days: float
    sweep_max_drop: float
    streams: Mapping[str, StreamSettings]
    quarantine_file: str | None
    requests_per_second: float
    requests_per_minute: int
    concurrency: int
    share: Share
    waits: Waits
    max_record_bytes: int
    max_run_hours: float

    @property
    def max_file_bytes(self) -> int:
        """The largest file whose content, in base64, fits into a record."""
        return (self.max_record_bytes - _AROUND_CONTENT) * 3 // 4

    @property
    def owner(self) -> str:
        """A name for whose limits are used, the key's or the OAuth application's, which does not tell it."""
        named = self.credential if isinstance(self.credential, str) else self.credential.client_id
        return hashlib.sha256(f"tap-infusionsoft:{named}".encode()).hexdigest()[:16]

    def ids(self, setting: str) -> tuple[str, ...]:
        """The ids of a list setting such as ``tag_ids``, or of a query."""
        return self.lists[setting]

    def of(self, stream: str) -> StreamSettings:
        """What is set for a stream of its own."""
        return self.streams.get(stream) or StreamSettings()

    def sweep_days(self, stream: str) -> float:
        """Days between sweeps of a stream; 0 for never."""
        own = self.of(stream).sweep_interval_days
        return self.sweep_interval_days if own is None else own

    def with_lists(self, more: Mapping[str, tuple[str, ...]]) -> Settings:
        """The settings with the ids that queries name."""
        return replace(self, lists={**self.lists, **more})

    def limit(self, setting: str) -> tuple[str, ...] | None:
        """What a list setting limits reading to; None for everything.

        Without ids all are meant; an empty ``saved_searches`` means none.
        """
        return self.saved_searches if setting == "saved_searches" else self.lists[setting] or None


def read_settings(config: Mapping[str, Any], now: datetime) -> Settings:
    """Check a configuration.

    Raises:
        ConfigError: A setting is wrong; the message names it.
    """
    credential = read_credential(config)
    is_key = bool(config.get("api_key"))
    pace = _number(
        config, "requests_per_second", KEY_PACE if is_key else TOKEN_PACE, least=0.001, most=1_000_000
    )
    minute = MINUTE_PACE if config.get("requests_per_second") is None else max(pace * 60, 1)
    start, end = (_date(config, name, now) for name in ("start_date", "end_date"))
    if start and start.value > now:
        raise ConfigError("start_date lies in the future, so there is nothing to read. Change it.")
    if start and end and start.value > end.value:
        raise ConfigError(
            "start_date is later than end_date, so there is nothing to read. Swap or change them."
        )
    return Settings(
        credential=credential,
        api_url=read_url(config),
        start=start,
        end=end,
        lists={name: _ids(config, name) for name in ID_LISTS} | {"contact_emails": _emails(config)},
        saved_searches=_names(config, "saved_searches"),
        queries=read_queries(config),
        custom_fields=config.get("custom_fields", "columns"),
        sweep_interval_days=_number(config, "sweep_interval_days", 7, least=0, most=MOST_DAYS),
        sweep_max_drop=_number(config, "sweep_max_drop", 0.2, least=0, most=1),
        streams=read_stream_settings(config),
        quarantine_file=config.get("quarantine_file") or FILE
        if config.get("on_bad_record") == "quarantine"
        else None,
        requests_per_second=pace,
        requests_per_minute=int(_number(config, "requests_per_minute", minute, least=1)),
        concurrency=int(_number(config, "concurrency", CONCURRENCY, least=1, most=MOST_CONCURRENCY)),
        share=Share(
            part=_number(config, "daily_quota_share", DAY_SHARE, least=0.001, most=1),
            documented=KEY_CALLS if is_key else OAUTH_CALLS,
            most=int(_number(config, "requests_per_day", OAUTH_CALLS, least=1))
            if config.get("requests_per_day") is not None
            else None,
        ),
        waits=Waits(
            query=_numbers(config, "query_waits", _WAITS.query),
            blocked=_number(config, "blocked_wait", _WAITS.blocked, least=0, most=_DAY),
            blocked_tries=int(
                _number(config, "blocked_tries", _WAITS.blocked_tries, least=0, most=_MOST_TRIES)
            ),
            transient=_numbers(config, "transient_waits", _WAITS.transient),
            blank=_numbers(config, "blank_waits", _WAITS.blank),
            page=_numbers(config, "page_waits", _WAITS.page),
            throttle_tries=int(
                _number(config, "throttle_tries", _WAITS.throttle_tries, least=0, most=_MOST_TRIES)
            ),
            spike_tries=int(_number(config, "spike_tries", _WAITS.spike_tries, least=0, most=_MOST_TRIES)),
            longest=_number(config, "max_wait", _WAITS.longest, least=0, most=_DAY),
        ),
        max_record_bytes=int(
            _number(config, "max_record_bytes", LARGEST_RECORD, least=64 << 10, most=_LARGEST_RECORD_OF_ALL)
        ),
        max_run_hours=_number(config, "max_run_hours", LONGEST_RUN, least=0.01, most=_MOST_HOURS),
    )


def unknown_settings(config: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """A sentence for each setting that does not exist, with the one that was probably meant."""
    names = set(known)
    found = []
    for name in config:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            found.append(f"There is no setting {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
    return found


def _date(config: Mapping[str, Any], name: str, now: datetime) -> Moment | None:
    text = config.get(name)
    if text is None or text == "":
        return None
    try:
        return parse_date(str(text), now, end=name == "end_date")
    except ValueError as error:
        raise ConfigError(f"{name}: {error}.") from None


def _names(config: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    value = config.get(name)
    return None if value is None else tuple(str(one).strip() for one in value)


def _ids(config: Mapping[str, Any], name: str) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(_names(config, name) or ()))
    wrong = [one for one in ids if not (one.isascii() and one.isdigit())]
    if wrong:
        raise ConfigError(f"{name}: {wrong[0]!r} is not an id. Keap's ids are whole numbers, such as 91.")
    return ids


def _emails(config: Mapping[str, Any]) -> tuple[str, ...]:
    emails = tuple(dict.fromkeys(_names(config, "contact_emails") or ()))
    for one in emails:
        # A comma or semicolon would end the filter, and Keap takes * at the end only.
        if not one.strip("*") or set(one) & set(",; ") or "*" in one[:-1]:
            raise ConfigError(
                f"contact_emails: {one!r} is not an e-mail address, or the beginning of one with a * behind."
            )
    return emails


def _number(
    config: Mapping[str, Any], name: str, default: float, *, least: float, most: float = _MOST
) -> float:
    value = config.get(name)
    if value is None:
        return default
    if not least <= value <= most:  # NaN as well
        limit = f"at least {least:.10g}" if value < least else f"from {least:.10g} to {most:.10g}"
        raise ConfigError(f"{name} is {value!s:.20}; it must be {limit}.")
    return float(value)


def _numbers(config: Mapping[str, Any], name: str, default: tuple[float, ...]) -> tuple[float, ...]:
    values = config.get(name)
    if values is None:
        return default
    if not all(0 <= value <= _DAY for value in values):
        raise ConfigError(f"{name} holds something else than seconds from 0 to {_DAY}.")
    return tuple(float(value) for value in values)

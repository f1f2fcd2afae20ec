"""The catalog of settings: every setting, declared once.

To add a setting, declare it here, add it to its group in `GROUPS`, and read it in `config.settings`.
Then run `make docs`.
"""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from tap_infusionsoft.client.hour_window import GUIDELINE
from tap_infusionsoft.client.prefetch import MOST_WAITING, OPENINGS_BYTES
from tap_infusionsoft.client.retry import Waits
from tap_infusionsoft.config import report_settings
from tap_infusionsoft.config.relative_dates import FORMS
from tap_infusionsoft.config.setting_types import (
    Date,
    Flag,
    Integer,
    ListOfObjects,
    Number,
    Numbers,
    ObjectByStream,
    OneOf,
    Setting,
    Text,
    Texts,
)
from tap_infusionsoft.streams.list_settings import LIST_SETTINGS

_DAY = 86_400
"""Seconds."""
_MOST_TRIES = 1000
_BILLION = 1_000_000_000
"""Upper limit of numbers that need none, so that a typing error stands out."""

# The account

API_KEY = Text(
    "api_key",
    default=None,
    secret=True,
    title="API key",
    text="Personal access token or service account key of the Keap account (KeapAK-...). "
    "For OAuth, set client_id, client_secret and token_file instead, and run tap-infusionsoft-login.",
)
ACCESS_TOKEN = Text(
    "access_token",
    default=None,
    secret=True,
    title="OAuth access token",
    text="OAuth access token. It is valid for 24 hours, and the tap does not renew it. "
    "Set one of api_key, refresh_token and access_token.",
)
REFRESH_TOKEN = Text(
    "refresh_token",
    default=None,
    secret=True,
    title="OAuth refresh token",
    text="The first refresh token of an authorization; the tap keeps later ones in token_file. "
    "A new token here replaces those. Not needed after a login with tap-infusionsoft-login. Needs client_id, "
    "client_secret and token_file.",
)
CLIENT_ID = Text(
    "client_id",
    default=None,
    title="OAuth client id",
    text="Client id of the application that reads the account. Needs client_secret and token_file.",
)
CLIENT_SECRET = Text(
    "client_secret",
    default=None,
    secret=True,
    title="OAuth client secret",
    text="Client secret of that application.",
)
TOKEN_FILE = Text(
    "token_file",
    default=None,
    title="OAuth token file",
    text="Absolute path of the file in which the tap keeps the current tokens, readable by its user only. "
    "It must outlive the run, because a refresh token can be used once. Not on Windows.",
)
REDIRECT_URI = Text(
    "redirect_uri",
    default=None,
    title="OAuth redirect URL",
    text="The application's redirect URL, as registered with Keap: an https address. Only "
    "tap-infusionsoft-login uses it, and asks for it if it is not set.",
)
API_URL = Text(
    "api_url",
    default="https://api.infusionsoft.com",
    title="API address",
    text="Address of Keap's API: https on one of Keap's hosts, or http on 127.0.0.1 for the sandbox.",
)

# What to read

STREAMS = Texts(
    "streams",
    title="Streams",
    text="Names or patterns (* and ?) of the streams to read, such as contacts or opportunit*: also those "
    "that are not selected by default, your queries, saved searches and legacy streams. Default, also "
    "with an empty list: those that the tap selects. What a catalog selects wins over it.",
)
START_DATE = Date(
    "start_date",
    title="Start date",
    text="Read what changed or happened at or after this date, in streams that know when rows changed. "
    f"One of: {FORMS}. Default: read everything.",
)
END_DATE = Date(
    "end_date",
    ends=True,
    title="End date",
    text="Read nothing that changed or happened after this date. A date without a time includes the whole "
    "day. Takes the same forms as start_date.",
)
LISTS = {
    one.name: Texts(one.name, kind=one.kind, title=one.title, text=one.description)
    for one in LIST_SETTINGS.values()
}
"""The settings that name the rows to read, by name."""
QUERIES = ListOfObjects(
    "queries",
    noun="query",
    keys=(
        Text("name", default=None, required=True, text="Name of the stream that the query becomes."),
        Text("stream", default=None, text="Stream whose rows to read, such as contacts."),
        Text(
            "filter",
            default=None,
            text="Which rows, in Keap's syntax: given_name==Ann*;company_id==5. All conditions must hold.",
        ),
        Text(
            "table",
            default=None,
            text="Instead of stream: table of the classic connector, such as Contact.",
        ),
        Text(
            "query",
            default=None,
            text="Instead of filter, with table: {'City':'Ogden', 'LastUpdated':'~>=~LastSuccessfulRun'}.",
        ),
        Texts(
            "fields",
            text="Columns of the stream, or fields of the table; the key is always included. Default: all.",
        ),
        Texts("ids", kind="ids", text="Ids of the rows to read."),
        Text("order_by", default=None, text="Order of the rows: create_time desc."),
        Flag(
            "bookmark",
            default=False,
            text="Read only what changed since the last run, as the stream itself does. "
            "By default, every run reads all rows of the query.",
        ),
    ),
    title="Queries",
    text="Streams of your own, a list of objects: the rows of a stream that match a filter. Keys: name; "
    "stream and filter, in Keap's syntax, or table and query, as in the classic connector; optionally "
    "fields, ids, order_by and bookmark. See docs/queries.md for what each stream can be asked.",
)
CUSTOM_FIELDS = OneOf(
    "custom_fields",
    words=("columns", "raw", "both"),
    default="columns",
    title="Custom fields",
    text="How custom fields arrive: as typed columns named cf_..., raw in the column custom_fields, a list "
    "of ids and texts, or both.",
)
MAX_RECORD_BYTES = Integer(
    "max_record_bytes",
    default=1 << 20,
    least=64 << 10,
    most=48 << 20,  # Meltano gives up at 50 MiB
    unit="bytes",
    title="Largest record",
    text="Longest line of JSON that a record may take. File contents that do not fit are null, and "
    "is_too_large is true; after you raise the limit, they come with the next sweep or full load. Any "
    "other record that does not fit fails its stream. Targets have limits too: Meltano's is 50 MiB a line.",
)

# Completeness

SWEEP_INTERVAL_DAYS = Number(
    "sweep_interval_days",
    default=7,
    least=0,
    most=36_600,
    unit="days",
    title="Days between sweeps",
    text="How often to read an incremental stream completely, to find deleted rows, and how old a row of any "
    "other stream can be with refresh rolling. 0 turns sweeps off.",
)
REFRESH = OneOf(
    "refresh",
    words=("full", "rolling"),
    default="rolling",
    title="Reading in full",
    text="What to do with what takes many calls to read in full. With rolling, every run reads a part of it, "
    "new and changed parents first, so that nothing gets older than sweep_interval_days; with full, every "
    "run reads all streams that show no changes. With sweep_interval_days 0, it is always full.",
)
SWEEP = OneOf(
    "sweep",
    words=("auto", "now"),
    default="auto",
    title="Sweep now",
    text="With now, this run reads every stream completely, so that deleted rows are marked now; with auto, "
    "that happens every sweep_interval_days, or as refresh says.",
)
SWEEP_MAX_DROP = Number(
    "sweep_max_drop",
    default=0.2,
    least=0,
    most=1,
    title="Largest believable drop",
    text="If a complete pass finds this share fewer rows than the last one, or no rows, the run marks "
    "nothing as deleted and ends with an error, until the next one finds the same. 1 believes everything.",
)
SWEEP_MAX_ROWS = Integer(
    "sweep_max_rows",
    default=50,
    least=0,
    most=_BILLION,
    title="Losses that are always believable",
    text="Up to this many rows may be gone whatever their share: a share means nothing in a small table. "
    "If none of more than five rows is left, sweep_max_drop still applies.",
)
ACTIVATE_VERSIONS = Flag(
    "activate_versions",
    default=True,
    title="Mark deleted rows",
    text="Whether to send ACTIVATE_VERSION after each complete pass, by which targets know deleted rows. Set "
    "it to false for targets that end on messages they do not know. It costs that: rows that were deleted in "
    "Keap stay in the target as if they were there, until the first sweep after it is true again. Records "
    "then carry no version either.",
)
LOOKBACK_HOURS = Number(
    "lookback_hours",
    default=None,
    least=0,
    most=366 * 24,
    unit="hours",
    text="How far before the bookmark an increment starts, to catch rows that become visible late.",
)
STREAM_SWEEP_INTERVAL_DAYS = Number(
    SWEEP_INTERVAL_DAYS.name,
    default=None,
    least=SWEEP_INTERVAL_DAYS.least,
    most=SWEEP_INTERVAL_DAYS.most,
    unit=SWEEP_INTERVAL_DAYS.unit,
    text="Overrides the setting of this name for the stream.",
)
STREAM_SWEEP = OneOf(
    SWEEP.name,
    words=SWEEP.words,
    default=None,
    text="Overrides the setting of this name for the stream.",
)
STREAM_REFRESH = OneOf(
    REFRESH.name,
    words=REFRESH.words,
    default=None,
    text="Overrides the setting of this name for the stream.",
)
STREAM_SETTINGS = ObjectByStream(
    "stream_settings",
    keys=(LOOKBACK_HOURS, STREAM_SWEEP_INTERVAL_DAYS, STREAM_SWEEP, STREAM_REFRESH),
    title="Settings of single streams",
    text="Settings for single streams, by stream name: an object with lookback_hours (how far before the "
    "bookmark an increment starts; default: 1, or 7 days where Keap filters by the time of an event), "
    "sweep_interval_days, sweep and refresh.",
)
ON_BAD_RECORD = OneOf(
    "on_bad_record",
    words=("fail", "quarantine"),
    default="fail",
    title="Rows that cannot be used",
    text="What to do with a row that has no key, or that Keap cannot send: fail its stream, or write it to "
    "quarantine_file and go on, for at most 100 rows and 0.1% of a stream. Nothing is marked as deleted in a "
    "stream that has rows in quarantine.",
)
QUARANTINE_FILE = Text(
    "quarantine_file",
    default="tap-infusionsoft-quarantine.jsonl",
    title="Quarantine file",
    text="File that such rows are appended to, one JSON object per line. Only its owner can read it, "
    "because rows are personal data.",
)

# Pace and patience

KEY_PACE = 4.0
"""Calls a second with an API key; Keap allows 10."""
TOKEN_PACE = 20.0
"""Calls a second with an OAuth token; Keap allows 25."""
_WAITS = Waits()

REQUESTS_PER_SECOND = Number(
    "requests_per_second",
    default=None,
    least=0.001,
    most=1_000_000,
    title="Calls a second",
    text=f"Most calls a second. Default: {KEY_PACE:g} with api_key, {TOKEN_PACE:g} with OAuth. Never more "
    "than half of what Keap's headers allow. To be that fast for long, raise requests_per_hour too.",
)
REQUESTS_PER_MINUTE = Integer(
    "requests_per_minute",
    default=None,
    least=1,
    most=_BILLION,
    title="Calls a minute",
    text="Most calls in any 60 seconds. Default, and at most: nine tenths of what Keap's headers allow (of "
    "240 with api_key and 1,500 with OAuth), and less while others use the same key.",
)
REQUESTS_PER_HOUR = Integer(
    "requests_per_hour",
    default=GUIDELINE,
    least=1,
    most=_BILLION,
    title="Calls an hour",
    text="Most calls in any 60 minutes, over all runs that pass on their state. The default is Keap's "
    "guideline for everybody: about one call a second in the long run. A short run is as fast as other "
    "limits allow; a long one waits when the hour's calls are used up. Raise it for large first loads.",
)
MAX_CALLS_PER_RUN = Integer(
    "max_calls_per_run",
    default=None,
    least=1,
    most=_BILLION,
    title="Calls of a run",
    text="Most calls of a run. Streams that are read incrementally come first. What is left over is read by "
    "the next runs, and the run ends well all the same. Default: no limit.",
)
CONCURRENCY = Integer(
    "concurrency",
    # Enough for 4 calls a second, the pace of a key, if Keap takes two seconds to answer each; or for 25 a
    # second, the most that Keap allows with OAuth, if it takes 0.3.
    default=8,
    least=1,
    most=16,
    title="Calls at once",
    text="Most calls in flight at once; with 1, each call waits for the answer to the one before. The tap "
    "only uses several where Keap takes longer to answer than the pace makes the tap wait, and no more "
    f"than that takes; the pace stays the same. Up to {MOST_WAITING} more answers may wait to be written, "
    f"and {OPENINGS_BYTES >> 20} MB of those that the next streams begin with. It costs memory for that many "
    "pages and, at the end of a long collection, up to that many calls plus "
    f"{MOST_WAITING - 1} that return nothing.",
)
REQUESTS_PER_DAY = Integer(
    "requests_per_day",
    default=None,
    least=1,
    most=_BILLION,
    title="Calls a day",
    text="Most calls in a day (UTC), over all runs that pass on their state. "
    "Default: no limit besides daily_quota_share, which always applies.",
)
DAILY_QUOTA_SHARE = Number(
    "daily_quota_share",
    default=0.5,
    least=0.001,
    most=1,
    title="Share of the day's calls",
    text="Share of Keap's daily limit that the tap may use, over all runs that pass on their state; the "
    "rest is left to others. When it is used up, the run ends with exit code 75 and says when the limit "
    "resets.",
)
QUERY_WAITS = Numbers(
    "query_waits",
    default=_WAITS.query,
    least=0,
    most=_DAY,
    unit="seconds",
    title="Waits after: query took too long",
    text="How long to wait before each retry after Keap says that a query took too long. "
    "Each retry asks for half as many rows.",
)
BLOCKED_WAIT = Number(
    "blocked_wait",
    default=_WAITS.blocked,
    least=0,
    most=_DAY,
    unit="seconds",
    title="Wait after: saved search is blocked",
    text="How long to wait before retrying a blocked saved search. Other streams go on in the meantime.",
)
BLOCKED_TRIES = Integer(
    "blocked_tries",
    default=_WAITS.blocked_tries,
    least=0,
    most=_MOST_TRIES,
    unit="tries",
    title="Tries after: saved search is blocked",
    text="How often to retry a blocked saved search.",
)
TRANSIENT_WAITS = Numbers(
    "transient_waits",
    default=_WAITS.transient,
    least=0,
    most=_DAY,
    unit="seconds",
    title="Waits after passing failures",
    text="Longest wait before each retry after server errors, timeouts and lost connections; the actual "
    "wait is a random part of it.",
)
BLANK_WAITS = Numbers(
    "blank_waits",
    default=_WAITS.blank,
    least=0,
    most=_DAY,
    unit="seconds",
    title="Waits after blank answers",
    text="How long to wait before each retry after an answer without the rows it should hold.",
)
PAGE_WAITS = Numbers(
    "page_waits",
    default=_WAITS.page,
    least=0,
    most=_DAY,
    unit="seconds",
    title="Waits after HTML pages",
    text="How long to wait before each retry after an HTML page where JSON should be.",
)
THROTTLE_TRIES = Integer(
    "throttle_tries",
    default=_WAITS.throttle_tries,
    least=0,
    most=_MOST_TRIES,
    unit="tries",
    title="Tries after: minute throttle",
    text="How often a call may wait for the end of Keap's minute window before it has failed.",
)
SPIKE_TRIES = Integer(
    "spike_tries",
    default=_WAITS.spike_tries,
    least=0,
    most=_MOST_TRIES,
    unit="tries",
    title="Tries after: spike arrest",
    text="How often a call may wait a few seconds, after Keap saw too many calls at once, before it has "
    "failed.",
)
MAX_WAIT = Number(
    "max_wait",
    default=_WAITS.longest,
    least=0,
    most=_DAY,
    unit="seconds",
    title="Longest wait",
    text="Most time that one call may spend waiting. Waits for blocked saved searches do not count.",
)
MAX_RUN_HOURS = Number(
    "max_run_hours",
    default=24,  # the calls of a day last as long
    least=0.01,
    most=24 * 366,
    unit="hours",
    title="Longest run",
    text="Most time that a run may take, waits included. Then it ends between two calls with exit code 75, "
    "and the state keeps what is complete.",
)

GROUPS: dict[str, tuple[Setting[Any, Any], ...]] = {
    "The account": (
        API_KEY,
        ACCESS_TOKEN,
        REFRESH_TOKEN,
        CLIENT_ID,
        CLIENT_SECRET,
        TOKEN_FILE,
        REDIRECT_URI,
        API_URL,
    ),
    "What to read": (
        STREAMS,
        START_DATE,
        END_DATE,
        *LISTS.values(),
        QUERIES,
        CUSTOM_FIELDS,
        MAX_RECORD_BYTES,
    ),
    "Completeness": (
        SWEEP_INTERVAL_DAYS,
        REFRESH,
        SWEEP,
        SWEEP_MAX_DROP,
        SWEEP_MAX_ROWS,
        ACTIVATE_VERSIONS,
        STREAM_SETTINGS,
        ON_BAD_RECORD,
        QUARANTINE_FILE,
    ),
    "Pace and patience": (
        REQUESTS_PER_SECOND,
        REQUESTS_PER_MINUTE,
        REQUESTS_PER_HOUR,
        MAX_CALLS_PER_RUN,
        CONCURRENCY,
        REQUESTS_PER_DAY,
        DAILY_QUOTA_SHARE,
        QUERY_WAITS,
        BLOCKED_WAIT,
        BLOCKED_TRIES,
        TRANSIENT_WAITS,
        BLANK_WAITS,
        PAGE_WAITS,
        THROTTLE_TRIES,
        SPIKE_TRIES,
        MAX_WAIT,
        MAX_RUN_HOURS,
    ),
    "What a run tells": report_settings.GROUP,
}
"""Title -> settings, in the order of docs/settings.md."""

SETTINGS = {setting.name: setting for group in GROUPS.values() for setting in group}
"""All settings, by name."""

CONFIG_SCHEMA: dict[str, Any] = th.PropertiesList(
    *(setting.json_property for setting in SETTINGS.values())
).to_dict()
"""JSON schema of the configuration. The SDK adds its own settings to it."""

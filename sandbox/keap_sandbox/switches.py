"""Everything about Keap that is undocumented, varies, or must be set for a test: one typed place."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any

from keap_sandbox.timestamps import parse_moment

__all__ = ["BadSwitchError", "Switches", "describe"]


_CENTURY = 3_155_760_000
"""Seconds: more than any limit, and what all clocks can count."""


class BadSwitchError(ValueError):
    """A switch that does not exist, or a value that it does not take."""


def _one_of(about: str, *choices: str) -> Any:
    """Declare a switch with a closed list of values; the first is the default."""
    return field(default=choices[0], metadata={"about": about, "choices": choices})


def _number(about: str, default: float, *, least: float = 0, most: float = _CENTURY) -> Any:
    return field(default=default, metadata={"about": about, "least": least, "most": most})


def _status(about: str, *choices: int) -> Any:
    """Declare a switch that is one of some numbers; the first is the default."""
    return field(default=choices[0], metadata={"about": about, "numbers": choices})


def _text(about: str, default: str = "") -> Any:
    return field(default=default, metadata={"about": about})


@dataclass
class Switches:
    """The behaviour of the sandbox; the defaults are what is documented or was seen live."""

    # Paging of v2 lists
    page_token_form: str = _one_of(
        "form of next_page_token: as documented for the endpoint, or one form everywhere "
        "(last_id is a bare id and always resumes after that row)",
        "documented",
        "opaque",
        "url",
        "last_id",
    )
    page_token_end: str = _one_of("next_page_token on the last page", "empty", "missing", "null")
    page_token_host: str = _one_of(
        "host of a next_page_token that is a URL (foreign: a host nobody should call)",
        "request",
        "keap",
        "foreign",
    )
    paging: str = _one_of(
        "what a page token means: a position (deleted rows shift later pages) or the last row seen",
        "offset",
        "keyset",
    )
    page_token_bound: bool = field(
        default=False, metadata={"about": "refuse a page token under another filter or order_by than its own"}
    )
    page_token_lifetime: float = _number("seconds until a page token is refused; 0 = never", 0.0)
    last_page: str = _one_of(
        "whether a full last page says that it is the last, or leads to an empty page",
        "exact",
        "trailing_empty",
    )
    default_page_size: int = _number("rows of a page when page_size is not sent", 1000, least=1)
    page_rows_max: int = _number("never put more rows than this into a page, whatever is asked; 0 = off", 0)
    page_size_over: str = _one_of("page_size over the limit of the endpoint", "error", "clamp")
    list_order: str = _one_of("order of a list without order_by", "arbitrary", "id")
    order_ties: str = _one_of(
        "rows with equal sort values: same order in every call, or not", "stable", "moving"
    )

    # Filters
    date_bounds: str = _one_of(
        "which ends of a time filter belong to it",
        "inclusive",
        "exclusive_end",
        "exclusive_start",
        "exclusive",
    )
    date_precision: str = _one_of("precision of time filters", "milliseconds", "seconds")
    date_values: str = _one_of("date values taken in filters", "any", "milliseconds")
    unknown_filter: str = _one_of("a filter name the endpoint does not have", "error", "ignore")
    wildcard_tags: str = _one_of("/v2/tags/-/contacts and /v2/contacts/-/tags", "present", "withdrawn")
    wildcard_tags_need: str = _one_of("the filter these two require", "any", "ids")

    # Rows
    ids: str = _one_of("type of ids in v2 rows", "strings", "integers")
    nulls: str = _one_of("keys without a value", "present", "missing")
    times: str = _one_of(
        "form of date-times in v2 rows: mixed as stored, or all alike", "mixed", "millis", "seconds", "offset"
    )
    score_value: str = _one_of("type of score_value of contacts", "string", "integer")
    company_fields: str = _one_of(
        "whether `fields` of the companies list adds to the default", "add", "replace"
    )
    company_field_names: str = _one_of("names taken in `fields` of companies", "all", "documented")
    custom_field_name: str = _one_of("field_name in the models", "present", "null")
    custom_fields_unset: str = _one_of("custom fields without a value", "present", "missing")
    tag_times: str = _one_of("create_time and update_time of tags", "present", "missing")
    shipping_settings: str = _one_of(
        "`settings` of shipping methods; camel: the members spelled as in XML-RPC, their values texts; string: JSON",
        "object",
        "camel",
        "string",
        "empty",
        "null",
        "missing",
    )
    commission_totals: str = _one_of("what the totals beside commissions add up", "page", "all")

    embedded_contacts: str = _one_of(
        "the contact inside orders, transactions and opportunities: as it was at first, or as it is now",
        "snapshot",
        "live",
    )
    plain_amounts: str = _one_of(
        "unit of the plain numbers in payments of orders and in billing_amount of subscriptions",
        "major",
        "minor",
    )
    legacy_opportunities: str = _one_of("the legacy fields of opportunities", "on", "off")
    file_data: str = _one_of(
        "contents of files and images: base64 in JSON as documented, or bytes", "base64", "bytes"
    )
    snippets: str = _one_of("signature of users: in JSON as documented, or as HTML", "json", "html")

    hidden_contacts: int = _number(
        "percent of the contacts that lists do not show (a key with few permissions)", 0, most=100
    )

    # Reports and v1
    report_token_end: str = _one_of("page_token after the last row of a report", "missing", "empty", "null")
    report_json_parameter: str = _one_of("the SDK's runReportRequest parameter", "ignored", "honoured")
    report_columns: str = _one_of("order of the columns of a report row", "model", "shuffled")
    report_failure: str = _one_of(
        "how a report run says that the query took too long or is blocked",
        "bare_500",
        "bare_504",
        "v2",
        "gateway",
        "html",
        "v1",
    )
    v1_next: str = _one_of("`next` of v1 lists", "always", "until_end", "foreign")
    v1_default_limit: int = _number("rows of a v1 page when limit is not sent", 1000, least=1)
    v1_limit_max: int = _number("largest limit that v1 honours (more is cut to it)", 1000, least=1)

    # Errors
    app_error: str = _one_of("shape of application errors of v2", "v2", "string_code", "v1", "html", "blank")
    throttle_shape: str = _one_of("shape of a refused call over a limit", "gateway", "app", "html", "blank")
    throttle_status: int = _status("status of a refused call over a limit", 429, 500)
    expired_status: int = _status("status for an expired access token", 401, 500)
    retry_after: str = _one_of("Retry-After on throttled answers", "absent", "seconds", "date", "absurd")

    # Quota
    limits: str = _one_of("limits for keys and OAuth, or none at all", "documented", "off")
    second_limit: int = _number(
        "calls a second; 0 = none, -1 = documented (10 for a key, 25 for OAuth)", -1, least=-1
    )
    minute_limit: int = _number(
        "calls in a rolling minute; 0 = none, -1 = documented (240, 1500)", -1, least=-1
    )
    day_limit: int = _number("calls a day (UTC); 0 = none, -1 = documented (30000, 150000)", -1, least=-1)
    tenant_minute_limit: int = _number("calls of the tenant in a rolling minute; 0 = none", 10_000)
    tenant_day_limit: int = _number("calls of the tenant a day (UTC); 0 = none", 250_000)
    quota_headers: str = _one_of("form of the quota headers", "pipes", "plain", "blank", "absent")
    expiry_time: str = _one_of("unit of x-keap-product-quota-expiry-time", "ms", "s", "nonsense")

    # OAuth
    oauth_client_id: str = _text("client id of the OAuth application", "sandbox-client")
    oauth_client_secret: str = _text("its secret", "sandbox-secret")
    oauth_refresh_token: str = _text("the first refresh token", "sandbox-refresh-0")
    oauth_access_token: str = _text("an access token that is valid from the start; empty = none")
    oauth_expires_in: int = _number("lifetime of an access token in seconds", 86_400)
    oauth_refresh_days: float = _number("lifetime of a refresh token in days", 45.0)
    oauth_old_access_token: str = _one_of("the earlier access token after a refresh", "dies", "lives")
    oauth_credentials: str = _one_of(
        "where the client's credentials may be on refresh", "both", "basic", "body"
    )
    oauth_new_refresh_token: str = _one_of(
        "whether a refresh answers with a new refresh token", "always", "never"
    )
    oauth_error: str = _one_of("error for a spent refresh token", "invalid_request", "invalid_grant")
    oauth_reuse: str = _one_of(
        "what a spent refresh token does: it is refused, or it ends all tokens that came of it as well",
        "refused",
        "revokes",
    )

    # The rest
    tenant: str = _text("tenant id", "xx123.infusionsoft.com")
    clock: str = _text("start of the clock (date-time with zone); empty = real time")
    clock_stands: bool = field(default=False, metadata={"about": "the clock moves only when told"})
    gzip: bool = field(default=False, metadata={"about": "compress answers for clients that take gzip"})
    latency: float = _number("seconds that every answer takes", 0.0, most=3_600)

    def set(self, name: str, value: object) -> None:
        """Set one switch from a command line word or a JSON value."""
        declared = {one.name: one for one in fields(self)}
        if name not in declared:
            msg = f"no switch is named {name!r}; there are: {', '.join(declared)}"
            raise BadSwitchError(msg)
        setattr(self, name, _convert(declared[name], value))

    def update(self, values: dict[str, object]) -> None:
        """Set several switches, all or none."""
        trial = Switches(**self.as_dict())
        for name, value in values.items():
            trial.set(name, value)
        for name, value in trial.as_dict().items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Every switch and its value."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def _convert(switch: Field[Any], value: object) -> Any:
    """Make a value of the type of the switch, or say what it takes."""
    choices = switch.metadata.get("choices")
    if choices:
        if value in choices:
            return value
        raise BadSwitchError(f"switch {switch.name}: {value!r} is none of {', '.join(choices)}")
    if isinstance(switch.default, bool):
        known = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
        answer = value if isinstance(value, bool) else known.get(str(value).lower())
        if answer is None:
            raise BadSwitchError(f"switch {switch.name}: {value!r} is neither true nor false")
        return answer
    if isinstance(switch.default, int | float):
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise BadSwitchError(f"switch {switch.name}: {value!r} is not a number")
        return _ranged(switch, value)
    if not isinstance(value, str):
        raise BadSwitchError(f"switch {switch.name}: {value!r} is not a text")
    if switch.name == "clock" and value and parse_moment(value, bare_date=True) is None:
        raise BadSwitchError(f"switch clock: {value!r} is not a date-time like 2026-11-01T00:00:00Z")
    return value


def _ranged(switch: Field[Any], value: float | str) -> Any:
    """A number of the type of the switch, within its range."""
    whole = isinstance(switch.default, int)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise BadSwitchError(f"switch {switch.name}: {value!r} is not a number") from None
    about = switch.metadata
    if "numbers" in about and number not in about["numbers"]:
        known = ", ".join(map(str, about["numbers"]))
        raise BadSwitchError(f"switch {switch.name}: {value!r} is none of {known}")
    # Comparisons that hold for no number, such as NaN, end here, too.
    if "least" in about and not about["least"] <= number <= about["most"]:
        raise BadSwitchError(
            f"switch {switch.name}: {value!r} is out of range; it takes {about['least']:g} to {about['most']:.10g}"
        )
    if whole and number != int(number):
        raise BadSwitchError(f"switch {switch.name}: {value!r} is not a whole number")
    return int(number) if whole else number


def describe() -> str:
    """All switches with values and defaults, for --help."""
    lines = []
    for one in fields(Switches):
        default = one.default
        choices = one.metadata.get("choices") or one.metadata.get("numbers")
        values = "|".join(map(str, choices)) if choices else type(default).__name__
        lines.append(f"  {one.name}={values}  (default: {default if default != '' else 'empty'})")
        lines.append(f"      {one.metadata['about']}")
    return "\n".join(lines)

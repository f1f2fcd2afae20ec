"""The switches: whatever Keap doesn't document, does differently at times, or a test has to choose.

The defaults are what Keap documents, or what was seen in live accounts.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BadSwitchError", "Switches", "windows"]


_CENTURY = 3_155_760_000
"""In seconds: higher than any limit needs to be, and low enough for every clock."""


class BadSwitchError(ValueError):
    """A switch that doesn't exist, or a value that it doesn't accept."""


def _one_of(about: str, *choices: str) -> Any:
    """Declare a switch that accepts one of several values; the first is the default."""
    return field(default=choices[0], metadata={"about": about, "choices": choices})


def _number(about: str, default: float, *, least: float = 0, most: float = _CENTURY) -> Any:
    return field(default=default, metadata={"about": about, "least": least, "most": most})


def _status(about: str, *choices: int) -> Any:
    """Declare a switch that accepts one of several numbers; the first is the default."""
    return field(default=choices[0], metadata={"about": about, "numbers": choices})


def _text(about: str, default: str = "", *, check: Callable[[str], str] | None = None) -> Any:
    """Declare a switch that accepts texts; `check` returns what is wrong with one."""
    return field(default=default, metadata={"about": about, "check": check})


def _moment_problem(text: str) -> str:
    if not text or parse_moment(text, bare_date=True) is not None:
        return ""
    return "is not a date-time like 2026-11-01T00:00:00Z"


def windows(text: str) -> list[tuple[float, float]]:
    """Read times like `2026-11-28T14:00:00Z/2026-11-30T14:00:00Z`, separated by commas.

    Returns:
        When each begins and ends, in seconds since the epoch.

    Raises:
        ValueError: If the text is none such.
    """
    found = []
    for part in filter(None, text.replace(",", " ").split()):
        start, end = (parse_moment(one, bare_date=True) for one in part.split("/"))
        if start is None or end is None or start > end:
            raise ValueError(part)
        found.append((start / 1000, end / 1000))
    return found


def _windows_problem(text: str) -> str:
    try:
        windows(text)
    except ValueError:
        return "is not like 2026-11-28T14:00:00Z/2026-11-30T14:00:00Z"
    return ""


@dataclass
class Switches:
    """How the sandbox behaves."""

    # Paging of v2 lists
    page_token_form: str = _one_of(
        "form of next_page_token: as documented for the endpoint, or the same for all "
        "(last_id: a bare id, and the next page starts after that row)",
        "documented",
        "opaque",
        "url",
        "last_id",
    )
    page_token_end: str = _one_of("next_page_token on the last page", "empty", "missing", "null")
    page_token_host: str = _one_of(
        "host in a next_page_token that is a URL (foreign: a host that no client should call)",
        "request",
        "keap",
        "foreign",
    )
    paging: str = _one_of(
        "what a page token holds: a position (deleted rows shift later pages), or the last row of the page",
        "offset",
        "keyset",
    )
    page_token_bound: bool = field(
        default=False,
        metadata={"about": "refuse a page token with another path, filter or order_by than its own"},
    )
    page_token_lifetime: float = _number("seconds until a page token expires; 0 = never", 0.0)
    last_page: str = _one_of(
        "a full last page says that it is the last, or leads to an empty page",
        "exact",
        "trailing_empty",
    )
    default_page_size: int = _number("rows per page if page_size isn't sent", 1000, least=1)
    page_rows_max: int = _number("most rows per page, whatever page_size asks for; 0 = off", 0)
    page_size_over: str = _one_of("a page_size over the endpoint's maximum", "error", "clamp")
    list_order: str = _one_of("order of a list without order_by", "arbitrary", "id")
    order_by: str = _one_of(
        "what order_by does: it orders the list, or the list has its own order "
        "(arbitrary, by id, or by the last change)",
        "applied",
        "ignored",
        "ids",
        "oldest_change_first",
    )
    order_ties: str = _one_of(
        "order of rows with equal sort values: the same in every call, or not", "stable", "moving"
    )
    order_nulls: str = _one_of(
        "where rows without the time of an order come: as before or after all times", "lowest", "highest"
    )

    # Filters
    date_bounds: str = _one_of(
        "which ends of a time filter are inclusive",
        "inclusive",
        "exclusive_end",
        "exclusive_start",
        "exclusive",
    )
    date_precision: str = _one_of("precision of time filters", "milliseconds", "seconds")
    date_values: str = _one_of(
        "date-times accepted in filters: any, or only those with milliseconds", "any", "milliseconds"
    )
    unknown_filter: str = _one_of("a filter name that the endpoint doesn't have", "error", "ignore")
    wildcard_tags: str = _one_of("/v2/tags/-/contacts and /v2/contacts/-/tags", "present", "withdrawn")
    pipelines: str = _one_of(
        "pipelines, stages, deals and their notes, which Keap's current document lacks: not served, below "
        "/crm/rest/v2, or below /services/v2",
        "off",
        "v2",
        "services",
    )
    wildcard_tags_need: str = _one_of("the filter that these two require: any, or one by ids", "any", "ids")

    # Rows
    ids: str = _one_of("type of ids in v2 rows", "strings", "integers")
    nulls: str = _one_of("keys without a value", "present", "missing")
    times: str = _one_of(
        "form of date-times in v2 rows: mixed as they are stored, or the same for all",
        "mixed",
        "millis",
        "seconds",
        "offset",
    )
    score_value: str = _one_of("type of score_value of contacts", "string", "integer")
    company_fields: str = _one_of(
        "`fields` of the companies list adds to the default fields, or replaces them", "add", "replace"
    )
    company_field_names: str = _one_of("names accepted in `fields` of companies", "all", "documented")
    custom_field_name: str = _one_of("field_name in the models", "present", "null")
    custom_fields_unset: str = _one_of("custom fields without a value", "present", "missing")
    tag_times: str = _one_of("create_time and update_time of tags", "present", "missing")
    shipping_settings: str = _one_of(
        "`settings` of shipping methods (camel: keys as in XML-RPC, and every value a string; "
        "string: JSON in a string)",
        "object",
        "camel",
        "string",
        "empty",
        "null",
        "missing",
    )
    commission_totals: str = _one_of(
        "what the totals in a page of commissions add up: the page, or all pages", "page", "all"
    )

    embedded_contacts: str = _one_of(
        "the contact in orders, transactions and opportunities: as in the sample account, or as it is now",
        "snapshot",
        "live",
    )
    plain_amounts: str = _one_of(
        "unit of amounts in payments of orders and in billing_amount of subscriptions: dollars, or cents",
        "major",
        "minor",
    )
    legacy_opportunities: str = _one_of("the legacy fields of opportunities", "on", "off")
    file_data: str = _one_of(
        "contents of files and images: base64 in JSON as documented, or the bytes themselves",
        "base64",
        "bytes",
    )
    snippets: str = _one_of("signature of users: in JSON as documented, or as an HTML page", "json", "html")

    hidden_contacts: int = _number(
        "percentage of contacts that lists leave out, as for a key with few permissions", 0, most=100
    )

    # Reports and REST v1
    report_token_end: str = _one_of("page_token after the last row of a report", "missing", "empty", "null")
    report_json_parameter: str = _one_of(
        "the parameter runReportRequest that Keap's SDK sends", "ignored", "honoured"
    )
    report_columns: str = _one_of("order of the columns of a report row", "model", "shuffled")
    report_failure: str = _one_of(
        "shape of the error if the query of a report took too long or is blocked",
        "bare_500",
        "bare_504",
        "v2",
        "gateway",
        "html",
        "v1",
    )
    v1_next: str = _one_of("`next` of v1 lists", "always", "until_end", "foreign")
    v1_default_limit: int = _number("rows per v1 page if limit isn't sent", 1000, least=1)
    v1_limit_max: int = _number("greatest limit of v1 lists; a greater one is lowered to it", 1000, least=1)

    # XML-RPC: what no source shows, or sources show differently
    legacy_unknown_ids: str = _one_of(
        "calls for the rows of an affiliate or program that does not exist", "fault", "empty"
    )
    legacy_clawbacks: str = _one_of(
        "members of clawbacks: both last names among them, or not", "long", "short"
    )
    legacy_payouts: str = _one_of(
        "members of payments to affiliates: those of REST, or only PayAmt", "all", "amount"
    )
    legacy_redirect_links: str = _one_of(
        "names of the members of redirect links: as in tables, or as in discounts", "pascal", "camel"
    )
    legacy_program_affiliates: str = _one_of(
        "affiliates of a program: their fields and those of the contact in one struct, or in two",
        "flat",
        "nested",
    )
    legacy_invoice_shipping: str = _one_of(
        "what InvoiceService.getAllShippingOptions returns", "array", "struct", "boolean"
    )
    legacy_order_total_option: str = _one_of(
        "what ShippingService.getOrderTotalShippingOption returns: an empty array as in the vendor's sample, "
        "or the option",
        "empty",
        "struct",
    )
    legacy_shipping_ranges: str = _one_of(
        "ranges and prices of shipping options: those of the settings in REST, or none", "rows", "empty"
    )
    legacy_search_page_size: int = _number("rows on a page of a saved search", 1000, least=1)
    legacy_search_columns: str = _one_of(
        "what SearchService.getSavedSearchResultsAllFields returns: all columns, or those displayed",
        "all",
        "display",
    )
    legacy_search_unknown: str = _one_of(
        "a column that a saved search does not have is a fault, or is left out", "fault", "ignored"
    )
    xmlrpc_text: str = _one_of(
        "how texts are written: in UTF-8, control characters included, or with a decimal reference for "
        "every character that is not ASCII",
        "raw",
        "references",
    )
    xmlrpc_members: str = _one_of(
        "order of members: that of a HashMap of Java 7 or 8, or another one in every struct",
        "java7",
        "java8",
        "shuffle",
    )
    xmlrpc_prolog: str = _one_of(
        "encoding that the XML declaration names, or no declaration", "UTF-8", "utf-8", "ISO-8859-1", "none"
    )
    xmlrpc_extensions: bool = field(
        default=False,
        metadata={"about": "write null as <ex:nil/> and integers of more than 32 bits as <ex:i8>"},
    )
    xmlrpc_collation: bool = field(
        default=True, metadata={"about": "compare texts as latin1_swedish_ci does; else only case is ignored"}
    )
    xmlrpc_int_conditions: str = _one_of(
        "a number as condition on a text: compared as text, or with the digits that the text begins with",
        "text",
        "number",
    )
    xmlrpc_limit_over: str = _one_of("a limit over 1000 is lowered to it, or fault 12", "cap", "fault")
    xmlrpc_empty_key: str = _one_of("an empty first parameter", "accepted", "refused")
    xmlrpc_wrong_key: str = _one_of(
        "fault for a wrong key at /api/xmlrpc: 1 or 2", "InvalidConfig", "InvalidKey"
    )
    xmlrpc_brownouts: str = _text(
        "when XML-RPC is switched off, such as 2026-11-28T14:00:00Z/2026-11-30T14:00:00Z; several are "
        "separated by commas",
        check=_windows_problem,
    )
    xmlrpc_end: str = _text(
        "when XML-RPC is switched off for good, such as 2027-01-01; empty = never", check=_moment_problem
    )
    xmlrpc_off: str = _one_of(
        "answer while XML-RPC is switched off",
        "empty_503",
        "html_503",
        "gone",
        "json_fault",
        "dropped",
        "not_found",
    )
    legacy_fields: str = _one_of(
        "fields of the data tables: all, or without those that some accounts lack", "all", "documented"
    )
    legacy_account_id: str = _one_of(
        "calls that break if they ask for AccountId of contacts: ContactService.findByEmail, as was seen, "
        "or all",
        "findByEmail",
        "all",
    )
    legacy_hidden_tables: str = _text("data tables that the key may not read, separated by commas")

    # Errors
    app_error: str = _one_of(
        "shape of the application's errors in v2", "v2", "string_code", "v1", "html", "blank"
    )
    throttle_shape: str = _one_of(
        "shape of the error for a call over a limit", "gateway", "app", "html", "blank"
    )
    throttle_status: int = _status("status of the error for a call over a limit", 429, 500)
    expired_status: int = _status("status of the error for an expired access token", 401, 500)
    retry_after: str = _one_of(
        "form of Retry-After in the error for a call over a limit", "absent", "seconds", "date", "absurd"
    )

    # Limits
    limits: str = _one_of("apply the limits of API keys and OAuth, or no limits at all", "documented", "off")
    second_limit: int = _number(
        "calls per second; 0 = no limit, -1 = as documented (10 with an API key, 25 with OAuth)", -1, least=-1
    )
    minute_limit: int = _number(
        "calls per rolling minute; 0 = no limit, -1 = as documented (240, 1500)", -1, least=-1
    )
    day_limit: int = _number(
        "calls per UTC day; 0 = no limit, -1 = as documented (30000, 150000)", -1, least=-1
    )
    tenant_minute_limit: int = _number("calls of the tenant per rolling minute; 0 = no limit", 10_000)
    tenant_day_limit: int = _number("calls of the tenant per UTC day; 0 = no limit", 250_000)
    quota_headers: str = _one_of(
        "form of the headers that report limits", "pipes", "plain", "blank", "absent"
    )
    expiry_time: str = _one_of("unit of x-keap-product-quota-expiry-time", "ms", "s", "nonsense")

    # OAuth
    oauth_client_id: str = _text("client id of the OAuth application", "sandbox-client")
    oauth_client_secret: str = _text("client secret of the OAuth application", "sandbox-secret")
    oauth_redirect_uri: str = _text("redirect URL of the application; empty = any https URL")
    oauth_consent: str = _one_of("what the user says to the application", "allowed", "denied")
    oauth_code_seconds: float = _number("lifetime of a code in seconds (Keap does not say)", 300.0)
    oauth_refresh_token: str = _text("the first refresh token", "sandbox-refresh-0")
    oauth_access_token: str = _text("an access token that works from the start; empty = none")
    oauth_expires_in: int = _number("lifetime of an access token in seconds", 86_400)
    oauth_refresh_days: float = _number("lifetime of a refresh token in days", 45.0)
    oauth_old_access_token: str = _one_of("what a refresh does to earlier access tokens", "dies", "lives")
    oauth_credentials: str = _one_of(
        "where a refresh may carry the client id and secret", "both", "basic", "body"
    )
    oauth_new_refresh_token: str = _one_of("when a refresh returns a new refresh token", "always", "never")
    oauth_error: str = _one_of("error for a spent refresh token", "invalid_request", "invalid_grant")
    oauth_reuse: str = _one_of(
        "a spent refresh token that is sent again is refused, or also revokes every token",
        "refused",
        "revokes",
    )

    # Others
    tenant: str = _text("tenant id", "xx123.infusionsoft.com")
    tenant_header: str = _one_of(
        "x-keap-tenant-id in answers to a valid credential", "present", "blank", "absent"
    )
    clock: str = _text(
        "time at the start (a date, or a date-time with zone); empty = real time", check=_moment_problem
    )
    clock_stands: bool = field(
        default=False, metadata={"about": "stop the clock, so that only /sandbox/clock moves it"}
    )
    gzip: bool = field(default=False, metadata={"about": "compress responses for clients that accept gzip"})
    latency: float = _number("seconds that every response takes", 0.0, most=3_600)

    def set(self, name: str, value: object) -> None:
        """Set one switch.

        Args:
            name: The name of the switch.
            value: The value, as JSON has it or as text from the command line.

        Raises:
            BadSwitchError: If there is no such switch, or it doesn't accept the value.
        """
        declared = {one.name: one for one in fields(self)}
        if name not in declared:
            raise BadSwitchError(f"no switch is named {name!r}; there are: {', '.join(declared)}")
        setattr(self, name, _convert(declared[name], value))

    def update(self, values: dict[str, object]) -> None:
        """Set several switches; if one is wrong, none is set.

        Args:
            values: The values by the name of the switch, as for `set`.

        Raises:
            BadSwitchError: If there is no such switch, or one doesn't accept its value.
        """
        trial = Switches(**self.as_dict())
        for name, value in values.items():
            trial.set(name, value)
        for name, value in trial.as_dict().items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Return the value of every switch, by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def _convert(switch: Field[Any], value: object) -> Any:
    """Convert a value to the type of the switch, or raise an error that says what the switch accepts."""
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
    check = switch.metadata["check"]
    problem = check(value) if check else ""
    if problem:
        raise BadSwitchError(f"switch {switch.name}: {value!r} {problem}")
    return value


def _ranged(switch: Field[Any], value: float | str) -> Any:
    """Convert a value to a number of the type of the switch, within its range."""
    whole = isinstance(switch.default, int)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise BadSwitchError(f"switch {switch.name}: {value!r} is not a number") from None
    about = switch.metadata
    if "numbers" in about and number not in about["numbers"]:
        known = ", ".join(map(str, about["numbers"]))
        raise BadSwitchError(f"switch {switch.name}: {value!r} is none of {known}")
    # NaN ends here too: no comparison with it is true
    if "least" in about and not about["least"] <= number <= about["most"]:
        raise BadSwitchError(
            f"switch {switch.name}: {value!r} is out of range; "
            f"it takes {about['least']:g} to {about['most']:.10g}"
        )
    if whole and number != int(number):
        raise BadSwitchError(f"switch {switch.name}: {value!r} is not a whole number")
    return int(number) if whole else number

"""Every call of the tap is documented: its path, parameters, filters, sort order and fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tap_infusionsoft.queries.endpoint_filters import CAPABILITIES, choice_by_ids
from tap_infusionsoft.queries.filter_rules import Filter
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.streams.list_settings import LIST_SETTINGS
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run
from tests.sandbox import reference

from . import documents

pytestmark = documents.present

REPORT = "/v2/reporting/reports/{}:run"
_TABLE = (
    (
        REPORT,
        "parameter",
        "fields page_size page_token",
        "the document has one object instead of these parameters, which the server does not accept",
    ),
    (
        "/v2/companies",
        "field",
        (
            "account_id anniversary_date assistant_name assistant_phone billing_information birth_date "
            "contact_type created_by first_name groups id job_title last_name last_updated_by middle_name "
            "owner_id preferred_name referral_code spouse_name suffix title"
        ),
        (
            "`fields` may replace the default fields instead of adding to them, so the tap names those too; "
            "it leaves them out when Keap refuses them"
        ),
    ),
    (
        "/v2/opportunities",
        "field",
        "monthly_revenue objection order_revenue stage_entrance_time status",
        (
            "documented in prose only, for accounts with the legacy feature; the tap leaves them out when "
            "Keap refuses them"
        ),
    ),
)
"""What the tap requests although it is not documented: path, kind, names, reason."""

DIFFERENCES = {(path, f"no {kind} {name}") for path, kind, names, _ in _TABLE for name in names.split()}

OPERATORS = re.compile(r"([A-Za-z_]\w*)(==|!=|>=|<=|>|<)(.*)")
FORMS = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "true|false": re.compile("true|false"),
    "comma-separated list": re.compile(r"[^,;]+(,[^,;]+)*"),
}


# --- calls of the tap --------------------------------------------------------------------------------------


@pytest.fixture
def run(run: Run) -> Run:
    run.box.reset(contacts=50)
    return run


def _streams(run: Run) -> list[str]:
    """Return all streams and saved searches."""
    return [entry["tap_stream_id"] for entry in run.tap({}, saved_searches=["*"]).catalog_dict["streams"]]


def _read(run: Run, **settings: Any) -> list[dict[str, Any]]:
    """Read everything and return the calls."""
    everything = {"saved_searches": ["*"], **settings}
    catalog = run.catalog(*_streams(run), **everything)
    run.box.clear_requests()
    run(catalog=catalog, **everything)
    return run.box.requests()


def _some_ids(run: Run, setting: str) -> list[str]:
    """Return two ids for a setting."""
    stream, column = ("orders", "invoice_id") if setting == "invoice_ids" else (f"{setting[:-4]}s", "id")
    ids = [str(row[column]) for row in run.box.records(stream) if row.get(column)]
    return [ids[0], ids[-1]]


def test_calls_of_a_first_load(run: Run) -> None:
    calls = _read(run)
    _agree(calls)
    assert _parameters(calls) >= {"fields", "filter", "order_by", "page_size", "limit"}
    assert any(call["method"] == "POST" for call in calls)


def test_calls_of_increments_and_a_sweep(run: Run) -> None:
    _read(run)
    run.clock.pass_time(86_400)
    calls = _read(run)
    _agree(calls)
    assert any(call["query"].get("order_by", "").endswith(" desc") for call in calls)
    assert any("start_update_time==" in call["query"].get("filter", "") for call in calls)
    assert any("since" in call["query"] for call in calls)
    run.clock.pass_time(9 * 86_400)
    _agree(_read(run))  # a sweep


def test_calls_between_two_dates(run: Run) -> None:
    calls = _read(run, start_date="2025-03-01", end_date="2026-08-31T12:00:00+02:00")
    _agree(calls)
    filters = " ".join(call["query"].get("filter", "") for call in calls)
    assert "2025-03-01T00:00:00.000Z" in filters
    assert "2026-08-31T10:00:00.000Z" in filters


@pytest.mark.nightly
def test_calls_with_small_pages(run: Run) -> None:
    run.box.switch(page_rows_max=3, v1_limit_max=3)
    calls = _read(run)
    _agree(calls)
    assert _parameters(calls) >= {"page_token", "offset"}
    run.clock.pass_time(86_400)
    _agree(_read(run, start_date="2020-01-01"))


@pytest.mark.parametrize("setting", [one.name for one in LIST_SETTINGS.values() if one.kind == "ids"])
def test_calls_for_rows_by_id(run: Run, setting: str) -> None:
    streams = [name for name, collection in COLLECTIONS.items() if setting in _settings(collection)]
    assert streams
    ids: dict[str, Any] = {setting: _some_ids(run, setting)}
    _agree(_calls(run, streams, **ids))
    _agree(_calls(run, streams, **ids, start_date="2020-01-01"))


def _calls(run: Run, streams: list[str], **settings: Any) -> list[dict[str, Any]]:
    run(*streams, **settings)
    return run.box.requests()


def _settings(collection: Any) -> set[str]:
    found = {choice.setting for choice in collection.chosen}
    return found | {one.setting for one in (collection.parents, collection.batches) if one is not None}


def test_calls_for_contacts_by_email(run: Run) -> None:
    emails = [
        row["email_addresses"][0]["email"]
        for row in run.box.records("contacts")
        if row.get("email_addresses")
    ]
    run("contacts", contact_emails=[emails[0], emails[-1][:4] + "*"])
    _agree(run.box.requests())


def test_calls_with_few_columns(run: Run) -> None:
    for stream in ("contacts", "companies", "notes", "tasks", "opportunities", "application_settings"):
        columns = COLLECTIONS[stream].properties.keys() - {*COLLECTIONS[stream].keys}
        catalog = run.catalog(stream, without={stream: sorted(columns)[1::2]})
        run.box.clear_requests()
        run(catalog=catalog)
        _agree(run.box.requests())


def _queries(stream: str) -> Iterator[dict[str, Any]]:
    """Yield queries with every filter of a stream, every operator, every sort order, and ids."""
    known = CAPABILITIES[stream]
    for rule in known.filters.values():
        for op in rule.ops:
            condition = f"{rule.name}{op}{_some_value(rule)}"
            needed = f";{rule.needs}=={_some_value(known.filters[rule.needs])}" if rule.needs else ""
            yield {"filter": condition + needed}
        if rule.prefix:
            yield {"filter": f"{rule.name}==Abc*" + (f";{rule.needs}==PHONE1" if rule.needs else "")}
        if rule.empty:
            yield {"filter": f"{rule.name}=={rule.empty}"}
        yield from ({"filter": f"{rule.name}=={value}"} for value in rule.values if not rule.several)
    for order in known.orders:
        yield from ({"order_by": f"{order} {direction}"} for direction in ("asc", "desc"))
    if choice_by_ids(COLLECTIONS[stream]) is not None:
        yield {"ids": ["1", "2"]}


def _some_value(rule: Filter) -> str:
    if rule.time:
        return "2026-01-31T08:00:00Z"
    if rule.flag or rule.values:
        return ",".join(rule.values[:2]) if rule.several else (rule.values or ("true",))[0]
    number = "1,2" if rule.several else "9"
    return number if rule.integer or rule.number else "Ann"


@pytest.mark.parametrize("stream", CAPABILITIES)
def test_calls_of_queries_with_every_filter_operator_and_order(run: Run, stream: str) -> None:
    """The tap accepts a filter or sort order in a query if, and only if, it is documented."""
    entries = [{"name": f"q{n}", "stream": stream, **query} for n, query in enumerate(_queries(stream))]
    for query in run.tap({}, discovers=[stream], queries=entries).queries:
        collection = query.collection
        plan = ReadPlan(collection, named={one.setting: query.values for one in collection.chosen})
        over = [dict.fromkeys(re.findall(r"\{(\w+)\}", collection.endpoint.path), "1")]
        for piece in slices(plan, over, ["1"]):
            call = walk_of(plan, piece).first_call()
            operation = documents.operation_of(call.method, call.path)
            assert operation is not None, call
            sent = {"method": call.method, "headers": {}, "raw_query": call.query}
            complaints = {(operation.path, complaint) for complaint in _complaints(operation, sent)}
            assert complaints - DIFFERENCES == set(), (query.request.query, call)
    allowed = documents.limits()[documents.bare(COLLECTIONS[stream].endpoint.path)]
    accepted = " ".join(str(entry) for entry in entries)
    for name, facts in reference.streams().get(stream, {"filters": {}})["filters"].items():
        for op in facts.get("ops", ["=="]):
            assert f"'{name}{op}" in accepted or f";{name}{op}" in accepted, name
        assert name in allowed.filters


def test_calls_of_queries_with_filters_on_custom_fields(run: Run) -> None:
    """Every type of field, on every list that has custom fields. None is refused."""
    for stream in ("contacts", "companies", "orders", "tasks", "affiliates"):
        record = {"companies": "company"}.get(stream, stream[:-1])
        fields = run.box.records(f"{record}_custom_fields")
        entries = [
            {
                "name": f"q{n}",
                "stream": stream,
                "fields": ["id"],
                "filter": f"{field['field_name']}=={_of(field)}",
            }
            for n, field in enumerate(fields)
        ]
        assert len({field["field_type"] for field in fields}) > 1
        run(*(str(entry["name"]) for entry in entries), queries=entries)
        calls = [call for call in run.box.requests() if call["path"] == f"/crm/rest/v2/{stream}"]
        assert len(calls) >= len(entries)
        assert {call["status"] for call in calls} == {200}


def _of(field: dict[str, Any]) -> str:
    kind = field["field_type"]
    if kind.startswith("DATE"):
        return "2026-01-31T00:00:00.000Z"
    return "1" if kind in {"YES_NO", "DRILLDOWN"} or "NUMBER" in kind or kind in _NUMBERS else "Red"


_NUMBERS = {"CURRENCY", "PERCENT", "YEAR", "MONTH", "DAY_OF_WEEK", "USER"}


def test_calls_after_a_refusal(run: Run) -> None:
    """What the tap requests when Keap refuses the first attempt is documented too."""
    run.box.switch(
        wildcard_tags="withdrawn",
        company_field_names="documented",
        legacy_opportunities="off",
        unknown_filter="error",
    )
    run("contact_tags", "companies", "opportunities", "contacts_by_tag")
    calls = run.box.requests()
    _agree(calls, statuses=(200, 400, 404))
    assert any(re.fullmatch(r"/crm/rest/v2/tags/\d+/contacts", call["path"]) for call in calls)


# --- comparison with the documents -------------------------------------------------------------------------


def _parameters(calls: list[dict[str, Any]]) -> set[str]:
    return {name for call in calls for name in call["query"]}


def _agree(calls: list[dict[str, Any]], statuses: tuple[int, ...] = (200,)) -> None:
    """Check that every call is documented, or that its difference is in the table.

    Args:
        calls: Calls from the sandbox's log.
        statuses: Status codes that they may have.
    """
    assert calls
    wrong = set()
    for call in calls:
        assert call["status"] in statuses, call
        path = call["path"].removeprefix("/crm/rest")
        operation = documents.operation_of(call["method"], path)
        if operation is None:
            wrong.add((f"{call['method']} {path}", "no such operation"))
            continue
        wrong |= {(operation.path, complaint) for complaint in _complaints(operation, call)}
    assert wrong - DIFFERENCES == set()


def _complaints(operation: documents.Operation, call: dict[str, Any]) -> Iterator[str]:
    has_body = {"Content-Length", "Content-Type", "Transfer-Encoding"} & {*call["headers"]}
    if call["method"] == "GET" and has_body:
        yield "a body"
    sent = parse_qsl(call["raw_query"], keep_blank_values=True, strict_parsing=bool(call["raw_query"]))
    names = [name for name, _ in sent]
    for name, value in sent:
        declared = operation.parameters.get(name, [])
        if not declared:
            yield f"no parameter {name}"
        if value == "":
            yield f"{name} is blank"
        if names.count(name) > 1 and not any(_is_repeated(schema) for schema in declared):
            yield f"{name} is repeated"
        for schema in declared:
            yield from _value(name, value, schema)
        if operation.path != REPORT:  # its fields and orders are columns of the saved search
            yield from _meaning(name, value, operation, declared)


def _meaning(
    name: str, value: str, operation: documents.Operation, declared: list[documents.Schema]
) -> Iterator[str]:
    limits = documents.limits().get(operation.path, documents.Limits({}, set(), set()))
    if name == "filter":
        for part in value.split(";"):
            yield from _filter(part, limits.filters, declared)
    elif name == "order_by":
        field, _, direction = value.partition(" ")
        if field not in limits.orders or direction not in {"asc", "desc"}:
            yield f"no order by {value}"
    elif name == "fields":
        yield from (f"no field {field}" for field in value.split(",") if field not in limits.fields)
    elif name in limits.filters and "in" in limits.filters[name]:  # REST v1
        form = FORMS.get(limits.filters[name].get("value", ""))
        if form is not None and not form.fullmatch(value):
            yield f"{name} has a value of another form"


def _value(name: str, value: str, schema: documents.Schema) -> Iterator[str]:
    if name in {"page_size", "limit", "offset"}:
        minimum, maximum = schema.get("minimum"), schema.get("maximum")
        number = int(value)
        if number < (minimum or 0) or (maximum is not None and number > maximum):
            yield f"{name} is out of bounds"
        if name != "offset" and number < 1:
            yield f"{name} is less than 1"
    allowed = schema.get("items", schema).get("enum")
    if allowed and not {*value.split(",")} <= {*allowed}:
        yield f"{name} has an undocumented value"


def _is_repeated(schema: documents.Schema) -> bool:
    """Return True if a list is sent by repeating the parameter."""
    return schema.get("collection") == "multi" or schema.get("type") == "array"


def _filter(part: str, filters: dict[str, Any], declared: list[documents.Schema]) -> Iterator[str]:
    match = OPERATORS.fullmatch(part)
    if match is None:
        yield f"filter {part} is malformed"
        return
    name, operator, value = match.groups()
    known = filters.get(name)
    if known is None or "ops" not in known:
        yield f"no filter {name}"
        return
    if not any(re.search(rf"\b{name}\b", schema["description"]) for schema in declared):
        yield f"filter {name} is not in the description"
    if operator not in known["ops"]:
        yield f"filter {name} has no operator {operator}"
    if value != known.get("empty_sentinel"):
        yield from _filter_value(name, value, known)


def _filter_value(name: str, value: str, known: dict[str, Any]) -> Iterator[str]:
    form = FORMS.get(known.get("value", ""))
    if form is not None and not form.fullmatch(value):
        yield f"filter {name} has a value of another form"
    if known.get("values") and value not in known["values"]:
        yield f"filter {name} has an undocumented value"
    if value.count(",") >= known.get("max_values", 1000) or (not form and "," in value):
        yield f"filter {name} does not accept this list"
    if "*" in value and (not known.get("wildcard") or "*" in value[:-1]):
        yield f"filter {name} does not accept this wildcard"
    is_id = name == "id" or name.endswith(("_id", "ids"))
    if not value or (is_id and not re.fullmatch(r"\d+(,\d+)*", value)):
        yield f"filter {name} has no valid value"

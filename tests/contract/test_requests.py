"""Every call that the tap makes is one that Keap's documents allow: path, parameters, filters, orders, fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tap_infusionsoft.config.settings import ID_LISTS
from tap_infusionsoft.queries.endpoint_filters import CAPABILITIES, choice_by_ids
from tap_infusionsoft.queries.filter_rules import Filter
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.conftest import Run
from tests.sandbox import reference

from . import documents

pytestmark = documents.present

REPORT = "/v2/reporting/reports/{}:run"
_TABLE = (
    (
        REPORT,
        "parameter",
        "fields page_size page_token",
        "the document folds the flat parameters of the run into one object, which the server does not take",
    ),
    (
        "/v2/companies",
        "field",
        (
            "account_id anniversary_date assistant_name assistant_phone billing_information birth_date contact_type "
            "created_by first_name groups id job_title last_name last_updated_by middle_name owner_id preferred_name "
            "referral_code spouse_name suffix title"
        ),
        (
            "whether naming fields replaces what comes anyway is unknown, so what comes anyway is named too; the tap "
            "leaves these out when Keap refuses them"
        ),
    ),
    (
        "/v2/opportunities",
        "field",
        "monthly_revenue objection order_revenue stage_entrance_time status",
        "documented in words only, for accounts with the old feature; the tap leaves them out when Keap refuses them",
    ),
)
"""What the tap asks for beyond the documents: path, kind, names, why."""

DIFFERENCES = {(path, f"no {kind} {name}") for path, kind, names, _ in _TABLE for name in names.split()}

OPERATORS = re.compile(r"([A-Za-z_]\w*)(==|!=|>=|<=|>|<)(.*)")
FORMS = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "true|false": re.compile("true|false"),
    "comma-separated list": re.compile(r"[^,;]+(,[^,;]+)*"),
}


# --- the calls --------------------------------------------------------------------------------------------------------


def _streams(run: Run) -> list[str]:
    """All streams, and all saved searches."""
    return [entry["tap_stream_id"] for entry in run.tap({}, saved_searches=["*"]).catalog_dict["streams"]]


def _read(run: Run, **settings: Any) -> list[dict[str, Any]]:
    """One run over everything, and its calls."""
    everything = {"saved_searches": ["*"], **settings}
    catalog = run.catalog(*_streams(run), **everything)
    run.box.clear_requests()
    run(catalog=catalog, **everything)
    return run.box.requests()


def _some_ids(run: Run, setting: str) -> list[str]:
    """Two ids that a setting can take."""
    stream, column = ("orders", "invoice_id") if setting == "invoice_ids" else (f"{setting[:-4]}s", "id")
    ids = [str(row[column]) for row in run.box.records(stream) if row.get(column)]
    return [ids[0], ids[-1]]


def test_a_first_load(run: Run) -> None:
    calls = _read(run)
    _agree(calls)
    assert _parameters(calls) >= {"fields", "filter", "order_by", "page_size", "limit"}
    assert any(call["method"] == "POST" for call in calls)


def test_the_runs_after_it(run: Run) -> None:
    _read(run)
    run.clock.pass_time(86_400)
    calls = _read(run)
    _agree(calls)
    assert any(call["query"].get("order_by", "").endswith(" desc") for call in calls)
    assert any("start_update_time==" in call["query"].get("filter", "") for call in calls)
    assert any("since" in call["query"] for call in calls)
    run.clock.pass_time(9 * 86_400)
    _agree(_read(run))  # a sweep


def test_between_two_dates(run: Run) -> None:
    calls = _read(run, start_date="2025-03-01", end_date="2026-08-31T12:00:00+02:00")
    _agree(calls)
    filters = " ".join(call["query"].get("filter", "") for call in calls)
    assert "2025-03-01T00:00:00.000Z" in filters
    assert "2026-08-31T10:00:00.000Z" in filters


def test_small_pages(run: Run) -> None:
    run.box.switch(page_rows_max=3, v1_limit_max=3)
    calls = _read(run)
    _agree(calls)
    assert _parameters(calls) >= {"page_token", "offset"}
    run.clock.pass_time(86_400)
    _agree(_read(run, start_date="2020-01-01"))


@pytest.mark.parametrize("setting", ID_LISTS)
def test_rows_by_their_ids(run: Run, setting: str) -> None:
    readers = [name for name, one in COLLECTIONS.items() if setting in _settings(one)]
    assert readers
    some: dict[str, Any] = {setting: _some_ids(run, setting)}
    _agree(_chosen(run, readers, **some))
    _agree(_chosen(run, readers, **some, start_date="2020-01-01"))


def _chosen(run: Run, streams: list[str], **settings: Any) -> list[dict[str, Any]]:
    run(*streams, **settings)
    return run.box.requests()


def _settings(collection: Any) -> set[str]:
    found = {choice.setting for choice in collection.chosen}
    return found | {one.setting for one in (collection.parents, collection.batches) if one is not None}


def test_contacts_by_their_addresses(run: Run) -> None:
    emails = [
        row["email_addresses"][0]["email"]
        for row in run.box.records("contacts")
        if row.get("email_addresses")
    ]
    run("contacts", contact_emails=[emails[0], emails[-1][:4] + "*"])
    _agree(run.box.requests())


def test_few_columns(run: Run) -> None:
    for stream in ("contacts", "companies", "notes", "tasks", "opportunities", "application_settings"):
        columns = COLLECTIONS[stream].properties.keys() - {*COLLECTIONS[stream].keys}
        catalog = run.catalog(stream, without={stream: sorted(columns)[1::2]})
        run.box.clear_requests()
        run(catalog=catalog)
        _agree(run.box.requests())


def _queries(stream: str) -> Iterator[dict[str, Any]]:
    """Queries with every filter of a stream, every operator, every order, and its ids."""
    known = CAPABILITIES[stream]
    for one in known.filters.values():
        for op in one.ops:
            said = f"{one.name}{op}{_some_value(one)}"
            beside = f";{one.needs}=={_some_value(known.filters[one.needs])}" if one.needs else ""
            yield {"filter": said + beside}
        if one.prefix:
            yield {"filter": f"{one.name}==Abc*" + (f";{one.needs}==PHONE1" if one.needs else "")}
        if one.empty:
            yield {"filter": f"{one.name}=={one.empty}"}
        yield from ({"filter": f"{one.name}=={value}"} for value in one.values if not one.several)
    for order in known.orders:
        yield from ({"order_by": f"{order} {direction}"} for direction in ("asc", "desc"))
    if choice_by_ids(COLLECTIONS[stream]) is not None:
        yield {"ids": ["1", "2"]}


def _some_value(one: Filter) -> str:
    if one.time:
        return "2026-01-31T08:00:00Z"
    if one.flag or one.values:
        return ",".join(one.values[:2]) if one.several else (one.values or ("true",))[0]
    number = "1,2" if one.several else "9"
    return number if one.integer or one.number else "Ann"


@pytest.mark.parametrize("stream", CAPABILITIES)
def test_queries_with_every_filter_operator_and_order(run: Run, stream: str) -> None:
    """What the tap takes as a query, the documents allow; and what they allow, it takes."""
    entries = [{"name": f"q{n}", "stream": stream, **more} for n, more in enumerate(_queries(stream))]
    for query in run.tap({}, queries=entries).queries:
        collection = query.collection
        plan = ReadPlan(collection, named={one.setting: query.values for one in collection.chosen})
        over = [dict.fromkeys(re.findall(r"\{(\w+)\}", collection.endpoint.path), "1")]
        for piece in slices(plan, over, ["1"]):
            call = walk_of(plan, piece).first_call()
            operation = documents.operation_of(call.method, call.path)
            assert operation is not None, call
            sent = {"method": call.method, "headers": {}, "raw_query": call.query}
            complaints = {(operation.path, what) for what in _complaints(operation, sent)}
            assert complaints - DIFFERENCES == set(), (query.request.query, call)
    allowed = documents.limits()[documents.bare(COLLECTIONS[stream].endpoint.path)]
    taken = " ".join(str(entry) for entry in entries)
    for name, facts in reference.streams().get(stream, {"filters": {}})["filters"].items():
        for op in facts.get("ops", ["=="]):
            assert f"'{name}{op}" in taken or f";{name}{op}" in taken, name
        assert name in allowed.filters


def test_queries_with_filters_on_custom_fields(run: Run) -> None:
    """Of every type of field, on every list that takes them; answered, not refused."""
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


def test_where_keap_serves_less(run: Run) -> None:
    """What the tap asks for after a refusal is documented too."""
    run.box.switch(
        wildcard_tags="withdrawn",
        company_field_names="documented",
        legacy_opportunities="off",
        unknown_filter="error",
    )
    run("contact_tags", "companies", "opportunities", "contacts_by_tag")
    calls = run.box.requests()
    _agree(calls, fine=(200, 400, 404))
    assert any(re.fullmatch(r"/crm/rest/v2/tags/\d+/contacts", call["path"]) for call in calls)


# --- the documents ----------------------------------------------------------------------------------------------------


def _parameters(calls: list[dict[str, Any]]) -> set[str]:
    return {name for call in calls for name in call["query"]}


def _agree(calls: list[dict[str, Any]], fine: tuple[int, ...] = (200,)) -> None:
    """Every call is as documented, or its difference is in the table."""
    assert calls
    wrong = set()
    for call in calls:
        assert call["status"] in fine, call
        path = call["path"].removeprefix("/crm/rest")
        operation = documents.operation_of(call["method"], path)
        if operation is None:
            wrong.add((f"{call['method']} {path}", "no such operation"))
            continue
        wrong |= {(operation.path, what) for what in _complaints(operation, call)}
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
        if operation.path != REPORT:  # its names are the columns of the saved search
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
        yield from (f"no field {one}" for one in value.split(",") if one not in limits.fields)
    elif name in limits.filters and "in" in limits.filters[name]:  # of v1
        form = FORMS.get(limits.filters[name].get("value", ""))
        if form is not None and not form.fullmatch(value):
            yield f"{name} has another form of values"


def _value(name: str, value: str, schema: documents.Schema) -> Iterator[str]:
    if name in {"page_size", "limit", "offset"}:
        least, most = schema.get("minimum"), schema.get("maximum")
        number = int(value)
        if number < (least or 0) or (most is not None and number > most):
            yield f"{name} is out of bounds"
        if name != "offset" and number < 1:
            yield f"{name} asks for nothing"
    allowed = schema.get("items", schema).get("enum")
    if allowed and not {*value.split(",")} <= {*allowed}:
        yield f"{name} is none of the documented values"


def _is_repeated(schema: documents.Schema) -> bool:
    """Whether a list is sent as a parameter for each value."""
    return schema.get("collection") == "multi" or schema.get("type") == "array"


def _filter(part: str, filters: dict[str, Any], declared: list[documents.Schema]) -> Iterator[str]:
    found = OPERATORS.fullmatch(part)
    if found is None:
        yield f"filter {part} has no form"
        return
    name, operator, value = found.groups()
    known = filters.get(name)
    if known is None or "ops" not in known:
        yield f"no filter {name}"
        return
    if not any(re.search(rf"\b{name}\b", schema["description"]) for schema in declared):
        yield f"filter {name} is in no description"
    if operator not in known["ops"]:
        yield f"filter {name} has no operator {operator}"
    if value != known.get("empty_sentinel"):
        yield from _filter_value(name, value, known)


def _filter_value(name: str, value: str, known: dict[str, Any]) -> Iterator[str]:
    form = FORMS.get(known.get("value", ""))
    if form is not None and not form.fullmatch(value):
        yield f"filter {name} has another form of values"
    if known.get("values") and value not in known["values"]:
        yield f"filter {name} has other values"
    if value.count(",") >= known.get("max_values", 1000) or (not form and "," in value):
        yield f"filter {name} takes no such list"
    if "*" in value and (not known.get("wildcard") or "*" in value[:-1]):
        yield f"filter {name} takes no such wildcard"
    is_id = name == "id" or name.endswith(("_id", "ids"))
    if not value or (is_id and not re.fullmatch(r"\d+(,\d+)*", value)):
        yield f"filter {name} has no value"

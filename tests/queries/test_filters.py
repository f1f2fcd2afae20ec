"""The filters of endpoints: their notation, the values that they take, and Keap's documents about them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tap_infusionsoft.queries.classic.tables import INSTEAD, NOT_EXACT, NOT_IN_REST, TABLES, VALUES
from tap_infusionsoft.queries.endpoint_filters import CAPABILITIES, choice_by_ids
from tap_infusionsoft.queries.filter_rules import Filter, custom_field_filter, parse_filter
from tap_infusionsoft.records.custom_fields import CustomField
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.sandbox import reference

DESCRIBED_VALUES = {("contacts", "phone_fields")}
"""Filters whose values only the description of the parameter lists."""


@pytest.mark.parametrize(
    ("notation", "op", "value", "wire"),
    [
        ("name", "==", "Ann Lee", "Ann Lee"),
        ("name*", "==", "Ann*", "Ann*"),
        ("name*3", "==", "555*", "555*"),
        ("name~", "==", "part", "part"),
        ("id<>", ">=", "91", "91"),
        ("id<!>", "!=", "91", "91"),
        ("amount<>", "<", "-9.50", "-9.50"),
        ("ids[]", "==", "3, 1,3", "3,1"),
        ("tag_ids[2]", "==", "1,2,1", "1,2"),
        ("since_time@>", "==", "2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("until_time@<", "==", "2026-01-31", "2026-01-31T23:59:59.999Z"),
        ("until_time@<", "==", "2026-01-31T08:00:00+02:00", "2026-01-31T06:00:00.000Z"),
        ("start_time<>@", ">=", "2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("start_time<>@", ">", "2026-01-31", "2026-01-31T23:59:59.999Z"),
        ("start_time<>@", "<", "2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("created_time@", "==", "2026-01-31T08:00:00Z", "2026-01-31T08:00:00.000Z"),
        ("paid?", "==", "true", "true"),
        ("type=COOKIE|MANUAL", "==", "MANUAL", "MANUAL"),
        ("category_id(NONE)", "==", "NONE", "NONE"),
        ("phone_fields[]=PHONE1|PHONE2", "==", "PHONE2,PHONE1", "PHONE2,PHONE1"),
    ],
)
def test_a_filter_takes_a_value_in_keaps_form(notation: str, op: str, value: str, wire: str) -> None:
    assert parse_filter(notation).checked(op, value) == wire


@pytest.mark.parametrize(
    ("notation", "op", "value", "says"),
    [
        ("name", ">", "A", "name does not take >, only =="),
        ("id<>", "!=", "5", "id does not take !=, only == > < >= <="),
        ("name", "==", "", "name== has no value"),
        ("name", "==", "a,b", "name: Keap does not take a comma in a value"),
        ("name", "==", ">5", "name: Keap would read the > at the start of the value as an operator"),
        ("name", "==", "a;b", "name: Keap does not take a semicolon in a value"),
        ("name", "==", "Ann*", "name does not take a * in the value"),
        ("name*", "==", "*nn", "name takes a * only at the end of the value, after at least one character"),
        ("name*", "==", "A*n*", "name takes a * only at the end of the value"),
        ("name*", "==", "*", "only at the end of the value, after at least one character"),
        ("phone*3", "==", "55*", "only at the end of the value, after at least 3 characters"),
        ("id<>", "==", "5,6", "id: Keap does not take a comma"),
        ("contact_id", "==", "Ann", "contact_id takes whole numbers such as 91, not 'Ann'"),
        ("contact_id", "==", "-1", "contact_id takes whole numbers"),
        ("ids[]", "==", "1,x", "ids takes whole numbers such as 91, not 'x'"),
        ("ids[]", "==", "1,,2", "ids takes whole numbers such as 91, not ''"),
        ("emails[]", "==", "a@x.com,", "emails has an empty value"),
        ("ids[2]", "==", "1,2,3", "ids takes at most 2 values at once, not 3"),
        ("amount<>", ">", "ten", "amount takes numbers such as 9.5, not 'ten'"),
        ("since_time@>", "==", "soon", "since_time takes a date or time such as 2026-01-31 or 2026"),
        ("since_time@>", "==", "10 days ago", "since_time takes a date or time such as"),
        ("since_time@>", "==", "2026-13-01", "since_time takes a date or time such as"),
        (
            "created_time@",
            "==",
            "2026-01-31",
            "created_time takes an exact time, such as 2026-01-31T08:00:00.000Z, not a date",
        ),
        ("paid?", "==", "yes", "paid takes one of true, false, not 'yes'"),
        ("type=COOKIE|MANUAL", "==", "manual", "type takes one of COOKIE, MANUAL, not 'manual'"),
    ],
)
def test_a_filter_refuses_a_value_with_a_reason(notation: str, op: str, value: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_filter(notation).checked(op, value)


@pytest.mark.parametrize(
    ("notation", "listed"),
    [
        ("name", "name =="),
        ("id<!>", "id == != > < >= <="),
        ("name*", "name == (text or text*)"),
        ("name~", "name == (part of the text)"),
        ("title*~", "title == (part of the text or text*)"),
        ("ids[]", "ids == (1,2,3)"),
        ("emails[]", "emails == (a,b)"),
        ("since_time@>", "since_time == (date or time)"),
        ("start_time<>@", "start_time == > < >= <= (time)"),
        ("paid?", "paid == (true|false)"),
        ("type=COOKIE|MANUAL", "type == (COOKIE|MANUAL)"),
        ("category_id(NONE)", "category_id == (91 or NONE)"),
        ("description(NONE)", "description == (text or NONE)"),
    ],
)
def test_messages_list_what_a_filter_takes(notation: str, listed: str) -> None:
    assert str(parse_filter(notation)) == listed


def test_a_declaration_in_another_notation_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("'name%' is not the notation of a filter")):
        parse_filter("name%")


@pytest.mark.parametrize(
    ("kind", "op", "value", "wire"),
    [
        ("TEXT", "==", "Red*", "Red*"),
        ("A_TYPE_TO_COME", "==", "x", "x"),
        ("CURRENCY", ">=", "9.5", "9.5"),
        ("WHOLE_NUMBER", "<", "9", "9"),
        ("USER", "==", "9", "9"),
        ("YES_NO", "==", "1", "1"),
        ("DRILLDOWN", "==", "4", "4"),
        ("LIST_BOX", "==", "red", "red"),
        ("DATE", "==", "2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("DATE", "<=", "2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("DATE_TIME", "<=", "2026-01-31", "2026-01-31T23:59:59.999Z"),
        ("TEXT", ">", "a", None),
        ("WHOLE_NUMBER", "==", "9.5", None),
        ("YES_NO", "==", "true", None),
        ("DRILLDOWN", "==", "red", None),
        ("LIST_BOX", "==", "re*", None),
        ("DATE_TIME", "==", "2026-01-31", None),
    ],
)
def test_the_filter_on_a_custom_field_takes_what_its_type_takes(
    kind: str, op: str, value: str, wire: str | None
) -> None:
    known = custom_field_filter(CustomField(id="5", column="cf_x", name="_X", label="X", kind=kind))
    assert known.name == "_X"
    if wire is None:
        with pytest.raises(ValueError, match="_X"):
            known.checked(op, value)
    else:
        assert known.checked(op, value) == wire


# The documents


def _facts(known: Filter) -> dict[str, Any]:
    """A filter as the reference describes it."""
    facts: dict[str, Any] = {"ops": list(known.ops)}
    value = (
        "date-time" if known.time else "true|false" if known.flag else "comma-separated list" * known.several
    )
    more = {
        "value": value,
        "wildcard": "prefix" * known.prefix,
        "bare_value": "matches anywhere" * known.anywhere,
        "empty_sentinel": known.empty,
        "values": list(known.values),
        "max_values": known.max_values,
    }
    return facts | {name: fact for name, fact in more.items() if fact}


@reference.present
@pytest.mark.parametrize("stream", sorted(reference.streams().keys() & COLLECTIONS.keys()))
def test_filters_and_orders_are_those_that_keap_documents(stream: str) -> None:
    theirs, ours = reference.streams()[stream], CAPABILITIES.get(stream)
    if ours is None:
        assert (theirs["filters"], theirs["order_by"]) == ({}, [])
        return
    assert set(ours.filters) == set(theirs["filters"])
    for name, known in ours.filters.items():
        facts, documented = _facts(known), dict(theirs["filters"][name])
        if documented.pop("in", "filter") == "query":  # REST v1
            assert COLLECTIONS[stream].endpoint.paging == "offset"
            documented["ops"] = ["=="]
        if documented.pop("required", False):
            batches = COLLECTIONS[stream].batches
            assert batches is not None, "the tap must send it by itself"
            assert batches.filter == name
        if (stream, name) in DESCRIBED_VALUES:
            facts.pop("values")
        facts["ops"], documented["ops"] = sorted(facts["ops"]), sorted(documented["ops"])
        assert facts == documented, name
    assert list(ours.orders) == theirs["order_by"]
    assert bool(ours.custom_fields) == theirs["custom_field_filters"]


@reference.present
def test_rows_are_looked_up_by_id_as_keap_documents() -> None:
    for stream in CAPABILITIES.keys() & reference.streams().keys():
        theirs, ours = reference.streams()[stream], CAPABILITIES[stream]
        choice = choice_by_ids(COLLECTIONS[stream])
        if choice is not None and choice.path:
            assert re.sub(r"\{\w+\}", "{}", theirs["by_id_path"]) == choice.path.replace("{id}", "{}"), stream
        if theirs["id_filter"]:
            assert theirs["id_filter"]["field"] in ours.id_filters, stream
        lists = [name for name in ours.id_filters if ours.filters[name].several]
        assert not lists or ours.id_filters[0] in lists, "one call for many ids is better"
    cannot = {
        name
        for name, theirs in reference.streams().items()
        if name in COLLECTIONS and choice_by_ids(COLLECTIONS[name]) is None and theirs["by_id_path"]
    }
    with_other_keys = {"countries", "provinces", "email_address_statuses", "order_items"}
    below_a_parent = {
        "product_options",
        "subscription_plans",
        "lead_source_expenses",
        "lead_source_recurring_expenses",
    }
    assert cannot == with_other_keys | below_a_parent


def test_every_endpoint_belongs_to_a_stream_and_its_filters_exist() -> None:
    assert CAPABILITIES.keys() <= COLLECTIONS.keys()
    for capabilities in CAPABILITIES.values():
        assert set(capabilities.id_filters) <= capabilities.filters.keys()
        assert {known.needs for known in capabilities.filters.values()} - {""} <= capabilities.filters.keys()


@reference.present
def test_every_table_of_the_classic_connector_is_declared() -> None:
    domo = reference.domo()["reports"]["Data - Query a Data Table"]
    assert TABLES.keys() | NOT_EXACT.keys() == domo["tables"].keys()
    assert set(domo["tables_not_available"]) == NOT_IN_REST
    for table, streams in TABLES.items():
        served = {name for name in domo["tables"][table]["streams"] if name in COLLECTIONS}
        assert streams.keys() == served or streams.keys() <= {
            "custom_fields",
            "custom_field_groups",
            "custom_field_tabs",
        }


@reference.present
def test_fields_columns_and_filters_of_tables_exist() -> None:
    columns = reference.xmlrpc()
    for table, streams in TABLES.items():
        for stream, fields in streams.items():
            assert fields.keys() <= columns[table].keys(), table
            for field in fields.values():
                assert field.column in COLLECTIONS[stream].properties
                assert set(field.filters) <= (CAPABILITIES[stream].filters.keys() if field.filters else set())
    for table, field_name in [*VALUES, *INSTEAD]:
        assert field_name in columns[table]


@pytest.mark.parametrize("stream", COLLECTIONS)
def test_queries_may_use_the_filters_that_the_stream_uses(stream: str) -> None:
    """docs/queries.md lists what is in CAPABILITIES, and says of other streams that they have no filters."""
    collection = COLLECTIONS[stream]
    if collection.parents is not None and collection.parents.in_window:
        return  # these filters are those of the parents
    by_id = [collection.endpoint.by_id.filter] if collection.endpoint.by_id else []
    used = {re.split(r"[=<>]", name)[0] for name in [*collection.changes.filter_names, *by_id]}
    listed = CAPABILITIES[stream].filters.keys() if stream in CAPABILITIES else set()
    for name in sorted(used - listed):
        pytest.fail(
            f"{stream} can be filtered by {name}, but users' queries cannot: add it to CAPABILITIES in "
            "queries/endpoint_filters.py."
        )


@pytest.mark.parametrize("stream", [name for name, one in COLLECTIONS.items() if one.endpoint.born])
def test_keap_can_sort_by_births(stream: str) -> None:
    born = COLLECTIONS[stream].endpoint.born
    assert born is not None
    assert born.order_by in CAPABILITIES[stream].orders

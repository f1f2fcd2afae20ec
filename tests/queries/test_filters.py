"""What lists can be asked for: the notation, the values that a filter takes, and Keap's documents."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tap_infusionsoft.queries.classic.tables import INSTEAD, NOT_EXACT, NOT_IN_REST, TABLES, VALUES
from tap_infusionsoft.queries.compile import by_ids
from tap_infusionsoft.queries.endpoint_filters import LISTS
from tap_infusionsoft.queries.filter_rules import Filter, of_custom_field, read
from tap_infusionsoft.records.custom_fields import CustomField
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.sandbox import reference

MORE_VALUES = {("contacts", "phone_fields"): "its five values stand in the words of the description"}


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
def test_good_values(notation: str, op: str, value: str, wire: str) -> None:
    assert read(notation).checked(op, value) == wire


@pytest.mark.parametrize(
    ("notation", "op", "value", "says"),
    [
        ("name", ">", "A", "name does not take >, only =="),
        ("id<>", "!=", "5", "id does not take !=, only == > < >= <="),
        ("name", "==", "", "name== has no value behind it"),
        ("name", "==", "a,b", "name: Keap takes no comma in a value"),
        ("name", "==", ">5", "name: Keap would take the > that the value begins with for an operator"),
        ("name", "==", "a;b", "name: Keap takes no semicolon in a value"),
        ("name", "==", "Ann*", "name takes a * nowhere"),
        ("name*", "==", "*nn", "name takes a * only at the end, behind something"),
        ("name*", "==", "A*n*", "name takes a * only at the end"),
        ("name*", "==", "*", "only at the end, behind something"),
        ("phone*3", "==", "55*", "only at the end, behind at least 3 characters"),
        ("id<>", "==", "5,6", "Keap takes no comma"),
        ("contact_id", "==", "Ann", "contact_id takes whole numbers such as 91, not 'Ann'"),
        ("contact_id", "==", "-1", "contact_id takes whole numbers"),
        ("ids[]", "==", "1,x", "ids takes whole numbers such as 91, not 'x'"),
        ("ids[]", "==", "1,,2", "ids takes whole numbers such as 91, not ''"),
        ("emails[]", "==", "a@x.com,", "emails has an empty value"),
        ("ids[2]", "==", "1,2,3", "ids takes at most 2 values at once, not 3"),
        ("amount<>", ">", "ten", "amount takes numbers such as 9.5, not 'ten'"),
        ("since_time@>", "==", "soon", "since_time takes a day or time such as 2026-01-31 or 2026"),
        ("since_time@>", "==", "10 days ago", "takes a day or time such as"),
        ("since_time@>", "==", "2026-13-01", "takes a day or time such as"),
        (
            "created_time@",
            "==",
            "2026-01-31",
            "takes one moment, such as 2026-01-31T08:00:00.000Z, not a day",
        ),
        ("paid?", "==", "yes", "paid takes one of true, false, not 'yes'"),
        ("type=COOKIE|MANUAL", "==", "manual", "type takes one of COOKIE, MANUAL, not 'manual'"),
    ],
)
def test_bad_values_are_named(notation: str, op: str, value: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read(notation).checked(op, value)


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
def test_custom_fields_take_what_their_type_takes(kind: str, op: str, value: str, wire: str | None) -> None:
    known = of_custom_field(CustomField(id="5", column="cf_x", name="_X", label="X", kind=kind))
    assert known.name == "_X"
    if wire is None:
        with pytest.raises(ValueError, match="_X"):
            known.checked(op, value)
    else:
        assert known.checked(op, value) == wire


# --- the documents ----------------------------------------------------------------------------------------------------


def _facts(one: Filter) -> dict[str, Any]:
    """A filter in the form of the reference."""
    facts: dict[str, Any] = {"ops": list(one.ops)}
    value = "date-time" if one.time else "true|false" if one.flag else "comma-separated list" * one.several
    more = {
        "value": value,
        "wildcard": "prefix" * one.prefix,
        "bare_value": "matches anywhere" * one.anywhere,
        "empty_sentinel": one.empty,
        "values": list(one.values),
        "max_values": one.most,
    }
    return facts | {name: fact for name, fact in more.items() if fact}


@reference.present
@pytest.mark.parametrize("stream", sorted(reference.streams().keys() & COLLECTIONS.keys()))
def test_every_filter_and_order_is_as_documented(stream: str) -> None:
    theirs, mine = reference.streams()[stream], LISTS.get(stream)
    if mine is None:
        assert (theirs["filters"], theirs["order_by"]) == ({}, [])
        return
    assert set(mine.filters) == set(theirs["filters"])
    for name, one in mine.filters.items():
        facts, documented = _facts(one), dict(theirs["filters"][name])
        if documented.pop("in", "filter") == "query":  # of v1
            assert COLLECTIONS[stream].endpoint.paging == "offset"
            documented["ops"] = ["=="]
        if documented.pop("required", False):
            batches = COLLECTIONS[stream].batches
            assert batches is not None, "the tap itself must send it"
            assert batches.filter == name
        if (stream, name) in MORE_VALUES:
            facts.pop("values")
        facts["ops"], documented["ops"] = sorted(facts["ops"]), sorted(documented["ops"])
        assert facts == documented, name
    assert list(mine.orders) == theirs["order_by"]
    assert bool(mine.custom) == theirs["custom_field_filters"]


@reference.present
def test_rows_are_asked_for_by_id_as_documented() -> None:
    for stream in LISTS.keys() & reference.streams().keys():
        theirs, mine = reference.streams()[stream], LISTS[stream]
        choice = by_ids(COLLECTIONS[stream])
        if choice is not None and choice.path:
            assert re.sub(r"\{\w+\}", "{}", theirs["by_id_path"]) == choice.path.replace("{id}", "{}"), stream
        if theirs["id_filter"]:
            assert theirs["id_filter"]["field"] in mine.own, stream
        lists = [name for name in mine.own if mine.filters[name].several]
        assert not lists or mine.own[0] in lists, "one call for many is better"
    cannot = {
        name
        for name, theirs in reference.streams().items()
        if name in COLLECTIONS and by_ids(COLLECTIONS[name]) is None and theirs["by_id_path"]
    }
    keyed_otherwise = {"countries", "provinces", "email_address_statuses", "order_items"}
    below_a_parent = {
        "product_options", "subscription_plans", "lead_source_expenses", "lead_source_recurring_expenses",
    }  # fmt: skip
    assert cannot == keyed_otherwise | below_a_parent


def test_the_table_is_sound() -> None:
    assert LISTS.keys() <= COLLECTIONS.keys()
    for one in LISTS.values():
        assert set(one.own) <= one.filters.keys()
        assert {known.needs for known in one.filters.values()} - {""} <= one.filters.keys()


@reference.present
def test_every_table_of_the_classic_connector_is_known() -> None:
    domo = reference.domo()["reports"]["Data - Query a Data Table"]
    assert TABLES.keys() | NOT_EXACT.keys() == domo["tables"].keys()
    assert set(domo["tables_not_available"]) == NOT_IN_REST
    for table, streams in TABLES.items():
        served = {name for name in domo["tables"][table]["streams"] if name in COLLECTIONS}
        assert streams.keys() == served or streams.keys() <= {
            "custom_fields", "custom_field_groups", "custom_field_tabs",
        }  # fmt: skip


@reference.present
def test_fields_of_tables_are_real() -> None:
    columns = reference.xmlrpc()
    for table, streams in TABLES.items():
        for stream, fields in streams.items():
            assert fields.keys() <= columns[table].keys(), table
            for field in fields.values():
                assert field.column in COLLECTIONS[stream].properties
                assert set(field.filters) <= (LISTS[stream].filters.keys() if field.filters else set())
    for table, field_name in [*VALUES, *INSTEAD]:
        assert field_name in columns[table]

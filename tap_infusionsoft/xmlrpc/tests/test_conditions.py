"""What users wrote for the classic connector becomes what the data service takes."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.queries.classic.parser import parse
from tap_infusionsoft.xmlrpc.conditions import Conditions, conditions
from tap_infusionsoft.xmlrpc.tables import TABLES


@pytest.mark.parametrize(
    ("table", "query", "expected"),
    [
        ("Contact", "{'City': 'Ogden'}", {"City": "Ogden"}),
        ("Contact", "{'Id': '%'}", {"Id": "%"}),
        ("Contact", "{'City': 'Og%', 'State': '%U%', 'FirstName': 'a%b'}",
         {"City": "Og%", "State": "%U%", "FirstName": "a%b"}),
        ("Contact", "{'City': '~null~', 'State': ''}", {"City": "~null~", "State": ""}),
        ("Contact", "{'Id': '~>~5'}", {"Id": "~>~ 5"}),
        ("Contact", "{'Id': '~<=~ 5'}", {"Id": "~<=~ 5"}),
        ("Contact", "{'State': '~<>~UT'}", {"State": "~<>~UT"}),
        ("Contact", "{'Id': '12,30'}", {"Id": ["12", "30"]}),
        ("Contact", "{'Id': ['12', 30]}", {"Id": ["12", "30"]}),
        ("Contact", "{'Groups': '12,30'}", {"Groups": "12,30"}),  # a text that has commas
        ("Contact", "{'DateCreated': '2016-01-20'}", {"DateCreated": "2016-01-20%"}),
        ("Contact", "{'DateCreated': '2016%'}", {"DateCreated": "2016%"}),
        ("Contact", "{'DateCreated': '2016-01-20 08:15:00'}", {"DateCreated": "2016-01-20 08:15:00"}),
        ("Contact", "{'Birthday': '1980-02-29'}", {"Birthday": "1980-02-29%"}),
        ("Contact", "{'PostalCode': 98052}", {"PostalCode": "98052"}),
        ("Contact", "{'_Size': 'L'}", {"_Size": "L"}),
        ("Contact", "{'LastUpdated': '~>=~2026-01-20', 'DateCreated': '~<~ 2026-01-20T08:00'}",
         {"LastUpdated": "~>=~ 2026-01-20", "DateCreated": "~<~ 2026-01-20T08:00"}),
        ("Contact", "{'DateCreated': {'since': '2013-11-18 15:00:00', 'before': '2013-11-18 17:00:00'}}",
         {"DateCreated": {"since": "2013-11-18 15:00:00", "before": "2013-11-18 17:00:00"}}),
        ("Contact", "{'DateCreated': {'before': '2013-11-18'}, 'City': 'a'}",
         {"DateCreated": {"before": "2013-11-18"}, "City": "a"}),
        ("Contact", "{'DateCreated': {\"since\" : \"2013-11-18\" }}",
         {"DateCreated": {"since": "2013-11-18"}}),
        ("Contact", f"{{'CompanyID': '{','.join(map(str, range(1, 2003)))}'}}",
         {"CompanyID": [str(number) for number in range(1, 2003)]}),
        ("Contact", "{'FirstName': 'M\u00fcller', 'LastName': '\u20ac\u201c'}",
         {"FirstName": "M\u00fcller", "LastName": "\u20ac\u201c"}),
        ("Product", "{'ProductPrice': '~>~12.50', 'Status': '1'}",
         {"ProductPrice": "~>~ 12.50", "Status": "1"}),
        ("SubscriptionPlan", "{'Active': 'true', 'Prorate': 0}", {"Active": "1", "Prorate": "0"}),
        ("ContactGroupAssign", "{'GroupId': '12,30'}", {"GroupId": ["12", "30"]}),
    ],
)  # fmt: skip
def test_a_query_string_becomes_conditions(table: str, query: str, expected: dict[str, Any]) -> None:
    assert conditions(TABLES[table], parse(query), knows_custom=False).values == expected


@pytest.mark.parametrize("written", ["~>=~LastSuccessfulRun", "~>~ LastSuccessfulRun"])
def test_the_last_run_is_the_bookmark_of_the_stream(written: str) -> None:
    found = conditions(TABLES["Contact"], parse(f"{{'DateCreated': '{written}', 'City': 'a'}}"))
    assert found == Conditions({"City": "a"}, since="DateCreated")


def test_an_underscore_beside_a_wildcard_is_noted() -> None:
    query = "{'FirstName': 'a_b%', 'LastName': 'a_b', 'City': 'ab%', 'DateCreated': '2016-01-2_%'}"
    assert conditions(TABLES["Contact"], parse(query)).patterns == ("FirstName",)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{'city': 'Ogden'}", "no field 'city'"),
        ("{'CompanyId': '1'}", "no field 'CompanyId'"),
        ("{'City': ['a', 'b']}", "City: only fields with ids"),
        ("{'_Size': 'L'}", "no field '_Size'"),
        ("{'AccountId': '1'}", "no field 'AccountId'"),
        ("{'Id': 'abc'}", "Id: 'abc' is not a whole number"),
        ("{'Id': ['1', 'b']}", "Id: 'b' is not a whole number"),
        ("{'Id': '~>~x'}", "Id: 'x' is not a whole number"),
        ("{'DateCreated': '2016-13-45'}", "DateCreated: '2016-13-45' is no time"),
        ("{'DateCreated': '~>=~2016'}", "DateCreated: '2016' is no time"),
        ("{'DateCreated': '2016-01-20T08:15:00Z'}", "is no time.* US Eastern"),
        ("{'DateCreated': {'since': 'yesterday'}}", "DateCreated: 'yesterday' is no time"),
        ("{'City': {'since': '2016-01-01'}}", "City: since and before go with times only"),
        ("{'LastName': 'K\u016bhn'}", "LastName: the service cannot search for '\u016b'"),
        ("{'LastName': '%\U0001f600%'}", "LastName: the service cannot search for '\U0001f600'"),
        ("{'Birthday': '~>~LastSuccessfulRun'}", "Birthday: LastSuccessfulRun goes with a time"),
        ("{'City': '~>~LastSuccessfulRun'}", "It has: DateCreated, LastUpdated"),
        ("{'LastUpdated': '~<~LastSuccessfulRun'}", "goes with ~>~ or ~>=~"),
        ("{'LastUpdated': '~>~LastSuccessfulRun', 'DateCreated': '~>~LastSuccessfulRun'}", "one of them"),
    ],
)
def test_what_the_service_would_refuse_is_refused_with_the_field(query: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        conditions(TABLES["Contact"], parse(query))

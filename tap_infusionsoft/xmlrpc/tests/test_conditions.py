"""What users wrote for the classic connector becomes what the data service takes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tap_infusionsoft.queries.classic.parser import parse
from tap_infusionsoft.xmlrpc.conditions import conditions
from tap_infusionsoft.xmlrpc.tables import TABLES

LAST_RUN = datetime(2026, 11, 20, 12, tzinfo=UTC)


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
        ("Contact", "{'State': '~<>~UT'}", {"State": "~<>~ UT"}),
        ("Contact", "{'Id': '12,30'}", {"Id": ["12", "30"]}),
        ("Contact", "{'Id': ['12', 30]}", {"Id": ["12", "30"]}),
        ("Contact", "{'Groups': '12,30'}", {"Groups": "12,30"}),  # a text that has commas
        ("Contact", "{'DateCreated': '2016-01-20'}", {"DateCreated": "2016-01-20%"}),
        ("Contact", "{'DateCreated': '2016%'}", {"DateCreated": "2016%"}),
        ("Contact", "{'DateCreated': '2016-01-20 08:15:00'}", {"DateCreated": "2016-01-20 08:15:00"}),
        ("Contact", "{'Birthday': '1980-02-29'}", {"Birthday": "1980-02-29%"}),
        ("Contact", "{'PostalCode': 98052}", {"PostalCode": "98052"}),
        ("Contact", "{'_Size': 'L'}", {"_Size": "L"}),
        ("Contact", "{'LastUpdated': '~>=~LastSuccessfulRun'}", {"LastUpdated": "~>=~ 2026-11-20 07:00:00"}),
        ("ContactGroupAssign", "{'GroupId': '12,30'}", {"GroupId": ["12", "30"]}),
    ],
)  # fmt: skip
def test_a_query_string_becomes_conditions(table: str, query: str, expected: dict[str, Any]) -> None:
    assert conditions(TABLES[table], parse(query), LAST_RUN) == expected


def test_the_first_run_has_no_last_run() -> None:
    found = conditions(TABLES["Contact"], parse("{'LastUpdated': '~>=~LastSuccessfulRun', 'City': 'a'}"))
    assert found == {"City": "a"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{'city': 'Ogden'}", "no field 'city'"),
        ("{'CompanyId': '1'}", "no field 'CompanyId'"),
        ("{'City': ['a', 'b']}", "City: only fields with ids"),
        (f"{{'Id': '{','.join(map(str, range(1001)))}'}}", "Id: 1001 ids"),
    ],
)
def test_what_the_service_would_refuse_is_refused_with_the_field(query: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        conditions(TABLES["Contact"], parse(query))

"""DataService: conditions, pages, orders, and what it refuses."""

from __future__ import annotations

import hashlib
import xmlrpc.client
from typing import Any

import pytest

from keap_sandbox import Sandbox

from .names import ROWS, Names, moment

pytestmark = pytest.mark.usefixtures("names")
ALL = sorted(ROWS)
FAILED = "Failed to invoke method query in class com.infusionsoft.api.xmlrpc.XmlRpcDataService: "
MIX = "Illegal mix of collations (latin1_swedish_ci,IMPLICIT) and (utf8_general_ci,COERCIBLE)"


def ids(keap: Any, query: dict[str, Any]) -> list[int]:
    rows = keap.DataService.query("", "Names", 1000, 0, query, ["Id"], "Id", True)
    return [row["Id"] for row in rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        # All rows
        ({}, ALL),
        ({"Id": "%"}, ALL),
        ({"Id": "~>~0"}, ALL),
        # Texts
        ({"Name": "müller"}, [1, 7]),
        ({"Name": "Muller"}, [8]),
        ({"Name": "~null~"}, [15, 22]),
        ({"Name": ""}, [14]),
        ({"Name": "%"}, [1, 7, 8, 14]),
        ({"Name": "M%"}, [1, 7, 8]),
        ({"Name": "%ler"}, [1, 8]),
        ({"Name": "~<>~ muller"}, [1, 7, 14]),
        ({"Name": "~>~muller"}, [1, 7]),
        ({"Zip": "a_b"}, [15]),
        ({"Zip": "a_b%"}, [14, 15]),
        ({"Zip": r"a\_b%"}, [15]),
        ({"Zip": 98052}, [1]),
        ({"Zip": 12}, []),
        # Ids and numbers
        ({"Id": 7}, [7]),
        ({"Id": "7"}, [7]),
        ({"Id": "1%"}, [1, 14, 15]),
        ({"Id": "~>~7"}, [8, 14, 15, 22]),
        ({"Id": "~>=~ 7"}, [7, 8, 14, 15, 22]),
        ({"Id": "~<~8"}, [1, 7]),
        ({"Id": "~<=~  8"}, [1, 7, 8]),
        ({"Id": "~<>~8"}, [1, 7, 14, 15, 22]),
        ({"Id": [8, "7", 99]}, [7, 8]),
        ({"Id": [8, 7, 22], "Owner": "~null~"}, [8]),
        ({"Id": "x"}, []),
        ({"Owner": [12, 30]}, [1, 7, 15]),
        ({"Owner": "12,30"}, []),
        ({"Owner": "12"}, [1, 15]),
        ({"Owner": "~null~"}, [8, 14]),
        ({"Sum": 41.5}, [8, 22]),
        ({"Sum": "~<~0"}, [15]),
        ({"Sum": "41%"}, [8, 22]),
        ({"On": True}, [14]),
        ({"On": 0}, [15]),
        # Times
        ({"Made": "2016-01-20%"}, [1, 7]),
        ({"Made": "2016%"}, [1, 7, 8]),
        ({"Made": "2016-01-20"}, [7]),
        ({"Made": moment("2016-01-20T08:15:00")}, [1]),
        ({"Made": moment("2016-01-20T08:15:01")}, []),
        ({"Made": "~>=~ 2016-01-20 08:15:00"}, [1, 8, 14]),
        ({"Made": "~<~2016-01-21"}, [1, 7]),
        ({"Made": {"since": "2016-01-20 00:00:00", "before": "2016-01-21 00:00:00"}}, [1, 7]),
        ({"Made": {"since": moment("2016-01-21T00:00:00")}}, [8, 14]),
        ({"Made": {"before": "2016-01-20 08:15:00"}}, [7]),
        # Several
        ({"Made": "2016%", "Owner": "~>~ 12"}, [7]),
        ({"Id": "~>~ 1", "Name": "M%"}, [7, 8]),
    ],
    ids=str,
)
def test_conditions(keap: Any, query: dict[str, Any], found: list[int]) -> None:
    assert ids(keap, query) == found
    assert keap.DataService.count("", "Names", query) == len(found)


def test_without_collation_only_case_is_ignored(keap: Any, box: Sandbox) -> None:
    box.switch(xmlrpc_collation=False)
    assert ids(keap, {"Name": "MÜLLER"}) == [1]
    assert ids(keap, {"Name": "ū"}) == []


def test_a_number_can_match_the_digits_that_a_text_begins_with(keap: Any, box: Sandbox) -> None:
    box.switch(xmlrpc_int_conditions="number")
    assert ids(keap, {"Zip": 98052}) == [1, 7]
    assert ids(keap, {"Zip": 12}) == [8]
    assert ids(keap, {"Zip": 0}) == [14, 15, 22]


def test_null_members_are_left_out_and_fields_come_as_they_are(keap: Any) -> None:
    fields = ["Id", "Name", "Made", "Sum", "On", "Picture", "_Size"]
    rows = keap.DataService.query("", "Names", 1000, 0, {}, fields, "Id", True)
    assert rows == [
        {name: row[name] for name in fields if row.get(name) is not None} for row in ROWS.values()
    ]


def test_pages_count_from_0_over_rows_as_they_are_now(keap: Any, names: Names) -> None:
    def page(number: int) -> list[int]:
        rows = keap.DataService.query("", "Names", 2, number, {}, ["Id"], "Id", True)
        return [row["Id"] for row in rows]

    assert [page(number) for number in range(4)] == [[1, 7], [8, 14], [15, 22], []]
    del names.found[1]
    names.version += 1
    assert page(1) == [14, 15]


def test_orders(keap: Any, box: Sandbox) -> None:
    def order(*by: Any) -> list[int]:
        rows = keap.DataService.query("", "Names", 1000, 0, {}, ["Id"], *by)
        return [row["Id"] for row in rows]

    assert order("Id", False) == order("Id") == ALL[::-1]
    assert order("Name", True)[2:4] == [14, 8]
    assert set(order("Name", True)[:2]) == {15, 22}
    assert order("Made", True)[2:] == [7, 1, 8, 14]
    assert order() == order("", True) == order()
    assert sorted(order()) == ALL
    assert order() not in (ALL, ALL[::-1])
    box.switch(list_order="id")
    assert order() == ALL


def test_the_limit_is_1000(box: Sandbox, keap: Any, names: Names) -> None:
    names.found = {key: {"Id": key} for key in range(1, 1502)}
    names.version += 1

    def ask(limit: int, page: int) -> list[Any]:
        rows: list[Any] = keap.DataService.query("", "Names", limit, page, {}, ["Id"], "Id", True)
        return rows

    assert [len(ask(5000, page)) for page in range(3)] == [1000, 501, 0]
    assert len(ask(1000, 1)) == 501
    box.switch(page_rows_max=700)
    assert [len(ask(5000, page)) for page in range(4)] == [700, 700, 101, 0]
    box.switch(xmlrpc_limit_over="fault")
    with pytest.raises(xmlrpc.client.Fault, match=r"\[InvalidParameter\]"):
        ask(1001, 0)


def test_a_walk_by_id_builds_only_the_rows_of_its_pages(keap: Any, names: Names) -> None:
    names.found = {key: {"Id": key, "Name": "a"} for key in range(1, 3001)}
    names.version += 1
    query = {"Id": "~>~ 1500"}
    rows = keap.DataService.query("", "Names", 1000, 0, query, ["Id", "Name"], "Id", True)
    assert [row["Id"] for row in rows] == list(range(1501, 2501)) == names.built
    names.built.clear()
    for last in (0, 1000, 2000):
        query = {"Id": f"~>~ {last}", "Name": "a%"}
        assert len(keap.DataService.query("", "Names", 1000, 0, query, ["Id"], "Id", True)) == 1000
    assert len(names.built) == 3000 + 3 * 1000


def test_find_by_field(keap: Any) -> None:
    find = keap.DataService.findByField
    assert [row["Id"] for row in find("", "Names", 10, 0, "Owner", 30, ["Id"])] == [7]
    assert {row["Id"] for row in find("", "Names", 10, 0, "Zip", "%b%", ["Id"])} == {14, 15, 22}


def test_load(keap: Any) -> None:
    assert keap.DataService.load("", "Names", 8, ["Id", "Name", "Owner"]) == {"Id": 8, "Name": "Muller"}


@pytest.mark.parametrize(
    ("method", "parameters", "code", "words"),
    [
        ("query", ["None", 1, 0, {}, ["Id"]], 9, "[NoTableFound]No table found: None"),
        ("query", ["names", 1, 0, {}, ["Id"]], 9, "[NoTableFound]No table found: names"),
        ("query", ["Names", 1, 0, {}, []], 11, "[NoFields]No fields requested"),
        ("query", ["Names", 1, 0, {}, ["Id", "name"]], 10, "[NoFieldFound]No field found: Names.name"),
        ("query", ["Names", 1, 0, {}, ["Former"]], 10, "[NoFieldFound]No field found: Names.Former"),
        ("query", ["Names", 1, 0, {}, ["Number"]], 8, "[NoFieldAccess]No access to field: Names.Number"),
        ("query", ["Names", 1, 0, {"name": "x"}, ["Id"]], 10, "[NoFieldFound]No field found: Names.name"),
        (
            "query",
            ["Names", 1, 0, {"Number": "x"}, ["Id"]],
            8,
            "[NoFieldAccess]No access to field: Names.Number",
        ),
        ("query", ["Names", 1, 0, {}, ["Id"], "id", True], 10, "[NoFieldFound]No field found: Names.id"),
        ("query", ["Names", 1, -1, {}, ["Id"]], 12, "[InvalidParameter]Limit and page must not be negative"),
        (
            "query",
            ["Names", 1, 0, {"Owner": [1] * 1001}, ["Id"]],
            12,
            "[InvalidParameter]A list for Names.Owner",
        ),
        ("query", ["Names", 1, 0, {"Owner": []}, ["Id"]], 12, "[InvalidParameter]A list for Names.Owner"),
        ("query", ["Names", 1, 0, {"Zip": ["x"]}, ["Id"]], 12, "[InvalidParameter]A list is allowed for id"),
        (
            "query",
            ["Names", 1, 0, {"Zip": {"since": "x"}}, ["Id"]],
            12,
            "[InvalidParameter]Invalid condition",
        ),
        (
            "query",
            ["Names", 1, 0, {"Made": {"from": "x"}}, ["Id"]],
            12,
            "[InvalidParameter]Invalid condition",
        ),
        ("query", ["Names", 1, 0, {"Zip": b"x"}, ["Id"]], 12, "[InvalidParameter]Invalid condition"),
        ("load", ["Names", 9, ["Id"]], 5, "[RecordNotFound]Record was not found"),
        ("count", ["Names", {"x": "1"}], 10, "[NoFieldFound]No field found: Names.x"),
        ("findByField", ["Names", 1, 0, "x", "1", ["Id"]], 10, "[NoFieldFound]No field found: Names.x"),
        (
            "query",
            ["Names", 1, 0, {"Name": "Zūrich"}, ["Id"]],
            0,
            f"{FAILED}{MIX} for operation '<=>'",
        ),
        (
            "query",
            ["Names", 1, 0, {}, [1]],
            0,
            f"{FAILED}java.lang.Integer cannot be cast to java.lang.String",
        ),
        ("getAppointmentICal", [10**9], 5, "[RecordNotFound]Record was not found"),
        ("authenticateUser", ["who@x", "0"], 13, "[FailedLoginAttempt]username not found: who@x"),
        (
            "authenticateUser",
            ["user1@sandbox.example", "0"],
            13,
            "[FailedLoginAttempt]Invalid username and/or password.",
        ),
    ],
    ids=str,
)
def test_what_is_refused(keap: Any, method: str, parameters: list[Any], code: int, words: str) -> None:
    with pytest.raises(xmlrpc.client.Fault) as raised:
        getattr(keap.DataService, method)("key", *parameters)
    assert raised.value.faultCode == code
    assert raised.value.faultString.startswith(words)


def test_tables_and_fields_that_the_account_lacks(keap: Any, box: Sandbox) -> None:
    assert keap.DataService.load("", "Names", 1, ["Later"]) == {}
    box.switch(legacy_fields="documented", legacy_hidden_tables="Other, Names")
    with pytest.raises(xmlrpc.client.Fault, match=r"\[NoTableAccess\]No access to table: Names"):
        keap.DataService.load("", "Names", 1, ["Later"])
    box.switch(legacy_hidden_tables="")
    with pytest.raises(xmlrpc.client.Fault, match=r"\[NoFieldFound\]No field found: Names.Later"):
        keap.DataService.load("", "Names", 1, ["Later"])


def test_facts_about_the_account(keap: Any, box: Sandbox) -> None:
    assert keap.DataService.getAppSetting("", "Contact", "optiontypes").split(",")[0] == "Customer"
    assert keap.DataService.getAppSetting("", "Contact", "nothing") == ""
    digest = hashlib.md5(b"sandbox", usedforsecurity=False).hexdigest()
    assert keap.DataService.authenticateUser("", "USER3@sandbox.example", digest) == 3
    assert keap.DataService.getUserInfo()["appAlias"] == "xx123"
    assert keap.DataService.getUserInfo("token") == keap.DataService.getUserInfo()
    key = int(box.records("appointments", ids_only=True)[0])
    lines = keap.DataService.getAppointmentICal("", key).split("\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert f"UID:{key}@xx123.infusionsoft.com" in lines

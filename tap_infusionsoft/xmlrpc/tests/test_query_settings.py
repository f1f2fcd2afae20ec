"""A query that cannot be answered is told by name, before anything is asked."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.xmlrpc.walks import TableQuery
from tap_infusionsoft.xmlrpc.wing import streams
from tests.fixtures import Run
from tests.virtual import VirtualClock

NOW = VirtualClock().now()


def declared(*entries: dict[str, Any], **config: Any) -> list[Any]:
    blank = {"query": None, "fields": None, "ids": None, "order_by": None, "bookmark": False}
    found = streams({"legacy_queries": [blank | one for one in entries], **config}, None, NOW).streams
    return [one.collection for one in found]


def what(collection: Any) -> TableQuery:
    """What a query asks for."""
    (query,) = collection.endpoint.walk.args
    assert isinstance(query, TableQuery)
    return query


def test_a_query_is_a_stream_with_its_key_and_its_fields() -> None:
    (found,) = declared(
        {"name": "ogden", "table": "Contact", "query": "{'City':'Ogden'}", "fields": ["FirstName"]}
    )
    assert found.name == "ogden"
    assert [*found.properties] == ["Id", "FirstName"]
    assert found.endpoint.fields.names == {"Id", "FirstName"}
    assert found.selected_by_default
    assert what(found).conditions == {"City": "Ogden"}
    assert found.changes.key is None


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"bookmark": True}, "LastUpdated"),
        ({"query": "'DateCreated':'~>=~LastSuccessfulRun'"}, "DateCreated"),
        ({"bookmark": True, "query": "'LastUpdated':'~>=~LastSuccessfulRun'"}, "LastUpdated"),
    ],
)
def test_the_last_run_is_a_bookmark(entry: dict[str, Any], key: str) -> None:
    (found,) = declared({"name": "a", "table": "Contact", "fields": ["Email"], **entry})
    assert found.changes.key == key
    assert key in found.properties
    assert what(found).conditions == {}


def test_passwords_are_left_out_of_a_query_too() -> None:
    (plain,) = declared({"name": "a", "table": "Contact"})
    assert "Password" not in plain.properties
    (asked,) = declared(
        {"name": "a", "table": "Contact", "fields": ["Password"]}, legacy_secrets=["Contact.Password"]
    )
    assert [*asked.properties] == ["Id", "Password"]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"name": "Ogden"}, "legacy_queries: the name of query 1 is 'Ogden'"),
        ({"name": None}, "legacy_queries: the name of query 1 is ''"),
        ({"table": "contact"}, "legacy_queries.a: there is no table 'contact'. Did you mean 'Contact'?"),
        ({"table": None}, "legacy_queries.a: there is no table ''."),
        ({"query": "City"}, "legacy_queries.a: query: it cannot be read from 'City' onwards"),
        ({"query": "'city':'x'"}, "a: query: Contact has no field 'city'. Did you mean 'City'?"),
        ({"query": "'Id':'x'"}, "legacy_queries.a: query: Id: 'x' is not a whole number."),
        ({"fields": ["CompanyId"]}, "a: fields: Contact has no field 'CompanyId'. Did you mean"),
        ({"fields": []}, "legacy_queries.a: fields is empty or has an empty value. Fill it in"),
        ({"fields": ["Password"]}, "fields: Password is a password. To read it, name Contact.Password in"),
        ({"order_by": "Nonsense desc"}, "legacy_queries.a: order_by: Contact has no field 'Nonsense'."),
        ({"order_by": "City down"}, "legacy_queries.a: order_by is 'City down'. Write a field, and asc or"),
        ({"table": "Job", "fields": ["_Size"], "query": "'_Size':['a']"}, "query: _Size: 'a' is not a whole"),
        ({"table": "Stage", "fields": ["_Size"]}, "legacy_queries.a: fields: Stage has no field '_Size'"),
        ({"table": "Stage", "bookmark": True}, "legacy_queries.a: the rows of Stage do not say when they"),
        ({"bookmark": True, "query": "'LastUpdated':'2016%'"}, "bookmark sets the condition on LastUpdated"),
        ({"bookmark": True, "query": "'DateCreated':'~>~LastSuccessfulRun'"}, "bookmark goes by LastUpdated"),
        ({"ids": ["5"], "query": "'City':'x'"}, "legacy_queries.a: ids are loaded one at a time, so they"),
        ({"ids": ["5"], "bookmark": True}, "they cannot be combined with bookmark. To combine them, write"),
        ({"ids": ["1", "99999999999"]}, "a: ids: 99999999999 is no id, as XML-RPC has none above"),
        ({"table": "ContactGroupAssign", "ids": ["5"]}, "rows of ContactGroupAssign have no ids. Use query"),
        (
            {"order_by": "City", "query": f"'CompanyID':'{','.join(map(str, range(1001)))}'"},
            "legacy_queries.a: order_by: CompanyID lists more than 1,000 ids",
        ),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_answered_is_told_by_name(entry: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as error:
        declared({"name": "a", "table": "Contact", **entry})
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("name", "config", "says"),
    [
        ("contacts", {}, "legacy_queries.contacts: a stream of REST has this name."),
        ("saved_search_a", {}, "names that begin with saved_search_ are those of saved searches. Give"),
        ("legacy_get_file", {}, "legacy_queries.legacy_get_file: the report get_file has this name."),
        ("legacy_search_fields", {}, "the list of columns of saved searches has this name."),
        ("legacy_contact", {}, "legacy_queries.legacy_contact: the table Contact has this name."),
        ("mine", {"queries": [{"name": "mine", "stream": "tags"}]}, "mine: an entry of queries has this"),
    ],
)  # fmt: skip
def test_a_name_that_another_stream_has_is_refused(name: str, config: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as error:
        declared({"name": name, "table": "Contact"}, **config)
    assert says in str(error.value)


def test_two_queries_with_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"legacy_queries\.a: another query has this name\. Give"):
        declared({"name": "a", "table": "Contact"}, {"name": "a", "table": "Job"})


def test_a_wrong_query_is_told_before_any_call(run: Run) -> None:
    with pytest.raises(ConfigError, match=r"legacy_queries\.a: query: Contact has no field 'Nope'"):
        run.tap({}, legacy_queries=[{"name": "a", "table": "Contact", "query": "'Nope':'1'"}]).sync_all()
    assert run.box.requests() == []


def test_what_the_service_cannot_read_is_left_out_and_told(run: Run) -> None:
    (found,) = declared({"name": "a", "table": "Contact", "query": "'City':'Og\x0bden'"})
    assert what(found).conditions == {"City": "Ogden"}
    assert run.says("legacy_queries.a: query has characters that the service cannot read")


def test_a_pattern_with_an_underscore_is_told(run: Run) -> None:
    declared({"name": "a", "table": "Contact", "query": "'FirstName':'a_b%'"})
    assert run.says("legacy_queries.a: query: FirstName: beside a %, a _ stands for any character")

"""Compiling queries: the streams that they become, and the messages that refuse them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.config.user_queries import read_queries
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.queries.compile import CompiledQuery, compile_query, with_custom_fields
from tap_infusionsoft.records.custom_fields import CustomField
from tap_infusionsoft.streams.collection import Choice, Collection
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Snapshot

ROOT = Path(__file__).parents[2]
FIELDS = [
    CustomField(id="5", column="cf_shirt_size", name="_ShirtSize", label="Shirt size", kind="DROPDOWN"),
    CustomField(id="7", column="cf_visits", name="_Visits", label="Visits", kind="WHOLE_NUMBER"),
    CustomField(id="9", column="cf_colours", name="Colours", label="Colours", kind="LIST_BOX"),
]


def compiled(custom_fields: str = "columns", /, **entry: Any) -> CompiledQuery:
    """Compile the query `mine`."""
    (query,) = read_queries({"queries": [{"name": "mine", **entry}]})
    return compile_query(query, custom_fields)


def stream_of(custom_fields: str = "columns", /, **entry: Any) -> Collection:
    """The stream of the query `mine`, in an account with `FIELDS`."""
    query = compiled(custom_fields, **entry)
    return with_custom_fields(query, FIELDS) if query.model is not None else query.collection


def assert_refused(message: str, custom_fields: str = "columns", /, **entry: Any) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        stream_of(custom_fields, **entry)
    assert "queries.mine: " in str(caught.value)
    assert "\n" not in str(caught.value)


# Compiled


@pytest.mark.parametrize(
    ("entry", "filters"),
    [
        ({"stream": "contacts"}, ()),
        (
            {"stream": "contacts", "filter": " given_name == Ann* ; company_id==5;"},
            ("given_name==Ann*", "company_id==5"),
        ),
        (
            {"stream": "contacts", "filter": "_ShirtSize==L;given_name==Ann"},
            ("given_name==Ann", "_ShirtSize==L"),
        ),
        ({"stream": "contacts", "filter": "_shirtsize==L"}, ("_ShirtSize==L",)),
        ({"stream": "contacts", "filter": "cf_visits>=5;cf_visits<9"}, ("_Visits>=5", "_Visits<9")),
        (
            {"stream": "contacts", "filter": "phone_number==555*;phone_fields==PHONE1,PHONE2"},
            ("phone_number==555*", "phone_fields==PHONE1,PHONE2"),
        ),
        ({"stream": "users"}, ("include_inactive==true", "include_partners==true")),
        (
            {"stream": "users", "filter": "include_inactive==false"},
            ("include_partners==true", "include_inactive==false"),
        ),
        ({"table": "Contact", "query": "{'Id':'%'}"}, ()),
        ({"table": "Contact", "query": "{'City':'Ogden','State':'Ut%'}"}, ("city==Ogden", "state==Ut*")),
        ({"table": "Contact", "query": "{'Id':'1,2'}"}, ("ids==1,2",)),
        (
            {"table": "Contact", "query": "{'_ShirtSize':'L','_Visits':'~>~5'}"},
            ("_ShirtSize==L", "_Visits>5"),
        ),
        ({"table": "Contact", "query": "{'_Colours':'%'}"}, None),
        ({"table": "ContactGroupAssign", "query": "{'GroupId':'12,30'}"}, ("tag_ids==12,30",)),
        ({"table": "ContactGroup", "query": "{'GroupCategoryId':'~null~'}"}, ("category_id==NONE",)),
        ({"table": "Referral", "query": "{'Type':'2'}"}, ("type==MANUAL",)),
        (
            {"table": "ContactAction", "stream": "tasks", "query": "{'UserID':'~null~'}"},
            ("user_id==UNASSIGNED",),
        ),
        (
            {"table": "ContactAction", "stream": "notes", "query": "{'ActionDescription':'%call%'}"},
            ("title==call",),
        ),
        (
            {"table": "Job", "query": "{'DateCreated':'2026-01-31%'}"},
            ("created_since_time==2026-01-31T05:00:00.000Z", "created_until_time==2026-02-01T04:59:59.999Z"),
        ),
    ],
)
def test_conditions_are_sent_as_filters(entry: dict[str, Any], filters: tuple[str, ...] | None) -> None:
    if filters is None:
        assert_refused(
            "the custom field _Colours (list_box): Keap cannot search for rows with any value", **entry
        )
    else:
        assert stream_of(**entry).endpoint.filters == filters


def test_a_query_is_a_snapshot_unless_it_has_a_bookmark() -> None:
    assert stream_of(stream="contacts").changes == Snapshot()
    assert stream_of(stream="contacts", bookmark=True).changes == COLLECTIONS["contacts"].changes
    for text in ("'LastUpdated':'~>=~LastSuccessfulRun'", "'LastUpdated':'~>~ LastSuccessfulRun'"):
        assert stream_of(table="Contact", query=text).changes == COLLECTIONS["contacts"].changes
    assert (
        stream_of(table="Lead", query="'LastUpdated':'~>=~LastSuccessfulRun'").changes.key
        == "last_updated_time"
    )


def test_a_query_is_crawled_by_id_unless_it_has_conditions_on_ids_or_an_order() -> None:
    assert (
        stream_of(stream="contacts", filter="given_name==Ann").endpoint.by_id
        == COLLECTIONS["contacts"].endpoint.by_id
    )
    assert stream_of(stream="contacts", filter="contact_id>500").endpoint.by_id is None
    assert stream_of(stream="contacts", filter="ids==1,2").endpoint.by_id is None
    ordered = stream_of(stream="contacts", order_by="create_time DESC")
    assert (ordered.endpoint.by_id, dict(ordered.endpoint.params)) == (None, {"order_by": "create_time desc"})
    assert dict(stream_of(stream="contacts", order_by="email").endpoint.params) == {"order_by": "email asc"}


def test_rest_v1_gets_conditions_and_order_as_parameters() -> None:
    one = stream_of(stream="affiliate_clawbacks", filter="since==2026-01-31", order_by="DATE_EARNED desc")
    assert dict(one.endpoint.params) == {
        "since": "2026-01-31T00:00:00.000Z",
        "order": "DATE_EARNED",
        "order_direction": "DESCENDING",
    }
    assert one.endpoint.filters == ()


def test_only_the_columns_of_the_query_its_keys_and_its_bookmark_are_kept() -> None:
    one = stream_of(stream="contacts", fields=["given_name"])
    assert [*one.properties] == ["id", "given_name"]
    assert one.custom_fields is None
    assert {"custom_fields", "family_name"} <= one.wire.ignored
    assert [*stream_of(stream="contacts", fields=["given_name"], bookmark=True).properties] == [
        "id",
        "given_name",
        "update_time",
    ]
    assert [*stream_of(table="Contact", fields=["FirstName", "City", "State"]).properties] == [
        "id",
        "given_name",
        "addresses",
    ]
    keyless = stream_of(stream="transactions", fields=["amount"])
    assert set(keyless.row_key) <= keyless.properties.keys()  # the key is made from them


@pytest.mark.parametrize(
    ("mode", "fields", "columns", "raw"),
    [
        ("columns", ["cf_visits"], {"cf_visits"}, []),
        ("both", ["cf_visits", "cf_shirt_size"], {"cf_visits", "cf_shirt_size"}, []),
        ("columns", ["custom_fields"], None, ["custom_fields"]),
        ("raw", ["custom_fields"], None, ["custom_fields"]),
        ("both", ["custom_fields", "cf_visits"], None, ["custom_fields"]),
    ],
)
def test_custom_fields_can_be_columns(
    mode: str, fields: list[str], columns: set[str] | None, raw: list[str]
) -> None:
    one = stream_of(mode, stream="contacts", fields=fields)
    assert one.custom_fields == COLLECTIONS["contacts"].custom_fields
    assert one.query.custom_columns == columns
    assert [name for name in one.properties if name == "custom_fields"] == raw


def test_custom_field_columns_can_be_named_as_in_the_classic_connector() -> None:
    for name in ("_ShirtSize", "_shirtsize"):
        assert stream_of(table="Contact", fields=["Id", name]).query.custom_columns == frozenset(
            {"cf_shirt_size"}
        )
    assert stream_of(table="Contact", fields=["_Colours"]).query.custom_columns == frozenset({"cf_colours"})


@pytest.mark.parametrize(
    ("stream", "choice"),
    [
        ("contacts", Choice("queries.mine", filter="ids", by_id=True)),
        ("tags", Choice("queries.mine", filter="tag_ids", by_id=True)),
        ("companies", Choice("queries.mine", filter="company_id", each=True, by_id=True)),
        ("campaigns", Choice("queries.mine", path="/v2/campaigns/{id}", by_id=True)),
        ("shipping_methods", Choice("queries.mine", by_id=True)),
    ],
)
def test_ids_use_the_filter_or_path_that_the_endpoint_has(stream: str, choice: Choice) -> None:
    one = compiled(stream=stream, ids=[1, "8", "1"])
    assert one.collection.chosen == (choice,)
    assert one.values == ("1", "8")


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"table": "Invoice", "ids": [5, 6]}, "invoice_id"),
        ({"table": "CreditCard", "ids": [5, 6]}, "credit_card_id"),
        ({"table": "Job", "query": "{'ContactId':'5,6'}"}, "contact_id"),
    ],
)
def test_several_values_are_looked_up_one_at_a_time_if_keap_takes_only_one(
    entry: dict[str, Any], name: str
) -> None:
    one = compiled(**entry)
    assert one.collection.chosen == (Choice("queries.mine", filter=name, each=True),)
    assert one.values == ("5", "6")


def test_ids_of_a_table_are_looked_up_by_path_or_filter() -> None:
    assert compiled(table="StageMove", query="{'Id':'5'}").values == ("5",)
    assert compiled(table="RecurringOrderWithContact", ids=["5"]).values == ("5",)


def test_conditions_replace_what_the_stream_asks_by_itself() -> None:
    assert stream_of(stream="contact_tags", filter="tag_ids==1,2").batches is None
    assert stream_of(stream="contact_tags", filter="since_applied_time==2026-01-01").batches is not None
    assert stream_of(stream="contact_tags").fallback is None  # it has other filters
    assert stream_of(stream="affiliate_summaries", filter="since_time==2026-01-01").endpoint.period is None


def test_the_state_records_stream_and_conditions_in_any_order() -> None:
    plain, one, two = (
        stream_of(stream="contacts", **more)
        for more in ({}, {"filter": "city==A;state==B"}, {"filter": "state==B;city==A"})
    )
    assert plain.query.conditions == {"queries.mine.stream": ("contacts",)}
    assert (
        one.query.conditions
        == two.query.conditions
        == {**plain.query.conditions, "queries.mine.filter": ("city==A;state==B",)}
    )
    assert "_ShirtSize==L" in str(stream_of(stream="contacts", filter="_ShirtSize==L").query.conditions)


# Refused

CONTACTS = {"stream": "contacts"}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"stream": "contact"}, "there is no stream 'contact'. Did you mean 'contacts'?"),
        ({"stream": "xyzzy"}, "there is no stream 'xyzzy'. Correct the name."),
        (
            {"stream": "saved_search_vip"},
            "is a saved search, which is filtered in Keap. Name it in saved_searches",
        ),
        (
            CONTACTS | {"filter": "given_name=Ann"},
            "the condition 'given_name=Ann' cannot be read. Write name==value, and",
        ),
        (CONTACTS | {"filter": "Ann"}, "The stream contacts takes: email == (text or text*)"),
        (
            {"stream": "tags", "filter": "nam==VIP"},
            "has no filter 'nam'. Did you mean 'name'? It takes: name ==",
        ),
        ({"stream": "shipping_methods", "filter": "id==5"}, "has no filter 'id'. It takes: none."),
        (
            CONTACTS | {"filter": "given_name>A"},
            "given_name does not take >, only ==. The stream contacts takes:",
        ),
        (CONTACTS | {"filter": "given_name==*nn"}, "given_name takes a * only at the end of the value"),
        (
            CONTACTS | {"filter": "given_name==A;given_name==B"},
            "given_name== is used twice, but all conditions must hold",
        ),
        (CONTACTS | {"filter": "_Visits==1;cf_visits==2"}, "_Visits== is used twice"),
        (
            CONTACTS | {"filter": "phone_number==555*"},
            "the filter phone_number needs the filter phone_fields as well",
        ),
        (CONTACTS | {"filter": "start_update_time==soon"}, "start_update_time takes a date or time such as"),
        (
            CONTACTS | {"filter": "given_nam==A"},
            "no filter or custom field 'given_nam'. Did you mean 'given_name'?",
        ),
        (CONTACTS | {"filter": "_ShirtSiz==A"}, "Custom fields: _ShirtSize (column cf_shirt_size)"),
        (
            CONTACTS | {"filter": "_Visits==many"},
            "the custom field _Visits (whole_number): _Visits takes whole numbers",
        ),
        (CONTACTS | {"filter": "Colours>5"}, "the custom field Colours (list_box): Colours does not take >"),
        (
            CONTACTS | {"filter": "ids==1;contact_id>5"},
            "the filter ids and the filter contact_id select rows by their ids",
        ),
        (
            CONTACTS | {"filter": "contact_id>5", "ids": [1]},
            "ids and the filter contact_id select rows by their ids",
        ),
        (
            {"stream": "reports", "filter": "name==A;since_created_time==2026-01-01", "ids": [1]},
            "are looked up by their ids one at a time, so ids cannot be combined",
        ),
        ({"stream": "reports", "order_by": "name", "ids": [1]}, "so ids cannot be combined with filter"),
        (
            {"stream": "order_items", "ids": [1]},
            "Keap cannot look up rows of order_items by their ids. Use the setting invoice_ids or order_ids",
        ),
        ({"stream": "contact_tags", "ids": [1]}, "Use the setting tag_ids, or a filter"),
        (
            {"stream": "referrals", "ids": [1]},
            "Keap cannot look up rows of referrals by their ids. Filters: ",
        ),
        (
            CONTACTS | {"bookmark": True, "filter": "start_update_time==2026-01-01"},
            "the bookmark sets the filter start_update_time itself. Remove it and use start_date",
        ),
        (
            {"stream": "appointments", "bookmark": True, "filter": "update_time<2026-01-01"},
            "the bookmark sets the filter update_time itself",
        ),
        (
            {"stream": "affiliates", "bookmark": True},
            "so a query of it cannot use a bookmark. Remove bookmark.",
        ),
        (
            CONTACTS | {"order_by": "creat_time"},
            "by 'creat_time'. Did you mean 'create_time'? It can sort by id, create_time",
        ),
        (CONTACTS | {"order_by": "id up"}, "cannot sort the stream contacts by 'id up'"),
        (
            {"stream": "shipping_methods", "order_by": "id"},
            "Keap cannot sort the stream shipping_methods. Remove order_by.",
        ),
        (
            {"stream": "notes", "order_by": "id", "bookmark": True},
            "rows are read newest first. Remove order_by.",
        ),
        (
            CONTACTS | {"fields": ["givenname"]},
            "has no column 'givenname'. Did you mean 'given_name'? It has: id, given_name",
        ),
        (CONTACTS | {"fields": ["cf_nope"]}, "no filter or custom field 'cf_nope'"),
        (CONTACTS | {"fields": ["cf_visits", "nope"]}, "and columns of custom fields (cf_...)."),
        ({"stream": "tags", "fields": ["nope"]}, "update_time."),
        ({"stream": "tags", "fields": ["cf_x"]}, "the stream tags has no column 'cf_x'"),
        ({"stream": "tags", "fields": ["custom_fields"]}, "the stream tags has no column 'custom_fields'"),
    ],
)
def test_a_wrong_query_of_a_stream_is_refused_with_a_reason(entry: dict[str, Any], says: str) -> None:
    assert_refused(says, **entry)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("contacts", "this name is taken by another stream. Give the query a different name."),
        ("saved_search_mine", "names that begin with saved_search_ are reserved for saved searches."),
    ],
)
def test_a_query_needs_a_name_of_its_own(name: str, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"queries.{name}: {says}")):
        compiled(name=name, stream="tags")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (
            {"table": "Contacts"},
            "there is no table 'Contacts'. Did you mean 'Contact'? There are: AffResource, ",
        ),
        ({"table": "Ticket"}, "Keap's REST API does not have the table Ticket"),
        (
            {"table": "CProgram"},
            "no stream has the rows of the table CProgram: subscription_plans comes close",
        ),
        ({"table": "ContactAction"}, "are in notes and tasks and appointments: set stream to one of them"),
        (
            {"table": "Contact", "stream": "tags"},
            "the rows of the table Contact are in contacts, not in tags",
        ),
        (
            {"table": "Contact", "fields": ["Firstname"]},
            "the table Contact has no field 'Firstname' in REST. Did you mean 'FirstName'? It has: Id, ",
        ),
        ({"table": "Contact", "fields": ["Password"]}, "the table Contact has no field 'Password' in REST"),
        ({"table": "ContactGroup", "fields": ["_X"]}, "the stream tags has no column '_X'"),
        (
            {"table": "Contact", "query": "City is Ogden"},
            "query: it cannot be read from 'City is Ogden' onwards",
        ),
        (
            {"table": "Contact", "query": "'Citty':'Ogden'"},
            "has no field 'Citty' in REST. Did you mean 'City'? Fields that can be queried: Id (",
        ),
        (
            {"table": "Contact", "query": "'FirstName':'~null~'"},
            "cannot search Contact.FirstName for exactly this: Keap cannot search for rows without a value",
        ),
        ({"table": "Contact", "query": "'Email':'%@x.com'"}, "Keap searches all three email fields at once"),
        (
            {"table": "Contact", "query": "'Groups':'%12%'"},
            "Use the stream contacts_by_tag and the setting tag_ids",
        ),
        (
            {"table": "Contact", "query": "'FirstName':'%nn%'"},
            "Otherwise, load the whole stream and filter in the warehouse",
        ),
        ({"table": "Contact", "query": "'FirstName':'%'"}, "rows with any value there"),
        (
            {"table": "Contact", "query": "'DateCreated':'~>=~LastSuccessfulRun'"},
            "Contact.DateCreated for exactly this: there is no filter for exactly this field",
        ),
        (
            {"table": "Contact", "query": "'LastUpdated':'~<=~LastSuccessfulRun'"},
            "the stream's bookmark goes by another time",
        ),
        ({"table": "Lead", "query": "'LastUpdated':'~>=~2026-01-01'"}, "Use bookmark: true, with start_date"),
        ({"table": "ContactGroup", "query": "'_X':'5'"}, "the table ContactGroup has no field '_X' in REST"),
        ({"table": "Contact", "query": "'_Nope':'5'"}, "no filter or custom field '_Nope'"),
        (
            {"table": "Contact", "query": "'_Visits':'many'"},
            "Keap would reject it: _Visits takes whole numbers",
        ),
        (
            {"table": "AffResource", "query": "'Title':'A'"},
            "the stream commission_program_resources, can only be read in full",
        ),
        (
            {"table": "ContactGroupAssign", "ids": [5]},
            "ContactGroupAssign.Id for exactly this: Keap has no ids for these rows",
        ),
        ({"table": "OrderItem", "ids": [5]}, "Keap has no ids for these rows"),
        (
            {"table": "LinkedContactType", "query": "'TypeName':'5,6'"},
            "Keap would reject it: name: Keap does not take a comma in a value",
        ),
        (
            {"table": "Job", "query": "'ContactId':['Ann', 'Bob']"},
            "cannot search Job.ContactId for exactly this: Keap takes a single value there",
        ),
        (
            {"table": "Job", "ids": [5, 6], "query": "'ContactId':'7,8'"},
            "ids cannot be combined with several values of contact_id. Use one of them.",
        ),
        (
            {"table": "Invoice", "ids": [5, 6], "query": "'ContactId':'7,8'"},
            "Keap takes a single value there",
        ),
        (
            {"table": "InvoicePayment", "query": "'InvoiceId':'7,8'"},
            "takes many calls as it is, so it cannot be asked for several values of invoice_id",
        ),
        (
            {"table": "Contact", "query": "'LastUpdated':'~>=~2026-01-01'", "bookmark": True},
            "the bookmark sets the filter start_update_time itself",
        ),
    ],
)
def test_a_wrong_query_of_a_table_is_refused_with_a_reason(entry: dict[str, Any], says: str) -> None:
    assert_refused(says, **entry)


def test_custom_field_columns_are_refused_with_raw_custom_fields() -> None:
    assert_refused(
        "with custom_fields=raw, custom fields have no columns",
        "raw",
        stream="contacts",
        fields=["cf_visits"],
    )


def test_the_examples_in_the_documents_compile() -> None:
    seen = 0
    for name in ("docs/classic.md", "docs/queries.md"):
        for block in re.findall(r"```json\n(.*?)```", (ROOT / name).read_text(), re.DOTALL):
            config = json.loads(block)
            for query in read_queries(config):
                compile_query(query, "columns")
                seen += 1
    assert seen >= 8

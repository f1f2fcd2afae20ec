"""Queries before Keap is asked: what they become, and what is refused with which words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.config.user_queries import read_queries
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.queries.compile import Prepared, complete, prepare
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


def prepared(custom_fields: str = "columns", /, **entry: Any) -> Prepared:
    (query,) = read_queries({"queries": [{"name": "mine", **entry}]})
    return prepare(query, custom_fields)


def made(custom_fields: str = "columns", /, **entry: Any) -> Collection:
    one = prepared(custom_fields, **entry)
    return complete(one, FIELDS) if one.model is not None else one.collection


def refused(says: str, custom_fields: str = "columns", /, **entry: Any) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)) as caught:
        made(custom_fields, **entry)
    assert "queries.mine: " in str(caught.value)
    assert "\n" not in str(caught.value)


# --- what they become -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "filters"),
    [
        ({"stream": "contacts"}, ()),
        ({"stream": "contacts", "filter": " given_name == Ann* ; company_id==5;"},
         ("given_name==Ann*", "company_id==5")),
        ({"stream": "contacts", "filter": "_ShirtSize==L;given_name==Ann"}, ("given_name==Ann", "_ShirtSize==L")),
        ({"stream": "contacts", "filter": "_shirtsize==L"}, ("_ShirtSize==L",)),
        ({"stream": "contacts", "filter": "cf_visits>=5;cf_visits<9"}, ("_Visits>=5", "_Visits<9")),
        ({"stream": "contacts", "filter": "phone_number==555*;phone_fields==PHONE1,PHONE2"},
         ("phone_number==555*", "phone_fields==PHONE1,PHONE2")),
        ({"stream": "users"}, ("include_inactive==true", "include_partners==true")),
        ({"stream": "users", "filter": "include_inactive==false"},
         ("include_partners==true", "include_inactive==false")),
        ({"table": "Contact", "query": "{'Id':'%'}"}, ()),
        ({"table": "Contact", "query": "{'City':'Ogden','State':'Ut%'}"}, ("city==Ogden", "state==Ut*")),
        ({"table": "Contact", "query": "{'Id':'1,2'}"}, ("ids==1,2",)),
        ({"table": "Contact", "query": "{'_ShirtSize':'L','_Visits':'~>~5'}"}, ("_ShirtSize==L", "_Visits>5")),
        ({"table": "Contact", "query": "{'_Colours':'%'}"}, None),
        ({"table": "ContactGroupAssign", "query": "{'GroupId':'12,30'}"}, ("tag_ids==12,30",)),
        ({"table": "ContactGroup", "query": "{'GroupCategoryId':'~null~'}"}, ("category_id==NONE",)),
        ({"table": "Referral", "query": "{'Type':'2'}"}, ("type==MANUAL",)),
        ({"table": "ContactAction", "stream": "tasks", "query": "{'UserID':'~null~'}"}, ("user_id==UNASSIGNED",)),
        ({"table": "ContactAction", "stream": "notes", "query": "{'ActionDescription':'%call%'}"}, ("title==call",)),
        ({"table": "Job", "query": "{'DateCreated':'2026-01-31%'}"},
         ("created_since_time==2026-01-31T05:00:00.000Z", "created_until_time==2026-02-01T04:59:59.999Z")),
    ],
)  # fmt: skip
def test_filters(entry: dict[str, Any], filters: tuple[str, ...] | None) -> None:
    if filters is None:
        refused(
            "the custom field _Colours (list_box): Keap cannot be asked for rows that have any value", **entry
        )
    else:
        assert made(**entry).endpoint.filters == filters


def test_a_query_is_a_snapshot_unless_it_has_a_bookmark() -> None:
    assert made(stream="contacts").changes == Snapshot()
    assert made(stream="contacts", bookmark=True).changes == COLLECTIONS["contacts"].changes
    for text in ("'LastUpdated':'~>=~LastSuccessfulRun'", "'LastUpdated':'~>~ LastSuccessfulRun'"):
        assert made(table="Contact", query=text).changes == COLLECTIONS["contacts"].changes
    assert (
        made(table="Lead", query="'LastUpdated':'~>=~LastSuccessfulRun'").changes.key == "last_updated_time"
    )


def test_its_walk_by_id_stays_unless_it_asks_for_ids_or_an_order_itself() -> None:
    assert (
        made(stream="contacts", filter="given_name==Ann").endpoint.by_id
        == COLLECTIONS["contacts"].endpoint.by_id
    )
    assert made(stream="contacts", filter="contact_id>500").endpoint.by_id is None
    assert made(stream="contacts", filter="ids==1,2").endpoint.by_id is None
    ordered = made(stream="contacts", order_by="create_time DESC")
    assert (ordered.endpoint.by_id, dict(ordered.endpoint.params)) == (None, {"order_by": "create_time desc"})
    assert dict(made(stream="contacts", order_by="email").endpoint.params) == {"order_by": "email asc"}


def test_parameters_of_rest_v1() -> None:
    one = made(stream="affiliate_clawbacks", filter="since==2026-01-31", order_by="DATE_EARNED desc")
    assert dict(one.endpoint.params) == {
        "since": "2026-01-31T00:00:00.000Z",
        "order": "DATE_EARNED",
        "order_direction": "DESCENDING",
    }
    assert one.endpoint.filters == ()


def test_columns() -> None:
    one = made(stream="contacts", fields=["given_name"])
    assert [*one.properties] == ["id", "given_name"]
    assert one.custom_fields is None
    assert {"custom_fields", "family_name"} <= one.wire.ignored
    assert [*made(stream="contacts", fields=["given_name"], bookmark=True).properties] == [
        "id", "given_name", "update_time",
    ]  # fmt: skip
    assert [*made(table="Contact", fields=["FirstName", "City", "State"]).properties] == [
        "id", "given_name", "addresses",
    ]  # fmt: skip
    keyless = made(stream="transactions", fields=["amount"])
    assert set(keyless.row_key) <= keyless.properties.keys()  # the key is made from them


@pytest.mark.parametrize(
    ("mode", "fields", "columns", "raw"),
    [
        ("columns", ["cf_visits"], {"cf_visits"}, False),
        ("both", ["cf_visits", "cf_shirt_size"], {"cf_visits", "cf_shirt_size"}, False),
        ("columns", ["custom_fields"], None, True),
        ("raw", ["custom_fields"], None, True),
        ("both", ["custom_fields", "cf_visits"], None, True),
    ],
)
def test_columns_of_custom_fields(mode: str, fields: list[str], columns: set[str] | None, raw: bool) -> None:  # noqa: FBT001
    one = made(mode, stream="contacts", fields=fields)
    assert one.custom_fields == COLLECTIONS["contacts"].custom_fields
    assert one.query.custom_columns == columns
    assert ("custom_fields" in one.properties) is raw


def test_custom_fields_by_their_names_of_the_classic_connector() -> None:
    for name in ("_ShirtSize", "_shirtsize"):
        assert made(table="Contact", fields=["Id", name]).query.custom_columns == frozenset({"cf_shirt_size"})
    assert made(table="Contact", fields=["_Colours"]).query.custom_columns == frozenset({"cf_colours"})


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
def test_rows_by_their_ids(stream: str, choice: Choice) -> None:
    one = prepared(stream=stream, ids=[1, "8", "1"])
    assert one.collection.chosen == (choice,)
    assert one.listed == ("1", "8")


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"table": "Invoice", "ids": [5, 6]}, "invoice_id"),
        ({"table": "CreditCard", "ids": [5, 6]}, "credit_card_id"),
        ({"table": "Job", "query": "{'ContactId':'5,6'}"}, "contact_id"),
    ],
)
def test_several_values_where_keap_takes_one(entry: dict[str, Any], name: str) -> None:
    one = prepared(**entry)
    assert one.collection.chosen == (Choice("queries.mine", filter=name, each=True),)
    assert one.listed == ("5", "6")


def test_an_id_of_a_table_whose_rows_have_an_address_each() -> None:
    assert prepared(table="StageMove", query="{'Id':'5'}").listed == ("5",)
    assert prepared(table="RecurringOrderWithContact", ids=["5"]).listed == ("5",)


def test_what_a_stream_asks_with_by_itself_gives_way() -> None:
    assert made(stream="contact_tags", filter="tag_ids==1,2").batches is None
    assert made(stream="contact_tags", filter="since_applied_time==2026-01-01").batches is not None
    assert made(stream="contact_tags").fallback is None  # it knows other filters
    assert made(stream="affiliate_summaries", filter="since_time==2026-01-01").endpoint.period is None


def test_the_state_knows_what_was_asked() -> None:
    plain, one, two = (
        made(stream="contacts", **more)
        for more in ({}, {"filter": "city==A;state==B"}, {"filter": "state==B;city==A"})
    )
    assert plain.query.conditions == {"queries.mine.stream": ("contacts",)}
    assert (
        one.query.conditions
        == two.query.conditions
        == {**plain.query.conditions, "queries.mine.filter": ("city==A;state==B",)}
    )
    assert "_ShirtSize==L" in str(made(stream="contacts", filter="_ShirtSize==L").query.conditions)


# --- what is refused --------------------------------------------------------------------------------------------------

CONTACTS = {"stream": "contacts"}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"stream": "contact"}, "there is no stream 'contact'. Did you mean contacts?"),
        ({"stream": "saved_search_vip"}, "is a saved search, which is narrowed in Keap. Name it in saved_searches"),
        (CONTACTS | {"filter": "given_name=Ann"}, "the condition 'given_name=Ann' cannot be read. Write name==value"),
        (CONTACTS | {"filter": "Ann"}, "The stream contacts takes: email == (text or text*)"),
        ({"stream": "tags", "filter": "nam==VIP"}, "has no filter 'nam'. Did you mean name? It takes: name =="),
        ({"stream": "shipping_methods", "filter": "id==5"}, "has no filter 'id'. It takes: none."),
        (CONTACTS | {"filter": "given_name>A"}, "given_name does not take >, only ==. The stream contacts takes:"),
        (CONTACTS | {"filter": "given_name==*nn"}, "given_name takes a * only at the end"),
        (CONTACTS | {"filter": "given_name==A;given_name==B"}, "two conditions say given_name==, and all must hold"),
        (CONTACTS | {"filter": "_Visits==1;cf_visits==2"}, "two conditions say _Visits=="),
        (CONTACTS | {"filter": "phone_number==555*"}, "phone_number stands only together with phone_fields"),
        (CONTACTS | {"filter": "start_update_time==soon"}, "start_update_time takes a day or time such as"),
        (CONTACTS | {"filter": "given_nam==A"}, "no custom field, 'given_nam'. Did you mean given_name?"),
        (CONTACTS | {"filter": "_ShirtSiz==A"}, "Custom fields: _ShirtSize (column cf_shirt_size)"),
        (CONTACTS | {"filter": "_Visits==many"}, "the custom field _Visits (whole_number): _Visits takes whole numbers"),
        (CONTACTS | {"filter": "Colours>5"}, "the custom field Colours (list_box): Colours does not take >"),
        (CONTACTS | {"filter": "ids==1;contact_id>5"}, "ids and contact_id both say which ids"),
        (CONTACTS | {"filter": "contact_id>5", "ids": [1]}, "ids and contact_id both say which ids"),
        ({"stream": "reports", "filter": "name==A;since_created_time==2026-01-01", "ids": [1]},
         "are asked for one by one, so ids stands alone"),
        ({"stream": "reports", "order_by": "name", "ids": [1]}, "so ids stands alone"),
        ({"stream": "order_items", "ids": [1]},
         "Keap cannot be asked for rows of order_items by their ids. Use the setting invoice_ids or order_ids"),
        ({"stream": "contact_tags", "ids": [1]}, "Use the setting tag_ids, or a filter"),
        ({"stream": "referrals", "ids": [1]}, "Keap cannot be asked for rows of referrals by their ids. Filters: "),
        (CONTACTS | {"bookmark": True, "filter": "start_update_time==2026-01-01"},
         "start_update_time is what the bookmark asks with. Leave it out and use start_date"),
        ({"stream": "appointments", "bookmark": True, "filter": "update_time<2026-01-01"},
         "update_time is what the bookmark asks with"),
        ({"stream": "affiliates", "bookmark": True}, "so a query of it cannot have a bookmark. Leave bookmark out."),
        (CONTACTS | {"order_by": "creat_time"}, "by 'creat_time'. Did you mean create_time? It can by: id, create_time"),
        (CONTACTS | {"order_by": "id up"}, "cannot be ordered by 'id up'"),
        ({"stream": "shipping_methods", "order_by": "id"}, "It can by: nothing;"),
        ({"stream": "notes", "order_by": "id", "bookmark": True}, "rows come newest first. Leave order_by out."),
        (CONTACTS | {"fields": ["givenname"]}, "has no column 'givenname'. Did you mean given_name? It has: id, given_name"),
        (CONTACTS | {"fields": ["cf_nope"]}, "no custom field, 'cf_nope'"),
        ({"stream": "tags", "fields": ["cf_x"]}, "the stream tags has no column 'cf_x'"),
        ({"stream": "tags", "fields": ["custom_fields"]}, "the stream tags has no column 'custom_fields'"),
        ({"name": "contacts", "stream": "tags"}, None),
        ({"name": "saved_search_mine", "stream": "tags"}, None),
    ],
)  # fmt: skip
def test_bad_queries_in_keaps_words(entry: dict[str, Any], says: str | None) -> None:
    if says is not None:
        refused(says, **entry)
        return
    with pytest.raises(ConfigError, match=rf"queries\.{entry['name']}: .* taken by another stream"):
        made(**entry)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"table": "Contacts"}, "there is no table 'Contacts'. Did you mean Contact? There are: AffResource, "),
        ({"table": "Ticket"}, "Keap's REST API has nothing for the table Ticket"),
        ({"table": "CProgram"}, "no stream has the rows of the table CProgram: subscription_plans comes nearest"),
        ({"table": "ContactAction"}, "are in notes and tasks and appointments: add stream to say which"),
        ({"table": "Contact", "stream": "tags"}, "the rows of the table Contact are in contacts, not in tags"),
        ({"table": "Contact", "fields": ["Firstname"]}, "REST has no field 'Firstname'. Did you mean FirstName? It has: Id, "),
        ({"table": "Contact", "fields": ["Password"]}, "of the table Contact REST has no field 'Password'"),
        ({"table": "ContactGroup", "fields": ["_X"]}, "the stream tags has no column '_X'"),
        ({"table": "Contact", "query": "City is Ogden"}, "query: it cannot be read from 'City is Ogden' on"),
        ({"table": "Contact", "query": "'Citty':'Ogden'"}, "REST has no field 'Citty'. Did you mean City? What can be asked for: Id ("),
        ({"table": "Contact", "query": "'FirstName':'~null~'"},
         "exactly what is asked of Contact.FirstName: Keap cannot be asked for rows without a value there"),
        ({"table": "Contact", "query": "'Email':'%@x.com'"}, "Keap looks in all three e-mail fields at once"),
        ({"table": "Contact", "query": "'Groups':'%12%'"}, "Use the stream contacts_by_tag and the setting tag_ids"),
        ({"table": "Contact", "query": "'FirstName':'%nn%'"}, "Otherwise load the stream whole and choose in the warehouse"),
        ({"table": "Contact", "query": "'FirstName':'%'"}, "rows that have any value there"),
        ({"table": "Contact", "query": "'DateCreated':'~>=~LastSuccessfulRun'"},
         "Contact.DateCreated: no filter of Keap says just that"),
        ({"table": "Contact", "query": "'LastUpdated':'~<=~LastSuccessfulRun'"}, "not the time that the stream's bookmark"),
        ({"table": "Lead", "query": "'LastUpdated':'~>=~2026-01-01'"}, "Use bookmark: true, with start_date"),
        ({"table": "ContactGroup", "query": "'_X':'5'"}, "of the table ContactGroup REST has no field '_X'"),
        ({"table": "Contact", "query": "'_Nope':'5'"}, "no custom field, '_Nope'"),
        ({"table": "Contact", "query": "'_Visits':'many'"}, "Keap would not take it: _Visits takes whole numbers"),
        ({"table": "AffResource", "query": "'Title':'A'"}, "the stream commission_program_resources, can only be read whole"),
        ({"table": "ContactGroupAssign", "ids": [5]}, "ContactGroupAssign.Id: Keap knows no ids of such rows"),
        ({"table": "OrderItem", "ids": [5]}, "Keap knows no ids"),
        ({"table": "Invoice", "ids": [5, 6], "query": "'ContactId':'7,8'"}, "Keap takes one value there, not several"),
        ({"table": "InvoicePayment", "query": "'InvoiceId':'7,8'"}, "which takes many calls as it is"),
        ({"table": "Contact", "query": "'LastUpdated':'~>=~2026-01-01'", "bookmark": True},
         "start_update_time is what the bookmark asks with"),
    ],
)  # fmt: skip
def test_bad_queries_of_the_classic_connector(entry: dict[str, Any], says: str) -> None:
    refused(says, **entry)


def test_raw_custom_fields_have_no_columns() -> None:
    refused(
        "with custom_fields=raw there are no columns of custom fields",
        "raw",
        stream="contacts",
        fields=["cf_visits"],
    )


def test_the_examples_of_the_documents_are_right() -> None:
    seen = 0
    for name in ("README.md", "QUERIES.md"):
        for block in re.findall(r"```json\n(.*?)```", (ROOT / name).read_text(), re.DOTALL):
            config = json.loads(block)
            for query in read_queries(config):
                prepare(query, "columns")
                seen += 1
    assert seen >= 8

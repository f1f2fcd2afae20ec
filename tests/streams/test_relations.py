"""Every id says what it points to, and leads there."""

from __future__ import annotations

import re

import pytest

from tap_infusionsoft.streams.collection import Collection, DeclarationError, Endpoint, PerParent
from tap_infusionsoft.streams.columns import Schema, array, key, nested, text
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.registry import COLLECTIONS, registered
from tap_infusionsoft.streams.relations import columns, id_of, ids_of, key_of, other_id, own_id
from tests import relations as known
from tests.fixtures import Run
from tests.relations import DECLARED, dangling
from tests.sandbox import reference
from tests.streams.test_descriptions import STREAMS, of_each_stream

# --- declarations ----------------------------------------------------------------------------------------


def marbles(**more: Schema) -> Collection:
    return Collection(
        name="marbles",
        endpoint=Endpoint("/v2/marbles", items="marbles"),
        properties={"id": key("Id of the marble."), **more},
    )


def registered_marbles(**more: Schema) -> Collection:
    return registered([*COLLECTIONS.values(), marbles(**more)])["marbles"]


WRONG: list[tuple[dict[str, Schema], str]] = [
    ({"owner_id": text("Id of the owner.")}, "owner_id holds an id, but does not say of what"),
    ({"owner_ids": array(text(), "Ids of its owners.")}, "owner_ids holds an id, but does not say of what"),
    ({"bag": nested({"id": text("Id of the bag.")})}, "bag.id holds an id, but does not say of what"),
    ({"bags": array(nested({"id": text("Id.")}))}, "bags[].id holds an id, but does not say of what"),
    (
        {"user": nested({"id": id_of("users", "Id.")}), "user_id": flat("user.id", text("Id of the user."))},
        "user_id holds an id, but does not say of what",
    ),
    (
        {"bag": nested({"id": id_of("tags", "Id.")}), "bag_id": flat("bag.id", id_of("users", "Id."))},
        "bag_id is a copy of bag.id, but declares another relation",
    ),
    ({"owner_id": id_of("owners", "Id.")}, "owner_id points to the stream 'owners', which does not exist"),
    (
        {"owner_ids": ids_of("users", "Ids.", column="keap")},
        "owner_ids[] points to users.keap, which is not a column",
    ),
    ({"owner_id": id_of("users", "Id.", none="-1")}, "owner_id does not say what its value '-1' means"),
]


@pytest.mark.parametrize(("more", "message"), WRONG)
def test_an_id_that_does_not_say_where_it_leads_is_refused(more: dict[str, Schema], message: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(f"marbles: {message}")):
        registered_marbles(**more)


def test_what_a_stream_takes_from_another_one_points_there() -> None:
    of_users = PerParent(stream="users", columns={"user_id": "id"})
    bag = Collection(
        name="bags",
        endpoint=Endpoint("/v2/users/{user_id}/bags", items="bags"),
        key=("user_id", "id"),
        slices=of_users,
        properties={"id": key("Id of the bag."), "user_id": key_of("contacts", "Id of the owner.")},
    )
    message = "bags: slices takes user_id from users.id, but it points to contacts.id"
    with pytest.raises(DeclarationError, match=re.escape(message)):
        registered([*COLLECTIONS.values(), bag])


def test_every_way_to_declare_an_id_is_in_the_schema_and_among_the_relations() -> None:
    found = registered_marbles(
        owner_id=id_of("users", "Id of the owner; null or '0' for nobody.", none="0"),
        maker_ids=ids_of("users", "Ids of the makers."),
        invoice_id=id_of("orders", "Id of the invoice, not of the order", column="invoice_id"),
        code_id=own_id("Id on the label."),
        shelf_id=other_id("Id of the shelf.", "No stream lists shelves."),
        bag=nested({"tag_id": id_of("tags", "Id of its tag.", may_dangle=True)}, "The bag."),
        tag_id=flat("bag.tag_id", id_of("tags", "Id of its tag.", may_dangle=True)),
    )
    told = {path: schema.get("description") for path, schema in columns(found.schema["properties"])}
    assert told == {
        "id": "Id of the marble.",
        "owner_id": "Id of the owner (users.id); null or '0' for nobody.",
        "maker_ids": "Ids of the makers (users.id).",
        "invoice_id": "Id of the invoice (orders.invoice_id), not of the order",
        "code_id": "Id on the label.",
        "shelf_id": "Id of the shelf. No stream lists shelves.",
        "bag": "The bag.",
        "bag.tag_id": "Id of its tag (tags.id).",
        "tag_id": "Id of its tag (tags.id). A copy of bag.tag_id.",
    }
    assert found.schema["properties"]["maker_ids"]["type"] == ["array", "null"]
    points = {path: (one.target, one.none, one.may_dangle, one.why) for path, one in found.relations.items()}
    assert points == {
        "owner_id": ("users.id", "0", False, ""),
        "maker_ids[]": ("users.id", "", False, ""),
        "invoice_id": ("orders.invoice_id", "", False, ""),
        "code_id": (".id", "", False, ""),
        "shelf_id": (".id", "", False, "No stream lists shelves."),
        "bag.tag_id": ("tags.id", "", True, ""),
        "tag_id": ("tags.id", "", True, ""),
    }


@of_each_stream
def test_targets_are_in_descriptions_only_where_they_are_declared(stream: Collection) -> None:
    """Text that looks like a relation, and is none, would be in no picture and no test."""
    for path, schema in columns(stream.properties):
        for other, column in re.findall(r"\(([a-z_]+)\.([a-z_]+)\)", schema.get("description", "")):
            if f"{stream.name}.{path}" in TEXTS or column == "email":  # an address is no id
                continue
            relation = stream.relations.get(path) or stream.relations.get(f"{path}[]")
            assert relation is not None, path
            assert relation.target == f"{other}.{column}"


TEXTS = {
    "application_settings.contact.contact_types",
    "application_settings.opportunity.states.active.stages",
    "companies.group_list",
    "contacts.group_list",
    "contacts_by_tag.group_list",
    "pipeline_outcomes.value",
    "tag_companies.company.group_list",
}
"""Columns that name other columns, and hold no id: a list as text, or a word."""


@reference.present
def test_the_declarations_agree_with_what_is_known_of_keap() -> None:
    """The other list was made from Keap's documents and the rows of an account, without the declarations."""
    for one in known.relations():
        stream, _, path = one["column"].partition(".")
        if stream not in COLLECTIONS or path in {*COLLECTIONS[stream].keys, "invoice_id"}:
            continue
        declared = COLLECTIONS[stream].relations[path]
        if one["target_key"] == "checklist_items[].id":  # inside rows
            assert f"{one['target_stream']}.{one['target_key']}" in declared.why
        else:
            assert declared.stream == one["target_stream"], one["column"]
            assert declared.column in one["target_key"].split(" or "), one["column"]


# --- rows ------------------------------------------------------------------------------------------------

UNUSED = {
    "companies.referral_code",
    "report_fields.report_id",  # the config of the tests names no saved search
    "subscriptions.payment_method_id",
    "subscriptions.shipping_address.country_code",
    "tag_companies.company.referral_code",
    *(f"{one.name}.custom_fields[].id" for one in STREAMS if "custom_fields" in one.properties),
}
"""Columns without values in the account. The columns cf_... are loaded instead of custom_fields."""


def test_every_id_that_is_loaded_is_in_the_stream_that_it_points_to(run: Run) -> None:
    target = run(*COLLECTIONS)
    assert dangling(target.rows, unused=True) == {column: [] for column in UNUSED}


DELETED = ("affiliates", "merchant_accounts", "opportunity_stages", "products", "subscriptions")
"""Collections of the sandbox whose ids other rows keep when a row is deleted."""
UNSEEN = {
    "application_settings.opportunity.states.loss.stage",
    "application_settings.loss_stage_id",
    "commission_program_details.subscription_commissions[].subscription_id",
    "companies.referral_code",
    "tag_companies.company.referral_code",
    "webforms.funnel_id",
}
"""Columns that may keep an id, too, and of which the account has no example."""


def test_ids_that_outlive_the_row_that_they_point_to_say_so(run: Run) -> None:
    for stream in DELETED:
        run.box.plant(stream, delete=run.box.records(stream, ids_only=True)[::2])
    target = run(*COLLECTIONS)
    may = {column for column, relation in DECLARED.items() if relation.may_dangle}
    assert dangling(target.rows).keys() == may - UNSEEN

"""A wrong declaration is refused at import, in a sentence that names the stream and the field."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

from tap_infusionsoft import streams
from tap_infusionsoft.streams.collection import (
    Born,
    ById,
    Choice,
    Collection,
    DeclarationError,
    Endpoint,
    Fields,
    PerBatch,
    PerParent,
    PerValue,
    ShownIn,
    Sums,
    Wire,
)
from tap_infusionsoft.streams.columns import Schema, array, day, key, moment, money, nested, number, text
from tap_infusionsoft.streams.flat_columns import flat, with_amounts
from tap_infusionsoft.streams.registry import COLLECTIONS, GROUPS, registered
from tap_infusionsoft.streams.replication import NewestFirst, Updated
from tap_infusionsoft.streams.row_transforms import inside
from tap_infusionsoft.streams.shared_columns import CUSTOM_FIELD_VALUES

MARBLES = Endpoint("/v2/marbles", items="marbles")


def marbles(**changed: Any) -> Collection:
    """A declaration that is right, but for what is changed."""
    given: dict[str, Any] = {
        "name": "marbles",
        "endpoint": MARBLES,
        "properties": {
            "id": key(),
            "name": text(),
            "update_time": moment(),
            "shelves": array(nested({"name": text()})),
        },
    }
    return Collection(**given | changed)


def with_endpoint(path: str = "/v2/marbles", items: str | None = "marbles", **changed: Any) -> Collection:
    return marbles(endpoint=Endpoint(path, items, **changed))


def with_columns(**columns: Schema) -> Collection:
    return marbles(properties={"id": key(), "update_time": moment(), **columns})


def among_others(**changed: Any) -> dict[str, Collection]:
    return registered([*COLLECTIONS.values(), marbles(**changed)])


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: marbles(key=("marble_id",)), "marbles: key names 'marble_id', which is not one of its columns."),
    (
        lambda: marbles(row_key=("colour",)),
        "marbles: row_key names 'colour', which is not one of its columns.",
    ),
    (
        lambda: marbles(changes=Updated(key="updated", since="since", until="until")),
        "marbles: changes names 'updated', which is not one of its columns.",
    ),
    (
        lambda: marbles(changes=Updated(key="name", since="since", until="until")),
        "marbles: changes goes by 'name', which is not a time.",
    ),
    (
        lambda: marbles(wire=Wire(renamed={"title": "name"})),
        "marbles: wire.renamed names 'title', which is not one of its columns.",
    ),
    (
        lambda: marbles(wire=Wire(renamed={"shelves[].number": "no"})),
        "marbles: wire.renamed names 'shelves[].number', which is not in its schema.",
    ),
    (
        lambda: marbles(wire=Wire(beside={"owner": "owner"})),
        "marbles: wire.beside names 'owner', which is not one of its columns.",
    ),
    (
        lambda: marbles(wire=Wire(beside={"id": "id"})),
        "marbles: wire.beside fills 'id', which is not a column of nullable text.",
    ),
    (
        lambda: among_others(slices=PerParent(stream="boxes", columns={"box_id": "id"})),
        "marbles: slices names the stream 'boxes', which does not exist.",
    ),
    (
        lambda: among_others(slices=PerParent(stream="contacts", columns={"contact_id": "contact_id"})),
        "marbles: slices takes the column 'contact_id' of contacts, which does not have it.",
    ),
    (
        lambda: among_others(
            slices=PerParent(stream="contacts", columns={"contact_id": "id"}, sums=Sums("boxes", "id", ()))
        ),
        "marbles: slices.sums names the stream 'boxes', which does not exist.",
    ),
    (
        lambda: among_others(
            slices=PerParent("contacts", {"contact_id": "id"}, sums=Sums("tags", "id", ("weight",)))
        ),
        "marbles: slices.sums names 'weight', which is not a column of tags.",
    ),
    (
        lambda: among_others(slices=PerBatch(stream="contact_tags", column="marble_id", filter="ids")),
        "marbles: slices takes the column 'marble_id' of contact_tags, which does not have it.",
    ),
    (
        lambda: marbles(chosen=(Choice("marble_ids", filter="ids"),)),
        "marbles: chosen names the setting 'marble_ids', which does not exist.",
    ),
    (
        lambda: marbles(
            slices=PerParent(stream="contacts", columns={"contact_id": "id"}, setting="marble_ids")
        ),
        "marbles: slices names the setting 'marble_ids', which does not exist.",
    ),
    (
        lambda: marbles(properties={"id": key(), "custom_fields": CUSTOM_FIELD_VALUES}),
        "marbles: properties has the column custom_fields, but custom_fields names no model.",
    ),
    (
        lambda: marbles(custom_fields="/v2/marbles/model"),
        (
            "marbles: custom_fields names the model /v2/marbles/model, but properties has no column "
            "custom_fields."
        ),
    ),
    (
        lambda: with_endpoint("/v2/shelves/{shelf_id}/marbles"),
        "marbles: endpoint.path needs 'shelf_id', which slices does not give.",
    ),
    (
        lambda: with_endpoint("marbles"),
        "marbles: endpoint.path is 'marbles'; it must begin with /v1/, /v2/ or /services/v2/.",
    ),
    (
        lambda: with_endpoint(paging="pages"),
        "marbles: endpoint.paging is 'pages'; it must be one of token, offset, none, raw.",
    ),
    (
        lambda: with_endpoint(items=None),
        "marbles: endpoint.items is missing, but a collection with paging='token' has a list of rows.",
    ),
    (lambda: with_endpoint(page_size=0), "marbles: endpoint.page_size is 0; it must be at least 1."),
    (
        lambda: with_endpoint(fields=Fields(frozenset({"name"}), sure=frozenset({"id"}))),
        "marbles: endpoint.fields.sure names 'id', which is not one of endpoint.fields.names.",
    ),
    (
        lambda: marbles(
            endpoint=Endpoint("/v2/marbles", "marbles", by_id=ById(filter="id")),
            key=("name",),
            properties={"name": key()},
        ),
        "marbles: endpoint.by_id walks by id, but it has no column 'id'.",
    ),
    (
        lambda: marbles(
            endpoint=Endpoint("/v2/bags", "bags"),
            changes=Updated(key="moved", since="since", until="until"),
            properties={"id": key(), "moved": moment()},
            wire=Wire(unpack=inside("marbles", bag_id="id")),
        ),
        "marbles: wire.unpack does not carry 'moved' along, the time of changes.",
    ),
    (
        lambda: marbles(
            endpoint=Endpoint("/v1/marbles", "marbles", paging="offset"),
            changes=NewestFirst(key="update_time", order_by="update_time"),
        ),
        "marbles: changes walks by time, which needs endpoint.paging='token' instead of 'offset'.",
    ),
    (
        lambda: with_endpoint(born=Born("made", order_by="made")),
        "marbles: endpoint.born goes by 'made', which is not a column with a time.",
    ),
    (
        lambda: marbles(
            endpoint=Endpoint("/v1/marbles", "marbles", paging="offset", born=Born("made", order_by="made")),
            properties={"id": key(), "made": moment()},
        ),
        "marbles: endpoint.born needs endpoint.paging='token' instead of 'offset'.",
    ),
    (
        lambda: marbles(
            endpoint=Endpoint("/v2/bags", "bags", born=Born("made", order_by="made")),
            properties={"id": key(), "made": moment()},
            wire=Wire(unpack=inside("marbles", bag_id="id")),
        ),
        "marbles: endpoint.born needs rows with a key, in one list of their own.",
    ),
    (
        lambda: with_columns(box_id=flat("box.id", text())),
        "marbles: box_id is a copy of box.id, but 'box' is not one of its columns.",
    ),
    (
        lambda: with_columns(box=nested({"name": text()}), box_id=flat("box.id", text())),
        "marbles: box_id is a copy of box.id, which is not in the schema of box.",
    ),
    (
        lambda: with_columns(boxes=array(nested({"id": text()})), box_id=flat("boxes.id", text())),
        "marbles: box_id is a copy of boxes.id, which is not in the schema of boxes.",
    ),
    (
        lambda: with_columns(box=nested({"day": day()}), box_day=flat("box.day", text())),
        "marbles: box_day is a copy of box.day, which has another type.",
    ),
    (
        lambda: with_columns(price=money("The price.")),
        "marbles: price is an amount of money without a plain column; properties needs with_amounts.",
    ),
    (
        lambda: with_columns(box=nested({"price": money()})),
        "marbles: box.price is an amount of money without a plain column; properties needs with_amounts.",
    ),
    (
        lambda: marbles(
            key=("box_id",), properties={"box": nested({"id": text()}), "box_id": flat("box.id", text())}
        ),
        "marbles: key names 'box_id', which is taken from box.id.",
    ),
    (
        lambda: marbles(
            endpoint=Endpoint("/v2/marbles", "marbles", fields=Fields(frozenset({"box_id"}))),
            properties={
                "id": key(),
                "box": nested({"id": text()}),
                "box_id": flat("box.id", text()),
            },
        ),
        "marbles: endpoint.fields.names has 'box_id', which is taken from box.id.",
    ),
    (
        lambda: among_others(slices=PerParent(stream="contacts", columns={"company": "company_id"})),
        "marbles: slices takes the column 'company_id' of contacts, which is taken from another column.",
    ),
    (
        lambda: among_others(key=("id", "update_time"), shown_in=ShownIn("boxes", "marble_ids")),
        "marbles: shown_in names the stream 'boxes', which does not exist.",
    ),
    (
        lambda: among_others(key=("id", "update_time"), shown_in=ShownIn("contacts", "marble_ids")),
        "marbles: shown_in names 'marble_ids', which is not a column that Keap sends of contacts.",
    ),
    (
        lambda: among_others(shown_in=ShownIn("contacts", "tag_ids")),
        "marbles: shown_in needs a key of two columns: the id of the other row, and an element of its list.",
    ),
    (lambda: registered([marbles(), marbles()]), "marbles: name is taken by another stream."),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_a_wrong_declaration_is_refused(wrong: Callable[[], object], sentence: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        wrong()
    assert str(refused.value) == sentence


def test_a_right_declaration_is_accepted() -> None:
    assert marbles().keys == ("id",)
    assert among_others()["marbles"] == marbles()
    values = PerValue(({"shelf": "top"},))
    assert marbles(endpoint=Endpoint("/v2/{shelf}/marbles", "marbles"), slices=values).given == {"shelf"}


def test_amounts_get_a_plain_column_that_is_named_after_their_path() -> None:
    made = with_amounts({"id": key(), "price": money("The price."), "box": nested({"cost": money()})})
    assert list(made) == ["id", "price", "price_decimal", "box", "box_cost_decimal"]
    assert made["price"]["description"] == (
        "The price. In it, amount is in the smallest unit, such as cents, and decimal in whole units, "
        "such as dollars."
    )
    assert made["price_decimal"] == number(
        "The price. In whole units of the currency, such as dollars; computed by the tap from price. Null if "
        "there is no amount."
    )
    assert with_columns(**made).flat["box_cost_decimal"].path == "box.cost.decimal"


def test_every_declaration_is_registered_once() -> None:
    assert [one for group in GROUPS for one in group.collections] == [*COLLECTIONS.values()]


def test_no_declaration_is_forgotten() -> None:
    for info in pkgutil.iter_modules(streams.__path__, f"{streams.__name__}."):
        module = importlib.import_module(info.name)
        declared = {name: one for name, one in vars(module).items() if isinstance(one, Collection)}
        for name, one in declared.items():
            if one.name not in COLLECTIONS:
                pytest.fail(
                    f"No run reads {one.name}: add {name} to COLLECTIONS at the end of {module.__name__}, "
                    "and that module to GROUPS in streams/registry.py."
                )

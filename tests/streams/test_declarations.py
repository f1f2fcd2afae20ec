"""A wrong declaration is refused when its module is imported, in a sentence that names the stream and the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tap_infusionsoft.streams.collection import (
    ById,
    Choice,
    Collection,
    DeclarationError,
    Endpoint,
    Fields,
    PerBatch,
    PerParent,
    PerValue,
    Wire,
)
from tap_infusionsoft.streams.columns import CUSTOM_FIELD_VALUES, array, key, moment, nested, text
from tap_infusionsoft.streams.registry import AREAS, COLLECTIONS, registered
from tap_infusionsoft.streams.replication import NewestFirst, Updated

TOYS = Endpoint("/v2/toys", items="toys")


def toys(**changed: Any) -> Collection:
    """A declaration that is right, but for what is changed."""
    given: dict[str, Any] = {
        "name": "toys",
        "endpoint": TOYS,
        "properties": {
            "id": key(),
            "name": text(),
            "update_time": moment(),
            "shelves": array(nested({"id": text()})),
        },
    }
    return Collection(**given | changed)


def with_endpoint(path: str = "/v2/toys", items: str | None = "toys", **changed: Any) -> Collection:
    return toys(endpoint=Endpoint(path, items, **changed))


def among_others(**changed: Any) -> dict[str, Collection]:
    return registered([*COLLECTIONS.values(), toys(**changed)])


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: toys(key=("toy_id",)), "toys: key names 'toy_id', which is not one of its columns."),
    (lambda: toys(row_key=("colour",)), "toys: row_key names 'colour', which is not one of its columns."),
    (
        lambda: toys(changes=Updated(key="updated", since="since", until="until")),
        "toys: changes names 'updated', which is not one of its columns.",
    ),
    (
        lambda: toys(changes=Updated(key="name", since="since", until="until")),
        "toys: changes goes by 'name', which is not a time.",
    ),
    (
        lambda: toys(wire=Wire(renamed={"title": "name"})),
        "toys: wire.renamed names 'title', which is not one of its columns.",
    ),
    (
        lambda: toys(wire=Wire(renamed={"shelves[].number": "no"})),
        "toys: wire.renamed names 'shelves[].number', which is not in its schema.",
    ),
    (
        lambda: among_others(slices=PerParent(stream="boxes", columns={"box_id": "id"})),
        "toys: slices names the stream 'boxes', which does not exist.",
    ),
    (
        lambda: among_others(slices=PerParent(stream="contacts", columns={"contact_id": "contact_id"})),
        "toys: slices takes the column 'contact_id' of contacts, which does not have it.",
    ),
    (
        lambda: among_others(slices=PerBatch(stream="contact_tags", column="toy_id", filter="ids")),
        "toys: slices takes the column 'toy_id' of contact_tags, which does not have it.",
    ),
    (
        lambda: toys(chosen=(Choice("toy_ids", filter="ids"),)),
        "toys: chosen names the setting 'toy_ids', which does not exist.",
    ),
    (
        lambda: toys(slices=PerParent(stream="contacts", columns={"contact_id": "id"}, setting="toy_ids")),
        "toys: slices names the setting 'toy_ids', which does not exist.",
    ),
    (
        lambda: toys(properties={"id": key(), "custom_fields": CUSTOM_FIELD_VALUES}),
        "toys: properties has the column custom_fields, but custom_fields names no model.",
    ),
    (
        lambda: toys(custom_fields="/v2/toys/model"),
        "toys: custom_fields names the model /v2/toys/model, but properties has no column custom_fields.",
    ),
    (
        lambda: with_endpoint("/v2/shelves/{shelf_id}/toys"),
        "toys: endpoint.path needs 'shelf_id', which slices does not give.",
    ),
    (lambda: with_endpoint("toys"), "toys: endpoint.path is 'toys'; it must begin with /v1/ or /v2/."),
    (
        lambda: with_endpoint(paging="pages"),
        "toys: endpoint.paging is 'pages'; it must be one of token, offset, none, raw.",
    ),
    (
        lambda: with_endpoint(items=None),
        "toys: endpoint.items is missing, but a collection with paging='token' has a list of rows.",
    ),
    (lambda: with_endpoint(page_size=0), "toys: endpoint.page_size is 0; it must be at least 1."),
    (
        lambda: with_endpoint(fields=Fields(frozenset({"name"}), sure=frozenset({"id"}))),
        "toys: endpoint.fields.sure names 'id', which is not one of endpoint.fields.names.",
    ),
    (
        lambda: toys(
            endpoint=Endpoint("/v2/toys", "toys", by_id=ById(filter="id")),
            key=("name",),
            properties={"name": key()},
        ),
        "toys: endpoint.by_id walks by id, but it has no column 'id'.",
    ),
    (
        lambda: toys(
            endpoint=Endpoint("/v1/toys", "toys", paging="offset"),
            changes=NewestFirst(key="update_time", order_by="update_time"),
        ),
        "toys: changes walks by time, which needs endpoint.paging='token' instead of 'offset'.",
    ),
    (lambda: registered([toys(), toys()]), "toys: name is taken by another stream."),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_a_wrong_declaration_is_refused(wrong: Callable[[], object], sentence: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        wrong()
    assert str(refused.value) == sentence


def test_a_right_declaration_is_accepted() -> None:
    assert toys().keys == ("id",)
    assert among_others()["toys"] == toys()
    values = PerValue(({"shelf": "top"},))
    assert toys(endpoint=Endpoint("/v2/{shelf}/toys", "toys"), slices=values).given == {"shelf"}


def test_every_declaration_is_registered_once() -> None:
    assert [one for area in AREAS for one in area.COLLECTIONS] == [*COLLECTIONS.values()]

"""The model of a stream's rows in Keap's documents, with all references followed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tests.sandbox import reference

from . import documents
from .documents import Schema

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Collection


@cache
def answer(path: str) -> Schema:
    """The schema of the answer to a GET."""
    own = documents.bare(path)
    for document in (reference.document(), documents.v1()):
        for theirs, methods in document["paths"].items():
            if documents.bare(theirs) == own and "get" in methods:
                content = methods["get"]["responses"]["200"]["content"]
                return whole(next(iter(content.values()))["schema"])
    for operation in reference.sdk()["operations"]:
        if operation["method"] == "GET" and documents.bare(operation["path"]) == own:
            return whole({"$ref": operation["responses"]["200"]})
    raise KeyError(path)


def row(collection: Collection, path: str, inside: str = "") -> Schema:
    """The model of a stream's rows at an address; ``inside`` is where in what the documents call a row they are."""
    found = answer(path)
    if collection.endpoint.items is not None:
        found = part(found, collection.endpoint.items)
    for name in filter(None, inside.split(".")):
        found = part(found, name)
    return found


def part(schema: Schema, name: str) -> Schema:
    """A property; of a list, the property's items."""
    found: Schema = schema["properties"][name]
    return found["items"] if found.get("type") == "array" else found


def whole(schema: Any) -> Schema:
    """A schema with references followed, in the form ``type``, ``format``, ``properties``, ``items``."""
    if "$ref" in schema:
        return _model(schema["$ref"].rpartition("/")[2])
    made: Schema = {name: schema[name] for name in ("type", "format") if name in schema}
    if "properties" in schema:
        made["properties"] = {name: whole(one) for name, one in schema["properties"].items()}
        made.setdefault("type", "object")
    if "items" in schema:
        made["items"] = whole(schema["items"])
    return made


@cache
def _model(name: str) -> Schema:
    for document in (reference.document(), documents.v1()):
        models = document["components"]["schemas"]
        if name in models:
            return whole(models[name])
    fields = reference.sdk()["models"][name]
    return {
        "type": "object",
        "properties": {one: whole(reference.sdk_schema(what["type"])) for one, what in fields.items()},
    }

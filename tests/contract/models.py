"""The documented model of a stream's rows, with all references resolved."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox import reference

from . import documents, earlier
from .documents import Schema

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Collection


@cache
def response(path: str) -> Schema:
    """Return the response schema of a GET; fails the test if no document has it."""
    wanted = documents.bare(path)
    if wanted in earlier.RESPONSES:
        return earlier.RESPONSES[wanted]
    for document in (reference.document(), documents.v1()):
        for documented, methods in document["paths"].items():
            if documents.bare(documented) == wanted and "get" in methods:
                content = methods["get"]["responses"]["200"]["content"]
                return whole(next(iter(content.values()))["schema"])
    for operation in reference.sdk()["operations"]:
        if operation["method"] == "GET" and documents.bare(operation["path"]) == wanted:
            return whole({"$ref": operation["responses"]["200"]})
    pytest.fail(f"Keap's documents have no GET {path}. Correct endpoint.path of the stream that reads it.")


def row(collection: Collection, path: str, inside: str = "") -> Schema:
    """Return the model of a stream's rows.

    Args:
        collection: The declaration of the stream.
        path: Path of the endpoint.
        inside: Dotted path of the rows within what the documents call a row.
    """
    model = response(path)
    if collection.endpoint.items is not None:
        model = part(model, collection.endpoint.items)
    for name in filter(None, inside.split(".")):
        model = part(model, name)
    return model


def part(schema: Schema, name: str) -> Schema:
    """Return the schema of a property, or of its items if it is a list.

    Args:
        schema: Schema of an object.
        name: Name of the property.
    """
    if name not in schema.get("properties", {}):
        pytest.fail(
            f"Keap's documents have no {name!r} there, but: {', '.join(schema.get('properties', ()))}."
        )
    result: Schema = schema["properties"][name]
    return result["items"] if result.get("type") == "array" else result


def whole(schema: Any) -> Schema:
    """Resolve the references in a schema. Keeps only ``type``, ``format``, ``properties`` and ``items``."""
    if "$ref" in schema:
        return _model(schema["$ref"].rpartition("/")[2])
    result: Schema = {name: schema[name] for name in ("type", "format") if name in schema}
    if "properties" in schema:
        result["properties"] = {name: whole(value) for name, value in schema["properties"].items()}
        result.setdefault("type", "object")
    if "items" in schema:
        result["items"] = whole(schema["items"])
    return result


@cache
def _model(name: str) -> Schema:
    for document in (reference.document(), documents.v1()):
        models = document["components"]["schemas"]
        if name in models:
            return whole(models[name])
    fields = reference.sdk()["models"][name]
    return {
        "type": "object",
        "properties": {field: whole(reference.sdk_schema(facts["type"])) for field, facts in fields.items()},
    }

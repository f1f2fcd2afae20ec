"""Keap's documents, where they are available: the OpenAPI document of REST v2, SDK models, streams."""

from __future__ import annotations

import copy
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

Schema = dict[str, Any]
FOLDER = Path(os.environ.get("KEAP_REFERENCE") or Path(__file__).parents[2] / "../shared/keap")
present = pytest.mark.skipif(
    not (FOLDER / "streams.json").is_file(), reason="Keap's documents are not on this machine"
)


@cache
def document() -> Any:
    """Return the OpenAPI document of REST v2, as of 2026-08-20."""
    text = (FOLDER / "openapi" / "keap-v2-2026-08-20.yml").read_text()
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe


@cache
def sdk() -> Any:
    """Return the models and operations of the official SDK 2.0.26, which is newer than the document."""
    return json.loads((FOLDER / "openapi" / "keap-v2-sdk-2.0.26.json").read_text())


@cache
def streams() -> dict[str, Any]:
    """Return every stream with the parameters that its endpoint takes."""
    if not (FOLDER / "streams.json").is_file():
        return {}
    streams_by_name: dict[str, Any] = json.loads((FOLDER / "streams.json").read_text())
    return streams_by_name


def without_names(path: str) -> str:
    """Remove the names of a path's parameters, because the documents do not agree on them."""
    return re.sub(r"\{\w+\}", "{}", path)


@cache
def responses() -> dict[str, Schema | None]:
    """Return the response schema of each GET, by path without parameter names; None if it is not JSON."""
    found: dict[str, Schema | None] = {}
    for operation in sdk()["operations"]:
        if operation["method"] == "GET":
            name = str(operation["responses"].get("200"))
            found[without_names(operation["path"].removeprefix("/rest"))] = (
                {"$ref": f"#/components/schemas/{name}"} if name in sdk()["models"] else None
            )
    for path, methods in document()["paths"].items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "get" in methods:
            found[without_names(path.removeprefix("/rest"))] = content.get("application/json", {}).get(
                "schema"
            )
    return found


def response(path: str) -> Schema | None:
    """Return the response schema of a GET. Raises KeyError if no document has it."""
    return responses()[without_names(path)]


_KINDS: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "float|int": {"type": "number"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "any": {},
}


def sdk_schema(kind: str) -> Schema:
    """Convert a type of the SDK's models to a JSON schema."""
    if kind.startswith("["):
        return {"type": "array", "items": sdk_schema(kind[1:-1])}
    if kind.startswith("map<"):
        return {"type": "object"}
    return _KINDS.get(kind) or {"$ref": f"#/components/schemas/{kind}"}


def _relaxed(schema: Any) -> Any:
    """Allow null everywhere, as live responses have it, and unknown properties nowhere."""
    if isinstance(schema, list):
        return [_relaxed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = {"example", "description", "properties"}
    relaxed = {name: _relaxed(value) for name, value in schema.items() if name not in dropped}
    if isinstance(schema.get("properties"), dict):
        relaxed["properties"] = {
            name: {"anyOf": [_relaxed(value), {"type": "null"}]}
            for name, value in schema["properties"].items()
        }
        relaxed.setdefault("additionalProperties", False)
    if schema.get("type") in {"integer", "number"}:
        relaxed.pop("enum", None)  # the document lists the numbers as strings
    return relaxed


@cache
def schemas() -> Schema:
    """Return all models. The SDK's are used only where the document has none."""
    models = {
        name: {
            "type": "object",
            "properties": {
                field_name: sdk_schema(field["type"])
                for field_name, field in fields.items()
                if "type" in field
            },
        }
        for name, fields in sdk()["models"].items()
        if isinstance(fields, dict)
    }
    models |= copy.deepcopy(document()["components"]["schemas"])
    return {name: _relaxed(model) for name, model in models.items()}


@cache
def domo() -> Any:
    """Return the classic connector's reports, and the streams that replace them."""
    return json.loads((FOLDER / "domo_coverage.json").read_text())


@cache
def xmlrpc() -> Any:
    """Return the classic connector's tables: table -> field -> facts."""
    return json.loads((FOLDER / "xmlrpc_tables.json").read_text())

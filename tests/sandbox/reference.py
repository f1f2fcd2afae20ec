"""Keap's documents, where they are: the OpenAPI document of REST v2, the SDK's models, and the table of streams."""

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
present = pytest.mark.skipif(not (FOLDER / "streams.json").is_file(), reason="the references are not here")


@cache
def document() -> Any:
    """REST v2 as of 2026-08-20."""
    text = (FOLDER / "openapi" / "keap-v2-2026-08-20.yml").read_text()
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe


@cache
def sdk() -> Any:
    """The official SDK 2.0.26, which is newer."""
    return json.loads((FOLDER / "openapi" / "keap-v2-sdk-2.0.26.json").read_text())


@cache
def streams() -> dict[str, Any]:
    """Every stream and what its endpoint takes."""
    if not (FOLDER / "streams.json").is_file():
        return {}
    found: dict[str, Any] = json.loads((FOLDER / "streams.json").read_text())
    return found


def _plain(path: str) -> str:
    """A path without the names of its parameters: the documents do not agree on them."""
    return re.sub(r"\{\w+\}", "{}", path)


@cache
def responses() -> dict[str, Schema | None]:
    """The schema of the answer to each GET, by path without parameter names; None if it is no JSON."""
    found: dict[str, Schema | None] = {}
    for operation in sdk()["operations"]:
        if operation["method"] == "GET":
            name = str(operation["responses"].get("200"))
            found[_plain(operation["path"].removeprefix("/rest"))] = (
                {"$ref": f"#/components/schemas/{name}"} if name in sdk()["models"] else None
            )
    for path, methods in document()["paths"].items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "get" in methods:
            found[_plain(path.removeprefix("/rest"))] = content.get("application/json", {}).get("schema")
    return found


def response(path: str) -> Schema | None:
    """The schema of the answer to a GET; KeyError if it is documented nowhere."""
    return responses()[_plain(path)]


_KINDS: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "float|int": {"type": "number"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "any": {},
}


def _of_sdk(kind: str) -> Schema:
    if kind.startswith("["):
        return {"type": "array", "items": _of_sdk(kind[1:-1])}
    if kind.startswith("map<"):
        return {"type": "object"}
    return _KINDS.get(kind) or {"$ref": f"#/components/schemas/{kind}"}


def _loose(schema: Any) -> Any:
    """Null is allowed everywhere (it is what live answers have), unknown properties nowhere."""
    if isinstance(schema, list):
        return [_loose(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    left_out = {"example", "description", "properties"}
    made = {name: _loose(value) for name, value in schema.items() if name not in left_out}
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {
            name: {"anyOf": [_loose(one), {"type": "null"}]} for name, one in schema["properties"].items()
        }
        made.setdefault("additionalProperties", False)
    if schema.get("type") in {"integer", "number"}:
        made.pop("enum", None)  # the document lists the numbers as texts
    return made


@cache
def schemas() -> Schema:
    """All models, those of the SDK only where the document lacks them."""
    models = {
        name: {
            "type": "object",
            "properties": {one: _of_sdk(what["type"]) for one, what in fields.items() if "type" in what},
        }
        for name, fields in sdk()["models"].items()
        if isinstance(fields, dict)
    }
    models |= copy.deepcopy(document()["components"]["schemas"])
    return {name: _loose(model) for name, model in models.items()}


@cache
def domo() -> Any:
    """The reports of the classic connector, and what serves them."""
    return json.loads((FOLDER / "domo_coverage.json").read_text())


@cache
def xmlrpc() -> Any:
    """The tables of the classic connector: table -> field -> facts."""
    return json.loads((FOLDER / "xmlrpc_tables.json").read_text())

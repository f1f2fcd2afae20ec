"""What Keap's documents say of each operation: its parameters, its filters, and the model of its rows."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, NamedTuple

from tests.sandbox import reference

Schema = dict[str, Any]
present = reference.present


class Operation(NamedTuple):
    """An operation of the documents.

    Attributes:
        method: In capitals.
        path: Below ``/crm/rest``, with ``{}`` for every id.
        parameters: Query parameter -> its schemas, one of each document that has it.
    """

    method: str
    path: str
    parameters: dict[str, list[Schema]]


@cache
def v1() -> Any:
    """REST v1 as of 2025-11-05."""
    return json.loads((reference.FOLDER / "openapi" / "keap-v1-2025-11-05.json").read_text())


def bare(path: str) -> str:
    """A path without the names of its ids: the documents do not agree on them."""
    return re.sub(r"\{\w+\}", "{}", path.removeprefix("/rest"))


def resolved(schema: Any) -> Schema:
    """A schema of one of the two OpenAPI documents, with a reference at its top followed."""
    found: Schema = schema or {}
    while "$ref" in found:
        name = found["$ref"].rpartition("/")[2]
        models = [document["components"]["schemas"] for document in (reference.document(), v1())]
        found = next(model[name] for model in models if name in model)
    return found


@cache
def operations() -> dict[tuple[str, str], Operation]:
    """All operations, by method and path."""
    found: dict[tuple[str, str], Operation] = {}

    def add(method: str, path: str, parameters: list[tuple[str, Schema]]) -> None:
        key = (method.upper(), bare(path))
        operation = found.setdefault(key, Operation(*key, {}))
        for name, schema in parameters:
            operation.parameters.setdefault(name, []).append(schema)

    for document in (reference.document(), v1()):
        for path, methods in document["paths"].items():
            for method, what in methods.items():
                if method in {"get", "post"}:
                    declared = [one for one in what.get("parameters", ()) if one["in"] == "query"]
                    add(
                        method,
                        path,
                        [
                            (
                                one["name"],
                                {**resolved(one["schema"]), "description": one.get("description", "")},
                            )
                            for one in declared
                        ],
                    )
    for what in reference.sdk()["operations"]:
        add(
            what["method"],
            what["path"],
            [
                (one["name"], {"minimum": one.get("ge"), "maximum": one.get("le"), **one})
                for one in what["params"]
                if one["in"] == "query"
            ],
        )
    return found


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], Operation]]:
    # Of two that match, the one with fewer ids is meant: /tags/categories is not the tag "categories".
    ordered = sorted(operations().values(), key=lambda one: (one.path.count("{}"), one.path))
    return [
        (one.method, re.compile("[^/:]+".join(map(re.escape, one.path.split("{}")))), one) for one in ordered
    ]


def operation_of(method: str, path: str) -> Operation | None:
    """The operation that a call of this path, below ``/crm/rest``, is one of."""
    for known, pattern, operation in _patterns():
        if known == method and pattern.fullmatch(path):
            return operation
    return None


class Limits(NamedTuple):
    """What a list can be narrowed to, and how its rows can be ordered and cut."""

    filters: dict[str, Schema]
    orders: set[str]
    fields: set[str]


@cache
def limits() -> dict[str, Limits]:
    """The limits of each list, by path."""
    found: dict[str, Limits] = {}
    for stream in reference.streams().values():
        own = found.setdefault(bare(stream["path"]), Limits({}, set(), set()))
        own.filters.update(stream["filters"])
        own.orders.update(stream["order_by"])
        own.fields.update(stream["sparse_fields"] or ())
    return found

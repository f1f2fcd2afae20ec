"""What Keap's documents say about each operation: parameters, filters, sort orders and fields."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, NamedTuple

from tests.contract import earlier
from tests.sandbox import reference

Schema = dict[str, Any]
present = reference.present


class Operation(NamedTuple):
    """A documented operation.

    Attributes:
        method: HTTP method, in capitals.
        path: Path below ``/crm/rest``, with ``{}`` for every id.
        parameters: Query parameter -> its schemas, one from each document that has it.
    """

    method: str
    path: str
    parameters: dict[str, list[Schema]]


@cache
def v1() -> Any:
    """Return the OpenAPI document of REST v1, as of 2025-11-05."""
    return json.loads((reference.FOLDER / "openapi" / "keap-v1-2025-11-05.json").read_text())


def bare(path: str) -> str:
    """Return a path below ``/rest`` with ``{}`` for every id."""
    return reference.without_names(path.removeprefix("/rest"))


def resolved(schema: Any) -> Schema:
    """Return a schema of one of the two OpenAPI documents, or the one that it refers to."""
    result: Schema = schema or {}
    while "$ref" in result:
        name = result["$ref"].rpartition("/")[2]
        models = [document["components"]["schemas"] for document in (reference.document(), v1())]
        result = next(model[name] for model in models if name in model)
    return result


@cache
def operations() -> dict[tuple[str, str], Operation]:
    """Return all operations by method and path."""
    operations: dict[tuple[str, str], Operation] = {}

    def add(method: str, path: str, parameters: list[tuple[str, Schema]]) -> None:
        key = (method.upper(), bare(path))
        operation = operations.setdefault(key, Operation(*key, {}))
        for name, schema in parameters:
            operation.parameters.setdefault(name, []).append(schema)

    for document in (reference.document(), v1()):
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if method in {"get", "post"}:
                    parameters = [
                        (
                            parameter["name"],
                            {
                                **resolved(parameter["schema"]),
                                "description": parameter.get("description", ""),
                            },
                        )
                        for parameter in operation.get("parameters", ())
                        if parameter["in"] == "query"
                    ]
                    add(method, path, parameters)
    for operation in reference.sdk()["operations"]:
        parameters = [
            (
                parameter["name"],
                {"minimum": parameter.get("ge"), "maximum": parameter.get("le"), **parameter},
            )
            for parameter in operation["params"]
            if parameter["in"] == "query"
        ]
        add(operation["method"], operation["path"], parameters)
    for path in earlier.RESPONSES:
        operations["GET", path] = Operation("GET", path, earlier.PARAMETERS)
    return operations


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], Operation]]:
    # If two paths match, the one with fewer ids is meant: /tags/categories is not the tag "categories"
    ordered = sorted(
        operations().values(), key=lambda operation: (operation.path.count("{}"), operation.path)
    )
    return [
        (operation.method, re.compile("[^/:]+".join(map(re.escape, operation.path.split("{}")))), operation)
        for operation in ordered
    ]


def operation_of(method: str, path: str) -> Operation | None:
    """Return the documented operation of a call, if there is one.

    Args:
        method: HTTP method, in capitals.
        path: Path below ``/crm/rest``, with ids.
    """
    for its_method, pattern, operation in _patterns():
        if its_method == method and pattern.fullmatch(path):
            return operation
    return None


class Limits(NamedTuple):
    """The filters, sort orders and fields that a list accepts."""

    filters: dict[str, Schema]
    orders: set[str]
    fields: set[str]


@cache
def limits() -> dict[str, Limits]:
    """Return the limits of each list by path."""
    by_path: dict[str, Limits] = {}
    for stream in reference.streams().values():
        limits = by_path.setdefault(bare(stream["path"]), Limits({}, set(), set()))
        limits.filters.update(stream["filters"])
        limits.orders.update(stream["order_by"])
        limits.fields.update(stream["sparse_fields"] or ())
    return by_path

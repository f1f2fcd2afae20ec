"""The parts of the dbt package in `dbt/` that come from declarations: sources and staging models."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import yaml

from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.relations import relations
from tools.messages import PACKAGE, wing_packages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.columns import Schema

FOLDER = "dbt/models"
GENERATED = "Generated from the tap's declarations by `make docs`: do not edit."

FRESH: Mapping[str, tuple[int, int]] = {
    "contacts": (2, 8),
    "orders": (8, 15),
    "emails": (8, 15),
    "opportunities": (8, 15),
    "subscriptions": (8, 15),
}
"""Stream -> days without any loaded row after which dbt warns, and fails.

A weekly sweep loads every row again (setting sweep_interval_days), so a week without any means that runs have
stopped. Contacts change every day in an account that is used. contact_tags is not among these: it is swept
only if tags were removed.
"""
RENAMED: Mapping[str, Mapping[str, str]] = {
    stream: {"order": "position"}
    for stream, one in COLLECTIONS.items()
    if "order" in one.properties  # a word of SQL
}
"""Stream -> column -> its name in the staging model."""
OF_REPORTS = ("file_data", "order_payments")
"""Streams that are not selected by default, but that views of reports read."""
WITH_DELETED = {"contact_tags": "contact_tags_and_deleted", "tags": "tags_and_deleted"}
"""Stream -> second staging model, which keeps the rows that are marked as deleted."""

_KINDS = {"integer": "integer", "number": "number", "boolean": "boolean", "object": "json", "array": "json"}
_FORMATS = {"date-time": "time", "date": "day"}
_MIDNIGHT = "A day, sent as midnight UTC"


def model(stream: str) -> str:
    """Return the name of the staging model of a stream."""
    return f"stg_infusionsoft__{stream}"


def files() -> dict[str, str]:
    """Return all generated files of the package, those of wings too: path in the repository -> content."""
    found = {**_own_files()}
    for package in wing_packages():
        views = import_module(".".join((*package.relative_to(PACKAGE.parent).parts, "tests", "docs")))
        found.update(views.dbt_files())
    return found


def _own_files() -> dict[str, str]:
    found = {f"{FOLDER}/sources.yml": _yaml({"version": 2, "sources": [_source()]})}
    models = []
    for stream, one in COLLECTIONS.items():
        found[f"{FOLDER}/staging/{model(stream)}.sql"] = _select(one)
        models.append(_properties(one, model(stream)))
        if stream in WITH_DELETED:
            name = model(WITH_DELETED[stream])
            found[f"{FOLDER}/staging/{name}.sql"] = _select(one, with_deleted=True)
            models.append(_properties(one, name, with_deleted=True))
    found[f"{FOLDER}/staging/staging.yml"] = _yaml({"version": 2, "models": models})
    return found


def kinds(collection: Collection) -> dict[str, str]:
    """Return what each column of a stream holds, in the words of the macro `staged`."""
    return {name: _kind(schema) for name, schema in _columns(collection).items()}


def extra_streams() -> list[str]:
    """Return the streams that are staged only if the var infusionsoft_extra_streams names them."""
    return [stream for stream in COLLECTIONS if is_extra(stream)]


def is_extra(stream: str) -> bool:
    """Whether a stream is staged only if the var infusionsoft_extra_streams names it."""
    return not COLLECTIONS[stream].selected_by_default and stream not in OF_REPORTS


def _columns(collection: Collection) -> Mapping[str, Schema]:
    columns: Mapping[str, Schema] = collection.schema["properties"]
    return columns


def _kind(schema: Schema) -> str:
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if _MIDNIGHT in schema.get("description", ""):
        return "day"
    return _FORMATS.get(schema.get("format", ""), _KINDS.get(kind, "text"))


def _select(one: Collection, *, with_deleted: bool = False) -> str:
    """Return the SQL of a staging model."""
    columns = ",\n".join(f"    '{name}': '{kind}'" for name, kind in kinds(one).items())
    more = f", renamed={RENAMED[one.name]}" if one.name in RENAMED else ""
    more += ", with_deleted=true" if with_deleted else ""
    enabled = (
        f"{{{{ config(enabled='{one.name}' in var('infusionsoft_extra_streams')) }}}}\n"
        if is_extra(one.name)
        else ""
    )
    return f"-- {GENERATED}\n{enabled}{{{{ infusionsoft.staged('{one.name}', {{\n{columns}\n}}{more}) }}}}\n"


def _source() -> dict[str, Any]:
    return {
        "name": "infusionsoft",
        "description": f"The tables that the tap loads. {GENERATED}",
        "database": "{{ var('infusionsoft_database', target.database) }}",
        "schema": "{{ var('infusionsoft_schema') }}",
        "config": {"loaded_at_field": "{{ var('infusionsoft_loaded_at') }}"},
        "tables": [_table(one) for one in COLLECTIONS.values()],
    }


def _table(one: Collection) -> dict[str, Any]:
    found: dict[str, Any] = {"name": one.name, "description": one.about}
    fresh = None
    if one.name in FRESH:
        warn, fail = FRESH[one.name]
        fresh = {
            "warn_after": {"count": warn, "period": "day"},
            "error_after": {"count": fail, "period": "day"},
        }
    return {**found, "config": {"freshness": fresh}}


def _properties(one: Collection, name: str, *, with_deleted: bool = False) -> dict[str, Any]:
    """Return the description and the tests of a staging model."""
    found: dict[str, Any] = {"name": name, "description": one.about}
    if with_deleted:
        found["description"] += " With the rows that are marked as deleted."
    if len(one.keys) > 1:
        found["data_tests"] = [{"unique_together": {"arguments": {"columns": list(one.keys)}}}]
    found["columns"] = list(_described(one, with_deleted=with_deleted))
    return found


def _described(one: Collection, *, with_deleted: bool) -> Iterator[dict[str, Any]]:
    for name, schema in _columns(one).items():
        shown = RENAMED.get(one.name, {}).get(name, name)
        found = {"name": shown, "description": schema.get("description", "")}
        if tests := list(_tests(one, name, with_deleted=with_deleted)):
            found["data_tests"] = tests
        yield found
    if with_deleted:
        yield {"name": "deleted_at", "description": "When a run saw that it is gone; null if it is there."}


def _tests(one: Collection, name: str, *, with_deleted: bool) -> Iterator[Any]:
    if name in one.keys:
        yield "not_null"
        if len(one.keys) == 1:
            yield "unique"
    relation = relations(one.properties).get(name)
    if with_deleted or relation is None or not relation.stream or relation.may_dangle:
        return
    if relation.target == f"{one.name}.{name}" or is_extra(relation.stream):
        return
    arguments = {
        "to": f"ref('{model(relation.stream)}')",
        "field": relation.column,
        "stream": relation.stream,
    }
    if relation.none:
        arguments["no_id"] = relation.none
    yield {"leads_to": {"arguments": arguments, "config": {"severity": "warn"}}}


def _yaml(content: Mapping[str, Any]) -> str:
    return f"# {GENERATED}\n" + yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=100)


def write(root: Path) -> None:
    """Write the generated files, and remove those of models that no declaration asks for any more.

    Args:
        root: Folder of the repository.
    """
    wanted = files()
    for path in present(root) - wanted.keys():
        (root / path).unlink()
    for path, content in wanted.items():
        (root / path).write_text(content, encoding="utf-8")


def present(root: Path) -> set[str]:
    """Return the generated files that are there."""
    found = {path for path in (root / FOLDER).rglob("*") if path.is_file()}
    return {path.relative_to(root).as_posix() for path in found if GENERATED in path.read_text("utf-8")}

"""The generated parts of ``docs/targets.md`` about Singer targets, from the committed results."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, TypeVar

from world import results
from world.declared import Bridge, Target
from world.loading import Result, filled
from world.targets import TARGETS
from world.verdicts import Level, Verdict, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from world.declared import Variant
    from world.loading import Load

SAMPLES = {
    "psycopg_url": "postgresql+psycopg://user:password@localhost/warehouse",
    "url": "postgresql://user:password@localhost/warehouse",
    "host": "localhost",
    "port": "3306",
    "user": "user",
    "password": "password",
    "database": "warehouse",
    "folder": "output",
    "file": "keap.db",
    "stem": "keap",
    "name": "keap",
    "bucket": "my-bucket",
}
"""What the placeholders in settings are in a recipe."""
NOT_INSTALLED = (
    "Another version of Python may install it. So may a machine with a compiler and the headers of the "
    "libraries it needs, if pip had to build a package."
)
"""What may be different elsewhere."""
MARKS = {Level.USE: "✓", Level.CARE: "(✓)", Level.AVOID: "✗"}


T = TypeVar("T", bound=Target)


def judged(chosen: Iterable[T]) -> list[tuple[T, Result, Verdict]]:
    """Return the targets that have a result, with it and the verdict, the best first."""
    read = [(target, results.read("targets", target.name, Result)) for target in chosen]
    found = [(target, result, verdict(target, result)) for target, result in read if result is not None]
    return sorted(found, key=lambda one: (one[2].level, one[0].into, one[0].name))


def _singer_targets() -> list[tuple[Target, Result, Verdict]]:
    return judged(target for target in TARGETS if not isinstance(target, Bridge))


def targets() -> str:
    """Return the table of all Singer targets."""
    rows = ["| Target | Loads into | Verdict | Deletions | BATCH |", "|---|---|---|---|---|"]
    rows += [
        f"| [{target.name}](#{_anchor(target)}) {result.version} | {PLACES[target.into]} "
        f"| {MARKS[found.level]} {found} | {deletions(target, result)} | {result.batch or 'not tried'} |"
        for target, result, found in _singer_targets()
    ]
    return "\n".join(rows)


def recipes() -> str:
    """Return what was found about each Singer target, with how to set up those that can be used."""
    return "\n\n".join("\n".join(_section(*one)) for one in _singer_targets())


PLACES = {
    "postgres": "PostgreSQL",
    "mysql": "MySQL, MariaDB",
    "sqlite": "SQLite",
    "duckdb": "DuckDB",
    "jsonl": "JSON lines",
    "jsonl-in-json": "JSON lines",
    "json-files": "a JSON file for each record",
    "singer": "files of Singer messages",
    "csv": "CSV",
    "parquet": "Parquet",
    "avro": "Avro",
    "s3": "S3",
    "history": "Parquet files with all versions of each row",
    "delta": "Delta tables",
    "iceberg": "Iceberg tables",
}


def _anchor(target: Target) -> str:
    return target.name.lower()


def deletions(target: Target, result: Result) -> str:
    """Return what a target does with deleted rows: none, ignored, removed or marked, or both."""
    if result.not_installed or all(variant.shape.is_log for variant in target.variants):
        return "none"
    kept = [
        "marked" if variant.shape.deleted else "removed"
        for variant in target.variants
        if (loads := result.loads[variant.name])
        and len(loads) > 1
        and not loads[-1].exit_code
        and "deleted row still there, unmarked" not in loads[-1].differences
    ]
    return " or ".join(sorted({*kept}, reverse=True)) or "ignored"


def _section(target: Target, result: Result, found: Verdict) -> Iterator[str]:
    yield f"### {target.name}"
    yield ""
    yield f"Version {result.version}, tried on {result.date} with Python {result.python}. {found}"
    if target.note:
        yield ""
        yield target.note
    if target.is_in_upstream:
        yield ""
        yield f"[What to tell its maintainers](upstream.md#{target.name})."
    if result.not_installed:
        yield ""
        yield f"pip's last words: {cell(result.not_installed)}"
        yield ""
        yield NOT_INSTALLED
        return
    if found.level is not Level.AVOID:
        yield ""
        yield from _recipe(target, next(one for one in target.variants if one.name == found.variant))
    yield ""
    yield from figures(target, result)


def _recipe(target: Target, variant: Variant) -> Iterator[str]:
    wanted = " ".join(shlex.quote(one) for one in target.requirements)
    yield f"Install `{wanted}` in its own virtual environment. Its settings ({variant.name}):"
    yield ""
    yield "| Setting | Value |"
    yield "|---|---|"
    for name, value in filled(variant.settings, SAMPLES).items():
        is_plain = isinstance(value, str) and value.isprintable()
        yield f"| `{name}` | `{value if is_plain else json.dumps(value)}` |"
    if not variant.has_versions:
        yield "| `activate_versions`, of the tap | `false` |"
    for name, value in variant.environment.items():
        yield f"| `{name}`, an environment variable | `{value}` |"


def figures(target: Target, result: Result) -> Iterator[str]:
    """Yield the lines of the table of all loads of a target."""
    yield "| Set up | Load | Rows | Cells | Deleted rows | State | What is different |"
    yield "|---|---|---|---|---|---|---|"
    for variant in target.variants:
        for number, load in enumerate(result.loads[variant.name], 1):
            cells = [variant.name, str(number), f"{load.rows:,}", f"{load.cells:,}", f"{load.deleted:,}"]
            yield f"| {' | '.join([*cells, load.state, _differences(load)])} |"


def _differences(load: Load) -> str:
    told = [f"exit code {load.exit_code}: {cell(load.error)}"] if load.exit_code != 0 else []
    if load.exit_code == 0 and load.error:
        told.append(cell(load.error))
    for kind, count in load.differences.items():
        example = load.examples.get(kind, "")
        told.append(f"{kind}: {count:,}{f' (`{cell(example)}`)' if example else ''}")
    return "; ".join(told) or "nothing"


def cell(text: Any) -> str:
    """Return a text for a cell of a table."""
    return str(text).replace("|", "\\|").replace("\n", " ").replace("`", "'").replace("<", "&lt;")

"""Writes the parts of README.md and meltano.yml that follow from the code: `make docs`.

Each part stands between two comment lines, ``BEGIN name`` and ``END name``. A test says when one is stale.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.faults import ENDS_RUN, Fault, Kind
from tap_infusionsoft.client.retry import SPIKE_WAIT, Waits
from tap_infusionsoft.config.settings import CONFIG_SCHEMA, GROUPS
from tap_infusionsoft.errors import exit_for
from tap_infusionsoft.queries.classic.compile import ways
from tap_infusionsoft.queries.classic.tables import NOT_EXACT, NOT_IN_REST, TABLES
from tap_infusionsoft.queries.compile import by_ids
from tap_infusionsoft.queries.endpoint_filters import LISTS
from tap_infusionsoft.reading.account import limits
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Happened, NewestFirst, Updated
from tap_infusionsoft.streams.saved_searches import saved_search
from tools.bench import figures
from tools.costs import cost
from tools.coverage import SERVED
from tools.domo import REPORTS
from tools.messages import messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_infusionsoft.client.retry import Schedule
    from tap_infusionsoft.streams.collection import Collection

ROOT = Path(__file__).parents[1]


def streams() -> str:
    """The table of streams."""
    rows = [_stream(collection) for collection in COLLECTIONS.values()]
    search = saved_search("saved_search_<name>", {"id": "0"}, ())
    rows.append(
        f"| `{search.name}` | One for each saved search of the account. | `_row_key` | {_reading(search)} "
        f"| {cost(search)} + 1 | selected if named in `saved_searches` |"
    )
    rows.append(
        "| `<name>` | One for each of your `queries`. | as its stream | whole, every run; or by its bookmark "
        "| as its stream | [Queries](#queries) |"
    )
    head = "| Stream | What it holds | Key | Replication | Calls per run | Notes |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


def _stream(collection: Collection) -> str:
    cells = (
        f"`{collection.name}`",
        collection.about,
        ", ".join(f"`{name}`" for name in collection.keys),
        _reading(collection),
        str(cost(collection)),
        "; ".join(_notes(collection)),
    )
    return f"| {' | '.join(cells)} |"


def _notes(collection: Collection) -> Iterator[str]:
    if not collection.default:
        yield "selected if `tag_ids` is set" if collection.batches else "not selected by default"
    named = sorted(limits(collection))
    if named:
        yield f"limited by {', '.join(f'`{name}`' for name in named)}"


def coverage() -> str:
    """The table of addresses whose rows a stream reads from another one."""
    rows = [f"| `{one.path}` | `{one.stream}` | {one.why} |" for one in SERVED]
    return "\n".join(["| Address | Stream | How |", "|---|---|---|", *rows])


def _reading(collection: Collection) -> str:
    match collection.changes:
        case Happened(key=key):
            return f"by time of the event (`{key}`)"
        case Updated(key=key):
            return f"by time of the last change (`{key}`)"
        case NewestFirst(key=key):
            return f"newest first, until the bookmark (`{key}`)"
        case _:
            return "whole, every run"


def reports() -> str:
    """The table of the classic connector's reports."""
    rows = [
        f"| {one.name} | `{one.stream}` | {', '.join(f'`{name}`' for name in one.settings)} | {one.note} |"
        for one in REPORTS
    ]
    return "\n".join(["| Report | Stream | Settings | Note |", "|---|---|---|---|", *rows])


def settings() -> str:
    """The tables of settings, one for each group."""
    parts = []
    for title, group in GROUPS.items():
        parts += [f"**{title}**", "", "| Setting | Default | What it does |", "|---|---|---|"]
        for one in group:
            schema = CONFIG_SCHEMA["properties"][one.name]
            default = f"`{_plain(schema['default'])}`" if "default" in schema else ""
            parts.append(f"| `{one.name}` | {default} | {one.description} |")
        parts.append("")
    return "\n".join(parts).rstrip()


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def waits() -> str:
    """The retry table."""
    rows = [
        f"| {kind.name.lower().replace('_', ' ')} | {_waits(kind.name, schedule)} | {_extra(schedule)} |"
        for kind, schedule in Waits().table().items()
    ]
    return "\n".join(["| What Keap says | Waits (seconds) | Besides |", "|---|---|---|", *rows])


def _waits(name: str, schedule: Schedule) -> str:
    if schedule.window:
        return f"to the end of the minute window, {len(schedule.waits)} times"
    if name == "SPIKE":
        return f"1 to {SPIKE_WAIT:g} at random, {len(schedule.waits)} times"
    if schedule.aside:
        return f"{_plain(schedule.waits[0])}, {len(schedule.waits)} times"
    return _plain(list(schedule.waits)) + (" at most, random below" if schedule.jitter else "")


def _extra(schedule: Schedule) -> str:
    if schedule.smaller:
        return "each try asks for half as many rows"
    return "other streams go on meanwhile" if schedule.aside else ""


def failed_calls() -> str:
    """The table of what a call can fail with."""
    rows = [f"| {kind.name.lower().replace('_', ' ')} | {kind.advice} | {_end(kind)} |" for kind in Kind]
    return "\n".join(
        ["| What happened | What the message says at its end | What ends |", "|---|---|---|", *rows]
    )


def _end(kind: Kind) -> str:
    return f"the run, with {exit_for(Fault(kind)):d}" if kind in ENDS_RUN else "the stream"


def endings() -> str:
    """The table of all other messages."""
    rows = {one.text.rstrip("."): f"| `{one.text}` | {one.cure} |" for one in messages()}
    return "\n".join(["| Message | What to do |", "|---|---|", *rows.values()])


def meltano_settings() -> str:
    """The tap's settings for meltano.yml."""
    lines = []
    for name, schema in CONFIG_SCHEMA["properties"].items():
        if name not in {one.name for group in GROUPS.values() for one in group}:
            continue  # the SDK adds its own to the schema
        lines += [
            f"    - name: {name}",
            f"      label: {_quoted(schema['title'])}",
            f"      kind: {_kind(schema)}",
        ]
        if schema.get("secret"):
            lines.append("      sensitive: true")
        lines.append(f"      description: {_quoted(schema['description'])}")
    return "\n".join(lines)


def _kind(schema: dict[str, Any]) -> str:
    """Meltano's word for a type.

    Numbers are strings: Meltano's `decimal` breaks when the value comes from the environment. Dates are strings
    too: its `date_iso8601` would resolve relative ones before the tap sees them.
    """
    for ours, theirs in (("array", "array"), ("integer", "integer")):
        if ours in schema["type"]:
            return theirs
    return "string"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def meltano_select() -> str:
    """What Meltano should select: it would select all streams, those too that cost a call for each row."""
    off = [name for name, collection in COLLECTIONS.items() if not collection.default]
    return "\n".join(["    - '*.*'", *(f"    - '!{name}.*'" for name in off if name != "contacts_by_tag")])


def filters() -> str:
    """The table of what each stream can be asked for."""
    rows = []
    for name, one in LISTS.items():
        listed = ", ".join(f"`{known}`" for known in one.filters.values())
        listed += ", and custom fields" if one.custom else ""
        orders = ", ".join(f"`{order}`" for order in one.orders)
        rows.append(f"| `{name}` | {listed} | {orders} | {'yes' if by_ids(COLLECTIONS[name]) else ''} |")
    whole = [f"`{name}`" for name in COLLECTIONS if name not in LISTS]
    return "\n".join(
        [
            "| Stream | `filter` | `order_by` | `ids` |",
            "|---|---|---|---|",
            *map(_piped, rows),
            "",
            f"Read whole only: {', '.join(whole)}.",
        ]
    )


def _piped(row: str) -> str:
    """A row of a table whose cells may hold bars."""
    return re.sub(r"(?<=\w)\|(?=\w)", r"\\|", row)


def tables() -> str:
    """The table of the classic connector's tables."""
    rows = []
    for table, known in TABLES.items():
        for stream, fields in known.items():
            listed = {name: ways(COLLECTIONS[stream], LISTS.get(stream), one) for name, one in fields.items()}
            cells = [
                f"`{name}` {', '.join(found)}" if found else f"`{name}`" for name, found in listed.items()
            ]
            rows.append(f"| `{table}` | `{stream}` | {'; '.join(cells)} |")
    nothing = [
        *(f"`{table}` ({why})" for table, why in NOT_EXACT.items()),
        *(f"`{one}`" for one in sorted(NOT_IN_REST)),
    ]
    return "\n".join(
        [
            "| Table | Stream | Fields, and how they can be asked for |",
            "|---|---|---|",
            *rows,
            "",
            f"Not in REST: {', '.join(nothing)}.",
        ]
    )


PARTS = {
    "README.md": {
        "streams": streams,
        "coverage": coverage,
        "reports": reports,
        "settings": settings,
        "waits": waits,
        "calls": failed_calls,
        "figures": figures,
        "messages": endings,
    },
    "QUERIES.md": {"filters": filters, "tables": tables},
    "meltano.yml": {"select": meltano_select, "settings": meltano_settings},
}


def rendered(name: str) -> str:
    """A file as it should be."""
    text = (ROOT / name).read_text()
    for part, render in PARTS[name].items():
        pattern = re.compile(
            rf"(^[^\n]*BEGIN {part}\b[^\n]*\n).*?(^[^\n]*END {part}\b)", re.DOTALL | re.MULTILINE
        )
        body = render()
        text, found = pattern.subn(lambda match, body=body: f"{match[1]}{body}\n{match[2]}", text)  # type: ignore[misc]
        if found != 1:
            raise SystemExit(f"{name} needs exactly one part BEGIN {part} ... END {part}, and has {found}")
    return text


def main() -> None:
    """Write all parts."""
    for name in PARTS:
        (ROOT / name).write_text(rendered(name))
        sys.stdout.write(f"{name} is up to date\n")


if __name__ == "__main__":
    main()

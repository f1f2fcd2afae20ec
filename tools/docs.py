"""Generate the parts of the documents and of meltano.yml that come from the code: `make docs`.

Each part is between two comment lines, ``BEGIN name`` and ``END name``. A test fails when one is out of date.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.faults import Fault, Kind
from tap_infusionsoft.client.retry import SPIKE_WAIT, Waits
from tap_infusionsoft.config.schema import GROUPS, SETTINGS
from tap_infusionsoft.errors import ADVICE, ENDS_RUN, exit_for
from tap_infusionsoft.login import ADVICE as LOGIN_ADVICE
from tap_infusionsoft.queries.classic.compile import value_forms
from tap_infusionsoft.queries.classic.tables import NOT_EXACT, NOT_IN_REST, TABLES
from tap_infusionsoft.queries.endpoint_filters import CAPABILITIES, choice_by_ids
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.saved_searches import saved_search
from tools import config_schema, dbt, findings, hub, pictures, sandbox, stream_pages
from tools.bench import figures, week
from tools.classic_reports import REPORTS
from tools.costs import cost
from tools.coverage import SERVED
from tools.messages import messages, wing_packages
from tools.stream_facts import when_selected
from world import bridge_pages, host_pages, pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_infusionsoft.client.retry import Schedule
    from tap_infusionsoft.config.setting_types import Setting
    from tap_infusionsoft.streams.collection import Collection
    from tools.messages import Message

ROOT = Path(__file__).parents[1]


def streams() -> str:
    """Return the table of streams."""
    rows = [stream_row(collection) for collection in COLLECTIONS.values()]
    search = saved_search("saved_search_<name>", {"id": "0"}, ())
    rows.append(
        f"| `{search.name}` | One stream for each [saved search](../choosing.md#saved-searches). "
        f"| {cost(search)} + 1 | if named in `saved_searches` |"
    )
    rows.append(
        "| `<name>` | One stream for each of your [queries](../queries.md). "
        "| same as its stream | by default |"
    )
    head = "| Stream | What it holds | Calls per run | Selected |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def stream_row(collection: Collection) -> str:
    """Return the row of a stream in the table of streams."""
    cells = (
        f"[{collection.name}]({stream_pages.address(collection.name)})",
        collection.about,
        str(cost(collection)),
        when_selected(collection),
    )
    return f"| {' | '.join(cells)} |"


def coverage() -> str:
    """Return the table of endpoints whose rows a stream reads from another endpoint."""
    rows = [f"| `{one.path}` | `{one.stream}` | {one.why} |" for one in SERVED]
    return "\n".join(["| Endpoint | Stream | Difference |", "|---|---|---|", *rows])


def reports() -> str:
    """Return the table of the classic connector's reports."""
    rows = [
        f"| {one.name} | `{one.stream}` | {', '.join(f'`{name}`' for name in one.settings)} | {one.note} |"
        for one in REPORTS
    ]
    return "\n".join(["| Report | Stream | Settings | Note |", "|---|---|---|---|", *rows])


def settings() -> str:
    """Return the tables of settings, one per group."""
    return "\n\n".join(f"## {title}\n\n{settings_table(group)}" for title, group in GROUPS.items())


def settings_table(group: Iterable[Setting[Any, Any]]) -> str:
    """Return a table of settings."""
    rows = []
    for one in group:
        default = "" if one.default is None else f"`{_plain(one.default)}`"
        rows.append(f"| `{one.name}` | {default} | {one.description} |")
    return "\n".join(["| Setting | Default | What it does |", "|---|---|---|", *rows])


def _plain(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def waits() -> str:
    """Return the retry table."""
    rows = [
        f"| {kind.name.lower().replace('_', ' ')} | {_waits(kind.name, schedule)} | {_extra(schedule)} |"
        for kind, schedule in Waits().table().items()
    ]
    return "\n".join(
        ["| What happened | Waits before each retry (seconds) | Notes |", "|---|---|---|", *rows]
    )


def _waits(name: str, schedule: Schedule) -> str:
    if schedule.window:
        return f"until the minute window ends, up to {len(schedule.waits)} times"
    if name == "SPIKE":
        return f"1 to {SPIKE_WAIT:g} at random, up to {len(schedule.waits)} times"
    if schedule.only_smaller:
        return f"none, up to {len(schedule.waits)} times"
    if schedule.aside:
        return f"{_plain(schedule.waits[0])}, up to {len(schedule.waits)} times"
    return ("at random, up to " if schedule.jitter else "") + _plain(list(schedule.waits))


def _extra(schedule: Schedule) -> str:
    if schedule.only_smaller:
        return "each retry asks for half as many rows, down to one"
    if schedule.smaller:
        return "each retry asks for half as many rows"
    return "other streams continue meanwhile" if schedule.aside else ""


def failed_calls() -> str:
    """Return the table of the faults that a call can fail with."""
    rows = [f"| {kind.value} | {ADVICE[kind]} | {_end(kind)} |" for kind in Kind]
    return "\n".join(["| What happened | The message ends with | What it stops |", "|---|---|---|", *rows])


def failed_logins() -> str:
    """Return the table of the faults that a login ends otherwise with than a run."""
    rows = [f"| {kind.value} | {advice} |" for kind, advice in LOGIN_ADVICE.items()]
    return "\n".join(["| What happened | The message ends with |", "|---|---|", *rows])


def _end(kind: Kind) -> str:
    return f"the run, with exit code {exit_for(Fault(kind)):d}" if kind in ENDS_RUN else "the stream"


def endings(found: Iterable[Message] | None = None) -> str:
    """Return the table of messages; by default, of all that are not of failed calls or wings."""
    listed = messages() if found is None else found
    rows = {one.text.rstrip("."): f"| `{one.text}` | {one.advice} |" for one in listed}
    return "\n".join(["| Message | What to do |", "|---|---|", *rows.values()])


def meltano_settings(chosen: Iterable[Setting[Any, Any]] = tuple(SETTINGS.values())) -> str:
    """Return settings for meltano.yml; by default, all but those of wings."""
    lines = []
    for one in chosen:
        (schema,) = one.json_property.to_dict().values()
        lines += [
            f"    - name: {one.name}",
            f"      label: {_quoted(one.title)}",
            f"      kind: {_kind(schema)}",
        ]
        if one.secret:
            lines.append("      sensitive: true")
        lines.append(f"      description: {_quoted(one.description)}")
    return "\n".join(lines)


def _kind(schema: dict[str, Any]) -> str:
    """Return Meltano's name for a setting's type.

    Numbers are strings, because Meltano's `decimal` breaks when the value comes from the environment. Dates
    are strings too, because its `date_iso8601` would resolve relative dates before the tap sees them.
    """
    for ours, theirs in (("array", "array"), ("integer", "integer")):
        if ours in schema["type"]:
            return theirs
    return "string"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def meltano_select() -> str:
    """Return the streams that Meltano should select: those that the tap selects by default, and queries.

    Without this it selects all streams, including those that cost a call for each row.
    """
    off = [name for name, collection in COLLECTIONS.items() if not collection.selected_by_default]
    return "\n".join(["    - '*.*'", *(f"    - '!{name}.*'" for name in (*off, "saved_search_*"))])


def filters() -> str:
    """Return the table of the filters and orders of each stream."""
    rows = []
    for name, one in CAPABILITIES.items():
        listed = ", ".join(f"`{known}`" for known in one.filters.values())
        listed += ", and custom fields" if one.custom_fields else ""
        orders = ", ".join(f"`{order}`" for order in one.orders)
        rows.append(
            f"| `{name}` | {listed} | {orders} | {'yes' if choice_by_ids(COLLECTIONS[name]) else ''} |"
        )
    whole = [f"`{name}`" for name in COLLECTIONS if name not in CAPABILITIES]
    return "\n".join(
        [
            "| Stream | `filter` | `order_by` | `ids` |",
            "|---|---|---|---|",
            *map(_piped, rows),
            "",
            f"These streams have no filters and can only be read in full: {', '.join(whole)}.",
        ]
    )


def _piped(row: str) -> str:
    """Escape the bars inside the cells of a table row."""
    return re.sub(r"(?<=\w)\|(?=\w)", r"\\|", row)


def tables() -> str:
    """Return the table of the classic connector's tables."""
    rows = []
    for table, known in TABLES.items():
        for stream, fields in known.items():
            listed = {name: value_forms(COLLECTIONS[stream], one) for name, one in fields.items()}
            cells = [
                f"`{name}`: {' or '.join(found)}" if found else f"`{name}`" for name, found in listed.items()
            ]
            rows.append(f"| `{table}` | `{stream}` | {'; '.join(cells)} |")
    nothing = [
        *(f"`{table}` ({why})" for table, why in NOT_EXACT.items()),
        *(f"`{one}`" for one in sorted(NOT_IN_REST)),
    ]
    return "\n".join(
        [
            "| Table | Stream | Fields, and how you can filter by them |",
            "|---|---|---|",
            *rows,
            "",
            f"Not available over REST: {', '.join(nothing)}.",
        ]
    )


def example(name: str) -> Callable[[], str]:
    """Return what generates a block with a file of docs/example, which `tools.example_run` wrote."""
    text = (ROOT / "docs" / "example" / name).read_text(encoding="utf-8")
    return lambda: f"```text\n{text}```"


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "docs/runs.md": {"check": example("check.txt"), "log": example("log.txt")},
    "docs/streams/index.md": {"streams": streams, "coverage": coverage},
    "docs/streams/relations.md": stream_pages.OVERVIEW,
    "docs/queries.md": {"filters": filters, "tables": tables},
    "docs/quotas.md": {"waits": waits, "week": week},
    "docs/troubleshooting.md": {"calls": failed_calls, "login": failed_logins, "messages": endings},
    "docs/settings.md": {"settings": settings},
    "docs/classic.md": {"reports": reports},
    "docs/performance.md": {"figures": figures},
    "sandbox/README.md": {
        "faults": sandbox.faults,
        "methods": sandbox.methods,
        "switches": sandbox.switches,
        "tables": sandbox.tables,
    },
    "findings/README.md": {"guesses": findings.guesses, "table": findings.table},
    "docs/targets.md": {
        "targets": pages.targets,
        "destinations": bridge_pages.destinations,
        "recipes": pages.recipes,
        "bridge_recipes": bridge_pages.recipes,
    },
    "docs/hosts.md": {"hosts": host_pages.hosts, "details": host_pages.details},
    "meltano.yml": {"select": meltano_select, "settings": meltano_settings},
}

"""Document -> name of each generated part -> what generates it."""

for _package in wing_packages():
    # The parts of a wing have names that begin with "wing".
    _docs = import_module(".".join((*_package.relative_to(ROOT).parts, "tests", "docs")))
    for _name, _parts in _docs.PARTS.items():
        PARTS.setdefault(_name, {}).update(_parts)


def rendered(name: str) -> str:
    """Return the text of a file with its generated parts up to date.

    Raises:
        SystemExit: A part is missing from the file, or is in it twice.
    """
    text = (ROOT / name).read_text(encoding="utf-8")
    for part, render in PARTS[name].items():
        pattern = re.compile(
            rf"(^[^\n]*BEGIN {part}\b[^\n]*\n).*?(^[^\n]*END {part}\b)", re.DOTALL | re.MULTILINE
        )
        text, found = pattern.subn(_between(render()), text)
        if found != 1:
            raise SystemExit(
                f"{name} must have BEGIN {part} ... END {part} exactly once, but has it {found} times"
            )
    return text


def _between(body: str) -> Callable[[re.Match[str]], str]:
    """Put a body between the two marker lines of a match."""
    return lambda markers: f"{markers[1]}{body}\n{markers[2]}"


def main() -> None:
    """Update the generated parts of all files."""
    for name in PARTS:
        (ROOT / name).write_text(rendered(name), encoding="utf-8")
        sys.stdout.write(f"{name} is up to date\n")
    dbt.write(ROOT)
    sys.stdout.write("dbt/ is up to date\n")
    for name, picture in pictures.files().items():
        (ROOT / name).write_text(picture, encoding="utf-8")
        sys.stdout.write(f"{name} is up to date\n")
    stream_pages.write(ROOT)
    sys.stdout.write(f"{stream_pages.FOLDER}/ and {stream_pages.RELATIONS} are up to date\n")
    config_schema.write(ROOT)
    hub.write(ROOT)
    sys.stdout.write(f"{config_schema.FILE} and {hub.FILE} are up to date\n")


if __name__ == "__main__":
    main()

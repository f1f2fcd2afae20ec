"""Generate the pages of streams in `docs/streams`, their pictures, and `docs/relations.yml`: `make docs`.

A page for each group of streams says what each stream costs and holds, and what its ids point to. All of it
comes from the declarations. People write `docs/streams/index.md` and `relations.md`, but for the parts that
`tools.docs` puts into them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import yaml

from tap_infusionsoft.streams.registry import COLLECTIONS, GROUPS
from tap_infusionsoft.streams.relations import columns
from tools.costs import cost
from tools.diagram import Box, Pointer, picture
from tools.stream_facts import notes, replication, selected, when_selected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.columns import Schema
    from tap_infusionsoft.streams.registry import Group
    from tap_infusionsoft.streams.relations import Relation

FOLDER = "docs/streams"
RELATIONS = "docs/relations.yml"
CORE = (
    "contacts", "companies", "tags", "contact_tags", "lead_sources", "opportunities", "opportunity_stages",
    "orders", "order_items", "payments", "subscriptions", "subscription_plans", "products", "affiliates",
    "users",
)  # fmt: skip
"""The streams of the picture of all groups: what most people join."""
LOOKED_UP = frozenset({"countries", "custom_fields"})
"""Streams that nearly every address or list of custom fields points to. Pictures leave these pointers out."""
_GENERATED = (
    "<!-- Generated from the declarations in tap_infusionsoft/streams by `make docs`: do not edit. -->"
)
_ABOUT_RELATIONS = """\
# Generated from the declarations in tap_infusionsoft/streams by `make docs`: do not edit.
#
# relations: every column with ids, and the stream (to) and column (field) that has them. Paths with dots lead
# into objects, those with [] into lists. none is a value that is no id. may_dangle: rows keep the id when the
# row that it points to is deleted. elsewhere: ids that no stream has, and why.
"""
_LEGEND = (
    "A line leads from columns with ids to the stream that has them. If it begins with three tines, many "
    "rows can point to the same one; if with a bar, at most one does. `→` names a stream of another group. "
    "[How streams relate](relations.md) says more."
)
_GROUP = {one.name: group for group in GROUPS for one in group.collections}


def files() -> dict[str, str]:
    """Return the generated files: path in the repository -> content."""
    found = {
        RELATIONS: relations_file(),
        f"{FOLDER}/relations.svg": picture("How the most used streams relate", boxes(CORE, outside=False)),
    }
    for group in GROUPS:
        found[f"{FOLDER}/{group.name}.md"] = page(group)
        names = [one.name for one in group.collections]
        found[f"{FOLDER}/{group.name}.svg"] = picture(f"{group.title}: how streams relate", boxes(names))
    return found


# --- pictures --------------------------------------------------------------------------------------------


def boxes(names: Sequence[str], *, outside: bool = True) -> list[Box]:
    """Return what a picture shows of streams.

    Args:
        names: The streams.
        outside: Whether it shows what points to other streams than these, too.
    """
    return [
        Box(name, COLLECTIONS[name].keys, tuple(_pointers(COLLECTIONS[name], names, outside=outside)))
        for name in names
    ]


def _pointers(one: Collection, names: Sequence[str], *, outside: bool) -> Iterator[Pointer]:
    """Yield the columns of a stream that point to the same stream, columns with flat copies once."""
    by_target: dict[str, list[str]] = defaultdict(list)
    copied = {column.path for column in one.flat.values()}
    for path, relation in one.relations.items():
        is_drawn = relation.stream and relation.stream not in LOOKED_UP and path not in copied
        if is_drawn and not _is_part(one, path):
            by_target[relation.stream].append(path)
    for target, paths in by_target.items():
        shown = [
            path for path in paths if "." not in path
        ] or paths  # what SQL finds without JSON, if anything
        if target in names or outside:
            yield Pointer(tuple(shown), target, is_one=len(one.keys) == 1 and one.keys[0] in shown)


def _is_part(one: Collection, path: str) -> bool:
    """Whether a path leads into a list whose elements are rows of a stream, which has the same column."""
    part = COLLECTIONS.get(path.partition("[]")[0])
    return part is not None and any(relation.stream == one.name for relation in part.relations.values())


# --- pages -----------------------------------------------------------------------------------------------


def page(group: Group) -> str:
    """Return the page of a group of streams."""
    rows = [_summary(one) for one in group.collections]
    parts = [
        f"# {group.title}",
        _GENERATED,
        group.about,
        "\n".join(
            [
                "| Stream | What it holds | Calls per run | Selected |",
                "|---|---|---|---|",
                *rows,
            ]
        ),
        "## How they relate",
        f"![Which of these streams point to which, as the tables below say]({group.name}.svg)",
        _LEGEND,
        *(part for one in group.collections for part in _section(one)),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(one: Collection) -> str:
    cells = (
        f"[{one.name}](#{one.name})",
        _escaped(one.about),
        str(cost(one)),
        when_selected(one),
    )
    return f"| {' | '.join(cells)} |"


def _section(one: Collection) -> Iterator[str]:
    yield f"## {one.name}"
    yield _escaped(one.about)
    facts = [
        f"Key: {', '.join(f'`{name}`' for name in one.keys)}.",
        f"Replication: {replication(one)}.",
        f"Calls per run: {cost(one)}.",
        f"Selected by default: {selected(one)}.",
    ]
    if more := [note for note in notes(one) if "selected" not in note]:
        facts.append(f"Notes: {'; '.join(more)}.")
    if pointing := _pointing_to(one):
        facts.append(f"Ids of its rows are in: {', '.join(pointing)}.")
    yield "\n".join(f"- {fact}" for fact in facts)
    rows = [
        f"| `{path}` | *{_kind(schema)}* · {_linked(one, path, schema)} |"
        for path, schema in columns(one.schema["properties"])
    ]
    yield "\n".join(["| Column | What it is |", "|---|---|", *rows])


def _pointing_to(one: Collection) -> list[str]:
    """Return the columns of other streams that point to a stream, as links."""
    found = []
    for other in COLLECTIONS.values():
        copied = {column.path for column in other.flat.values()}
        found += [
            f"[`{other.name}.{path}`]({address(other.name, one.name)})"
            for path, relation in other.relations.items()
            if relation.stream == one.name and "." not in path and path not in copied
        ]
    return found


def address(stream: str, seen_from: str = "") -> str:
    """Return the address of a stream's section, seen from that of another one in the same folder."""
    group = _GROUP[stream]
    place = "" if _GROUP.get(seen_from) is group else f"{group.name}.md"
    return f"{place}#{stream}"


def _linked(one: Collection, path: str, schema: Schema) -> str:
    """Return the description of a column, in which the stream that it points to is a link."""
    text = _escaped(schema["description"])
    relation = one.relations.get(path) or one.relations.get(f"{path}[]")
    if relation is None or not relation.stream:
        return text
    link = f"([{relation.target}]({address(relation.stream, one.name)}))"
    return text.replace(f"({relation.target})", link)


def _kind(schema: Schema) -> str:
    """Return the type of a column in a word or three."""
    kind: str = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if kind == "array":
        return f"array of {_kind(schema['items'])}s"
    return str(schema.get("format", kind))


def _escaped(text: str) -> str:
    """Escape what Markdown would not show as it is."""
    return re.sub(r"([|<*~\[\]])", r"\\\1", text)


# --- relations -------------------------------------------------------------------------------------------


def relations_file() -> str:
    """Return the list of relations for programs, such as a generator of tests in a warehouse."""
    points, elsewhere = [], []
    for one in COLLECTIONS.values():
        for path, relation in one.relations.items():
            entry: dict[str, Any] = {"stream": one.name, "column": path}
            if relation.stream:
                entry |= {"to": relation.stream, "field": relation.column}
                entry |= {"none": relation.none} if relation.none else {}
                entry |= {"may_dangle": True} if relation.may_dangle else {}
                points.append(entry)
            elif relation.why:
                elsewhere.append(entry | {"why": relation.why})
    return _ABOUT_RELATIONS + yaml.safe_dump(
        {"relations": points, "elsewhere": elsewhere}, sort_keys=False, width=200, default_flow_style=None
    )


def core() -> str:
    """Return the picture of the streams that most people join."""
    return f"![Which of these point to which: {', '.join(CORE)}](relations.svg)"


def by_other_columns() -> str:
    """Return the table of the columns that point to another column than a key."""
    rows = [
        f"| `{column}` | `{relation.target}` |"
        for column, relation in _declared()
        if relation.stream not in LOOKED_UP and relation.column not in COLLECTIONS[relation.stream].key
    ]
    return "\n".join(["| Column | Join it with |", "|---|---|", *rows])


def no_ids() -> str:
    """Return the table of the values that are no ids."""
    rows = [f"| `{column}` | `{one.none}` | `{one.target}` |" for column, one in _declared() if one.none]
    return "\n".join(["| Column | Value | Other values are in |", "|---|---|---|", *rows])


def dangling() -> str:
    """Return the table of the ids that may lead nowhere, by what they point to."""
    found: dict[str, list[str]] = defaultdict(list)
    for column, relation in _declared():
        if relation.may_dangle:
            found[relation.target].append(f"`{column}`")
    rows = [f"| `{target}` | {', '.join(names)} |" for target, names in found.items()]
    return "\n".join(["| Points to | Columns |", "|---|---|", *rows])


def _declared() -> Iterator[tuple[str, Relation]]:
    """Yield the columns that point to a stream, and what they point to."""
    for one in COLLECTIONS.values():
        for path, relation in one.relations.items():
            if relation.stream:
                yield f"{one.name}.{path}", relation


OVERVIEW = {"core": core, "other columns": by_other_columns, "no ids": no_ids, "dangling": dangling}
"""Name of each generated part of `docs/streams/relations.md` -> what generates it."""


def write(root: Path) -> None:
    """Write the files, and remove those that nothing generates anymore.

    Args:
        root: Folder of the repository.
    """
    for path, text in files().items():
        (root / path).write_text(text, encoding="utf-8")
    for old in stale(root):
        old.unlink()


def stale(root: Path) -> list[Path]:
    """Return the pages and pictures in the folder that nothing generates anymore.

    Args:
        root: Folder of the repository.
    """
    known = {root / path for path in files()}
    found = [path for path in sorted((root / FOLDER).glob("*")) if path not in known]
    return [path for path in found if path.suffix == ".svg" or _GENERATED in path.read_text(encoding="utf-8")]

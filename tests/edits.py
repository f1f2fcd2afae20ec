"""Edits of an account: rows are created, changed and deleted, so that their times show it or not."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from keap_sandbox import Sandbox
from keap_sandbox.registry import collection_of
from keap_sandbox.tables import Table
from tap_infusionsoft.streams.registry import COLLECTIONS

MOST, LEAST = 40, 3
"""Rows that a table should have."""
KEPT = frozenset({"reports"})
"""Tables whose rows are not deleted: a saved search that settings name and that is gone fails its stream."""
TAGGED = "contact_tags"
"""The stream whose rows are no table, but which tags contacts have."""
_FIXED = re.compile(
    r"(?i)(.*_)?(id|ids|by|codes?|currency|key|email|url|locale|time_?zone|types?|status|version)|alpha\d"
)
"""Names whose values lead somewhere, or say how others are read."""
_FROM_ELSEWHERE = frozenset({"tag_ids", "groups", "links"})
"""Parts of contacts that follow from other rows."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of what can be edited inside a row.

    Args:
        value: The row, or a part of it.
        path: Where the part is.
    """
    if path and isinstance(path[-1], str) and _FIXED.fullmatch(path[-1]):
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    elif isinstance(value, bool | int) or (
        isinstance(value, str) and re.search("[a-z] ?[a-z]", value) and not _TIME.match(value)
    ):
        yield path


@dataclass
class Editor:
    """Edits some tables of a sandbox.

    Attributes:
        box: The sandbox.
        rng: Decides what happens.
        names: The tables, or streams whose rows have no table.
    """

    box: Sandbox
    rng: random.Random
    names: tuple[str, ...]
    _tables: dict[str, Table] = field(init=False)
    _made: int = 0

    def __post_init__(self) -> None:
        tables = self.box.engine.account("").tables
        self._tables = {name: tables[name] for name in self.names if name in tables}

    def edit(self, times: int) -> None:
        """Make a number of edits, each to any of the tables."""
        for _ in range(times):
            if TAGGED in self.names and self.rng.random() < 0.1:
                self._tag()
            else:
                self._edit_one(self.rng.choice([*self._tables]))

    def _edit_one(self, name: str) -> None:
        table, what = self._tables[name], self.rng.random()
        if what < 0.2 and len(table) < MOST:
            self._create(name, table)
        elif what < 0.4 and len(table) > LEAST and name not in KEPT:
            self.box.plant(name, delete=[self.rng.choice(table.keys())])
        elif len(table):
            self._change(name, table)

    def _change(self, name: str, table: Table) -> None:
        """Change something inside a row. Half of the changes show in its time of change, if it has one."""
        key = self.rng.choice(table.keys())
        row = copy.deepcopy(self.box.engine.account("").full(name, key))
        kept = {*_own_times(name), *_FROM_ELSEWHERE}
        paths = [path for path in leaves(row) if path[0] not in kept]
        if not paths:
            return
        *parts, last = path = self.rng.choice(paths)
        inner: Any = row
        for part in parts:
            inner = inner[part]
        inner[last] = self._other(inner[last])
        number = collection_of(name).key
        if number:
            planted = {number: str(key), path[0]: row[path[0]]}
            self.box.plant(name, upsert=[planted], touch=self.rng.random() < 0.5)
        else:  # what has no number cannot be planted
            self.box._do(lambda: table.put(key, row))

    def _create(self, name: str, table: Table) -> None:
        """Create a row like another one. Most are new; some were created long ago, and nothing shows them."""
        number = collection_of(name).key
        if not len(table) or (not number and not COLLECTIONS[name].row_key):
            return  # it would have the same key
        model = copy.deepcopy(self.box.engine.account("").full(name, self.rng.choice(table.keys())))
        row = {one: value for one, value in model.items() if one not in {number, *_FROM_ELSEWHERE}}
        if self.rng.random() < 0.8:
            now = f"{self.box.clock_text()[:19]}Z"
            row |= {one: now for one in _own_times(name) if isinstance(row.get(one), str)}
        self.box.plant(name, upsert=[row])

    def _tag(self) -> None:
        """Apply a tag to a contact, or remove one."""
        pairs = self.box.records(TAGGED)
        if pairs and self.rng.random() < 0.4:
            one = self.rng.choice(pairs)
            self.box.plant(TAGGED, delete=[{name: one[name] for name in ("contact_id", "tag_id")}])
            return
        contacts, tags = (self.box.records(name, ids_only=True) for name in ("contacts", "tags"))
        if contacts and tags:
            pair = {"contact_id": self.rng.choice(contacts), "tag_id": self.rng.choice(tags)}
            self.box.plant(TAGGED, upsert=[pair])

    def _other(self, value: Any) -> Any:
        self._made += 1
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + self.rng.randrange(1, 9)
        return f"{self.rng.choice(('A', 'Edited'))} {self._made}"


def _own_times(name: str) -> set[str]:
    """Names of the times of creation and change, and of that which the stream goes by."""
    declared, collection = collection_of(name), COLLECTIONS.get(name)
    key = collection.changes.key if collection else None
    shown = {collection.wire.name(key)} if collection and key else set()
    return {declared.created, declared.updated, *shown} - {""}

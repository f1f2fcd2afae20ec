"""Puts the rows of a table and of its streams side by side, and judges what differs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.xmlrpc.compare.outcomes import Outcome
from tap_infusionsoft.xmlrpc.compare.results import Example, TableResult
from tap_infusionsoft.xmlrpc.compare.store import key_of, values_of
from tap_infusionsoft.xmlrpc.compare.values import compare
from tap_infusionsoft.xmlrpc.counterparts.places import place
from tap_infusionsoft.xmlrpc.table_streams import column_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_infusionsoft.xmlrpc.compare.store import Row, Store
    from tap_infusionsoft.xmlrpc.counterparts.declarations import Counterpart, Part, TableMove
    from tap_infusionsoft.xmlrpc.counterparts.places import Place
    from tap_infusionsoft.xmlrpc.tables import Table


@dataclass(frozen=True, slots=True)
class _Pair:
    """A field and its counterpart, ready to be compared."""

    counterpart: Counterpart
    column: str
    place: Place


class Comparer:
    """Compares a table with its streams.

    Attributes:
        source: Where the store has the rows of the table.
        again: Where it has those that were read again.
        refused: Fields that the service refuses.
    """

    def __init__(
        self,
        store: Store,
        move: TableMove,
        table: Table,
        custom: Mapping[str, Sequence[Counterpart]],
        *,
        with_values: bool,
    ) -> None:
        """A comparison that has not begun.

        Args:
            store: The rows.
            move: The table, and what REST has for it.
            table: The table, with the custom fields of the account.
            custom: Stream -> the counterparts of custom fields there.
            with_values: Whether examples show values.
        """
        self._store = store
        self._move = move
        self._table = table
        self._with_values = with_values
        self._pairs = [_pairs(one, table, custom.get(one.stream, ())) for one in move.parts]
        kinds = table.all_fields
        self._is_personal = any(kinds[name] == "texts" for one in move.parts for name in one.match)
        self._kept = sorted(
            {one.column for pairs in self._pairs for one in pairs}
            | {column_name(name) for name in (*table.keys, *move.parts[0].match)}
        )
        self._empty = {*self._kept}  # columns without a value in any row
        self.refused: set[str] = set()
        self.source = source_of(move.table)
        self.again = f"{self.source} again"

    @property
    def columns(self) -> dict[str, set[str]]:
        """The streams that have its rows -> the columns of theirs that are compared."""
        found: dict[str, set[str]] = {}
        for part, pairs in zip(self._move.parts, self._pairs, strict=True):
            places = [*(place(where) for where in part.match.values()), *(one.place for one in pairs)]
            columns = {name for one in places for name in one.columns}
            found.setdefault(part.stream, set()).update(columns, filter(None, [part.rows]))
        return found

    def keep(self, record: Row, *, is_again: bool = False) -> None:
        """Keep what is compared of a row of the table.

        Args:
            record: The row.
            is_again: Whether it was read again.
        """
        names = self._move.parts[0].match
        match = key_of([record.get(column_name(name)) for name in names]) if names else ""
        kept = {name: record.get(name) for name in self._kept}
        self._empty = {name for name in self._empty if kept[name] is None}
        keys = [record.get(column_name(name)) for name in self._table.keys]
        key = json.dumps(keys or kept)
        self._store.put(self.again if is_again else self.source, key, kept, match)

    def to_ask_for(self, matches: Sequence[str]) -> tuple[str, list[str]]:
        """How to ask for rows again: a field with ids, and the ids; no field if all rows have to be read.

        Args:
            matches: What identifies the rows.
        """
        kinds = self._table.all_fields
        for number, name in enumerate(self._move.parts[0].match):
            if kinds[name] == "ids":
                return name, [*dict.fromkeys(values_of(one)[number] for one in matches)]
        return "", []

    def judge(self, *, is_read_again: bool) -> tuple[TableResult, list[str]]:
        """Compare all rows.

        Args:
            is_read_again: Whether those that differed were read again. Otherwise all differences count.

        Returns:
            The result, and the matches of all rows that differ.
        """
        result = TableResult(self._move, self._store.count(self.source))
        doubtful = {*self._table.inferred.split()}
        result.refused = sorted(self.refused - doubtful)
        not_there = {name for name in doubtful if column_name(name) in self._empty}
        result.not_there = sorted({*not_there, *result.refused})
        all_pairs = [
            [one for one in pairs if one.counterpart.field not in result.not_there] for pairs in self._pairs
        ]
        for pairs in all_pairs:
            result.compared |= {one.counterpart.field: one.counterpart for one in pairs}
        suspects: dict[str, None] = {}
        self._store.unsee(self.source)
        for part, pairs in zip(self._move.parts, all_pairs, strict=True):
            for row in self._rest_rows(part):
                result.rest_rows += 1
                if part.match and self._judge_rest(result, part, pairs, row, is_read_again=is_read_again):
                    suspects[self._match(part, row)] = None
        if all(part.match for part in self._move.parts):
            for key, match, row in self._store.unseen(self.source):
                suspects[match] = None
                if is_read_again and self._store.row(self.again, key) != row:
                    result.changed += 1  # it went away or changed meanwhile
                else:
                    result.only_legacy.add(self._shown(self._legacy_key(row)))
        return result, [one for one in suspects if one]

    def _rest_rows(self, part: Part) -> Iterator[Row]:
        """The rows of a stream, or what the items of one of its columns make of them."""
        for row in self._store.rows(rest_source(part.stream)):
            if not part.rows:
                yield row
                continue
            inside = row.get(part.rows)
            for item in inside if isinstance(inside, list) else [inside]:
                if item is not None:
                    yield {**row, part.rows: item}

    def _match(self, part: Part, row: Row) -> str:
        return key_of([place(where).read(row)[0] for where in part.match.values()])

    def _judge_rest(
        self, result: TableResult, part: Part, pairs: Sequence[_Pair], row: Row, *, is_read_again: bool
    ) -> bool:
        """Compare a row of REST with that of the table. Returns whether they differ."""
        match = self._match(part, row)
        rows = self._store.matching(self.source, match)
        if not rows:
            if is_read_again and self._store.matching(self.again, match):
                result.changed += 1  # it came meanwhile
            else:
                shown = ", ".join(str(place(where).read(row)[0]) for where in part.match.values())
                result.only_rest.add(self._shown(shown) if match else "")
            return True
        for key, _ in rows:
            self._store.see(self.source, key)
        key, legacy = rows[0]
        outcomes = self._outcomes(pairs, legacy, row)
        differs = any(outcome.is_difference for _, outcome, _ in outcomes)
        if differs and is_read_again and self._store.row(self.again, key) != legacy:
            result.changed += 1
            return True
        result.both += 1
        for pair, outcome, values in outcomes:
            result.field(pair.counterpart, part.stream).add(
                outcome, self._example(self._legacy_key(legacy), legacy.get(pair.column), values)
            )
        return differs

    def _outcomes(
        self, pairs: Sequence[_Pair], legacy: Row, row: Row
    ) -> list[tuple[_Pair, Outcome, tuple[Any, ...]]]:
        found: list[tuple[_Pair, Outcome, tuple[Any, ...]]] = []
        for pair in pairs:
            values = pair.place.read(row)
            outcome = compare(pair.counterpart.comparison, legacy.get(pair.column), values)
            if outcome is not Outcome.SAME:
                found.append((pair, outcome, values))
        return found

    def _legacy_key(self, row: Row) -> str:
        names = self._move.parts[0].match or self._table.keys
        return ", ".join(str(row.get(column_name(name))) for name in names)

    def _shown(self, key: str) -> str:
        """A key, unless it is personal data that nobody asked for."""
        return "" if self._is_personal and not self._with_values else key

    def _example(self, key: str, legacy: Any, rest: tuple[Any, ...]) -> Example:
        if not self._with_values:
            return Example(self._shown(key))
        return Example(key, legacy, rest[0] if len(rest) == 1 else [one for one in rest if one is not None])


def source_of(table: str) -> str:
    """Where the store has the rows of a table."""
    return f"legacy {table}"


def rest_source(stream: str) -> str:
    """Where the store has the rows of a stream of REST."""
    return f"rest {stream}"


def _pairs(part: Part, table: Table, custom: Sequence[Counterpart]) -> list[_Pair]:
    """The fields of a part that can be compared."""
    hidden = {*table.passwords.split()}
    return [
        _Pair(one, column_name(one.field), place(one.place))
        for one in (*part.fields.values(), *custom)
        if one.is_here and one.field in table.fields and one.field not in hidden
    ]

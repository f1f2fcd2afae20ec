"""Rows that wait to be compared, in a database on disk that goes away by itself."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Row = dict[str, Any]


class Store:
    """The rows of both sides.

    SQLite removes the file of a temporary database from its folder as soon as it has opened it, so nothing is
    left behind, however the process ends.
    """

    def __init__(self) -> None:
        """A store without rows."""
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(
            "CREATE TABLE rows (source TEXT, key TEXT, match TEXT, row TEXT, seen INTEGER DEFAULT 0, "
            "PRIMARY KEY (source, key))"
        )
        self._db.execute("CREATE INDEX by_match ON rows (source, match, key)")
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Remove everything."""
        self._db.close()

    def put(self, source: str, key: str, row: Mapping[str, Any], match: str = "") -> None:
        """Keep a row, in place of an earlier one with its key.

        Args:
            source: What it is a row of.
            key: What identifies it there.
            row: The row.
            match: What identifies the same row on the other side.
        """
        text = json.dumps(row, ensure_ascii=False, default=str)
        self._db.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, 0)", (source, key, match, text))

    def count(self, source: str) -> int:
        """The number of rows."""
        (found,) = self._db.execute("SELECT count(*) FROM rows WHERE source = ?", (source,)).fetchone()
        return int(found)

    def rows(self, source: str) -> Iterator[Row]:
        """All rows of a source, in the order of their keys. Others may be kept or marked meanwhile."""
        last = ""
        query = "SELECT key, row FROM rows WHERE source = ? AND key > ? ORDER BY key LIMIT 500"
        while found := self._db.execute(query, (source, last)).fetchall():
            for _, text in found:
                yield json.loads(text)
            last = found[-1][0]

    def row(self, source: str, key: str) -> Row | None:
        """The row with a key."""
        found = self._db.execute(
            "SELECT row FROM rows WHERE source = ? AND key = ?", (source, key)
        ).fetchone()
        return None if found is None else json.loads(found[0])

    def matching(self, source: str, match: str) -> list[tuple[str, Row]]:
        """The rows that are the same as one of the other side, each with its key; none for an empty match."""
        if not match:
            return []
        found = self._db.execute(
            "SELECT key, row FROM rows WHERE source = ? AND match = ? ORDER BY key", (source, match)
        )
        return [(key, json.loads(text)) for key, text in found.fetchall()]

    def see(self, source: str, key: str) -> None:
        """Note that the other side has a row."""
        self._db.execute("UPDATE rows SET seen = 1 WHERE source = ? AND key = ?", (source, key))

    def unsee(self, source: str) -> None:
        """Forget which rows the other side has."""
        self._db.execute("UPDATE rows SET seen = 0 WHERE source = ?", (source,))

    def unseen(self, source: str) -> Iterator[tuple[str, str, Row]]:
        """The rows that the other side does not have: key, match and row."""
        query = "SELECT key, match, row FROM rows WHERE source = ? AND seen = 0 ORDER BY key"
        for key, match, text in self._db.execute(query, (source,)):
            yield key, match, json.loads(text)


def key_of(values: Sequence[Any]) -> str:
    """The text that stands for what identifies a row; empty if a part of it is missing.

    Case means nothing: Keap finds emails by any.

    Args:
        values: The values of its key.
    """
    if any(one in (None, "", 0, "0") for one in values):
        return ""
    return json.dumps([str(one).casefold() for one in values], ensure_ascii=False)


def values_of(key: str) -> list[str]:
    """The values that a text of `key_of` stands for."""
    found: list[str] = json.loads(key)
    return found

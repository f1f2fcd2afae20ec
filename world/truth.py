"""What a warehouse must hold after the tap's messages, by the rules of Singer."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Record: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[Any, ...]


class Table(msgspec.Struct):
    """What the messages say about one stream.

    Attributes:
        schema: The last schema of its records.
        keys: Its key columns.
        rows: The live rows by key.
        deleted: The last version of each row that was deleted, by key.
        log: Every record in the order in which they came.
        first: Key of the first record of each load.
    """

    schema: dict[str, Any]
    keys: list[str]
    rows: dict[Key, Record] = {}
    deleted: dict[Key, Record] = {}
    log: list[Record] = []
    first: list[Key] = []
    _versions: dict[Key, int | None] = {}

    def key_of(self, record: Mapping[str, Any]) -> Key:
        """Return the key of a record."""
        return tuple(record[name] for name in self.keys)

    def upsert(self, record: Record, version: int | None) -> None:
        """Put a record into the table."""
        key = self.key_of(record)
        self.log.append(record)
        self.rows[key] = record
        self.deleted.pop(key, None)
        self._versions[key] = version

    def activate(self, version: int) -> None:
        """Delete the rows of other versions."""
        for key in [key for key, known in self._versions.items() if known != version]:
            self.deleted[key] = self.rows.pop(key)
            del self._versions[key]


class Truth:
    """The tables after all messages that were taken.

    Attributes:
        tables: The tables by stream.
        state: The last state.
    """

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.state: Any = None

    def take(self, lines: Iterable[str]) -> None:
        """Take the messages of one load.

        Args:
            lines: The lines that the tap wrote.
        """
        begun: set[str] = set()
        for line in lines:
            message = json.loads(line, parse_float=Decimal)
            match message["type"]:
                case "SCHEMA":
                    self._schema(message)
                case "RECORD":
                    table = self.tables[message["stream"]]
                    if message["stream"] not in begun:
                        begun.add(message["stream"])
                        table.first.append(table.key_of(message["record"]))
                    table.upsert(message["record"], message.get("version"))
                case "ACTIVATE_VERSION":
                    self.tables[message["stream"]].activate(message["version"])
                case "STATE":
                    self.state = message["value"]
                case kind:
                    raise ValueError(f"no rule for messages of the type {kind}")

    def take_file(self, path: Path) -> None:
        """Take the messages of one load from a file."""
        with path.open(encoding="utf-8", newline="\n") as lines:
            self.take(lines)

    def _schema(self, message: dict[str, Any]) -> None:
        stream = message["stream"]
        if stream in self.tables:
            self.tables[stream].schema = message["schema"]
        else:
            self.tables[stream] = Table(message["schema"], message["key_properties"])

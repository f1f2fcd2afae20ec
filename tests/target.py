"""A model of a Singer target: what a warehouse would contain after a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.canary import assert_clean

Record = dict[str, Any]


class Target:
    """Upserts by key, applies table versions, and fails where a strict target would."""

    def __init__(self) -> None:
        self.fraction: Callable[[str], Any] = float
        """Converts numbers with a fraction. Decimal keeps every digit."""
        self.tables: dict[str, dict[tuple[Any, ...], Record]] = {}
        self.schemas: dict[str, dict[str, Any]] = {}
        self.state: dict[str, Any] = {}
        self.messages: list[dict[str, Any]] = []
        self.last: dict[str, Any] = {}
        self._keys: dict[str, list[str]] = {}
        self._versions: dict[str, dict[tuple[Any, ...], int | None]] = {}

    def take(self, lines: str) -> None:
        """Load the output of one run. It must consist of complete lines and contain no secret."""
        assert_clean(lines)
        self.messages = []
        assert not lines or lines.endswith("\n")
        for line in lines.split("\n")[:-1]:  # splitlines would also split at U+2028
            message = json.loads(line, parse_float=self.fraction)
            self.messages.append(message)
            self.last = message
            getattr(self, f"_{message['type'].lower()}")(message)

    def rows(self, stream: str) -> list[Record]:
        """Return the rows of a table."""
        return list(self.tables.get(stream, {}).values())

    def keys(self, stream: str) -> list[str]:
        """Return the key columns of a table."""
        return self._keys[stream]

    def sent(self, stream: str) -> list[Record]:
        """Return the records of the last run, in order."""
        return [m["record"] for m in self.messages if m["type"] == "RECORD" and m["stream"] == stream]

    def count(self, kind: str, stream: str | None = None) -> int:
        """Count the messages of the last run.

        Args:
            kind: Type of message, such as RECORD.
            stream: Count those of this stream only.
        """
        return sum(m["type"] == kind and (stream is None or m["stream"] == stream) for m in self.messages)

    def _schema(self, message: dict[str, Any]) -> None:
        stream = message["stream"]
        self.schemas[stream] = message["schema"]
        self._keys[stream] = message["key_properties"]
        self.tables.setdefault(stream, {})
        self._versions.setdefault(stream, {})

    def _record(self, message: dict[str, Any]) -> None:
        stream, record = message["stream"], message["record"]
        assert stream in self._keys, "a RECORD before its SCHEMA"
        key = tuple(record[name] for name in self._keys[stream])
        assert None not in key
        self.tables[stream][key] = record
        self._versions[stream][key] = message.get("version")

    def _batch(self, message: dict[str, Any]) -> None:
        assert message["stream"] in self._keys

    def _activate_version(self, message: dict[str, Any]) -> None:
        stream, version = message["stream"], message["version"]
        old = [key for key, row_version in self._versions[stream].items() if row_version != version]
        for key in old:
            del self.tables[stream][key]
            del self._versions[stream][key]

    def _state(self, message: dict[str, Any]) -> None:
        self.state = message["value"]


def tables(target: Target) -> dict[str, list[Record]]:
    """What a target holds, sorted."""
    return {name: sorted(target.rows(name), key=str) for name in target.tables}


def underway(target: Target, stream: str) -> bool:
    """Whether the state has a pass of a stream that broke off."""
    return bool(target.state.get("bookmarks", {}).get(stream, {}).get("underway"))

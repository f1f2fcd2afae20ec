"""A target that takes nothing on trust: every line and every line of a file must be what its SCHEMA says."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from jsonschema import Draft202012Validator, FormatChecker

from tests.target import Record, Target

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_formats = FormatChecker(formats=["date"])


@_formats.checks("date-time")
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or _MOMENT.fullmatch(value) is not None


class StrictTarget(Target):
    """Loads BATCH files like records, and refuses whatever does not conform to the SCHEMA last written.

    Attributes:
        files: How many lines each file had, by URL.
        loaded: Records that arrived, by stream, whether in lines or in files.
    """

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, int] = {}
        self.loaded: Counter[str] = Counter()
        self._validators: dict[str, Draft202012Validator] = {}

    def _schema(self, message: dict[str, Any]) -> None:
        super()._schema(message)
        schema = message["schema"]
        columns = schema["properties"].keys()
        assert set(message["key_properties"]) <= columns, "a key that is no column"
        assert set(message.get("bookmark_properties") or ()) <= columns, "a bookmark that is no column"
        Draft202012Validator.check_schema(schema)
        self._validators[message["stream"]] = Draft202012Validator(schema, format_checker=_formats)

    def _record(self, message: dict[str, Any]) -> None:
        self._check(message["stream"], message["record"])
        super()._record(message)

    def _batch(self, message: dict[str, Any]) -> None:
        stream, encoding = message["stream"], message["encoding"]
        assert stream in self._keys, "a BATCH before its SCHEMA"
        assert encoding["format"] == "jsonl"
        for url in message["manifest"]:
            data = Path(url2pathname(urlparse(url).path)).read_bytes()
            text = gzip.decompress(data) if encoding["compression"] == "gzip" else data
            records = [json.loads(line, parse_float=self.fraction) for line in text.splitlines()]
            self.files[url] = len(records)
            for record in records:
                self._record({"type": "RECORD", "stream": stream, "record": record})

    def _check(self, stream: str, record: Record) -> None:
        self.loaded[stream] += 1
        validator = self._validators[stream]
        strange = record.keys() - self.schemas[stream]["properties"].keys()
        assert not strange, f"{stream} has columns that its SCHEMA does not have: {sorted(strange)}"
        for error in validator.iter_errors(record):
            raise AssertionError(f"{stream}: {error.json_path}: {error.message}")

"""Where an answer may say that something went wrong, and in which words.

An error may be in an answer with status 200: instead of the rows, or beside a list of them, which is then
empty or cut short. Rows themselves are the users' data, and may quote any error: they are not searched.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.lenient_json import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_infusionsoft.client.call import Call

MEMBERS = frozenset(
    {
        "fault",
        "message",
        "error",
        "errors",
        "error_description",
        "faultstring",
        "exception",
        "code",
        "status",
        "details",
    }
)
"""Members of the shapes in which Keap and its gateway word errors, and that gateways and proxies use."""
_ERRORS = ("error", "errors", "faultstring", "exception")

_SEARCHED = 1 << 20
"""Bytes of a body that is not JSON in which texts are looked for."""
_LONGEST_ERROR = 10_000
"""Characters of an error that comes instead of a file."""
_TAG = re.compile(r"<[^<>]{0,300}>")


def outside_rows(document: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """The parts of a good-looking document that are not users' data.

    Args:
        document: The document.
        call: What was asked for. If that is a single row, only members with names as in errors are taken; if
            it is a file, only one that holds nothing but an error.
    """
    if call.is_raw:
        return _error_in_file(document.get("text"))
    if call.items is None:
        return {name: document[name] for name in MEMBERS if name in document}
    outside = {name: value for name, value in document.items() if name != call.items}
    rows = document.get(call.items)
    if isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], dict) and is_error(rows[0]):
        outside["row"] = rows[0]  # an error in place of the rows
    return outside


def is_error(document: Mapping[str, Any]) -> bool:
    """Whether a document holds nothing but an error."""
    return MEMBERS.issuperset(document) and any(document.get(name) for name in ("fault", "message", *_ERRORS))


def _error_in_file(text: Any) -> dict[str, Any]:
    """The error that came instead of a file; empty if it is a file."""
    if not isinstance(text, str) or not text.lstrip().startswith("{") or len(text) > _LONGEST_ERROR:
        return {}
    try:
        document = parse(text.encode())
    except ValueError:
        return {}
    return document if isinstance(document, dict) and is_error(document) else {}


def has_error_shape(document: Mapping[str, Any], call: Call) -> bool:
    """Whether a document has the members of an error, whatever its words are.

    A message alone is an error only beside an empty list: lists of rows may get one for another reason.
    """
    if document.get("fault") is not None:
        return True
    if call.items is None:
        return is_error(document)
    if any(document.get(name) for name in _ERRORS):
        return True
    message = document.get("message")
    if not isinstance(message, str) or not message.strip():
        return False
    return not document.get(call.items) or "code" in document or "status" in document


def texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, each on one line and without HTML."""
    if isinstance(value, str):
        yield plain(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def body_text(body: bytes) -> str:
    """The text of a body that is not JSON, on one line and without HTML."""
    return plain(body[:_SEARCHED].decode("utf-8", "replace"))


def plain(text: str) -> str:
    """A text on one line, without HTML."""
    return " ".join(html.unescape(_TAG.sub(" ", text) if "<" in text else text).split())


def begins_with_rows(body: bytes, call: Call) -> bool:
    """Whether a body that cannot be decoded holds rows, which are users' data."""
    rows = rb'"%b"\s*:\s*\[\s*[{"]' % re.escape(call.items or "").encode()
    return call.items is not None and re.search(rows, body) is not None

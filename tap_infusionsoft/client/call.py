"""One request to Keap and one answer from it, as plain values."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode

from tap_infusionsoft.client.lenient_json import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


SMALLEST_PAGE = 10
"""Rows; asking for less would cost more calls than it saves Keap work."""


class Shape(Protocol):
    """Decodes answers that are as expected."""

    def __call__(self, body: bytes) -> dict[str, Any] | None:
        """The document of a body; None if it has to be read in the plain way."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a call stands in a walk by ids.

    Attributes:
        id: Its rows are those above this id, in the order of their ids.
        call: Makes the call for the rows above any id.
        token: Key of the next page's token in an answer.
    """

    id: int
    call: Callable[[int], Call]
    token: str


@dataclass(frozen=True, slots=True)
class Call:
    """A read.

    Attributes:
        path: Below ``/crm/rest``, for example ``/v2/contacts``; ids in it are already quoted.
        items: Key of the rows in the answer; None where the answer is one object.
        params: Query parameters, in order.
        method: ``GET``, or ``POST`` for the run of a report, which only reads as well.
        size: Name of the query parameter that holds the page size, if there is one.
        is_raw: Whether the answer is a file and not a document.
        is_bare: Whether rows are texts instead of objects.
        behind: Its place, where rows are walked by their ids.
        shape: What decodes the answer faster than `documents.parse`, if it is as expected.
    """

    path: str
    items: str | None = None
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    method: str = "GET"
    size: str | None = None
    is_raw: bool = False
    is_bare: bool = False
    behind: Behind | None = field(default=None, compare=False)
    shape: Shape | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """The call as messages name it. Query values may hold personal data and stay out."""
        return f"{self.method} {self.path}"

    @property
    def query(self) -> str:
        """The query string, with everything but unreserved characters percent-encoded."""
        return urlencode(self.params, quote_via=quote, safe="", doseq=True)

    @property
    def rows(self) -> int:
        """The page size; 0 where it has none."""
        return int(str(self.params[self.size])) if self.size is not None else 0

    def with_params(self, **params: str) -> Call:
        """The same call with these query parameters set."""
        return replace(self, params={**self.params, **params})

    def smaller(self) -> Call:
        """The same call for half as many rows, where it has a page size."""
        if self.size is None or self.size not in self.params:
            return self
        rows = self.rows
        return self.with_params(**{self.size: str(max(rows // 2, min(rows, SMALLEST_PAGE)))})


def path_of(template: str, **ids: object) -> str:
    """Fill the ids into a path template such as ``/v2/affiliates/{affiliate_id}:commissions``.

    Ids are quoted; the colon before a verb belongs to the template and stays as it is.
    """
    return template.format(**{name: quote(str(value), safe="") for name, value in ids.items()})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers (names in lower case) and the whole decoded body.

    Of a file that is larger than wanted there is no body, and ``is_left_out`` is set.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_left_out: bool = False

    def json(self) -> Any:
        """Return the body as a document.

        Raises:
            ValueError: The body is not JSON, or nested too deeply.
        """
        return parse(self.body)

    def file(self, largest: int) -> Any:
        """Return a body that is a file as a document: base64 in ``data``, as it reads in ``text``, bytes in ``size``.

        Keap declares a JSON string of base64; whether it sends that or the bytes themselves is unknown. An error
        object stays what it is. Of a file of more than ``largest`` bytes, ``data`` and ``text`` are null,
        ``is_too_large`` is true, and the size is null unless it is known.

        Raises:
            ValueError: There is no body.
        """
        if self.is_left_out:
            return _too_large(_length(self.headers))
        if not self.body:
            raise ValueError("blank")
        try:
            document = parse(self.body)
        except ValueError:
            document = None
        if isinstance(document, dict) and self.status not in range(200, 300):
            return document
        if isinstance(document, str):
            size = len(document) * 3 // 4 - document[-2:].count("=")
            data, content = document, document
        else:
            size = len(self.body)
            data = base64.b64encode(self.body).decode()
            content = self.body.decode("utf-8", "replace").replace("\0", "")  # targets refuse NUL
        return (
            _too_large(size)
            if size > largest
            else {"data": data, "text": content, "size": size, "is_too_large": False}
        )


def _too_large(size: int | None) -> dict[str, Any]:
    return {"data": None, "text": None, "size": size, "is_too_large": True}


def _length(headers: Mapping[str, str]) -> int | None:
    """The size of a file that was not read; None where the header counts something else."""
    length = headers.get("content-length", "")
    is_plain = "content-encoding" not in headers and "json" not in headers.get("content-type", "")
    return int(length) if is_plain and re.fullmatch(r"[0-9]{1,15}", length) else None

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
"""Rows. Smaller pages would cost more calls than they save Keap work."""


class BodyDecoder(Protocol):
    """Decodes the pages of one collection faster than `lenient_json.parse`."""

    def __call__(self, body: bytes) -> dict[str, Any] | None:
        """Decode a page.

        Args:
            body: The body of a successful answer.

        Returns:
            The document; None if the body has to be parsed in the general way.
        """


@dataclass(frozen=True, slots=True)
class IdCursor:
    """The position of a call in a walk by ids. Its page holds the rows above some id, in order.

    Attributes:
        after: That id.
        call_after: Makes the call for the rows above any id.
        token_key: Key of the next page's token in an answer.
    """

    after: int
    call_after: Callable[[int], Call]
    token_key: str


@dataclass(frozen=True, slots=True)
class Call:
    """A read. Calls that ask for the same compare equal, however their answers are decoded.

    Attributes:
        path: Path below that of the API, such as ``/v2/contacts``. Ids in it are already quoted.
        items: Key of the rows in the answer; None if the answer is a single object.
        params: Query parameters, in order.
        method: ``GET``, or ``POST`` to run a report, which only reads too.
        size: Name of the query parameter for the page size, if there is one.
        is_raw: Whether the answer is a file instead of a document.
        is_bare: Whether rows are strings instead of objects.
        cursor: The position of the call in a walk by ids; None for all other calls.
        decode: Decodes a successful answer; None for `lenient_json.parse`.
        api: Name of the API that it asks, as in `api.APIS`.
        is_probe: Whether it asks if there is an answer at all, so that a blank one is not asked for again.
        reader: Name of the stream that it is sent for; empty for none in particular.
    """

    path: str
    items: str | None = None
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    method: str = "GET"
    size: str | None = None
    is_raw: bool = False
    is_bare: bool = False
    cursor: IdCursor | None = field(default=None, compare=False)
    decode: BodyDecoder | None = field(default=None, compare=False)
    api: str = "rest"
    is_probe: bool = field(default=False, compare=False)
    reader: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Name the call in messages. Query values may hold personal data, so they are left out."""
        return f"{self.method} {self.path}"

    @property
    def query(self) -> str:
        """The query string, with everything but unreserved characters percent-encoded."""
        return urlencode(self.params, quote_via=quote, safe="", doseq=True)

    @property
    def rows(self) -> int:
        """The page size; 0 if the call has none."""
        return int(str(self.params[self.size])) if self.size is not None else 0

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it apart from calls for something else; can be a key of a dictionary."""
        return (self.method, self.path, *sorted(self.params.items()))

    def with_params(self, **params: str) -> Call:
        """Return the same call with these query parameters set."""
        return replace(self, params={**self.params, **params})

    def smaller(self, least: int = SMALLEST_PAGE) -> Call:
        """Return the same call for half as many rows, if it has a page size.

        Args:
            least: Rows that are not halved any more.
        """
        if self.size is None or self.size not in self.params:
            return self
        rows = self.rows
        return self.with_params(**{self.size: str(max(rows // 2, min(rows, least)))})


def path_of(template: str, **ids: object) -> str:
    """Fill ids into a path template such as ``/v2/affiliates/{affiliate_id}:commissions``.

    Args:
        template: The template. The colon in front of a verb belongs to it and is not quoted.
        ids: The ids by their names in the template; they are quoted.
    """
    return template.format(**{name: quote(str(value), safe="") for name, value in ids.items()})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its whole body.

    Attributes:
        status: HTTP status.
        headers: Headers, with names in lower case.
        body: The body, decompressed; empty if it was left out.
        is_left_out: Whether the body is a file that is larger than wanted.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_left_out: bool = False

    def json(self) -> Any:
        """Parse the body as JSON.

        Raises:
            ValueError: The body is not JSON, or nested too deeply.
        """
        return parse(self.body)

    def file(self, largest: int) -> Any:
        """Make a document of a body that is a file.

        Keap declares a JSON string of base64; whether it sends that or the bytes themselves is unknown. An
        error object is returned as it is.

        Args:
            largest: Bytes; ``data`` and ``text`` of a larger file are null.

        Returns:
            ``data``: the content in base64; ``text``: the content as text; ``size``: its bytes, null for a
            file that was left out without saying its size; ``is_too_large``. Of a JSON string, ``data`` and
            ``text`` are both the string as Keap sent it.

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
    """Return the size of a file that was not read; None if the header counts something else."""
    length = headers.get("content-length", "")
    is_plain = "content-encoding" not in headers and "json" not in headers.get("content-type", "")
    return int(length) if is_plain and re.fullmatch(r"[0-9]{1,15}", length) else None

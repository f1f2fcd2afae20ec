"""One request to Keap and one answer from it, as plain values."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_decoder = msgspec.json.Decoder(float_hook=Decimal)

SMALLEST_PAGE = 10
"""Rows; asking for less would cost more calls than it saves Keap work."""


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
    """

    path: str
    items: str | None = None
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    method: str = "GET"
    size: str | None = None
    is_raw: bool = False

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
    """What came back: status, headers (names in lower case) and the whole decoded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as a document.

        Raises:
            ValueError: The body is not JSON, or nested too deeply.
        """
        return parse(self.body)

    def file(self) -> Any:
        """Return a body that is a file as a document: base64 in ``data``, and as it reads in ``text``.

        Keap declares a JSON string of base64; whether it sends that or the bytes themselves is unknown. An error
        object stays what it is.

        Raises:
            ValueError: There is no body.
        """
        if not self.body:
            raise ValueError("blank")
        try:
            document = parse(self.body)
        except ValueError:
            document = None
        if isinstance(document, dict) and self.status not in range(200, 300):
            return document
        if isinstance(document, str):
            return {"data": document, "text": document}
        text = self.body.decode("utf-8", "replace")
        return {"data": base64.b64encode(self.body).decode(), "text": text}


def parse(body: bytes) -> Any:
    """Decode JSON, with fractions as exact decimals.

    What is not quite JSON, but can be understood, is mended: NaN and infinities become null, and broken characters
    U+FFFD, so that what is passed on is always good.

    Raises:
        ValueError: ``body`` is not a JSON document, or nested too deeply; says where, and quotes nothing.
    """
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # rare: the slower reader below understands more, and says where it does not
    try:
        text = body.decode("utf-8", "replace")
        return _mended(json.loads(text, parse_float=Decimal, parse_constant=lambda _: None))
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos} of {len(text)}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError:
        raise ValueError("it holds a number that is too long") from None


def _mended(value: Any) -> Any:
    """The same document without lone surrogates."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(one) for name, one in value.items()}
    return value

"""Calls to the XML-RPC API, and what its answers mean."""

from __future__ import annotations

import base64
import xmlrpc.client
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.api import APIS, Request
from tap_infusionsoft.client.call import SMALLEST_PAGE, Call
from tap_infusionsoft.client.faults import Fault, Kind, classify
from tap_infusionsoft.client.lenient_json import Repair, RepairedObject
from tap_infusionsoft.xmlrpc.decode import Decoded, FaultError, NotXmlRpcError, decode
from tap_infusionsoft.xmlrpc.faults import fault_of
from tap_infusionsoft.xmlrpc.repairs import WireRepair
from tap_infusionsoft.xmlrpc.scalars import WireTime
from tap_infusionsoft.xmlrpc.times import to_day, to_utc
from tap_infusionsoft.xmlrpc.wire_text import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.client.api import Document
    from tap_infusionsoft.client.call import Answer

API = "xmlrpc"
"""Name of the API among those that the client speaks."""
ROWS = "rows"
"""Key of the rows in the document that is made of an answer."""
TOO_LARGE = "IsTooLarge"
"""Column that says that the content of a file was left out."""
VALUE = "value"
"""Name of the only member of a row that is made of a value which is no struct."""

_PATH = "/crm/xmlrpc/v1"
_PLACEHOLDER = "placeholder"
"""In place of the private key: the gateway checks the credential, but the parameter has to be there."""


@dataclass(frozen=True, slots=True)
class XmlRpcCall(Call):
    """A call of a method.

    Attributes:
        arguments: What follows the private key. Text is cleaned of characters that XML forbids.
        limit: Index of the argument that limits the rows; None if there is none.
        times: Fields that hold times.
        days: Fields that hold days.
        what: What it asks for, for messages; such as the name of a table.
        beside: What to put beside the rows of its answer, by name.
    """

    arguments: tuple[Any, ...] = ()
    limit: int | None = None
    times: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    what: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)
    api: str = field(default=API, init=False)
    method: str = field(default="POST", init=False)

    def __str__(self) -> str:
        """Name the call in messages. Its conditions may hold personal data, so they are left out."""
        return f"XML-RPC {self.path} {self.what}".rstrip()

    @property
    def identity(self) -> tuple[object, ...]:
        """Method and arguments: all calls go to one path."""
        return (self.api, self.path, repr(self.arguments))

    @property
    def rows(self) -> int:
        """The page size; 0 if the call has none."""
        return int(self.arguments[self.limit]) if self.limit is not None else 0

    def smaller(self, least: int = SMALLEST_PAGE) -> Call:
        """Return the same call for half as many rows, if it has a page size.

        Args:
            least: Rows that are not halved any more.
        """
        if self.limit is None:
            return self
        rows = max(self.rows // 2, min(self.rows, least))
        return replace(
            self, arguments=(*self.arguments[: self.limit], rows, *self.arguments[self.limit + 1 :])
        )


class XmlRpc:
    """The XML-RPC API."""

    def request(self, call: Call) -> Request:
        """A POST of the method and its arguments."""
        assert isinstance(call, XmlRpcCall)  # noqa: S101  # it names this API
        arguments = (_PLACEHOLDER, *map(_cleaned, call.arguments))
        body = xmlrpc.client.dumps(arguments, call.path, encoding="UTF-8")
        return Request(_PATH, "text/xml", body.encode(), "text/xml; charset=UTF-8")

    def read(self, answer: Answer, call: Call, most: int, now: datetime) -> tuple[Document, Fault | None]:
        """Decode XML. The gateway in front of the API answers in JSON, and what is before it in HTML."""
        assert isinstance(call, XmlRpcCall)  # noqa: S101  # it names this API
        if answer.status != HTTPStatus.OK:
            return {}, _from_gateway(answer, call, now)
        if answer.is_left_out:
            return _too_large(None), None
        try:
            decoded = decode(answer.body)
        except FaultError as error:
            return {}, fault_of(error, now)
        except NotXmlRpcError as error:
            return {}, _not_xml(answer, call, now, str(error))
        if call.is_raw:
            return _file(decoded.value, most), None
        return {ROWS: _rows(decoded, call), **call.beside}, None


def _file(value: Any, most: int) -> Document:
    """The document of an answer that is a file: base64 in a text, or a value of that type.

    Args:
        value: The value.
        most: Bytes; the content of a larger file is left out.
    """
    data = base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
    length = len("".join(data.split()))
    size = length * 3 // 4 - data.rstrip()[-2:].count("=")
    if size > most:
        return _too_large(size)
    return {ROWS: [{"Data": data, "Size": size, TOO_LARGE: False}]}


def _too_large(size: int | None) -> Document:
    return {ROWS: [{"Data": None, "Size": size, TOO_LARGE: True}], "is_too_large": True}


def _cleaned(value: Any) -> Any:
    """An argument without what the service refuses: it cannot parse forbidden characters, and has no nil."""
    if isinstance(value, str):
        return FORBIDDEN.sub("", value)
    if isinstance(value, dict):
        return {name: _cleaned(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value


def _from_gateway(answer: Answer, call: Call, now: datetime) -> Fault:
    try:
        document = answer.json()
    except ValueError:
        document = None
    # A POST does not run a saved search here.
    found = classify(answer, document, Call(call.path, ROWS), now)
    assert found is not None  # noqa: S101  # its status is none of success
    return found


def _not_xml(answer: Answer, call: Call, now: datetime, reason: str) -> Fault:
    """The fault of a successful answer that is no response."""
    text = answer.body[:2_000].decode("utf-8", "replace")
    if not text.strip():
        return Fault(Kind.BLANK, "blank body", answer.status)
    if "create a session" in text:
        return Fault(Kind.SERVER_ERROR, "the service could not create a session", answer.status)
    if text.lstrip().startswith("{"):
        return _from_gateway(answer, call, now)
    is_cut = text.lstrip("\ufeff \r\n\t").startswith(("<?xml", "<methodResponse"))
    return Fault(Kind.DAMAGED if is_cut else Kind.NOT_JSON, reason, answer.status)


def _rows(decoded: Decoded, call: XmlRpcCall) -> Sequence[Mapping[str, Any]]:
    """The rows of an answer, with times in UTC. A single struct is one row, a single value a row of it."""
    value = decoded.value
    found = value if isinstance(value, list) else [value]
    rows: list[dict[str, Any]] = [one if isinstance(one, dict) else {VALUE: one} for one in found]
    repairs: dict[int, list[Repair]] = {}
    for path, kinds in decoded.repairs.items():
        place, inner = (int(path[0]), path[1:]) if isinstance(value, list) else (0, path)
        along = inner if isinstance(found[place], dict) else (VALUE, *inner)
        repairs.setdefault(place, []).extend(Repair(kind, along) for kind in kinds)
    for name in call.times | call.days:
        convert = to_day if name in call.days else to_utc
        for place, row in enumerate(rows):
            text = row.get(name)
            if text:
                row[name] = moment = convert(str(text))
                if moment is None:
                    repairs.setdefault(place, []).append(Repair(WireRepair.TIME, (name,)))
    for place, row in enumerate(rows):  # times that the call does not name, as those of saved searches
        if not _MAY_HOLD_TIMES.isdisjoint(map(type, row.values())):
            _convert_times(row, (), repairs.setdefault(place, []))
    for place, own in repairs.items():
        if own:
            rows[place] = RepairedObject(rows[place], own)
    return rows


_MAY_HOLD_TIMES = frozenset({WireTime, dict, list})


def _convert_times(value: Any, path: tuple[str | int, ...], repairs: list[Repair]) -> Any:
    """Return a value with all times in it in UTC. Structs and arrays are changed in place."""
    if isinstance(value, WireTime):
        found = to_utc(value)
        if found is None:
            repairs.append(Repair(WireRepair.TIME, path))
        return found
    if isinstance(value, dict | list):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            value[key] = _convert_times(inner, (*path, key), repairs)
    return value


APIS[API] = XmlRpc()

"""Calls to the XML-RPC API, and what its answers mean."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.api import APIS, Request
from tap_infusionsoft.client.call import SMALLEST_PAGE, Call
from tap_infusionsoft.client.faults import Fault, Kind, classify
from tap_infusionsoft.client.lenient_json import Repair, RepairedObject
from tap_infusionsoft.xmlrpc.decode import FaultError, NotXmlRpcError, decode
from tap_infusionsoft.xmlrpc.faults import COLLATION, fault_of, outage
from tap_infusionsoft.xmlrpc.repairs import WireRepair
from tap_infusionsoft.xmlrpc.request_body import body_of
from tap_infusionsoft.xmlrpc.scalars import WireTime
from tap_infusionsoft.xmlrpc.times import to_day, to_utc

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.client.api import Document
    from tap_infusionsoft.client.call import Answer
    from tap_infusionsoft.xmlrpc.decoded import Decoded

API = "xmlrpc"
"""Name of the API among those that the client speaks."""
ROWS = "rows"
"""Key of the rows in the document that is made of an answer."""
TOO_LARGE = "IsTooLarge"
"""Column that says that the content of a file was left out."""
VALUE = "value"
"""Name of the only member of a row that is made of a value which is no struct."""

_PATH = "/crm/xmlrpc/v1"
_RESPONSE = re.compile(r"[\ufeff\s]*(<\?xml[^>]*(\?>|$)\s*)?(<(methodResponse\b|$)|$)")
"""How a response begins, if it is not cut before that."""
_MUCH = 100
"""Characters of a fault before something that must be seen, too."""
_PLACEHOLDER = "placeholder"
"""In place of the private key: the gateway checks the credential, but the parameter has to be there."""


@dataclass(frozen=True, slots=True)
class XmlRpcCall(Call):
    """A call of a method.

    Attributes:
        arguments: What follows the private key. `body_of` says how they are sent.
        limit: Index of the argument that limits the rows; None if there is none.
        page: Index of the argument with the number of the page, from 0; None if there is none.
        conditions: Index of the argument with conditions on the rows; None if there is none.
        fields: Index of the argument with the names of fields; None if there is none.
        keys: Fields that are never left out.
        times: Fields that hold times.
        days: Fields that hold days.
        has_days: Whether times at midnight that it does not name are days.
        what: What it asks for, for messages; such as the name of a table.
        beside: What to put beside the rows of its answer, by name.
    """

    arguments: tuple[Any, ...] = ()
    limit: int | None = None
    page: int | None = None
    conditions: int | None = None
    fields: int | None = None
    keys: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    has_days: bool = False
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
        return self if self.limit is None else self.of_size(max(self.rows // 2, min(self.rows, least)))

    @property
    def first_row(self) -> int:
        """Number of the first row of the page, from 0."""
        return int(self.arguments[self.page]) * self.rows if self.page is not None else 0

    def of_size(self, most: int) -> XmlRpcCall:
        """Return the call for at most this many rows, from the same one on.

        Args:
            most: Rows; fewer if no page of that size begins there.
        """
        assert self.limit is not None  # noqa: S101  # otherwise there are no pages
        if self.page is None:
            return self._with({self.limit: most})
        rows = largest_page(self.first_row, most)
        return self._with({self.limit: rows, self.page: self.first_row // rows})

    @property
    def optional_fields(self) -> list[str]:
        """The fields that it asks for besides those that are never left out."""
        named = () if self.fields is None else self.arguments[self.fields]
        return [name for name in named if name not in self.keys]

    def without_fields(self, names: Collection[str]) -> XmlRpcCall:
        """Return the same call without some fields."""
        return self.with_fields([name for name in self.optional_fields if name not in names])

    def with_fields(self, optional: Sequence[str]) -> XmlRpcCall:
        """Return the same call with the fields that are never left out and these."""
        if self.fields is None:
            return self
        kept = [name for name in self.arguments[self.fields] if name in self.keys or name in optional]
        return self._with({self.fields: kept or sorted(self.keys)})

    def for_one_row(self, optional: Sequence[str], conditions: Mapping[str, Any]) -> XmlRpcCall:
        """Return a call that shows whether the service takes some fields.

        Args:
            optional: The fields, besides those that are never left out.
            conditions: Field -> its value in the row.
        """
        values = ((self.limit, 1), (self.page, 0), (self.conditions, dict(conditions)))
        first = {place: value for place, value in values if place is not None}
        return self._with(first).with_fields(optional)

    def without_conditions(self, unwanted: Mapping[str, Any]) -> XmlRpcCall:
        """Return the same call without those of its conditions that are among these."""
        if self.conditions is None:
            return self
        given = self.arguments[self.conditions]
        left = {name: value for name, value in given.items() if unwanted.get(name) != value}
        return self._with({self.conditions: left})

    def _with(self, values: Mapping[int, Any]) -> XmlRpcCall:
        """Return the same call with other arguments, by index."""
        arguments = tuple(values.get(place, one) for place, one in enumerate(self.arguments))
        return replace(self, arguments=arguments)


def largest_page(first_row: int, most: int) -> int:
    """The largest page size, up to a limit, of which a page begins with a row, counted from 0."""
    return next(rows for rows in range(most, 0, -1) if first_row % rows == 0)


class XmlRpc:
    """The XML-RPC API."""

    has_one_address = True

    def request(self, call: Call) -> Request:
        """A POST of the method and its arguments.

        Raises:
            ExchangeError: An argument cannot be sent.
        """
        assert isinstance(call, XmlRpcCall)  # noqa: S101  # it names this API
        body = body_of(call.path, (_PLACEHOLDER, *call.arguments))
        return Request(_PATH, "text/xml", body, "text/xml; charset=UTF-8")

    def read(self, answer: Answer, call: Call, most: int, now: datetime) -> tuple[Document, Fault | None]:
        """Decode XML. The gateway in front of the API answers in JSON, and what is before it in HTML."""
        assert isinstance(call, XmlRpcCall)  # noqa: S101  # it names this API
        if answer.status != HTTPStatus.OK:
            return {}, outage(_from_gateway(answer, call, now), now)
        if answer.is_left_out:
            return _too_large(None), None
        try:
            decoded = decode(answer.body)
        except FaultError as error:
            return {}, _named(fault_of(error, now), call)
        except NotXmlRpcError as error:
            return {}, outage(_not_xml(answer, call, now, str(error)), now)
        if call.is_raw:
            return _file(decoded.value, most), None
        return {ROWS: _rows(decoded, call), **call.beside}, None

    def broken(self, fault: Fault, call: Call, now: datetime) -> Fault:
        """No connection may be what a brownout looks like."""
        del call
        return outage(fault, now)


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


def _from_gateway(answer: Answer, call: Call, now: datetime) -> Fault:
    try:
        document = answer.json()
    except ValueError:
        document = None
    # A POST does not run a saved search here.
    found = classify(answer, document, Call(call.path, ROWS), now)
    return found or Fault(Kind.NOT_JSON, "a document in JSON", answer.status)


def _named(fault: Fault, call: XmlRpcCall) -> Fault:
    """A fault that says, if a character is its reason, which conditions have one beyond ASCII."""
    if fault.advice != COLLATION or call.conditions is None:
        return fault
    odd = [name for name, value in call.arguments[call.conditions].items() if not str(value).isascii()]
    if not odd:
        return fault
    words = fault.text.rpartition(": ")[2]
    return replace(fault, text=f"{words[:_MUCH]} (in the condition on {', '.join(odd)})")


def _not_xml(answer: Answer, call: Call, now: datetime, reason: str) -> Fault:
    """The fault of a successful answer that is no response."""
    text = answer.body[:2_000].decode("utf-8", "replace")
    if not text.strip():
        return Fault(Kind.BLANK, "blank body", answer.status)
    if "create a session" in text:
        return Fault(Kind.SERVER_ERROR, "the service could not create a session", answer.status)
    if text.lstrip().startswith("{"):
        return _from_gateway(answer, call, now)
    is_cut = _RESPONSE.match(text) is not None
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
                row[name] = moment = convert(text if isinstance(text, str) else str(text))
                if moment is None:
                    repairs.setdefault(place, []).append(Repair(WireRepair.TIME, (name,)))
    if decoded.times - call.times - call.days:  # as in saved searches
        for place, row in enumerate(rows):
            _convert_times(row, (), repairs.setdefault(place, []), has_days=call.has_days)
    for place, own in repairs.items():
        if own:
            rows[place] = RepairedObject(rows[place], own)
    return rows


def _convert_times(value: Any, path: tuple[str | int, ...], repairs: list[Repair], *, has_days: bool) -> Any:
    """Return a value with all times in it in UTC. Structs and arrays are changed in place.

    Args:
        value: The value.
        path: Where it is.
        repairs: Gets what had to be repaired.
        has_days: Whether times at midnight are days.
    """
    if isinstance(value, WireTime):
        found = (to_day if has_days and value.endswith("T00:00:00") else to_utc)(value)
        if found is None:
            repairs.append(Repair(WireRepair.TIME, path))
        return found
    if isinstance(value, dict | list):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            value[key] = _convert_times(inner, (*path, key), repairs, has_days=has_days)
    return value


APIS[API] = XmlRpc()

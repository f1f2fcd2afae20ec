"""Faults of the XML-RPC API by name. They strike its calls only."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from keap_sandbox.faults.effects import Effect, FaultContext
from keap_sandbox.faults.xmlrpc_values import VALUES
from keap_sandbox.responses import Response
from keap_sandbox.xmlrpc.endpoint import XML, XmlResponse, new_writer
from keap_sandbox.xmlrpc.faults import NAMES
from keap_sandbox.xmlrpc.writing import InOrder, Raw

__all__ = ["BLOCKED", "SESSION", "TOO_LONG", "XMLRPC_FAULTS", "XMLRPC_GROUPS", "check_xmlrpc_fault"]

Make = Callable[[FaultContext], Effect]
Change = Callable[[Response, FaultContext], Response]

SESSION = (
    "Server encountered exception: java.lang.IllegalStateException: Cannot create a session after the "
    "response has been committed"
)
_THREADS = (
    "[500] Server encountered exception: com.infusionsoft.throttle.ThrottlingException: "
    "Maximum number of threads throttled"
)
TOO_LONG = "[DatabaseError] Query took too long and was cancelled"
BLOCKED = "[DatabaseError] Too many consecutive failures. This saved search is blocked temporarily"
_EXTENSIONS = b' xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"'


def check_xmlrpc_fault(what: Mapping[str, Any]) -> str:
    """Return what is wrong with the settings of a rule; empty if nothing is."""
    kinds = what.get("kinds", [])
    if not isinstance(kinds, list) or any(kind not in VALUES for kind in kinds):
        return f"kinds takes a list of {', '.join(VALUES)}"
    for name in ("field", "xml", "text"):
        if not isinstance(what.get(name, ""), str):
            return f"{name} must be a text"
    if isinstance(what.get("id", 0), bool) or not isinstance(what.get("id", 0), int):
        return "id must be a whole number"
    try:
        what.get("xml", "").encode(what.get("encoding", "utf-8"))
    except (LookupError, TypeError, UnicodeEncodeError) as error:
        return f"xml cannot be written in that encoding: {error}"
    return ""


# -- other answers -----------------------------------------------------------------------------------------


def _fault(code: int, text: str) -> Make:
    """Return a fault whose code and text a rule may set."""

    def make(context: FaultContext) -> Effect:
        number = int(context.what.get("code", code))
        words = context.what.get("text")
        if words is None:
            name = f"[{NAMES[number]}]" if number in NAMES else ""
            words = text if number == code else f"{name}An error occurred"
        body = new_writer(context.switches).fault(number, words)
        return Effect(Response(context.status(200), body, XML))

    return make


def _odd_fault(code: str, text: str | None) -> Make:
    """Return a fault whose members are odd."""
    return lambda context: Effect(Response(200, new_writer(context.switches).fault_members(code, text), XML))


def _search_fails(context: FaultContext) -> Effect:
    """Fail as a search that takes too long, and after some failures as one that is blocked for that.

    Searches are counted one by one, and so are data tables.
    """
    search = str(context.call.values[:1]) if context.call else ""
    context.memory[search] = failed = context.memory.get(search, 0) + 1
    text = TOO_LONG if failed <= int(context.what.get("failures", 5)) else BLOCKED
    return Effect(Response(200, new_writer(context.switches).fault(4, text), XML))


def _body(body: bytes, content_type: str = XML) -> Make:
    return lambda context: Effect(Response(context.status(200), body, content_type))


# -- changed answers ---------------------------------------------------------------------------------------


def _changed(change: Change) -> Make:
    return lambda context: Effect(change=lambda response: change(response, context))


def _on_bytes(change: Callable[[bytes], bytes]) -> Make:
    return _changed(lambda response, _: replace(response, body=change(response.body)))


def _rows(value: Any) -> list[Any]:
    """Return the structs of a value: its rows, or itself."""
    if isinstance(value, Mapping):
        return [value]
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _place(value: Any, what: Mapping[str, Any]) -> int | None:
    """Return the number of the row that a rule means; None if it is not among these."""
    rows = _rows(value)
    if "id" not in what:
        place = int(what.get("row", 0))
        return place if place < len(rows) else None
    keys = getattr(value, "keys", None)
    ids = keys if isinstance(keys, list) else [row.get("Id") for row in rows]
    return ids.index(what["id"]) if what["id"] in ids else None


def _asked(context: FaultContext, field: str) -> bool:
    """Tell if a call asks for a field; one that names no fields asks for all."""
    lists = [one for one in context.call.values if isinstance(one, list)] if context.call else []
    return not lists or any(field in one for one in lists)


def _field(row: Mapping[str, Any], kind: type) -> str | None:
    """Return the member to replace: the first of the type but the id; else the first text."""
    for wanted in (kind, str):
        for name, value in row.items():
            if type(value) is wanted and name != "Id":
                return name
    return None


def _put(response: Response, context: FaultContext, values: list[tuple[bytes, type]]) -> Response:
    """Write values instead of those of successive rows, each in the member of the rule or of its type."""
    if not isinstance(response, XmlResponse):
        return response
    what, rows = context.what, _rows(response.value)
    start = _place(response.value, what)
    if start is None or ("field" in what and not _asked(context, what["field"])):
        return response
    raws: dict[bytes, bytes] = {}
    for number, (xml, kind) in enumerate(values):
        if start + number >= len(rows):
            break
        row = rows[start + number]
        field = what.get("field") or _field(row, kind)
        if field is None:
            continue
        mark = f"\x02{number}\x03"
        raws[mark.encode()] = xml
        copied: dict[str, Any] = InOrder(row) if isinstance(row, InOrder) else dict(row)
        copied[field] = Raw(mark, whole=xml.startswith(b"<value"))
        rows[start + number] = copied
    value = rows[0] if isinstance(response.value, Mapping) else rows
    body = new_writer(context.switches).response(value)
    if any(b"<ex:" in xml for xml in raws.values()) and _EXTENSIONS not in body:
        body = body.replace(b"<methodResponse>", b"<methodResponse%s>" % _EXTENSIONS, 1)
    for mark_bytes, xml in raws.items():
        body = body.replace(mark_bytes, xml, 1)
    return replace(response, body=body)


def _value(response: Response, context: FaultContext) -> Response:
    what = context.what
    if "kinds" in what:
        return _put(response, context, [(VALUES[kind].xml, VALUES[kind].type) for kind in what["kinds"]])
    return _put(response, context, [(what.get("xml", "").encode(what.get("encoding", "utf-8")), str)])


def _kind(xml: bytes, kind: type) -> Make:
    return _changed(lambda response, context: _put(response, context, [(xml, kind)]))


def _twice(response: Response, context: FaultContext) -> Response:
    """Write a member twice in a row; the second value is the one that was there."""
    if not isinstance(response, XmlResponse):
        return response
    place = _place(response.value, context.what)
    row = _rows(response.value)[place] if place is not None else {}
    field = context.what.get("field") or _field(row, str)
    if field not in row:
        return response
    other = f"<value>first</value></member><member><name>{field}</name>".encode()
    own = new_writer(context.switches).response(row[field])
    own = own.partition(b"<param>")[2].rpartition(b"</param>")[0]
    context.what = {**context.what, "field": field}
    return _put(response, context, [(other + own, str)])


def _missing_row(response: Response, context: FaultContext) -> Response:
    if not isinstance(response, XmlResponse) or not isinstance(response.value, list):
        return response
    rows, place = list(response.value), _place(response.value, context.what)
    if place is None:
        return response
    del rows[place]
    return replace(response, body=new_writer(context.switches).response(rows))


def _text_first(response: Response, context: FaultContext) -> Response:
    return replace(response, body=context.what.get("text", "\n").encode() + response.body)


def _unwritable(response: Response, context: FaultContext) -> Response:
    """Send no body if the page has the record, and its field, that cannot be written."""
    if not isinstance(response, XmlResponse):
        return response
    place = _place(response.value, context.what)
    if place is None:
        return response
    # One field of a record cannot be written, in every call the same, and never its id.
    field = context.what.get("field") or context.memory.get("unwritable")
    field = field or _field(_rows(response.value)[place], str)
    if field is None or not _asked(context, field):
        return response
    context.memory["unwritable"] = field
    return Response(200, b"", XML)


def _content_type(response: Response, context: FaultContext) -> Response:
    return replace(response, content_type=context.what.get("content_type", "text/html; charset=ISO-8859-1"))


def _cut(body: bytes) -> bytes:
    """Cut a body in the middle of a row, or of what else it holds."""
    middle = body.find(b"<name>", len(body) // 2)
    return body[: middle + 8 if middle > 0 else len(body) // 2]


def _packed(body: bytes) -> bytes:
    packer = zlib.compressobj(6, wbits=31)
    return packer.compress(body) + packer.flush()


def _gzip_cut(response: Response, _: FaultContext) -> Response:
    packed = _packed(response.body)
    return replace(
        response,
        body=packed[: len(packed) * 2 // 3],
        headers={**response.headers, "content-encoding": "gzip"},
    )


def _gzip_length(_: FaultContext) -> Effect:
    """Send a compressed body with the length of the plain one, and close the connection after it."""
    effect = Effect()

    def change(response: Response) -> Response:
        packed = _packed(response.body)
        effect.truncate_at = len(packed)
        return replace(
            response,
            body=packed.ljust(len(response.body), b"\0"),
            headers={**response.headers, "content-encoding": "gzip"},
        )

    effect.change = change
    return effect


def _missing_chunk(_: FaultContext) -> Effect:
    """Send half of the body in chunks, and close the connection before the last one."""
    effect = Effect(chunks=1024)

    def change(response: Response) -> Response:
        effect.truncate_at = len(response.body) // 2
        return response

    effect.change = change
    return effect


def _wrapped(inner: bytes, start: bytes = b"") -> bytes:
    value = b"<params><param><value>%s</value></param></params>" % inner
    return b'<?xml version="1.0"?>%s<methodResponse>%s</methodResponse>' % (start, value)


def _entities(_: FaultContext) -> Effect:
    """Declare entities each of which is ten of the one before, and use the last."""
    lines = [b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"x" * 10) for n in range(10)]
    return Effect(Response(200, _wrapped(b"&e9;", b"<!DOCTYPE r [%s]>" % b"".join(lines)), XML))


def _deep(context: FaultContext) -> Effect:
    depth = int(context.what.get("size", 100_000))
    inner = b"<array><data><value>" * depth + b"</value></data></array>" * depth
    return Effect(Response(200, _wrapped(inner), XML))


@lru_cache(maxsize=4)
def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    start, end = _wrapped(b"|").split(b"|")
    parts = [packer.compress(start), *(packer.compress(b"x" * 1_048_576) for _ in range(megabytes))]
    return b"".join([*parts, packer.compress(end), packer.flush()])


def _gzip_bomb(context: FaultContext) -> Effect:
    body = _bomb(int(context.what.get("size", 200)))
    return Effect(Response(200, body, XML, {"content-encoding": "gzip"}))


Fault = tuple[str, Make]
_HTML = "text/html; charset=utf-8"
XMLRPC_GROUPS: dict[str, dict[str, Fault]] = {
    "XML-RPC: faults": {
        "xmlrpc_fault": (
            "a fault (code, default 4; text; status)",
            _fault(4, "[DatabaseError]An error occurred"),
        ),
        "xmlrpc_too_long": ("fault 4, the query took too long", _fault(4, TOO_LONG)),
        "xmlrpc_blocked": ("fault 4, the saved search is blocked", _fault(4, BLOCKED)),
        "xmlrpc_search_fails": (
            "the query takes too long some times, and then is blocked (failures, default 5)",
            _search_fails,
        ),
        "xmlrpc_search_results": (
            "fault 3, with another name in its text",
            _fault(3, "[Unexpected] Unable to get Saved Search Results"),
        ),
        "xmlrpc_loading": (
            "fault 6, with another name in its text",
            _fault(6, "[Loading]Error loading follow-up sequence"),
        ),
        "xmlrpc_session": ("fault 500, a session could not be created", _fault(500, SESSION)),
        "xmlrpc_throttled": (
            "fault 500, too many threads",
            _fault(500, _THREADS),
        ),
        "xmlrpc_ip_refused": (
            "fault 500, the address is not allowed",
            _fault(500, "Server encountered exception: java.lang.Exception: IP access not allowed"),
        ),
        "xmlrpc_index": ("fault 0, an exception in Java", _fault(0, "String index out of range: -4")),
        "xmlrpc_code_as_text": (
            "a fault whose code is a text",
            _odd_fault("4", "[DatabaseError]An error occurred"),
        ),
        "xmlrpc_no_text": ("a fault without a text", _odd_fault("<i4>4</i4>", None)),
        "xmlrpc_empty_text": ("a fault with an empty text", _odd_fault("<i4>4</i4>", "")),
    },
    "XML-RPC: answers with status 200 that are none": {
        "xmlrpc_blank": ("an empty body (status)", _body(b"")),
        "xmlrpc_blank_lines": ("a body of blanks (status)", _body(b" \n ")),
        "xmlrpc_session_text": (
            "a sentence about a session (status)",
            _body(SESSION.encode(), "text/plain"),
        ),
        "xmlrpc_other_root": (
            "XML with another root (status)",
            _body(b'<?xml version="1.0"?><error><message>Bad credential</message></error>'),
        ),
        "xmlrpc_html": (
            "an HTML page (status)",
            _body(b"<html><head><title>Keap</title></head><body>Sign in</body></html>", _HTML),
        ),
        "xmlrpc_unwritable": (
            "no body for a page with a record that the library cannot write (id or row, field)",
            _changed(_unwritable),
        ),
        "xmlrpc_cut": ("a body that breaks off, but is complete for HTTP", _on_bytes(_cut)),
        "xmlrpc_missing_chunk": ("a body in chunks whose second half never comes", _missing_chunk),
        "xmlrpc_gzip_cut": ("a compressed body that breaks off", _changed(_gzip_cut)),
        "xmlrpc_entities": ("entities that are 10 GB when they are resolved", _entities),
        "xmlrpc_deep": ("deeply nested arrays (size, default 100,000)", _deep),
        "xmlrpc_gzip_bomb": (
            "a small body that decompresses to a large one (size in MiB, default 200)",
            _gzip_bomb,
        ),
    },
    "XML-RPC: readable answers in another form": {
        "xmlrpc_gzip_length": ("a compressed body with the length of the plain one", _gzip_length),
        "xmlrpc_content_type": (
            "another content type (content_type, default text/html; charset=ISO-8859-1)",
            _changed(_content_type),
        ),
        "xmlrpc_bom": ("a byte order mark", _on_bytes(lambda body: b"\xef\xbb\xbf" + body)),
        "xmlrpc_missing_row": ("a row is missing (id or row)", _changed(_missing_row)),
        "xmlrpc_text_first": (
            "blanks before the XML declaration (text, default a line break)",
            _changed(_text_first),
        ),
        "xmlrpc_duplicate_member": (
            "a member that occurs twice, its own value last (id or row, field)",
            _changed(_twice),
        ),
    },
    "XML-RPC: values": {
        "xmlrpc_value": (
            "XML of yours, or several of these in a row each (xml, encoding; kinds; id or row, field)",
            _changed(_value),
        ),
        **{
            f"xmlrpc_{name}": (f"{one.about} (id or row, field)", _kind(one.xml, one.type))
            for name, one in VALUES.items()
        },
    },
}
"""As in the catalog of all faults."""
XMLRPC_FAULTS: dict[str, Fault] = {
    name: fault for group in XMLRPC_GROUPS.values() for name, fault in group.items()
}

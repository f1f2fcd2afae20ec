"""Answers and the shapes of Keap's errors."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import msgspec

__all__ = [
    "KeapError",
    "Response",
    "bad_request",
    "gateway_fault",
    "html_page",
    "json_response",
    "not_found",
    "v2_error",
    "xmlrpc_fault",
]

JSON = "application/json"
HTML = "text/html; charset=utf-8"

STATUS_WORDS = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    500: "INTERNAL_SERVER_ERROR",
    501: "NOT_IMPLEMENTED",
    503: "SERVICE_UNAVAILABLE",
    504: "GATEWAY_TIMEOUT",
}


@dataclass
class Response:
    """A whole answer, before it meets the network."""

    status: int = 200
    body: bytes = b""
    content_type: str | None = JSON
    headers: dict[str, str] = field(default_factory=dict)


class KeapError(Exception):
    """An answer that ends the handling of a call."""

    def __init__(self, status: int, message: str, *, domain: str = "", resource: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.domain = domain or "global"
        self.resource = resource


def bad_request(message: str, resource: str = "") -> KeapError:
    """An application error of status 400."""
    return KeapError(400, message, domain="request", resource=resource)


def not_found(what: str, key: object = "") -> KeapError:
    """An application error of status 404."""
    return KeapError(
        404, f"{what} with id {key} was not found" if key != "" else f"{what} was not found", resource=what
    )


def encode(body: Any) -> bytes:
    """JSON; planted values that strict JSON does not have (half surrogates, huge integers) go out escaped."""
    try:
        return msgspec.json.encode(body)
    except (ValueError, OverflowError):
        return json.dumps(body, default=lambda one: json.loads(bytes(one))).encode()


def json_response(body: Any, status: int = 200) -> Response:
    """An answer with a JSON body."""
    return Response(status, encode(body))


def html_page(status: int, title: str, text: str) -> Response:
    """An HTML page as proxies and front ends send them."""
    page = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1><p>{text}</p></body></html>\n"
    return Response(status, page.encode(), HTML)


def gateway_fault(status: int, text: str, code: str) -> Response:
    """The API gateway's own JSON fault."""
    return json_response({"fault": {"faultstring": text, "detail": {"errorcode": code}}}, status)


def v2_error(status: int, message: str, domain: str = "global", resource: str = "") -> Response:
    """REST v2's application error."""
    word = STATUS_WORDS.get(status, "ERROR")
    details = [{"domain": domain, "resource": resource}]
    return json_response({"code": status, "message": message, "status": word, "details": details}, status)


def shaped_error(
    shape: str, status: int, message: str, domain: str = "global", resource: str = ""
) -> Response:
    """An application error in any of the shapes that Keap uses for one."""
    if shape == "v1":
        return json_response({"message": message}, status)
    if shape == "html":
        return html_page(status, f"Error {status}", message)
    if shape == "blank":
        return Response(status, b"", None)
    if shape == "string_code":
        return json_response(
            {
                "code": str(status),
                "message": message,
                "status": STATUS_WORDS.get(status, "ERROR"),
                "details": None,
            },
            status,
        )
    if shape == "gateway":
        return gateway_fault(status, message, f"steps.raisefault.{STATUS_WORDS.get(status, 'RaiseFault')}")
    return v2_error(status, message, domain, resource)


def xmlrpc_fault(text: str, code: int = 4) -> Response:
    """The XML-RPC form; Keap sends it with status 200."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><methodResponse><fault><value><struct>'
        f"<member><name>faultCode</name><value><i4>{code}</i4></value></member>"
        f"<member><name>faultString</name><value>{text}</value></member>"
        "</struct></value></fault></methodResponse>"
    )
    return Response(200, body.encode(), "text/xml;charset=UTF-8")

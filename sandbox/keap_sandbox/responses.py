"""Responses, and the shapes of Keap's errors."""

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
    """A response before it is sent."""

    status: int = 200
    body: bytes = b""
    content_type: str | None = JSON
    headers: dict[str, str] = field(default_factory=dict)
    dropped: bool = False
    """Close the connection instead of sending anything."""


class KeapError(Exception):
    """An error response of the application; raising it ends the handling of the request."""

    def __init__(self, status: int, message: str, *, domain: str = "", resource: str = "") -> None:
        """Describe the error.

        Args:
            status: The HTTP status.
            message: The text for the client.
            domain: The `domain` in the error's details; `global` by default.
            resource: The `resource` in the error's details, such as the parameter that is wrong.
        """
        super().__init__(message)
        self.status = status
        self.message = message
        self.domain = domain or "global"
        self.resource = resource


def bad_request(message: str, resource: str = "") -> KeapError:
    """Return a 400 of the application; `resource` names the parameter or property that is wrong."""
    return KeapError(400, message, domain="request", resource=resource)


def not_found(what: str, key: object = "") -> KeapError:
    """Return a 404 of the application, about a kind of record and, if given, its id."""
    return KeapError(
        404, f"{what} with id {key} was not found" if key != "" else f"{what} was not found", resource=what
    )


def encode(body: Any) -> bytes:
    """Encode as JSON.

    Tests may plant values that msgspec refuses, such as lone surrogates and huge integers. `json` doesn't.
    """
    try:
        return msgspec.json.encode(body)
    except (ValueError, OverflowError):
        return json.dumps(body, default=lambda one: json.loads(bytes(one))).encode()


def json_response(body: Any, status: int = 200) -> Response:
    """Return a response with a JSON body."""
    return Response(status, encode(body))


def html_page(status: int, title: str, text: str) -> Response:
    """Return an HTML page like those of proxies and front ends."""
    page = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n"
        f"<body><h1>{title}</h1><p>{text}</p></body></html>\n"
    )
    return Response(status, page.encode(), HTML)


def gateway_fault(status: int, text: str, code: str) -> Response:
    """Return a JSON fault of the API gateway."""
    return json_response({"fault": {"faultstring": text, "detail": {"errorcode": code}}}, status)


def v2_error(status: int, message: str, domain: str = "global", resource: str = "") -> Response:
    """Return an application error of REST v2."""
    word = STATUS_WORDS.get(status, "ERROR")
    details = [{"domain": domain, "resource": resource}]
    return json_response({"code": status, "message": message, "status": word, "details": details}, status)


def shaped_error(
    shape: str, status: int, message: str, domain: str = "global", resource: str = ""
) -> Response:
    """Return an application error in one of the shapes that Keap uses.

    Args:
        shape: `v1`, `html`, `blank`, `string_code` or `gateway`; anything else is REST v2's own.
        status: The HTTP status.
        message: The text for the client.
        domain: The `domain` in the details of the v2 shape.
        resource: The `resource` in the details of the v2 shape.
    """
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

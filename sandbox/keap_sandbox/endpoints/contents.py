"""Responses with content instead of rows: files, images, HTML."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from keap_sandbox.responses import HTML, Response, json_response

if TYPE_CHECKING:
    from keap_sandbox.request import World

__all__ = ["content", "html", "snippet"]


def content(world: World, data: bytes) -> Response:
    """Return bytes: raw or as base64 in JSON, depending on the switch `file_data`.

    Args:
        world: Has the switches.
        data: The bytes.
    """
    if world.switches.file_data == "bytes":
        return Response(200, data, "application/octet-stream")
    return json_response(base64.b64encode(data).decode())


def html(text: str) -> Response:
    """Return HTML."""
    return Response(200, text.encode(), HTML)


def snippet(world: World, text: str) -> Response:
    """Return HTML that is documented as JSON: as either, depending on the switch `snippets`.

    Args:
        world: Has the switches.
        text: The HTML.
    """
    return html(text) if world.switches.snippets == "html" else json_response(text)

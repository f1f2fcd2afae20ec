"""Answers that are contents and not rows: files, images, HTML."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from keap_sandbox.responses import HTML, Response, json_response

if TYPE_CHECKING:
    from keap_sandbox.request import World

__all__ = ["content", "html", "snippet"]


def content(world: World, data: bytes) -> Response:
    """Bytes, in the form that the switch says."""
    if world.switches.file_data == "bytes":
        return Response(200, data, "application/octet-stream")
    return json_response(base64.b64encode(data).decode())


def html(text: str) -> Response:
    """A piece of HTML."""
    return Response(200, text.encode(), HTML)


def snippet(world: World, text: str) -> Response:
    """A piece of HTML that is documented as JSON."""
    return html(text) if world.switches.snippets == "html" else json_response(text)

"""Sends responses, with the network faults that a rule asks for: resets, truncation, dripping, silence."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import zlib
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from keap_sandbox.faults.effects import Effect
    from keap_sandbox.responses import Response

__all__ = ["send"]

_GZIP_MIN_BYTES = 1024


def _compressed(response: Response) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(response.body) + packer.flush()


async def send(
    request: web.BaseRequest, response: Response, effect: Effect, *, gzip: bool
) -> web.StreamResponse:
    """Send a response, with the network faults of its effect.

    Args:
        request: The request to respond to.
        response: The response.
        effect: The network faults, if any.
        gzip: Compress bodies of more than 1 KiB for clients that accept gzip.

    Returns:
        aiohttp's own response, as it expects from a handler.
    """
    if response.dropped:
        _close(request)
        return web.StreamResponse()
    headers = dict(response.headers)
    body = response.body
    plain = "content-encoding" not in headers and len(body) > _GZIP_MIN_BYTES
    if gzip and plain and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = _compressed(response)
        headers["content-encoding"] = "gzip"
    if response.content_type:
        headers["content-type"] = response.content_type
    broken = effect.reset_after_bytes is not None or effect.truncate_at is not None
    if not (broken or effect.hang or effect.drip or effect.chunks or effect.endless):
        whole = web.Response(status=response.status, body=body, headers=headers)
        if response.content_type is None:
            whole.headers.popall("content-type", None)  # aiohttp adds one by itself
        return whole
    stream = web.StreamResponse(status=response.status, headers=headers)
    with contextlib.suppress(ConnectionError):
        if effect.reset_after_bytes == 0 or (effect.hang and not effect.truncate_at):
            if effect.hang:
                await _silence(request)
            _reset(request)
        elif effect.endless:
            await _endless(request, stream, body)
        else:
            if effect.chunks:
                stream.enable_chunked_encoding()
            else:
                stream.content_length = len(body)
            await stream.prepare(request)
            await _partly(request, stream, body, effect)
    return stream


async def _partly(request: web.BaseRequest, stream: web.StreamResponse, body: bytes, effect: Effect) -> None:
    end = effect.reset_after_bytes if effect.reset_after_bytes is not None else effect.truncate_at
    part = body if end is None else body[:end]
    if effect.drip:
        step = max(1, int(effect.drip / 10))
        for start in range(0, len(part), step):
            await stream.write(part[start : start + step])
            await asyncio.sleep(step / effect.drip)
    elif effect.chunks:
        for start in range(0, len(part), effect.chunks):
            await stream.write(part[start : start + effect.chunks])
    elif part:
        await stream.write(part)
    if effect.hang:
        await _silence(request)
    if effect.reset_after_bytes is not None:
        _reset(request)
    elif end is not None:
        _close(request)
    else:
        await stream.write_eof()


async def _silence(request: web.BaseRequest) -> None:
    """Send nothing until the client closes the connection."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def _endless(request: web.BaseRequest, stream: web.StreamResponse, body: bytes) -> None:
    stream.enable_chunked_encoding()
    await stream.prepare(request)
    await stream.write(body[:-1] or b"[")
    while request.transport is not None and not request.transport.is_closing():
        await stream.write(b" " * 65_536)
        await asyncio.sleep(0)


def _reset(request: web.BaseRequest) -> None:
    """Reset the TCP connection."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _close(request: web.BaseRequest) -> None:
    """Close the TCP connection in an orderly way, though the body is incomplete."""
    if request.transport is not None:
        request.transport.close()

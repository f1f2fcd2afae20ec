"""Expands a body that is compressed with gzip, and knows where it ends.

The library's own decoder takes a body that was cut off for a whole one. And a server, or a proxy before it,
may tell the length of the expanded body, so that the end of the compressed data is the only one to go by.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from urllib3.exceptions import DecodeError, HTTPError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = frozenset({"gzip", "x-gzip"})
"""What the Content-Encoding header calls it."""

_MAGIC = b"\x1f"
_WINDOW = 16 + zlib.MAX_WBITS
_PIECE = 1 << 20
"""Bytes that are expanded at once."""


def expanded(read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield the expanded body in pieces.

    Args:
        read: Returns more of the compressed body, and nothing after its end.

    Raises:
        DecodeError: It is no gzip, or ends too early.
        HTTPError: It could not be read, and is not complete.
        OSError: Likewise.
    """
    member, data = zlib.decompressobj(_WINDOW), b""
    is_empty = True
    while True:
        try:
            data = read()
        except (HTTPError, OSError):
            if member.eof:
                return  # nothing is missing but what the length promised
            raise
        if not data:
            break
        is_empty = False
        while data:
            if member.eof:
                if not data.startswith(_MAGIC):
                    break  # padding
                member = zlib.decompressobj(_WINDOW)
            try:
                yield member.decompress(data, _PIECE)
            except zlib.error as error:
                raise DecodeError(str(error)) from None
            data = member.unconsumed_tail or member.unused_data
    if not member.eof and not is_empty:
        raise DecodeError("the end is missing")

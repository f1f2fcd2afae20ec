"""Long texts in the state: compressed, so that a state stays short enough to be written often."""

from __future__ import annotations

import base64
import binascii
import zlib

LONGEST = 1000
"""Characters of a text that is kept as it is; longer ones are compressed."""
_PACKED = "z:"


def is_packed(text: str) -> bool:
    """Whether a text is what `pack` makes of a long one."""
    return text.startswith(_PACKED)


def pack(text: str) -> str:
    """Return a text as it is, or compressed if it is long. It must not begin with ``z:``."""
    if len(text) <= LONGEST:
        return text
    return _PACKED + base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text: str) -> str:
    """Return the text that `pack` was given.

    Raises:
        ValueError: It was compressed, but cannot be read any more.
    """
    if not is_packed(text):
        return text
    try:
        return zlib.decompress(base64.b64decode(text.removeprefix(_PACKED), validate=True)).decode()
    except (ValueError, binascii.Error, zlib.error) as error:
        raise ValueError(str(error)) from None

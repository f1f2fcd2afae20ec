"""The end of the API: its streams fail before any call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.xmlrpc.faults import END

if TYPE_CHECKING:
    from datetime import datetime


def check_end(started: datetime, rest: str) -> None:
    """Refuse a stream after the end of the API, before any call.

    Args:
        started: When the run started.
        rest: The streams that REST has in its place; empty for none.

    Raises:
        ConfigError: The API has ended.
    """
    if started < END:
        return
    names = " and ".join(rest.split())
    instead = f"REST has {names} instead" if rest else "REST has nothing in its place: keep the last copy"
    raise ConfigError(
        f"XML-RPC ended on 2026-12-31, so this stream cannot be read any more; {instead}. "
        "Remove it from the settings that begin with legacy_, or deselect it."
    )

"""The calls that the next streams begin with, to be sent while one before them brings its rows out.

Most streams of a night are one call, whose answer takes longer than what is done with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.stream import KeapStream


def openings(streams: Iterable[KeapStream]) -> list[Call]:
    """The first calls of streams, in their order, as far as they are known and leave room for what follows them."""
    found = []
    for stream in streams:
        call = stream.opening
        if call is None or call.method != "GET":
            break  # the run of a saved search is hard work for Keap: one at a time
        found.append(call)
        if call.behind is not None:
            break  # a walk by ids sends more calls ahead
    return found

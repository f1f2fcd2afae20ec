"""A Keap account on localhost: for trying the tap out, for its tests and for users' own tests.

It imports nothing from the rest of the package, and nothing in the rest imports it.

    with Sandbox(seed=1, contacts=200) as box:
        ...  # box.url, box.api_key, box.requests(), box.fault("spike_arrest", times=1)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keap_sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> Any:
    """Import the server only when it is asked for: it needs aiohttp, which the tap itself does not."""
    if name == "Sandbox":
        from keap_sandbox.sandbox import Sandbox  # noqa: PLC0415

        return Sandbox
    raise AttributeError(name)

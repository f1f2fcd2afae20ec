"""What a fault does to a call, and what it can see of the call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.responses import Response
    from keap_sandbox.switches import Switches
    from keap_sandbox.xmlrpc.calls import Call

__all__ = ["Effect", "FaultContext"]


@dataclass
class Effect:
    """What a fault does to one call."""

    response: Response | None = None
    """Sent instead of the real response; the call is not carried out."""
    change: Callable[[Response], Response] | None = None
    """Alters the real response."""
    exhausted: str = ""
    """The window that the limits' headers report as used up."""
    delay: float = 0.0
    """Seconds before the response."""
    hang: bool = False
    """Stop sending, but keep the connection open until the client closes it."""
    reset_after_bytes: int | None = None
    """Reset the connection after this many bytes of the body."""
    truncate_at: int | None = None
    """Close the connection after this many bytes of the body, though Content-Length announces all of it."""
    chunks: int = 0
    """Send the body in chunks of this many bytes, without its length; 0 sends it at once, with its length."""
    drip: float = 0.0
    """Send the body at this many bytes per second; 0 sends it at once."""
    endless: bool = False
    """Send a body that never ends."""


@dataclass
class FaultContext:
    """What a fault can see of the call and of its rule."""

    switches: Switches
    what: dict[str, Any]
    """The rule's own settings, such as `status`, `shape` and `size`."""
    page_token: str = ""
    credential: str = ""
    call: Call | None = None
    """The call of the XML-RPC API, if it is one."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What the rule remembers from call to call."""

    def status(self, default: int) -> int:
        """Return the status that the rule sets, or the fault's usual one."""
        return int(self.what.get("status", default))

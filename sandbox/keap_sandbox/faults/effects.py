"""What a fault does to a call, and what it may look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.responses import Response
    from keap_sandbox.switches import Switches

__all__ = ["Effect", "FaultContext"]


@dataclass
class Effect:
    """What a fault does to one call."""

    answer: Response | None = None
    """Sent instead of the real answer; the call is not carried out."""
    change: Callable[[Response], Response] | None = None
    """Applied to the real answer."""
    gone: str = ""
    """The quota window that the headers show as used up."""
    delay: float = 0.0
    hang: bool = False
    reset_after_bytes: int | None = None
    truncate_at: int | None = None
    drip: float = 0.0
    """Bytes per second."""
    endless: bool = False


@dataclass
class FaultContext:
    """What a fault may look at."""

    switches: Switches
    what: dict[str, Any]
    """The rule's own settings (`status`, `shape`, `size` ...)."""
    page_token: str = ""
    credential: str = ""
    memory: dict[str, Any] = field(default_factory=dict)
    """Kept by the rule from call to call."""

    def status(self, default: int) -> int:
        """The rule's status, or the usual one."""
        return int(self.what.get("status", default))

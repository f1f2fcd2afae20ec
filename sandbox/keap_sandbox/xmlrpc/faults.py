"""Faults of the service."""

from __future__ import annotations

__all__ = ["FaultError"]


class FaultError(Exception):
    """A fault; raising it ends the handling of the request.

    Attributes:
        code: The fault code.
        text: The fault string.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

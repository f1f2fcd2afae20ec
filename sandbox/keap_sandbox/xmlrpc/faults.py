"""The faults that methods answer with, by code. Texts of codes 7 to 9, 11 and 12 follow that of code 10."""

from __future__ import annotations

__all__ = ["NAMES", "FaultError", "InvocationError", "named", "not_found"]

NAMES = {
    1: "InvalidConfig",
    2: "InvalidKey",
    3: "UnexpectedError",
    4: "DatabaseError",
    5: "RecordNotFound",
    6: "LoadingError",
    7: "NoTableAccess",
    8: "NoFieldAccess",
    9: "NoTableFound",
    10: "NoFieldFound",
    11: "NoFields",
    12: "InvalidParameter",
    13: "FailedLoginAttempt",
    14: "NoAccess",
    15: "FailedLoginAttemptPasswordExpired",
}
"""The names of the codes of the application; 0 is that of the server."""


class FaultError(Exception):
    """Raised to answer with a fault; it ends the handling of the request.

    Attributes:
        code: The fault code.
        text: The fault string.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class InvocationError(Exception):
    """An exception of the application that it does not name itself.

    The caller gets fault 0, ``Failed to invoke method query in class ...: `` and the message.
    """


def named(code: int, text: str) -> FaultError:
    """Return a fault of the application, whose text begins with the name of its code in brackets."""
    return FaultError(code, f"[{NAMES[code]}]{text}")


def not_found() -> FaultError:
    """Return the fault for an id that no record has."""
    return named(5, "Record was not found")

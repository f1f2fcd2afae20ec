"""What a method of the XML-RPC API is, for the modules in `services` that declare them.

A service module has `METHODS`, a mapping from full names such as ``InvoiceService.getPayments`` to methods,
and is listed in `registry.py`. A handler raises `FaultError` to answer with a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keap_sandbox.request import World

__all__ = ["Handler", "Method"]

Handler = Callable[[World, list[Any]], Any]
"""Gets the world and the parameters without the private key; returns a value as `writing.Writer` writes it.

That is a dict, list, str, int, float, bool, bytes or a naive datetime in Eastern time. A struct leaves out
members that are null; None anywhere means that the caller gets no body, as with the library of the service.
"""


@dataclass(frozen=True)
class Method:
    """A method.

    Attributes:
        handler: Answers a call.
        signatures: The lists of parameters that it takes, the private key left out: the Python types of
            `parsing.py`, which are `str`, `int`, `bool`, `float`, `datetime`, `dict`, `list` and `bytes`. Any
            other list is fault 0, ``No method matching arguments``. Types must match exactly (an `int` is no
            `bool`); only a date may be null, which is how the library reads an empty one.
        needs_key: Its first parameter is the private key.
    """

    handler: Handler
    signatures: tuple[tuple[type, ...], ...]
    needs_key: bool = True

"""DataService."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.methods import Method

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.request import World

__all__ = ["METHODS"]


def _echo(_: World, params: list[Any]) -> Any:
    return params[0]


METHODS: Mapping[str, Method] = {"DataService.echo": Method(_echo, ((str,),), needs_key=False)}

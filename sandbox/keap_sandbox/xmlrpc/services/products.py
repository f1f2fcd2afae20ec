"""ProductService. Source: the vendor's documentation of 2013."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.services.declaring import by_id, service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.request import World

__all__ = ["METHODS"]


def _inventory(world: World, params: list[Any]) -> int:
    inventory = by_id(world, "products", params[0]).get("inventory") or {}
    return int(inventory.get("inventory_count") or 0)


METHODS: Mapping[str, Method] = service("ProductService", {"getInventory": Method(_inventory, ((int,),))})

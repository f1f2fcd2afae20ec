"""ShippingService. Every value is a text, as in the samples of the vendor's documentation of 2013.

Members of the lists and ranges are in no source; they are those of the settings that REST shows.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.faults import not_found
from keap_sandbox.xmlrpc.methods import Handler, Method
from keap_sandbox.xmlrpc.services.declaring import by_id, present, service, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keap_sandbox.request import World
    from keap_sandbox.tables import Row

__all__ = ["METHODS", "options"]

Struct = dict[str, str]
_TYPES = {
    "FLAT_RATE": "Flat",
    "ORDER_QUANTITY": "Quantity",
    "ORDER_TOTAL": "Total",
    "PRODUCT": "Product",
    "UPS": "UPS",
    "WEIGHT": "Weight",
}
"""The types that REST shows, and those of the samples; `Total` and `Product` are in no sample."""
_SHORT = ("id", "name", "description")
_ALL = (*_SHORT, "orderBased", "international", "active", "type")
_UPS = (
    "deliveryType", "pickupType", "packagingType", "destinationType", "accountNumber", "accessLicenseNumber",
    "accessUserId", "accessPassword",
)  # fmt: skip


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(one.capitalize() for one in others)


def _struct(members: Mapping[str, object]) -> Struct:
    return present({name: text(value, "true", "false") for name, value in members.items()})


def _option(row: Row, names: Iterable[str]) -> Struct:
    """Return members of a shipping option, its settings included; a setting without a value is an amount."""
    settings = row.get("settings") or {}
    members = {_camel(name): value for name, value in settings.items()} | {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"] or "",
        "orderBased": bool(settings.get("order_based")),
        "international": row["international"],
        "active": row["status"] == "ACTIVE",
        "type": _TYPES.get(row["type"], row["type"]),
    }
    return _struct({name: members.get(name) for name in names})


def options(world: World) -> list[Struct]:
    """Return all shipping options."""
    return [_option(row, _ALL) for row in world.account.shipping_methods.rows()]


def _row(world: World, kind: str, key: object) -> Row:
    row = by_id(world, "shipping_methods", key)
    if row["type"] != kind:
        raise not_found()
    return row


def _single(kind: str, *names: str, amounts: tuple[str, ...] = ()) -> Method:
    """Declare a method that shows one option of a type.

    Args:
        kind: The type, as in REST.
        *names: The members.
        amounts: Further members, which are amounts; 0 if not set.
    """

    def handler(world: World, params: list[Any]) -> Struct:
        row = _row(world, kind, params[0])
        settings = {_camel(name): value for name, value in (row.get("settings") or {}).items()}
        return _option(row, names) | _struct({name: float(settings.get(name) or 0) for name in amounts})

    return Method(handler, ((int,),))


def _parts(kind: str, part: str) -> Handler:
    """Return the handler of a method that shows a list in the settings of an option."""

    def handler(world: World, params: list[Any]) -> list[Struct]:
        row = _row(world, kind, params[0])
        if world.switches.legacy_shipping_ranges == "empty":
            return []
        found = (row.get("settings") or {}).get(part) or []
        return [
            _struct({"id": str(number), "optionId": row["id"]} | {_camel(name): one[name] for name in one})
            for number, one in enumerate(found, 1)
        ]

    return handler


def _order_total(world: World, params: list[Any]) -> Struct | list[Any]:
    """Show an option by order total. The vendor's sample is an empty array; whether it works is doubtful."""
    row = _row(world, "ORDER_TOTAL", params[0])
    return _option(row, _ALL) if world.switches.legacy_order_total_option == "struct" else []


_part = partial(Method, signatures=((int,),))
METHODS: Mapping[str, Method] = service(
    "ShippingService",
    {
        "getAllShippingOptions": Method(lambda world, _: options(world), ((),)),
        "getFlatRateShippingOption": _single("FLAT_RATE", *_ALL, amounts=("price",)),
        "getOrderQuantityShippingOption": _single(
            "ORDER_QUANTITY", *_ALL, amounts=("baseShippingPrice", "pricePerItem", "minimumShippingPrice")
        ),
        "getOrderTotalShippingOption": _part(_order_total),
        "getOrderTotalShippingRanges": _part(_parts("ORDER_TOTAL", "ranges")),
        "getProductBasedShippingOption": _single("PRODUCT", *_SHORT),
        "getProductShippingPricesForProductShippingOption": _part(_parts("PRODUCT", "prices")),
        "getUpsShippingOption": _single("UPS", *_ALL, *_UPS),
        "getWeightBasedShippingOption": _single("WEIGHT", *_ALL),
        "getWeightBasedShippingRanges": _part(_parts("WEIGHT", "ranges")),
    },
)

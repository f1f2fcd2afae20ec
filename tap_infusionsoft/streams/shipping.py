"""Shipping methods.

Keap doesn't document the members of `settings`. The reports of the classic connector name some of them, so
these get typed columns next to the whole object. How REST spells them is unknown, so any spelling will do.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tap_infusionsoft.streams.collection import Choice, Collection, Endpoint, Wire
from tap_infusionsoft.streams.column_names import snake_case
from tap_infusionsoft.streams.columns import anything, array, flag, key, number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

from tap_infusionsoft.streams.collection import Row

MASK = "***"
_SECRETS = frozenset({"account_number", "access_license_number", "access_user_id", "access_password"})
"""Members that the account uses to sign in to a carrier."""

_KNOWN = {
    "order_based": flag("From `settings`: whether the price is for the whole order."),
    "price": number("From `settings`: the flat rate."),
    "base_shipping_price": number("From `settings`, by quantity: the base price, before any item."),
    "price_per_item": number("From `settings`, by quantity: the price per item."),
    "minimum_shipping_price": number("From `settings`, by quantity: the minimum price."),
    "ranges": array(
        anything(),
        "From `settings`, by order total or weight: the ranges and their prices, as Keap sends them.",
    ),
    "delivery_type": text("From `settings`, UPS: comma-separated codes of the services."),
    "pickup_type": text("From `settings`, UPS."),
    "packaging_type": text("From `settings`, UPS."),
    "destination_type": text("From `settings`, UPS."),
}
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def _typed(row: Row) -> Iterator[Row]:
    """Yield the row with masked credentials in its settings, and with the known settings as columns."""
    settings = _masked(_as_object(row.get("settings")))
    members = (
        {snake_case(name): value for name, value in settings.items()} if isinstance(settings, dict) else {}
    )
    yield {**row, "settings": settings, **{name: _member(members, name) for name in _KNOWN}}


def _as_object(settings: Any) -> Any:
    """Return the settings as an object, even if Keap sent them as a JSON string."""
    if isinstance(settings, str) and settings.lstrip().startswith("{"):
        try:
            return _decoder.decode(settings)
        except msgspec.DecodeError:
            return settings
    return settings


def _masked(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: MASK if one and snake_case(name) in _SECRETS else _masked(one) for name, one in value.items()
    }


def _member(members: Row, name: str) -> Any:
    """Return a member by its name. Ranges may also have a prefix, as in ``order_total_shipping_ranges``."""
    if name in members or name != "ranges":
        value = members.get(name)
    else:
        value = next((one for longer, one in members.items() if longer.endswith(f"_{name}")), None)
    if name == "delivery_type" and isinstance(value, list):
        return ",".join(map(str, value))
    return value


SHIPPING_METHODS = Collection(
    name="shipping_methods",
    about="Shipping options of all kinds: flat rate, by quantity, order total, product or weight, and "
    "carriers. The known members of `settings` have their own columns.",
    endpoint=Endpoint("/v2/shipping", items="shipping_methods", paging="none"),
    chosen=(Choice("shipping_method_ids", by_id=True),),
    wire=Wire(unpack=_typed),
    properties={
        "id": key("Id of the shipping method."),
        "name": text(),
        "description": text(),
        "type": text("Type of shipping method."),
        "status": text(),
        "international": flag(),
        "settings": anything(
            "All details of the method. Keap doesn't document their format. Carrier credentials are masked."
        ),
        **_KNOWN,
    },
)

COLLECTIONS = (SHIPPING_METHODS,)

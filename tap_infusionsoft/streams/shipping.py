"""Shipping.

Keap's documents give `settings` no shape. What the classic connector's reports named is known, so it gets typed columns
beside the whole object; under which spelling REST sends it is not known, so any is taken.
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
"""What the account signs in to a carrier with."""

_KNOWN = {
    "order_based": flag("Of `settings`: whether the price is for the whole order."),
    "price": number("Of `settings`: the flat rate."),
    "base_shipping_price": number("Of `settings`, by quantity: the price before any item."),
    "price_per_item": number("Of `settings`, by quantity: the price of each item."),
    "minimum_shipping_price": number("Of `settings`, by quantity: the least price."),
    "ranges": array(
        anything(),
        "Of `settings`, by order total or weight: the ranges and their prices, as Keap sends them.",
    ),
    "delivery_type": text("Of `settings`, UPS: codes of the services, with commas."),
    "pickup_type": text("Of `settings`, UPS."),
    "packaging_type": text("Of `settings`, UPS."),
    "destination_type": text("Of `settings`, UPS."),
}
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def _typed(row: Row) -> Iterator[Row]:
    """The row, its settings without credentials, and what is known of them in columns of their own."""
    settings = _masked(_as_object(row.get("settings")))
    members = (
        {snake_case(name): value for name, value in settings.items()} if isinstance(settings, dict) else {}
    )
    yield {**row, "settings": settings, **{name: _member(members, name) for name in _KNOWN}}


def _as_object(settings: Any) -> Any:
    """The settings, also where they come as the text of a JSON object."""
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
    """A member by its name, or by a longer one that ends so, as in ``order_total_shipping_ranges``."""
    if name in members or name != "ranges":
        value = members.get(name)
    else:
        value = next((one for longer, one in members.items() if longer.endswith(f"_{name}")), None)
    if name == "delivery_type" and isinstance(value, list):
        return ",".join(map(str, value))
    return value


SHIPPING_METHODS = Collection(
    name="shipping_methods",
    about="Shipping options of every kind: flat rate, by quantity, order total, product or weight, and carriers. "
    "What is known of `settings` has columns of its own.",
    endpoint=Endpoint("/v2/shipping", items="shipping_methods", paging="none"),
    chosen=(Choice("shipping_method_ids", by_id=True),),
    wire=Wire(unpack=_typed),
    properties={
        "id": key("Id of the shipping method."),
        "name": text(),
        "description": text(),
        "type": text("Kind of shipping method."),
        "status": text(),
        "international": flag(),
        "settings": anything(
            "Details of the kind, whole: Keap documents no shape for them. Credentials of carriers are masked."
        ),
        **_KNOWN,
    },
)

COLLECTIONS = (SHIPPING_METHODS,)

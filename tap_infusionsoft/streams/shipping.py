"""Shipping methods.

Keap doesn't document the members of `settings`. The reports of the classic connector name some of them, so
these get typed columns next to the whole object, which is JSON text, so that every column has one type. How
REST spells them is unknown, so any spelling will do.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tap_infusionsoft.streams.collection import Choice, Collection, Endpoint, Wire
from tap_infusionsoft.streams.column_names import snake_case
from tap_infusionsoft.streams.columns import array, flag, key, nested, number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

from tap_infusionsoft.streams.collection import Row

MASK = "***"
_SECRETS = frozenset({"account_number", "access_license_number", "access_user_id", "access_password"})
"""Members that the account uses to sign in to a carrier."""

_UNIT = "Keap does not say in which unit; the classic connector has whole units, such as dollars."
_KNOWN = {
    "order_based": flag("From `settings`: whether the price is for the whole order instead of each item."),
    "price": number(f"From `settings`: the flat rate. {_UNIT}"),
    "base_shipping_price": number(f"From `settings`, by quantity: the base price, before any item. {_UNIT}"),
    "price_per_item": number(f"From `settings`, by quantity: the price per item. {_UNIT}"),
    "minimum_shipping_price": number(f"From `settings`, by quantity: the minimum price. {_UNIT}"),
    "ranges": array(
        nested(
            {
                "lower": number("Lower end of the range, in the unit of prices or weights."),
                "upper": number(
                    "Upper end of the range, in the same unit; null for the last one, which has none."
                ),
                "price": number(f"Price of shipping in this range. {_UNIT}"),
                "details": text("The whole range, as JSON text."),
            }
        ),
        "From `settings`, by order total or weight: the ranges and their prices.",
    ),
    "delivery_type": text("From `settings`, UPS: comma-separated codes of the services."),
    "pickup_type": text("From `settings`, UPS: code of the way in which parcels are handed over."),
    "packaging_type": text("From `settings`, UPS: code of the packaging."),
    "destination_type": text("From `settings`, UPS: code of the kind of address."),
}
_ENDS = {
    "lower": ("lower", "from", "min", "minimum", "start"),
    "upper": ("upper", "to", "max", "maximum", "end"),
    "price": ("price", "shipping_price", "amount", "cost"),
}
"""Property of a range -> what it may be called, in snake_case."""
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def _typed(row: Row) -> Iterator[Row]:
    """Yield the row with masked credentials in its settings, and with the known settings as columns."""
    settings = _masked(_as_object(row.get("settings")))
    members = (
        {snake_case(name): value for name, value in settings.items()} if isinstance(settings, dict) else {}
    )
    known = {name: _member(members, name) for name in _KNOWN}
    yield {**row, "settings": _as_json(settings), **known, "ranges": _ranges(known["ranges"])}


def _as_json(value: Any) -> str | None:
    return None if value is None else _encoder.encode(value).decode()


def _ranges(value: Any) -> Any:
    """Return ranges with the properties that they have in the column."""
    return [_range(one) for one in value] if isinstance(value, list) else value


def _range(value: Any) -> Row:
    members = {snake_case(name): one for name, one in value.items()} if isinstance(value, dict) else {}
    return {
        **{
            name: next((members[one] for one in spellings if one in members), None)
            for name, spellings in _ENDS.items()
        },
        "details": _as_json(value),
    }


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
        "name": text("Name of the method."),
        "description": text("What it is, as customers read it."),
        "type": text("How the price is found. Keap does not list the types."),
        "status": text("Whether the method can be used."),
        "international": flag("Whether it is for addresses abroad."),
        "settings": text(
            "All details of the method, as JSON text. Keap does not document their format. Carrier "
            "credentials are masked."
        ),
        **_KNOWN,
    },
)

COLLECTIONS = (SHIPPING_METHODS,)

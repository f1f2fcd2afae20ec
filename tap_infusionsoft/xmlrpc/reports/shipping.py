"""Reports about shipping options: all of them, and those of each type with its settings.

Every value comes as a text. Sources: the samples in the vendor's documentation of 2013. Members of lists and
ranges are in none; any that come are read.

Ids of options are those of REST, whose types tell which method knows an option. A type that is not known here
may be any, so such options are asked for by every method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.columns import amount, flag, integer, number, text, whole_key
from tap_infusionsoft.xmlrpc.reports.answers import spelled
from tap_infusionsoft.xmlrpc.reports.report import Report

if TYPE_CHECKING:
    from tap_infusionsoft.streams.columns import Schema

_TYPES = frozenset({"FLAT_RATE", "ORDER_QUANTITY", "ORDER_TOTAL", "PRODUCT", "UPS", "WEIGHT"})
OPTION = {
    "id": integer("Id of the shipping option (shipping_methods.id)."),
    "name": text("Name of the option."),
    "description": text("Description of the option."),
    "type": text("Type of the option, such as Flat, Quantity, UPS or Weight."),
    "active": flag("Whether it is in use."),
    "orderBased": flag("Whether the price is for the whole order instead of each item."),
    "international": flag("Whether it is for other countries, too."),
}
"""Members that options of every type may have."""
_SPELLINGS = {
    spelling: name
    for name, spellings in {
        "lower": ("from", "min", "minimum", "start"),
        "upper": ("to", "max", "maximum", "end"),
        "price": ("amount", "cost", "shippingprice"),
    }.items()
    for spelling in spellings
}
"""What the members of a range may be called, in lower case -> the column."""
_UPS_SECRETS = ("accountNumber", "accessLicenseNumber", "accessUserId", "accessPassword")


def _of_type(
    title: str,
    method: str,
    kind: str,
    about: str,
    columns: dict[str, Schema] | None = None,
    *,
    secrets: tuple[str, ...] = (),
    own_name: str = "",
) -> Report:
    """Declare the report about the options of one type.

    Args:
        title: What the classic connector calls it.
        method: Its method.
        kind: The type, as in REST.
        about: What its rows are.
        columns: The columns that only this type has.
        secrets: Those of them that hold credentials.
        own_name: Name of its stream without the prefix, if it is not that of the title.
    """
    return Report(
        title=title,
        method=f"ShippingService.{method}",
        about=about,
        slices=_each(kind),
        key=("OptionId",),
        columns={
            "OptionId": whole_key("Id of the shipping option that was asked for (shipping_methods.id)."),
            **OPTION,
            **(columns or {}),
        },
        secrets=secrets,
        own_name=own_name,
    )


def _each(kind: str) -> PerParent:
    return PerParent(
        stream="shipping_methods",
        columns={"OptionId": "id"},
        setting="shipping_method_ids",
        only_if="type",
        unless=_TYPES - {kind},
    )


REPORTS = (
    Report(
        title="Shipping - Available Shipping Options",
        method="ShippingService.getAllShippingOptions",
        about="Shipping options of all types.",
        row_key=("id", "name", "type", "Other"),
        columns=OPTION,
    ),
    _of_type(
        "Shipping - Flate Rate Shipping Options",
        "getFlatRateShippingOption",
        "FLAT_RATE",
        "Shipping options with a flat rate.",
        {"price": amount("The flat rate.")},
        own_name="shipping_flat_rate_shipping_options",  # the title is misspelled
    ),
    _of_type(
        "Shipping - Order Quantity Shipping Options",
        "getOrderQuantityShippingOption",
        "ORDER_QUANTITY",
        "Shipping options by the number of items.",
        {
            "baseShippingPrice": amount("The price before any item."),
            "pricePerItem": amount("The price of each item."),
            "minimumShippingPrice": amount("The least price."),
        },
    ),
    _of_type(
        "Shipping - Order Shipping Options",
        "getOrderTotalShippingOption",
        "ORDER_TOTAL",
        "Shipping options by the total of the order. It is doubtful that the method works.",
    ),
    Report(
        title="Shipping - Order Shipping Ranges",
        method="ShippingService.getOrderTotalShippingRanges",
        about="Ranges and prices of shipping options by the total of the order.",
        slices=_each("ORDER_TOTAL"),
        rows=spelled(_SPELLINGS),
        row_key=("OptionId", "id", "lower", "upper", "price", "Other"),
        columns={
            "OptionId": integer("Id of the shipping option that was asked for (shipping_methods.id)."),
            "id": integer("Id of the range."),
            "lower": number("The lower end of the range."),
            "upper": number("The upper end of the range."),
            "price": amount("The price of shipping in the range."),
        },
    ),
    _of_type(
        "Shipping - Product Shipping Options",
        "getProductBasedShippingOption",
        "PRODUCT",
        "Shipping options by product.",
    ),
    _of_type(
        "Shipping - UPS Shipping Options",
        "getUpsShippingOption",
        "UPS",
        "Shipping options with UPS, without the credentials for it.",
        {
            "deliveryType": text("Codes of the services, separated by commas."),
            "pickupType": text("Code of the way in which parcels are handed over."),
            "packagingType": text("Code of the packaging."),
            "destinationType": text("Code of the kind of address."),
            **{name: text("A credential for UPS.") for name in _UPS_SECRETS},
        },
        secrets=_UPS_SECRETS,
    ),
    _of_type(
        "Shipping - Weight-Based Shipping Options",
        "getWeightBasedShippingOption",
        "WEIGHT",
        "Shipping options by weight.",
    ),
)

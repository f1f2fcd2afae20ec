"""The report about products. Source: the vendor's documentation of 2013."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.columns import integer, whole_key
from tap_infusionsoft.xmlrpc.reports.answers import single
from tap_infusionsoft.xmlrpc.reports.report import Report

REPORTS = (
    Report(
        title="Product - Inventory",
        method="ProductService.getInventory",
        about="How many of each product are left.",
        slices=PerParent(
            stream="legacy_product", columns={"ProductId": "Id"}, setting="product_ids", id="Id"
        ),
        key=("ProductId",),
        rows=single("Inventory"),
        is_plain=True,
        columns={
            "ProductId": whole_key("Id of the product (legacy_product.Id)."),
            "Inventory": integer("How many are left."),
        },
    ),
)

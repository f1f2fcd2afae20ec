"""Shipping."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Choice, Collection
from tap_infusionsoft.streams.schemas import anything, flag, key, text

SHIPPING_METHODS = Collection(
    name="shipping_methods",
    about="Shipping options of every kind: flat rate, by quantity, order total, product or weight, and carriers.",
    path="/v2/shipping",
    items="shipping_methods",
    paging="none",
    chosen=(Choice("shipping_method_ids", by_id=True),),
    properties={
        "id": key("Id of the shipping method."),
        "name": text(),
        "description": text(),
        "type": text("Kind of shipping method."),
        "status": text(),
        "international": flag(),
        "settings": anything("Details of the kind, as Keap sends them; it documents no shape for them."),
    },
)

COLLECTIONS = (SHIPPING_METHODS,)

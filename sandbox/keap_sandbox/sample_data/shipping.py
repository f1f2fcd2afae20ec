"""Shipping methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keap_sandbox.tables import Row

__all__ = ["shipping_methods"]


def shipping_methods() -> dict[int, Row]:
    """Return a shipping method of each type, with the settings that Keap's classic reports show of it."""
    ranges = [
        {"from": 0, "to": 49.99, "price": 9.5},
        {"from": 50, "to": 99.99, "price": 4.75},
        {"from": 100, "to": None, "price": 0},
    ]
    by_quantity = {"base_shipping_price": 5, "price_per_item": 1.5, "minimum_shipping_price": 6.25}
    carrier = {
        "order_based": True,
        "delivery_type": "01,03,07",
        "pickup_type": "01",
        "packaging_type": "02",
        "destination_type": "1",
        "account_number": "A1B2C3",
        "access_license_number": "0F1E2D3C4B5A6978",
        "access_user_id": "sandbox-ups",
        "access_password": "sandbox-ups-password",
        "origin": {"postal_code": "85224"},
    }
    methods: tuple[tuple[str, str, Row], ...] = (
        ("FLAT_RATE", "Flat rate", {"price": 7.5, "order_based": True}),
        ("ORDER_QUANTITY", "By number of items", {"order_based": True, **by_quantity}),
        ("ORDER_TOTAL", "By order total", {"order_based": True, "ranges": ranges}),
        ("PRODUCT", "As set on the product", {"order_based": False}),
        ("UPS", "UPS Ground", carrier),
        (
            "WEIGHT",
            "By weight",
            {"order_based": False, "ranges": [{"from": 0, "to": 5, "price": 6.0}], "unit": "lb"},
        ),
        ("FLAT_RATE", "Pick-up ☕ (free)", {}),
    )
    return {
        key: {
            "id": str(key),
            "name": name,
            "description": None if key % 3 else f"{name}, see terms",
            "type": kind,
            "status": "INACTIVE" if key == 4 else "ACTIVE",  # noqa: PLR2004
            "international": key % 2 == 0,
            "settings": settings,
        }
        for key, (kind, name, settings) in enumerate(methods, 1)
    }

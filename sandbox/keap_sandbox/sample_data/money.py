"""Amounts of money as Keap shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keap_sandbox.tables import Row

__all__ = ["cents", "money"]


def money(amount: int) -> Row:
    """Return an amount in cents with its currency, and formatted."""
    sign, whole = ("-", -amount) if amount < 0 else ("", amount)
    return {
        "amount": amount,
        "currency_code": "USD",
        "formatted_amount": f"{sign}${whole // 100:,}.{whole % 100:02d}",
    }


def cents(amount: float) -> int:
    """Convert an amount in dollars to cents."""
    return round(amount * 100)

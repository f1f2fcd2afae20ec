"""Amounts in the smallest unit of a currency, such as cents, and in whole units."""

from __future__ import annotations

from decimal import Decimal

_NO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"}
    | {"PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def decimals(currency: object) -> int:
    """Return how many decimals a currency has; two if it is unknown.

    Args:
        currency: Its ISO 4217 code.
    """
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def whole_units(amount: int, currency: object) -> Decimal:
    """Return an amount of money in whole units of its currency, without rounding.

    Args:
        amount: The amount in the smallest unit.
        currency: The ISO 4217 code of the currency, which says how many decimals it has; two if it is
            unknown.
    """
    return Decimal(amount).scaleb(-decimals(currency))

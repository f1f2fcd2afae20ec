"""The part of the account that payments, subscriptions and commissions read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from keap_sandbox.sample_data.account_view import AccountView

if TYPE_CHECKING:
    from keap_sandbox.sample_data.orders import Orders
    from keap_sandbox.sample_data.partners import Partners
    from keap_sandbox.tables import Row

__all__ = ["SalesView"]


class SalesView(AccountView, Protocol):
    """Everything that other sample data reads, and the orders and affiliates."""

    @property
    def orders(self) -> Orders:
        """The generator of the sample orders."""

    @property
    def partners(self) -> Partners:
        """Who the sample affiliates are."""

    @property
    def first_affiliates(self) -> dict[int, Row]:
        """The sample affiliates by id."""

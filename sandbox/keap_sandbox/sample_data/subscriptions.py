"""Sample subscriptions, which are billed as time passes."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from keap_sandbox.sample_data.generators import BILLING_RUN, DAY, EPOCH_END
from keap_sandbox.sample_data.orders import SUBSCRIPTIONS_PERCENT, subscription_order
from keap_sandbox.sample_data.shop import CYCLES, SAMPLE_MERCHANTS, SAMPLE_PLANS
from keap_sandbox.sample_data.with_custom_fields import WithCustomFields
from keap_sandbox.timestamps import iso, parse_moment

if TYPE_CHECKING:
    from keap_sandbox.sample_data.sales_view import SalesView
    from keap_sandbox.tables import Row

__all__ = ["Subscriptions", "billed"]

_DAYS = {"DAY": 1, "WEEK": 7}
_MONTHS = {"MONTH": 1, "YEAR": 12}
_MOST_BILLS = {str(plan): cycles for plan, _, _, _, _, cycles in SAMPLE_PLANS}


def _later(start: date, cycle: str, count: int) -> date:
    """Return the day a number of cycles after another; the last of a month that has no such day."""
    if cycle in _DAYS:
        return start + timedelta(days=_DAYS[cycle] * count)
    year, month = divmod(start.year * 12 + start.month - 1 + _MONTHS[cycle] * count, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _cycles(start: date, cycle: str, end: date) -> int:
    """Return how many whole cycles there are from one day to another."""
    if cycle in _DAYS:
        return (end - start).days // _DAYS[cycle]
    months = (end.year - start.year) * 12 + end.month - start.month
    count = months // _MONTHS[cycle]
    return count - (_later(start, cycle, count) > end)


def _day(millis: int) -> date:
    return datetime.fromtimestamp(millis / 1000, UTC).date()


def billed(row: Row, now: int) -> Row:
    """Return a subscription after all bills up to yesterday.

    When the day of the next bill is over, the subscription was billed, and its `modification_time` is just
    after midnight. After the last bill of its plan it has ended.

    Args:
        row: The subscription.
        now: The time in milliseconds since the epoch.
    """
    try:
        start, due = date.fromisoformat(row["start_date"]), date.fromisoformat(row["next_bill_date"])
        today, cycle, every = (
            _day(now - BILLING_RUN),
            row["billing_cycle"],
            int(row["billing_frequency"] or 1),
        )
        if not row["active"] or due >= today:
            return row
        count = _cycles(due, cycle, today - timedelta(days=1)) // every
        bills = _cycles(start, cycle, due) // every + 1  # up to the one that is due
    except (TypeError, ValueError, KeyError, OverflowError):
        return row  # a program or a test has written something else
    most = _MOST_BILLS.get(str(row["subscription_plan_id"]), 0)
    ended = bool(most) and bills + count >= most
    if ended:
        count = max(most - bills, 0)
    last = _later(due, cycle, count * every)
    moment = ((last - date(1970, 1, 1)).days + 1) * DAY + BILLING_RUN
    changed = parse_moment(row["modification_time"] or "") or 0
    return {
        **row,
        "active": not ended,
        "last_bill_date": last.isoformat(),
        "next_bill_date": None if ended else _later(due, cycle, (count + 1) * every).isoformat(),
        "end_date": last.isoformat() if ended else row["end_date"],
        "modification_time": iso(moment) if moment > changed else row["modification_time"],
    }


class Subscriptions(WithCustomFields):
    """Subscriptions to the plans of products. Most began with an order."""

    record = "subscriptions"
    updated_name = "modification_time"
    salt, percent = 34, SUBSCRIPTIONS_PERCENT

    def __init__(self, account: SalesView) -> None:
        """Number the subscriptions.

        Args:
            account: The account with the contacts and the orders.
        """
        self._orders = account.orders
        super().__init__(account)

    def _order(self, index: int) -> int | None:
        """Return the number of the order that a subscription began with."""
        order = subscription_order(index)
        return order if order < self._orders.count else None

    def created(self, index: int) -> int:
        """Return when it began."""
        order = self._order(index)
        return super().created(index) if order is None else self._orders.created(order)

    def contact(self, index: int) -> int:
        """Return the id of the contact who subscribed."""
        order = self._order(index)
        return super().contact(index) if order is None else self._orders.contact(order)

    def row(self, index: int) -> Row:
        """Return the complete row as of the last day of the sample account."""
        chance, created, order = self.chance(index), self.created(index), self._order(index)
        number = chance % len(SAMPLE_PLANS) if order is None else self._orders.plan(order)
        plan, product, _, plan_cycle, price, most = SAMPLE_PLANS[number]
        cycle, _ = CYCLES[plan_cycle]
        start, end = _day(created), _day(EPOCH_END)
        cycles = _cycles(start, cycle, end)
        spare, stopped = chance >> 20, chance >> 8 & 3 == 0
        if stopped:
            cycles = min(cycles, chance % 5)
        ended = bool(most) and cycles >= most - 1
        if ended:
            cycles = most - 1
        last, active = _later(start, cycle, cycles), not stopped and not ended
        cards = self.account.cards(self.contact(index), created)
        reason = ("Too expensive", "", "Umgezogen")[spare % 3]
        lead, sale = (None, None) if order is None else self._orders.partners(order)
        changed = max(self.updated(index), (last - date(1970, 1, 1)).days * DAY, created)
        return {
            "id": str(self.key(index)),
            "quantity": 1 if order is not None else 1 + spare % 2,
            "active": active,
            "contact_id": str(self.contact(index)),
            "product_id": str(product),
            "subscription_plan_id": str(plan),
            "billing_amount": self.account.plain(price),
            "auto_charge": spare % 5 != 0,
            "billing_frequency": 1,
            "billing_cycle": cycle,
            "start_date": start.isoformat(),
            "last_bill_date": last.isoformat(),
            "next_bill_date": _later(start, cycle, cycles + 1).isoformat() if active else None,
            "end_date": None if active else last.isoformat(),
            "merchant_account_id": cards[0]["merchant_account_id"] if cards else SAMPLE_MERCHANTS[0].id,
            "payment_method_id": cards[0]["payment_method_id"] if cards else None,
            "allow_tax": spare % 4 == 0,
            "max_charge_attempts": 3,
            "days_between_retries": 5,
            "lead_affiliate_id": lead,
            "sale_affiliate_id": sale,
            "shipping_address": None,
            "promo_code": "WELCOME" if spare % 9 == 0 else None,
            "shipping_option_id": "1" if spare % 8 == 0 else None,
            "reason_stopped": reason if stopped and not ended else None,
            "modification_time": iso(changed),
            "custom_fields": self.custom_fields(spare),
        }

"""The numbers of an account, computed from the sandbox's records without SQL.

Each function returns the rows that a mart should have, by its key. Amounts are Decimals of whole units.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Key = tuple[Any, ...]
Records = Mapping[str, list[Row]]

_CENT = Decimal("0.01")
_ROLES = {"PRODUCT": "sale", "SUBSCRIPTION": "sale", "TAX": "tax", "SHIPPING": "shipping"}
_BILLS_A_YEAR = {"YEAR": 1, "MONTH": 12, "WEEK": 52, "DAY": 365}


class Account:
    """The records of an account on a day.

    Attributes:
        records: The records by collection.
        before: Those of an earlier day, before some were deleted.
        today: The day.
        zone: The time zone in which its days begin.
    """

    def __init__(self, records: Records, before: Records, today: date, zone: str) -> None:
        self.records = records
        self.before = before
        self.today = today
        self.zone = ZoneInfo(zone)

    def __getitem__(self, collection: str) -> list[Row]:
        return self.records[collection]

    def day(self, moment: str) -> date:
        """The day of a time on the clocks of the account."""
        return _time(moment).astimezone(self.zone).date()


def customers(account: Account) -> dict[Key, Row]:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    days: dict[str, list[date]] = defaultdict(list)
    for order in account["orders"]:
        contact = order["contact"]["id"]
        paid, refunded = order["total_paid"]["amount"], order["refund_total"]["amount"]
        sums[contact].update(
            orders=1,
            ordered=order["total"]["amount"],
            paid=paid,
            refunded=refunded,
            lifetime_value=paid - refunded,
            amount_due=order["total"]["amount"] - paid,
        )
        days[contact].append(date.fromisoformat(order["order_time"][:10]))
    running = [one for one in subscriptions(account).values() if one["status"] == "active"]
    found = {}
    for contact in account["contacts"]:
        known, ordered = sums[contact["id"]], sorted(days[contact["id"]])
        own = [one for one in running if one["contact_id"] == contact["id"]]
        emails = {one["field"]: one["email"] for one in contact["email_addresses"] or ()}
        found[(contact["id"],)] = {
            "email": emails.get("EMAIL1"),
            "company_name": (contact["company"] or {}).get("company_name"),
            "orders": known["orders"],
            "first_order_date": ordered[0] if ordered else None,
            "last_order_date": ordered[-1] if ordered else None,
            **{
                name: known[name] * _CENT
                for name in ("ordered", "paid", "refunded", "lifetime_value", "amount_due")
            },
            "active_subscriptions": len(own),
            "monthly_recurring": sum((one["monthly_amount"] for one in own), Decimal(0)),
            "is_customer": known["lifetime_value"] > 0,
        }
    return found


def sales_by_day(account: Account) -> dict[Key, Row]:
    names = {product["id"]: product["name"] for product in account["products"]}
    groups: dict[Key, list[tuple[str, Row]]] = defaultdict(list)
    for order in account["orders"]:
        for item in order["order_items"]:
            product = item["product"] or {"id": None}
            day = date.fromisoformat(order["order_time"][:10])
            groups[day, product["id"], item["item_type"], item["price_per_unit"]["currency_code"]].append(
                (order["id"], item)
            )
    return {
        key: {
            "product_name": names.get(key[1]) or (items[0][1]["product"] or {}).get("name"),
            "item_role": _ROLES.get(key[2], "discount" if key[2].startswith("DISCOUNT") else "other"),
            "orders": len({order for order, _ in items}),
            "quantity": sum(item["quantity"] for _, item in items),
            "amount": sum(item["quantity"] * item["price_per_unit"]["amount"] for _, item in items) * _CENT,
        }
        for key, items in groups.items()
    }


def subscriptions(account: Account) -> dict[Key, Row]:
    return {(one["id"],): _subscription(one, account.today) for one in account["subscriptions"]}


def _subscription(one: Row, today: date) -> Row:
    start, end = _day(one["start_date"]), _day(one["end_date"])
    if end and end < today:
        ended: date | None = end
    elif one["active"]:
        ended = None
    else:
        ended = today if end else _day(one["last_bill_date"]) or start
    status = "active" if start is None or start <= today else "to start"
    bill = Decimal(str(one["billing_amount"])) * one["quantity"]
    yearly = bill * _BILLS_A_YEAR[one["billing_cycle"]] / one["billing_frequency"]
    return {
        "contact_id": one["contact_id"],
        "status": "ended" if ended else status,
        "started_on": start,
        "ended_on": ended,
        "billed_each_time": bill,
        "monthly_amount": _rounded(yearly / 12, _CENT),
    }


def subscriptions_by_month(account: Account) -> dict[Key, Row]:
    every = [one for one in subscriptions(account).values() if one["started_on"]]
    found = {}
    for first in _months(min(one["started_on"] for one in every), account.today):
        after = _next_month(first)
        there = [one for one in every if one["started_on"] < after and not _is_over(one, first)]
        before = [one for one in there if one["started_on"] < first]
        left = [one for one in there if not _is_over(one, after)]
        lost = [one for one in before if _is_over(one, after)]
        found[(first,)] = {
            "at_start": len(before),
            "started": len(there) - len(before),
            "ended": len(there) - len(left),
            "at_end": len(left),
            "monthly_recurring": sum((one["monthly_amount"] for one in left), Decimal(0)),
            "churn_rate": _share(len(lost), len(before)),
        }
    return found


def _is_over(one: Row, day: date) -> bool:
    return one["ended_on"] is not None and one["ended_on"] < day


def pipeline_by_stage(account: Account) -> dict[Key, Row]:
    (settings,) = account["application_settings"]
    states = settings["opportunity"]["states"]
    outcomes = {str(states["win"]["stage"]): "won", str(states["loss"]["stage"]): "lost"}
    found = {}
    for stage in account["opportunity_stages"]:
        own = [one for one in account["opportunities"] if one["stage"]["id"] == stage["id"]]
        low = sum((Decimal(str(one["projected_revenue_low"])) for one in own), Decimal(0))
        high = sum((Decimal(str(one["projected_revenue_high"])) for one in own), Decimal(0))
        found[(stage["id"],)] = {
            "stage_name": stage["name"],
            "position": stage["order"],
            "outcome": outcomes.get(stage["id"], "open"),
            "opportunities": len(own),
            "projected_revenue_low": low,
            "projected_revenue_high": high,
            "expected_revenue": _rounded((low + high) / 2 * stage["probability"] / 100, _CENT),
        }
    return found


def email_engagement(account: Account) -> dict[Key, Row]:
    months: dict[date, list[Row]] = defaultdict(list)
    for email in account["emails"]:
        months[account.day(email["sent_time"]).replace(day=1)].append(email)
    return {
        (month,): {
            "sent": len(emails),
            "contacts": len({one["contact_id"] for one in emails}),
            "opened": (opened := sum(1 for one in emails if one["opened_time"])),
            "clicked": (clicked := sum(1 for one in emails if one["clicked_time"])),
            "open_rate": _share(opened, len(emails)),
            "click_rate": _share(clicked, len(emails)),
        }
        for month, emails in months.items()
    }


def affiliate_ledger(account: Account) -> dict[Key, Row]:
    """Return the sums of each affiliate, kind of entry and day, as entries have no ids in Keap."""
    sums: dict[Key, list[Decimal]] = defaultdict(list)
    for affiliate, kind, day, amount in _entries(account):
        sums[affiliate, kind, day].append(Decimal(str(amount)))
    return {key: {"entries": len(found), "amount": sum(found, Decimal(0))} for key, found in sums.items()}


def balances(account: Account) -> dict[str, Decimal]:
    """Return what each affiliate is owed in the end, by Keap's own totals less the payments."""
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for one in account["affiliate_payments"]:
        paid[str(one["affiliate_id"])] += Decimal(str(one["pay_amount"]))
    return {
        str(one["affiliateId"]): Decimal(str(one["amountEarned"]))
        + Decimal(str(one["clawbacks"]))
        - paid[str(one["affiliateId"])]
        for one in account["affiliate_running_totals"]
    }


def _entries(account: Account) -> Iterator[tuple[str, str, date, Any]]:
    for one in account["affiliate_commissions"]:
        day = account.day(one["time_earned"])
        yield str(one["affiliate_id"]), "commission", day, one["amount_earned"]
    for one in account["affiliate_clawbacks"]:
        yield str(one["affiliate_id"]), "clawback", account.day(one["date_earned"]), one["amount"]
    for one in account["affiliate_payments"]:
        day = date.fromisoformat(one["pay_date"][:10])
        yield str(one["affiliate_id"]), "payment", day, -one["pay_amount"]


def tag_history(account: Account) -> dict[Key, Row]:
    """Return the taggings of now and those that are gone since the day before."""
    categories = {one["id"]: one["name"] for one in account["tag_categories"]}
    tags = {one["id"]: one for one in (*account.before["tags"], *account["tags"])}
    now = _taggings(account["contact_tags"])
    found = {}
    for key, applied in {**_taggings(account.before["contact_tags"]), **now}.items():
        tag = tags[key[1]]
        found[key] = {
            "tag_name": tag["name"],
            "category_name": categories.get((tag["category"] or {}).get("id")),
            "applied_at": applied,
            "is_current": key in now,
        }
    return found


def _taggings(rows: Iterable[Row]) -> dict[Key, datetime]:
    return {
        (one["contact_id"], one["tag_id"]): _time(one["applied_at"]).astimezone(UTC).replace(tzinfo=None)
        for one in rows
    }


MARTS: Mapping[str, Callable[[Account], dict[Key, Row]]] = {
    one.__name__: one
    for one in (
        customers,
        sales_by_day,
        subscriptions,
        subscriptions_by_month,
        pipeline_by_stage,
        email_engagement,
        affiliate_ledger,
        tag_history,
    )
}
"""Mart -> what returns its rows."""


def running_balances(amounts: Iterable[Decimal]) -> list[Decimal]:
    """Return the balance after each amount."""
    return list(accumulate(amounts))


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _next_month(month)


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _share(part: int, whole: int) -> Decimal | None:
    return _rounded(Decimal(part) / whole, Decimal("0.0001")) if whole else None


def _rounded(value: Decimal, unit: Decimal) -> Decimal:
    return value.quantize(unit, ROUND_HALF_UP)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)

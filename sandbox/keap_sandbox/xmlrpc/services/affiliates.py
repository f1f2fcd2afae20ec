"""APIAffiliateService, and AffiliateService, which has the redirect links only.

Sources: the vendor's documentation of 2013, Novak's SDK, and, for members that no source shows, REST.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.eastern import eastern, eastern_or_day
from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.services.declaring import id_of, number, owner, present, service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keap_sandbox.request import World
    from keap_sandbox.tables import Row

__all__ = ["METHODS"]

Struct = dict[str, Any]
_Window = tuple[datetime | None, datetime | None]
"""First and last second, in Eastern time; None for no limit, as an empty date in the request means."""

_PAY_DATE = "pay_date"
"""It is a day, although REST shows a time."""


def _rows(world: World, collection: str, time: str, affiliate: str | None, window: _Window) -> Iterator[Row]:
    """Return the rows of an affiliate whose time is in a window, both ends included.

    Args:
        world: Its account is read.
        collection: The collection.
        time: The field with the time.
        affiliate: Id of the affiliate; None for no rows.
        window: The window.
    """
    table, (since, until) = world.account.tables[collection], window
    for key in table.children("affiliate_id", affiliate) if affiliate is not None else ():
        row = table.row(key)
        moment = eastern_or_day(row.get(time)) if time == _PAY_DATE else eastern(row.get(time))
        if moment is None:
            if since is None and until is None:
                yield row
        elif (since is None or since <= moment) and (until is None or moment <= until):
            yield row


def _commissions(world: World, params: list[Any]) -> list[Struct]:
    affiliate = owner(world, "affiliates", params[0])
    return [
        _commission(row)
        for row in _rows(world, "affiliate_commissions", "time_earned", affiliate, (params[1], params[2]))
    ]


def _commission(row: Row) -> Struct:
    given, _, family = str(row["sales_affiliate_name"] or "").partition(" ")
    return present(
        {
            "AmtEarned": number(row["amount_earned"]),
            "ContactFirstName": row["contact_first_name"],
            "ContactId": id_of(row["contact_id"]),
            "ContactLastName": row["contact_last_name"],
            "DateEarned": eastern(row["time_earned"]),
            "Description": row["description"],
            "InvoiceId": id_of(row["invoice_id"]),
            "ProductName": row["product_name"],
            "SaleAffId": id_of(row["sales_affiliate_id"]),
            "SoldByFirstName": given,
            "SoldByLastName": family,
        }
    )


def _clawbacks(world: World, params: list[Any]) -> list[Struct]:
    affiliate, window = owner(world, "affiliates", params[0]), (params[1], params[2])
    short = world.switches.legacy_clawbacks == "short"
    return [
        _clawback(row, short=short)
        for row in _rows(world, "affiliate_clawbacks", "date_earned", affiliate, window)
    ]


def _clawback(row: Row, *, short: bool) -> Struct:
    names = {} if short else {"LastName": "family_name", "SoldByLastName": "sold_by_family_name"}
    names |= {
        "Description": "description",
        "FirstName": "given_name",
        "ProductName": "product_name",
        "SoldByFirstName": "sold_by_given_name",
    }
    return present(
        {
            "Amount": number(row["amount"]),
            "ContactId": id_of(row["contact_id"]),
            "DateEarned": eastern(row["date_earned"]),
            "InvoiceId": id_of(row["invoice_id"]),
            "SaleAffId": id_of(row["sale_affiliate_id"]),
            **{name: row[field] for name, field in names.items()},
        }
    )


def _payouts(world: World, params: list[Any]) -> list[Struct]:
    affiliate, window = owner(world, "affiliates", params[0]), (params[1], params[2])
    rows = _rows(world, "affiliate_payments", _PAY_DATE, affiliate, window)
    if world.switches.legacy_payouts == "amount":
        return [present({"PayAmt": number(row["pay_amount"])}) for row in rows]
    return [
        present(
            {
                "Id": id_of(row["id"]),
                "PayAmt": number(row["pay_amount"]),
                "PayDate": eastern_or_day(row["pay_date"]),
                "PayType": row["pay_type"],
                "PayNote": row["pay_notes"],
            }
        )
        for row in rows
    ]


class _Totals:
    """What an affiliate earned, lost and was paid in a window."""

    def __init__(self, world: World, affiliate: str, window: _Window) -> None:
        def add(collection: str, time: str, amount: str) -> float:
            rows = _rows(world, collection, time, affiliate, window)
            return round(sum((number(row[amount]) or 0.0 for row in rows), 0.0), 2)

        self.id = int(affiliate)
        self.earned = add("affiliate_commissions", "time_earned", "amount_earned")
        self.clawbacks = add("affiliate_clawbacks", "date_earned", "amount")
        self.paid = add("affiliate_payments", _PAY_DATE, "pay_amount")
        self.balance = round(self.earned + self.clawbacks - self.paid, 2) + 0.0  # no minus before a zero


def _totals(world: World, ids: list[Any], window: _Window) -> list[_Totals]:
    known = [owner(world, "affiliates", one) for one in ids]
    return [_Totals(world, one, window) for one in known if one is not None]


def _summary(world: World, params: list[Any]) -> list[Struct]:
    return [
        {
            "AffiliateId": one.id,
            "AmountEarned": one.earned,
            "Balance": one.balance,
            "Clawbacks": one.clawbacks,
        }
        for one in _totals(world, params[0], (params[1], params[2]))
    ]


def _running_totals(world: World, params: list[Any]) -> list[Struct]:
    return [
        {
            "AffiliateId": one.id,
            "AmountEarned": one.earned,
            "Payments": one.paid,
            "Clawbacks": one.clawbacks,
            "RunningBalance": one.balance,
        }
        for one in _totals(world, params[0], (None, None))
    ]


_LINK_NAMES: Mapping[str, tuple[str, ...]] = {
    "pascal": ("Id", "Name", "AffiliateId", "LocalUrlCode", "RedirectUrl", "ProgramIds"),
    "camel": ("id", "name", "affiliateId", "localUrlCode", "redirectUrl", "programIds"),
}
"""No source shows the names: as in tables, or as in discounts and shipping."""


def _redirect_links(world: World, params: list[Any]) -> list[Struct]:
    affiliate, table = owner(world, "affiliates", params[0]), world.account.tables["affiliate_redirect_links"]
    names = _LINK_NAMES[world.switches.legacy_redirect_links]
    keys = table.children("affiliate_id", affiliate) if affiliate is not None else []
    return [
        present(
            dict(
                zip(
                    names,
                    (
                        id_of(row["id"]),
                        row["name"],
                        id_of(row["affiliate_id"]),
                        row["local_url_code"],
                        row["redirect_url"],
                        ",".join(row["program_ids"] or []),
                    ),
                    strict=True,
                )
            )
        )
        for row in map(table.row, keys)
    ]


_PERIOD = (int, datetime, datetime)
METHODS: Mapping[str, Method] = service(
    "APIAffiliateService",
    {
        "affClawbacks": Method(_clawbacks, (_PERIOD,)),
        "affCommissions": Method(_commissions, (_PERIOD,)),
        "affPayouts": Method(_payouts, (_PERIOD,)),
        "affSummary": Method(_summary, ((list, datetime, datetime),)),
        "affRunningTotals": Method(_running_totals, ((list,),)),
    },
) | service("AffiliateService", {"getRedirectLinksForAffiliate": Method(_redirect_links, ((int,),))})

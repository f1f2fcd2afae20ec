"""Affiliates (referral partners), and what they earn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from keap_sandbox.lists.filters import (
    ANY_OPS,
    Choice,
    Condition,
    FilterContext,
    Key,
    Option,
    Since,
    Text,
    Until,
    parse,
)
from keap_sandbox.lists.v1 import V1Listing
from keap_sandbox.lists.v2 import Listing, children
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import KeapError, Response, json_response, not_found
from keap_sandbox.sample_data.settings import program_details
from keap_sandbox.tables import Row, Source, Subset, Table, moment_of
from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.switches import Switches

__all__ = ["AFFILIATES", "REDIRECTS", "commission_total", "commission_v1", "resources", "routes", "summary"]

Params = Mapping[str, str]

AFFILIATES = Listing(
    path="/v2/affiliates",
    items="affiliates",
    source=lambda account, _: account.affiliates,
    filters={
        "id": Key(ops=ANY_OPS),
        "name": Text("name", prefix=True),
        "contact_id": Text("contact_id"),
        "referral_contact_id": Text("contact_id"),
        "status": Text("status"),
        "code": Text("code", prefix=True),
    },
    order_by={"id": "", "date_created": "date_created", "name": "name", "status": "status", "code": "code"},
    custom_fields="affiliates",
    by_id="id",
    singular="Affiliate",
)


def _own(collection: str, parameter: str = "affiliate_id") -> Callable[[Account, Params], Source]:
    """The rows of the affiliate that the path names."""
    return children(collection, "affiliate_id", "affiliates", parameter)


def _totals(page: list[Row], everything: Callable[[], list[Row]], switches: Switches) -> Row:
    """The sums beside the commissions: of the returned page, says the documentation."""
    rows = everything() if switches.commission_totals == "all" else page
    amounts = [float(row["amount_earned"] or 0) for row in rows]
    earned = round(sum(amount for amount in amounts if amount > 0), 2)
    back = round(sum(amount for amount in amounts if amount < 0), 2)
    return {"amount_earned": earned, "clawbacks": back, "commission_total": round(earned + back, 2)}


COMMISSIONS = Listing(
    path="/v2/affiliates/{affiliate_id}:commissions",
    items="affiliate_commissions",
    source=_own("affiliate_commissions"),
    filters={"since_time": Since("time_earned"), "until_time": Until("time_earned")},
    order_by={"invoice_id": "invoice_id", "time_earned": "time_earned"},
    hidden=("affiliate_id",),
    totals=_totals,
)

PAYMENTS = Listing(
    path="/v2/affiliates/{affiliate_id}/payments",
    items="affiliate_payments",
    source=_own("affiliate_payments"),
    filters={"since_time": Since("pay_date"), "until_time": Until("pay_date")},
    order_by={name: name for name in ("create_time", "pay_date", "pay_amount")},
    hidden=("affiliate_id",),
)


PROGRAMS = Listing(
    path="/v2/affiliates/commissionPrograms",
    items="commission_programs",
    source=lambda account, _: account.commission_programs,
    filters={"name": Text("name"), "affiliate_id": Text("affiliate_ids")},
    order_by={"name": "name", "date_created": "create_time"},
    by_id="commission_program_id",
    singular="Commission program",
    more=lambda _, key: program_details(key),
)


def resources(account: Account, params: Params) -> Source:
    """What a program offers its partners."""
    program = params["commission_program_id"]
    if parse_id(program) not in account.commission_programs:
        raise not_found("Commission program", program)
    table = account.tables["program_resources"]
    found = [
        key
        for key in table.keys()  # noqa: SIM118 - a table is no dict
        if program in [one["commission_program_id"] for one in table.row(key)["commission_programs"]]
    ]
    return Subset(table, found, (program,))


RESOURCES = Listing(
    path="/v2/affiliates/commissionPrograms/{commission_program_id}/resources",
    items="resources",
    source=resources,
    paged=False,
)

REDIRECTS = Listing(
    path="/v2/affiliates/redirects",
    items="affiliate_links",
    collection="affiliate_redirect_links",
    filters={"name": Text("name"), "affiliate_id": Text("affiliate_id")},
    order_by={"name": "name", "date_created": "date_created"},
    by_id="redirect_id",
    singular="Redirect link",
)


def _sum(
    table: Table, affiliate: str, amount: str, time: str, window: tuple[int | None, int | None]
) -> float:
    since, until = window
    total = 0.0
    for row in map(table.row, table.children("affiliate_id", affiliate)):
        moment = moment_of(row[time]) or 0
        if (since or 0) <= moment <= (until or moment):
            total += float(row[amount] or 0)
    return round(total, 2)


def summary(account: Account, affiliate: int, window: tuple[int | None, int | None] = (None, None)) -> Row:
    """The sums of an affiliate: in camelCase, with a number as id."""
    key = str(affiliate)
    earned = _sum(account.affiliate_commissions, key, "amount_earned", "time_earned", window)
    back = _sum(account.affiliate_clawbacks, key, "amount", "date_earned", window)
    paid = _sum(account.affiliate_payments, key, "pay_amount", "pay_date", window)
    balance = round(earned + back - paid, 2)
    return {"affiliateId": affiliate, "clawbacks": back, "balance": balance, "amountEarned": earned}


def _summaries(world: World, request: Request) -> Response:
    """Totals of affiliates, over all times or between two moments."""
    account = world.account
    given = {condition.name: condition.value for condition in parse(request.query.get("filter", ""))}
    since, until = (
        parse_moment(given[name]) if name in given else None for name in ("since_time", "until_time")
    )
    table = Table(f"summaries {since} {until}")
    for key in account.affiliates.keys():  # noqa: SIM118 - a table is no dict
        table.put(key, summary(account, key, (since, until)))
    table.version = hash(
        tuple(
            one.version
            for one in (
                account.affiliate_commissions,
                account.affiliate_clawbacks,
                account.affiliate_payments,
            )
        )
    )
    listing = Listing(
        path="/v2/affiliates/summaries",
        items="affiliate_summaries",
        source=lambda *_: table,
        filters={"affiliate_ids": Choice("affiliateId"), "since_time": _Window(), "until_time": _Window()},
        order_by={
            "affiliate_id": "",
            "amount_earned": "amountEarned",
            "balance": "balance",
            "clawbacks": "clawbacks",
        },
    )
    return listing.page(world, request)


class _Window(Option):
    """A time that the sums look at, not the rows."""

    def test(self, condition: Condition, context: FilterContext) -> Callable[[int], bool]:
        """Check the value."""
        Since("none").test(condition, context)
        return lambda _: True


def commission_total(account: Account, affiliate: str) -> Row:
    """The running total of one affiliate."""
    total = _sum(account.affiliate_commissions, affiliate, "amount_earned", "time_earned", (None, None))
    url = f"https://{account.switches.tenant}/Affiliate/ledger?id={affiliate}"
    return {"affiliate_commission_total": total, "view_ledger_url": url}


def _commission_total(world: World, request: Request) -> Response:
    affiliate = request.params["affiliate_id"]
    if parse_id(affiliate) not in world.account.affiliates:
        raise not_found("Affiliate", affiliate)
    return json_response(commission_total(world.account, affiliate))


def _v1_clawbacks(account: Account, params: Params) -> Source:
    if parse_id(params["affiliateId"]) not in account.affiliates:
        raise KeapError(404, "Unable to find this Affiliate")
    return _own("affiliate_clawbacks", "affiliateId")(account, params)


CLAWBACKS_V1 = V1Listing(
    path="/v1/affiliates/{affiliateId}/clawbacks",
    items="clawbacks",
    source=_v1_clawbacks,
    row=lambda row: {name: value for name, value in row.items() if name != "affiliate_id"},
    time="date_earned",
    order_by={"DATE_EARNED": "date_earned"},
)


def commission_v1(row: Row) -> Row:
    """A commission as REST v1 shows it."""
    given, _, family = str(row["sales_affiliate_name"] or "").partition(" ")
    earned = row["time_earned"]
    return {
        "amount_earned": row["amount_earned"],
        "contact_first_name": row["contact_first_name"],
        "contact_id": int(row["contact_id"]),
        "contact_last_name": row["contact_last_name"],
        "date_earned": earned[:-1] + ("+0000" if "." in earned else ".000+0000") if earned else None,
        "description": row["description"],
        "invoice_id": int(row["invoice_id"]),
        "product_name": row["product_name"],
        "sales_affiliate_id": int(row["sales_affiliate_id"]),
        "sold_by_first_name": given,
        "sold_by_last_name": family,
    }


COMMISSIONS_V1 = V1Listing(
    path="/v1/affiliates/commissions",
    items="commissions",
    source=lambda account, _: account.affiliate_commissions,
    row=commission_v1,
    time="time_earned",
    order_by={"DATE_EARNED": "time_earned"},
    equal={"affiliateId": "affiliate_id"},
)


def _v1_affiliate(row: Row) -> Row:
    return {
        "code": row["code"],
        "contact_id": int(row["contact_id"]),
        "id": int(row["id"]),
        "name": row["name"],
        "notify_on_lead": row["notify_on_lead"],
        "notify_on_sale": row["notify_on_sale"],
        "parent_id": int(row["parent_affiliate_id"] or 0),
        "status": str(row["status"]).lower(),
        "track_leads_for": row["track_leads_days"],
    }


AFFILIATES_V1 = V1Listing(
    path="/v1/affiliates",
    items="affiliates",
    source=lambda account, _: account.affiliates,
    row=_v1_affiliate,
    order_by={"id": "", "name": "name"},
    equal={"code": "code", "contact_id": "contact_id", "name": "name", "parent_id": "parent_affiliate_id"},
)


def routes() -> list[Route]:
    """Everything about affiliates; literal paths before those with ids."""
    return [
        *PROGRAMS.routes(),
        *RESOURCES.routes(),
        *REDIRECTS.routes(),
        ("GET", "/v2/affiliates/summaries", _summaries),
        *COMMISSIONS.routes(),
        *PAYMENTS.routes(),
        ("GET", "/v2/affiliates/{affiliate_id}/commissionTotal", _commission_total),
        *AFFILIATES.routes(),
        *COMMISSIONS_V1.routes(),
        *CLAWBACKS_V1.routes(),
        *AFFILIATES_V1.routes(),
    ]

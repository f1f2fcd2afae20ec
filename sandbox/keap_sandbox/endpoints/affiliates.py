"""Read calls for affiliates (referral partners), their programs and what they earn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from keap_sandbox.endpoints.lookup import computed_table, find_key
from keap_sandbox.filtering.filters import (
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
from keap_sandbox.request import parse_id
from keap_sandbox.responses import KeapError, Response, json_response
from keap_sandbox.sample_data.settings import program_details
from keap_sandbox.tables import Row, Source, Subset, Table, moment_of
from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.request import Request, Route, World
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


def _of_affiliate(collection: str, parameter: str = "affiliate_id") -> Callable[[Account, Params], Source]:
    """Return a source of the rows that belong to the affiliate in the path."""
    return children(collection, "affiliate_id", "affiliates", parameter)


def _totals(page: list[Row], all_rows: Callable[[], list[Row]], switches: Switches) -> Row:
    """Add up the commissions. According to the documentation, the totals are those of the returned page."""
    rows = all_rows() if switches.commission_totals == "all" else page
    amounts = [float(row["amount_earned"] or 0) for row in rows]
    earned = round(sum(amount for amount in amounts if amount > 0), 2)
    clawbacks = round(sum(amount for amount in amounts if amount < 0), 2)
    return {
        "amount_earned": earned,
        "clawbacks": clawbacks,
        "commission_total": round(earned + clawbacks, 2),
    }


COMMISSIONS = Listing(
    path="/v2/affiliates/{affiliate_id}:commissions",
    items="affiliate_commissions",
    source=_of_affiliate("affiliate_commissions"),
    filters={"since_time": Since("time_earned"), "until_time": Until("time_earned")},
    order_by={"invoice_id": "invoice_id", "time_earned": "time_earned"},
    hidden=("affiliate_id",),
    totals=_totals,
)

PAYMENTS = Listing(
    path="/v2/affiliates/{affiliate_id}/payments",
    items="affiliate_payments",
    source=_of_affiliate("affiliate_payments"),
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
    """Return the resources that a commission program offers its affiliates.

    Args:
        account: The account.
        params: The ids in the path. `commission_program_id` selects the program.
    """
    program = params["commission_program_id"]
    find_key(account, "commission_programs", program, "Commission program")
    table = account.tables["program_resources"]
    keys = [
        key
        for key in table
        if program in [other["commission_program_id"] for other in table.row(key)["commission_programs"]]
    ]
    return Subset(table, keys, (program,))


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


_Window = tuple[int | None, int | None]
"""First and last moment, in milliseconds since the epoch; None for no limit."""


def _sum(table: Table, affiliate: str, amount: str, time: str, window: _Window) -> float:
    """Add up a money column of one affiliate's rows."""
    since, until = window
    total = 0.0
    for row in map(table.row, table.children("affiliate_id", affiliate)):
        moment = moment_of(row[time]) or 0
        if (since or 0) <= moment <= (until or moment):
            total += float(row[amount] or 0)
    return round(total, 2)


def summary(account: Account, affiliate: int, window: _Window = (None, None)) -> Row:
    """Return the totals of an affiliate. As in Keap, names are in camelCase and the id is a number.

    Args:
        account: The account.
        affiliate: Key of the affiliate.
        window: First and last moment to include, in milliseconds since the epoch; None for no limit.
    """
    key = str(affiliate)
    earned = _sum(account.tables["affiliate_commissions"], key, "amount_earned", "time_earned", window)
    clawbacks = _sum(account.tables["affiliate_clawbacks"], key, "amount", "date_earned", window)
    paid = _sum(account.tables["affiliate_payments"], key, "pay_amount", "pay_date", window)
    balance = round(earned + clawbacks - paid, 2) + 0.0  # no minus before a zero
    return {"affiliateId": affiliate, "clawbacks": clawbacks, "balance": balance, "amountEarned": earned}


def _summaries(world: World, request: Request) -> Response:
    """Return the totals of affiliates, for all time or between two moments."""
    account = world.account
    given = {condition.name: condition.value for condition in parse(request.query.get("filter", ""))}
    since, until = (
        parse_moment(given[name]) if name in given else None for name in ("since_time", "until_time")
    )
    rows = {key: summary(account, key, (since, until)) for key in account.affiliates}
    table = computed_table(
        f"summaries {since} {until}",
        rows,
        account.tables["affiliate_commissions"].version,
        account.tables["affiliate_clawbacks"].version,
        account.tables["affiliate_payments"].version,
    )
    listing = Listing(
        path="/v2/affiliates/summaries",
        items="affiliate_summaries",
        source=lambda *_: table,
        filters={
            "affiliate_ids": Choice("affiliateId"),
            "since_time": _WindowTime(),
            "until_time": _WindowTime(),
        },
        order_by={
            "affiliate_id": "",
            "amount_earned": "amountEarned",
            "balance": "balance",
            "clawbacks": "clawbacks",
        },
    )
    return listing.page(world, request)


class _WindowTime(Option):
    """A time that limits what the totals include. It does not filter rows."""

    def test(self, condition: Condition, context: FilterContext) -> Callable[[int], bool]:
        """Check that the value is a time. Every row passes."""
        Since("none").test(condition, context)
        return lambda _: True


def commission_total(account: Account, affiliate: str) -> Row:
    """Return the total of all commissions of an affiliate.

    Args:
        account: The account.
        affiliate: Id of the affiliate, as a string.
    """
    total = _sum(
        account.tables["affiliate_commissions"], affiliate, "amount_earned", "time_earned", (None, None)
    )
    url = f"https://{account.tenant}/Affiliate/ledger?id={affiliate}"
    return {"affiliate_commission_total": total, "view_ledger_url": url}


def _commission_total(world: World, request: Request) -> Response:
    affiliate = request.params["affiliate_id"]
    find_key(world.account, "affiliates", affiliate, "Affiliate")
    return json_response(commission_total(world.account, affiliate))


def _v1_clawbacks(account: Account, params: Params) -> Source:
    if parse_id(params["affiliateId"]) not in account.affiliates:
        raise KeapError(404, "Unable to find this Affiliate")
    return _of_affiliate("affiliate_clawbacks", "affiliateId")(account, params)


CLAWBACKS_V1 = V1Listing(
    path="/v1/affiliates/{affiliateId}/clawbacks",
    items="clawbacks",
    source=_v1_clawbacks,
    row=lambda row: {name: value for name, value in row.items() if name != "affiliate_id"},
    time="date_earned",
    order_by={"DATE_EARNED": "date_earned"},
)


def commission_v1(row: Row) -> Row:
    """Return a commission in the form of REST v1."""
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
    source=lambda account, _: account.tables["affiliate_commissions"],
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
    """Return the read calls for affiliates. Literal paths come before paths with ids."""
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

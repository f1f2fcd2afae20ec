"""Three numbers of the dbt package and a picture for the terminal."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.warehouse import Warehouse

SCHEMA = "analytics_infusionsoft_marts"
MONTHS = 12
"""Months in the picture, the current one included."""
WIDTH = 48
"""Characters of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉"

_CUSTOMERS = f"""
    SELECT json_build_object(
        'customers', count(*) FILTER (WHERE is_customer),
        'contacts', count(*),
        'value', sum(lifetime_value),
        'due', sum(amount_due),
        'currency', max(currency_code)
    ) FROM {SCHEMA}.customers
"""  # noqa: S608
_SUBSCRIPTIONS = f"""
    SELECT row_to_json(m) FROM {SCHEMA}.subscriptions_by_month m
    WHERE month < date_trunc('month', current_date) ORDER BY month DESC LIMIT 1
"""  # noqa: S608
_PIPELINE = f"""
    SELECT json_build_object('opportunities', sum(opportunities), 'expected', sum(expected_revenue))
    FROM {SCHEMA}.pipeline_by_stage WHERE outcome = 'open'
"""  # noqa: S608
_SALES = f"""
    SELECT json_agg(m ORDER BY month) FROM (
        SELECT to_char(date_trunc('month', sale_date), 'YYYY-MM') AS month, sum(amount) AS amount
        FROM {SCHEMA}.sales_by_day WHERE item_role IN ('sale', 'discount')
        GROUP BY 1 ORDER BY 1 DESC LIMIT {MONTHS}
    ) m
"""  # noqa: S608


def numbers(warehouse: Warehouse) -> str:
    """Return three numbers, and sales by month as bars.

    Args:
        warehouse: The database in which the package was built.
    """
    customers, month = warehouse.query(_CUSTOMERS), warehouse.query(_SUBSCRIPTIONS)
    pipeline, sales = warehouse.query(_PIPELINE), warehouse.query(_SALES)
    currency = customers["currency"]
    said = (
        f"  {customers['customers']:,} of {customers['contacts']:,} contacts are customers. "
        f"They paid {_money(customers['value'])} {currency} and owe {_money(customers['due'])}.\n"
        f"  {month['at_end']:,} subscriptions bring {_money(month['monthly_recurring'])} {currency} a month; "
        f"{_percent(month['churn_rate'])} ended in {month['month'][:7]}.\n"
        f"  {pipeline['opportunities']:,} open opportunities are expected to bring "
        f"{_money(pipeline['expected'])} {currency}.\n\n"
        f"  Sales by month in {currency}, without tax and shipping:"
    )
    return "\n".join([said, *bars([(one["month"], one["amount"]) for one in sales])])


def bars(values: Sequence[tuple[str, Any]]) -> list[str]:
    """Draw a bar for each value, the longest as long as `WIDTH`; none for values below zero.

    Args:
        values: Label and value of each bar.
    """
    most = max((Decimal(str(value)) for _, value in values), default=Decimal(0))
    return [f"  {label}  {_bar(Decimal(str(value)), most)} {_money(value)}" for label, value in values]


def _bar(value: Decimal, most: Decimal) -> str:
    if value <= 0:
        return ""
    whole, eighths = divmod(int(value * WIDTH * 8 / most), 8)
    return "█" * whole + _EIGHTHS[eighths].strip()


def _money(value: Any) -> str:
    return f"{Decimal(str(value)):,.0f}"


def _percent(share: Any) -> str:
    return f"{Decimal(str(share or 0)):.1%}"

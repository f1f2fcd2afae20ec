"""What somebody who knows Keap knows, and the schema did not say.

`orders.total_due` is the whole total of paid orders too, so it is no balance. APPROVED and COMPLETED both
mean that a payment was made, and refunds are negative. Times that are days are the day before in America, and
an id of 0 means none. Without knowing this, one gets other numbers.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures import Run
from tests.target import Target


@pytest.fixture
def loaded(run: Run) -> Target:
    return run("orders", "payments", "affiliates", "affiliate_payments", "opportunity_stage_moves")


def said(target: Target, column: str) -> str:
    """What the SCHEMA says of a column."""
    stream, _, name = column.partition(".")
    schema: dict[str, Any] = target.schemas[stream]["properties"][name]
    text: str = schema.get("description", "")
    return text


def test_what_is_due_at_first_is_not_the_balance(loaded: Target) -> None:
    paid = [row for row in loaded.rows("orders") if row["status"] == "PAID"]
    assert any(row["total"]["amount"] for row in paid)
    assert all(row["total_due"]["amount"] == row["total"]["amount"] for row in paid)
    assert "the same as total, even if it is paid" in said(loaded, "orders.total_due")
    assert "invoice_balances.amount_due" in said(loaded, "orders.total_due")


def test_more_than_one_status_means_paid_and_refunds_are_negative(loaded: Target) -> None:
    refunds = [row for row in loaded.rows("payments") if row["type"] == "Refund"]
    assert refunds
    assert all(row["amount"] < 0 for row in refunds)
    assert "negative for refunds" in said(loaded, "payments.amount")
    assert "APPROVED and COMPLETED both mean that it was paid" in said(loaded, "payments.status")


def test_days_are_called_days(loaded: Target) -> None:
    days = [row["pay_date"] for row in loaded.rows("affiliate_payments")]
    assert days
    assert {day[10:] for day in days} == {"T00:00:00.000Z"}
    assert "midnight UTC" in said(loaded, "affiliate_payments.pay_date")


@pytest.mark.parametrize(
    "column", ["affiliates.parent_affiliate_id", "opportunity_stage_moves.move_from_stage_id"]
)
def test_an_id_of_0_is_said_to_be_none(loaded: Target, column: str) -> None:
    stream, _, name = column.partition(".")
    assert "0" in {row[name] for row in loaded.rows(stream)}
    assert "'0'" in said(loaded, column)

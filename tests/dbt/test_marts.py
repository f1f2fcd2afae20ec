"""The numbers of every mart are those of the account, in both databases."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt.building import built, needs_dbt
from tests.dbt.truth import MARTS, Key, Row, affiliate_ledger, balances, running_balances

TARGETS = ("postgres", "duckdb")
pytestmark = needs_dbt
KEYS = {
    "customers": ("contact_id",),
    "sales_by_day": ("sale_date", "product_id", "item_type", "currency_code"),
    "subscriptions": ("subscription_id",),
    "subscriptions_by_month": ("month",),
    "pipeline_by_stage": ("stage_id",),
    "email_engagement": ("month",),
    "tag_history": ("contact_id", "tag_id"),
}


@pytest.mark.parametrize("target", TARGETS)
def test_everything_is_built_and_every_test_passes(target: str) -> None:
    results = built().results[target]
    wrong = {name: status for name, status in results.items() if status not in {"success", "pass"}}
    assert not wrong, built().said[target][-3000:]
    assert "there is no table" not in built().said[target]
    kinds = {kind: sum(name.startswith(f"{kind}.") for name in results) for kind in ("model", "test")}
    assert kinds["model"] > 100
    assert kinds["test"] > 300


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("mart", KEYS)
def test_a_mart_has_the_numbers_of_the_account(target: str, mart: str) -> None:
    every = MARTS[mart](built().account).items()
    truth = {_key(key): row for key, row in every if _lasts(target, row)}
    rows = built().rows[target]["marts"][mart]
    found = {_key(tuple(row[name] for name in KEYS[mart])): row for row in rows}
    assert len(found) == len(rows)
    assert found.keys() == truth.keys()
    assert found, "an account without such rows proves nothing"
    wrong = [
        f"{key} {name}: {found[key][name]} instead of {value}"
        for key, row in truth.items()
        for name, value in row.items()
        if not _same(found[key][name], value)
    ]
    assert not wrong, wrong[:10]


@pytest.mark.parametrize("target", TARGETS)
def test_the_ledger_has_every_entry_and_its_balance_is_keaps_own_less_the_payments(target: str) -> None:
    rows = built().rows[target]["marts"]["affiliate_ledger"]
    entries: dict[Key, list[Decimal]] = defaultdict(list)
    for row in rows:
        entries[_key((row["affiliate_id"], row["entry_type"], row["entry_date"]))].append(
            Decimal(row["amount"])
        )
    sums = {key: {"entries": len(found), "amount": sum(found)} for key, found in entries.items()}
    assert sums == {_key(key): row for key, row in affiliate_ledger(built().account).items()}
    for affiliate, owed in balances(built().account).items():
        own = [row for row in rows if row["affiliate_id"] == affiliate]
        own.sort(key=lambda row: (row["entry_date"], row["entry_type"], row["entry_id"]))
        amounts = [Decimal(row["amount"]) for row in own]
        assert [Decimal(row["balance"]) for row in own] == running_balances(amounts)
        assert (Decimal(own[-1]["balance"]) if own else 0) == owed


def test_both_databases_have_the_same_rows() -> None:
    for mart, rows in built().rows["postgres"]["marts"].items():
        both = [
            sorted(
                repr([_plain(row[name]) for name in rows[0]])
                for row in built().rows[target]["marts"][mart]
                if _lasts("duckdb", row)
            )
            for target in TARGETS
        ]
        assert both[0] == both[1], mart


def test_there_is_a_mart_for_every_truth() -> None:
    assert built().rows["postgres"]["marts"].keys() == MARTS.keys()


def _lasts(target: str, row: Row) -> bool:
    """Whether a database still has a row. The bridge deletes what is gone, and target-postgres marks it."""
    return target == "postgres" or row.get("is_current") is not False


def _key(values: Key) -> Key:
    return tuple(None if one is None else str(one) for one in values)


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Decimal):
        return Decimal(str(found)) == wanted
    return found == wanted if isinstance(wanted, bool | int | None) else str(found) == str(wanted)


def _plain(value: Any) -> Any:
    """A value without what differs in how the two databases print it."""
    if isinstance(value, bool) or value is None:
        return value
    try:
        return Decimal(str(value)).normalize()
    except ArithmeticError:
        return value

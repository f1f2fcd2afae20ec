"""An id in a setting that the account no longer has costs nothing but a warning.

One of 3,000 contacts in `contact_ids` was deleted in Keap, and `contacts` failed on every run from then on.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.errors import Exit
from tap_infusionsoft.reading.account import limits
from tap_infusionsoft.streams.list_settings import LIST_SETTINGS
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.canary import KEY
from tests.fixtures import Run
from tests.virtual import VirtualClock

GONE = "99999999"
LIMITED = sorted(
    (setting, stream)
    for stream, one in COLLECTIONS.items()
    for setting in limits(one)
    if LIST_SETTINGS[setting].kind == "ids"
)
"""Every setting that lists ids, with every stream that it limits."""


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """A small account."""
    switches = {"limits": "off", "quota_headers": "blank", "pipelines": "v2"}
    with Sandbox(seed=1, contacts=40, api_key=KEY, clock=clock.epoch, switches=switches) as sandbox:
        yield sandbox


def some_ids(run: Run, setting: str) -> list[str]:
    """Two ids of rows that the setting can name."""
    if setting == "invoice_ids":
        return [str(row["invoice_id"]) for row in run.box.records("order_payments")[:2]]
    return [str(row["id"]) for row in run.box.records(setting.removesuffix("_ids") + "s")[:2]]


@pytest.mark.parametrize(("setting", "stream"), LIMITED)
def test_a_vanished_id_costs_no_other_row(run: Run, setting: str, stream: str) -> None:
    catalog = run.catalog(stream)
    ids = some_ids(run, setting)
    run(catalog=catalog, **{setting: ids})  # type: ignore[arg-type]
    whole = sorted(run.target.rows(stream), key=str)
    run.target = type(run.target)()
    run(catalog=catalog, **{setting: [GONE, *ids]})  # type: ignore[arg-type]
    assert sorted(run.target.rows(stream), key=str) == whole
    if setting != "invoice_ids" and (setting, stream) not in {
        ("affiliate_ids", "affiliate_redirect_links"),
        ("affiliate_ids", "commission_programs"),
    }:  # these are filters of other rows: nothing tells whether there is such an affiliate
        assert run.says(f"{setting}: the account has no ")
        assert run.says(f" with the id {GONE} (any more)")


@pytest.mark.parametrize("answer", [400, 404])
def test_keap_may_refuse_a_filter_with_an_unknown_id(run: Run, answer: int) -> None:
    catalog = run.catalog("orders")
    ids = [str(row["id"]) for row in run.box.records("orders")]
    refused = {"always": True, "status": answer, "body": {"message": "Unable to find this Order"}}
    run.box.fault({"path": "/v2/orders", "query": GONE, **refused})
    target = run(catalog=catalog, fails=answer == 400, order_ids=[*ids[:3], GONE, *ids[3:]])
    assert {row["id"] for row in target.rows("orders")} == {*ids}
    assert run.says(GONE)


def test_a_contact_that_is_deleted_later_is_marked_as_deleted(run: Run) -> None:
    catalog = run.catalog("contacts", "contact_lead_scores")
    ids = [str(row["id"]) for row in run.box.records("contacts")[:30]]
    run(catalog=catalog, contact_ids=ids)
    run.box.plant("contacts", delete=[ids[7]])
    run.clock.pass_time(8 * 86_400)
    target = run(catalog=catalog, contact_ids=ids)
    for stream, key in (("contacts", "id"), ("contact_lead_scores", "contact_id")):
        assert {row[key] for row in target.rows(stream)} == {*ids} - {ids[7]}
    assert sum("(any more)" in one.getMessage() for one in run.caplog.records) == 1  # type: ignore[union-attr]


def test_if_no_id_is_left_the_setting_is_refused(run: Run) -> None:
    catalog = run.catalog("contacts", "contact_lead_scores", "order_total_discounts")
    run(catalog=catalog, fails=True, contact_ids=[GONE], order_total_discount_ids=[GONE, "99999998"])
    assert run.error is not None
    assert run.error.exit_code == Exit.CONFIG
    assert run.says("contact_ids: the account has no contacts with the id 99999999. ")
    assert run.says("the account has no order_total_discounts with the id 99999998, 99999999. ")


def test_a_named_row_that_keap_refuses_costs_no_other(run: Run) -> None:
    stream, setting = "order_total_discounts", "order_total_discount_ids"
    catalog = run.catalog(stream)
    ids = some_ids(run, setting)
    run.box.fault({"path_regex": f"/{ids[0]}$", "always": True, "status": 500, "body": ""})
    target = run(catalog=catalog, fails=True, order_total_discount_ids=ids)
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert [row["id"] for row in target.rows(stream)] == ids[1:]
    run.box.clear_faults()
    target = run(catalog=catalog, order_total_discount_ids=ids)
    assert {row["id"] for row in target.rows(stream)} == {*ids}
    assert target.state["bookmarks"][stream]["rows"] == 2


def test_words_about_an_id_are_not_about_the_field_of_that_name(run: Run) -> None:
    """Contacts were asked for without their ids, and a row without an id ends its stream."""
    catalog = run.catalog("contacts")
    ids = [str(row["id"]) for row in run.box.records("contacts")]
    run.box.fault(
        {
            "path": "/v2/contacts",
            "query": ids[7],
            "always": True,
            "status": 400,
            "body": {"message": "bad id"},
        }
    )
    target = run(catalog=catalog, fails=True, contact_ids=[*ids[:3], *ids[7:]])
    assert {row["id"] for row in target.rows("contacts")} == {*ids[:3], *ids[8:]}
    assert not run.says("not asked for")
    run.box.clear_faults()
    target = run(catalog=catalog, contact_ids=[*ids[:3], *ids[7:]])
    assert {row["id"] for row in target.rows("contacts")} == {*ids[:3], *ids[7:]}


def test_the_names_that_a_failed_run_leaves_are_no_unused_bookmark(run: Run) -> None:
    catalog = run.catalog("contacts")
    run.box.fault({"path": "/v2/contacts", "always": True, "status": 403, "body": {"message": "No"}})
    run(catalog=catalog, fails=True)
    assert run.target.state["bookmarks"]["contacts"].keys() == {"column_names"}
    run.box.clear_faults()
    run(catalog=catalog)
    assert not run.says("has no bookmark")

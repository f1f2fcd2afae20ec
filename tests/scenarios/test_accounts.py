"""Somebody put the key of another Keap account beside the state, or the catalog, of the first one.

The run ended with 0, read nothing (the bookmarks were later than every change), or filled the tables of one
account with the rows of the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tests.canary import KEY
from tests.fixtures import Run
from tests.virtual import VirtualClock

FIRST, SECOND = "xx123.infusionsoft.com", "yy456.infusionsoft.com"
OTHER_KEY = "KeapAK-canary-second"


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """Two accounts: 20 contacts in the first, 15 in the second."""
    with Sandbox(
        seed=1,
        contacts=20,
        api_key=KEY,
        clock=clock.epoch,
        switches={"limits": "off", "quota_headers": "blank"},
        accounts=[f"key={OTHER_KEY},tenant={SECOND},name=Second,seed=2,contacts=15"],
    ) as sandbox:
        yield sandbox


def account(run: Run) -> Any:
    return (run.target.state or {}).get("account")


def paths(run: Run) -> list[str]:
    return [call["path"].removeprefix("/crm/rest") for call in run.box.requests()]


@pytest.mark.parametrize("header", ["present", "blank", "absent"])
def test_a_state_of_another_account_ends_the_run_before_any_row(run: Run, header: str) -> None:
    run.box.switch(tenant_header=header)
    catalog = run.catalog("contacts", "tags", custom_fields="raw")
    assert len(run(catalog=catalog, custom_fields="raw").rows("contacts")) == 20
    before = json.dumps(run.target.state["bookmarks"], sort_keys=True)
    run.box.clear_requests()
    run(catalog=catalog, custom_fields="raw", api_key=OTHER_KEY, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 2
    assert FIRST in str(run.error)
    assert SECOND in str(run.error)
    assert "state" in str(run.error)
    assert "own state and catalog" in str(run.error)
    assert not run.target.sent("contacts")
    assert account(run) == {"id": FIRST}
    assert json.dumps(run.target.state["bookmarks"], sort_keys=True) == before
    assert len(run.box.requests()) <= 3  # one was sent ahead


def test_an_account_that_was_moved_goes_on_after_its_entry_is_removed(run: Run) -> None:
    catalog = run.catalog("contacts", custom_fields="raw")
    run(catalog=catalog, custom_fields="raw")
    run.box.switch(tenant="zz789.infusionsoft.com")
    run(catalog=catalog, custom_fields="raw", fails=True)
    del run.target.state["account"]
    run(catalog=catalog, custom_fields="raw")
    assert account(run) == {"id": "zz789.infusionsoft.com"}


def test_a_state_that_names_no_account_is_taken_up_and_gets_the_entry(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    del run.target.state["account"]
    run.clock.pass_time(60)
    run.box.plant("contacts", upsert=[{"id": run.box.records("contacts")[0]["id"]}], touch=True)
    assert 1 <= len(run(catalog=catalog).sent("contacts")) < 20
    assert account(run) == {"id": FIRST}


def test_the_account_costs_no_call_where_keap_names_it_and_one_a_run_where_it_does_not(run: Run) -> None:
    catalog = run.catalog("tags", "users")
    run.box.clear_requests()
    run(catalog=catalog)
    assert sorted(paths(run)) == ["/v2/tags", "/v2/users"]
    run.box.switch(tenant_header="blank")
    run.box.clear_requests()
    run(catalog=catalog)
    assert paths(run).count("/v2/oauth/connect/userinfo") == 1


def test_an_account_that_cannot_be_known_is_unknown_and_not_another(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = run.catalog("tags")
    run(catalog=catalog)
    run.box.switch(tenant_header="blank")
    run.box.fault({"path": "/v2/oauth/connect/userinfo", "always": True, "status": 403})
    caplog.clear()
    run(catalog=catalog)
    assert account(run) == {"id": FIRST}
    assert caplog.text.count("could not be checked") == 1


@pytest.mark.parametrize("written", ["XX123.Infusionsoft.com ", "xx123", " xx123.infusionsoft.com"])
def test_the_same_account_may_be_written_in_another_way(run: Run, written: str) -> None:
    catalog = run.catalog("tags")
    run(catalog=catalog)
    run.box.switch(tenant=written)
    run(catalog=catalog)
    assert account(run) == {"id": FIRST}


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("concurrency", [1, 4])
def test_answers_of_two_accounts_in_one_run_end_it(run: Run, concurrency: int) -> None:
    """A renewed token of another account, or a proxy that mixes them up: prefetched answers count too."""
    run.concurrency = concurrency
    catalog = run.catalog("contacts", "tags", custom_fields="raw")
    run.box.switch(page_rows_max=5)
    run.box.fault(
        {
            "path": "/v2/contacts",
            "nth": 2,
            "what": {
                "status": 200,
                "headers": {"x-keap-tenant-id": SECOND},
                "body": {"contacts": [{"id": "999"}]},
            },
        }
    )
    run(catalog=catalog, custom_fields="raw", fails=True)
    assert run.error is not None
    assert run.error.exit_code == 2
    assert FIRST in str(run.error)
    assert SECOND in str(run.error)
    assert "999" not in {row["id"] for row in run.target.rows("contacts")}
    assert account(run) == {"id": FIRST}


def test_a_catalog_with_custom_fields_of_another_account_is_refused(run: Run) -> None:
    """The columns name fields by id: field 7 there is another field than field 7 here."""
    catalog = run.catalog("contacts")
    run(catalog=catalog, api_key=OTHER_KEY, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 2
    assert "catalog" in str(run.error)
    assert FIRST in str(run.error)
    assert SECOND in str(run.error)
    assert not run.target.rows("contacts")


def test_a_catalog_without_anything_of_the_account_serves_several(run: Run) -> None:
    catalog = run.catalog("tags", "users")
    run(catalog=catalog, api_key=OTHER_KEY)
    assert account(run) == {"id": SECOND}


def test_an_account_entry_that_is_none_is_refused(run: Run) -> None:
    run.target.state = {"bookmarks": {}, "account": "xx123"}
    run("tags", fails=True)
    assert run.error is not None
    assert run.error.exit_code == 2
    assert "account" in str(run.error)

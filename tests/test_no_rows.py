"""A response without rows never counts as "there are no rows"."""

from __future__ import annotations

import pytest

from tests.canary import PERSON
from tests.fixtures import Run
from tests.sockets import raw_server, saying

ODD = ["blank_body", "empty_object", "null_items", "bare_array", "fault_with_200", "html_200"]


@pytest.mark.parametrize("fault", ODD)
def test_a_malformed_response_is_requested_again(run: Run, fault: str) -> None:
    catalog = run.catalog("companies")
    run.box.fault(fault, path="/v2/companies", times=2)
    target = run(catalog=catalog)
    assert len(target.rows("companies")) == len(run.box.records("companies"))
    assert run.waits == ([5, 5] if fault == "html_200" else [5])


@pytest.mark.parametrize("fault", ODD)
def test_a_persistently_malformed_response_fails_and_deletes_nothing(run: Run, fault: str) -> None:
    catalog = run.catalog("companies", "users")
    before = run(catalog=catalog).rows("companies")
    state = run.target.state
    run.clock.pass_time(8 * 86_400)
    run.box.fault(fault, path="/v2/companies", always=True)
    target = run(catalog=catalog, fails=True)
    assert target.rows("companies") == before
    assert target.count("ACTIVATE_VERSION", "companies") == 0
    assert target.count("ACTIVATE_VERSION", "users") == 1
    assert target.state["bookmarks"]["companies"] == state["bookmarks"]["companies"]


@pytest.mark.parametrize("fault", [*ODD, "forbidden", "server_error", "truncate", "html_500"])
def test_a_pass_that_fails_halfway_deletes_nothing(run: Run, fault: str) -> None:
    run.box.switch(page_rows_max=40)
    catalog = run.catalog("contacts")
    before = {row["id"] for row in run(catalog=catalog).rows("contacts")}
    run.clock.pass_time(8 * 86_400)
    run.box.clear_requests()
    run.box.fault(fault, path="/v2/contacts", after=2)
    target = run(catalog=catalog, fails=True, sweep_max_drop=1)  # so that nothing else prevents deletions
    assert 0 < len(target.sent("contacts")) < len(before)
    assert {row["id"] for row in target.rows("contacts")} == before
    assert target.count("ACTIVATE_VERSION") == 0
    run.box.clear_faults()
    assert {row["id"] for row in run(catalog=catalog).rows("contacts")} == before


@pytest.mark.parametrize("stream", ["contacts", "contact_tags"])
def test_an_empty_page_in_the_middle_is_requested_again(run: Run, stream: str) -> None:
    run.box.switch(page_rows_max=40)
    catalog = run.catalog(stream)
    run.box.fault("empty_page", path_regex="/v2/(contacts|tags/-/contacts)$", nth=2)
    target = run(catalog=catalog)
    assert len(target.rows(stream)) == len(run.box.records(stream))


@pytest.mark.parametrize("stream", ["contacts", "contact_tags"])
def test_an_empty_page_that_repeats_deletes_nothing(run: Run, stream: str) -> None:
    run.box.switch(page_rows_max=40)
    catalog = run.catalog(stream)
    before = run(catalog=catalog).rows(stream)
    run.clock.pass_time(8 * 86_400)
    run.box.fault("empty_page", path_regex="/v2/(contacts|tags/-/contacts)$", after=1, times=3)
    target = run(catalog=catalog, fails=True)
    assert target.rows(stream) == before
    assert target.count("ACTIVATE_VERSION") == 0


def test_a_repeated_page_token_is_an_error(run: Run) -> None:
    catalog = run.catalog("reports", "tags")
    run.box.switch(page_rows_max=5)
    for fault in ("repeated_token", "token_loop_abab"):
        run.box.clear_faults()
        run.box.fault(fault, path="/v2/tags", always=True)
        target = run(catalog=catalog, fails=True)
        assert target.count("ACTIVATE_VERSION", "tags") == 0
        assert len(run.box.requests("/v2/tags")) < 40


def test_a_next_page_on_another_host_is_requested_from_keap(run: Run) -> None:
    catalog = run.catalog("note_templates", "affiliate_clawbacks")
    run.box.switch(v1_next="foreign")
    path, items = "/v2/notes/templates", "note_templates"
    with raw_server(saying(b"")) as evil:
        first = {items: [{"id": "1"}], "next_page_token": f"{evil.url}/crm/rest{path}?page_token=x"}
        run.box.fault({"path": path, "nth": [1, 3], "status": 200, "body": first})
        run.box.fault({"path": path, "nth": [2, 4], "status": 200, "body": {items: [{"id": "2"}]}})
        target = run(catalog=catalog)
        assert evil.connections == 0
    assert {row["id"] for row in target.rows("note_templates")} == {"1", "2"}
    assert run.box.requests(path)[-1]["query"]["page_token"] == "x"
    assert len(target.rows("affiliate_clawbacks")) == len(run.box.records("affiliate_clawbacks"))


def test_a_crawl_out_of_id_order_continues_by_pages(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run.box.switch(page_rows_max=40)
    catalog = run.catalog("contacts")
    rows = '{"contacts":[{"id":"5"},{"id":"3"}],"next_page_token":"x"}'
    run.box.fault({"path": "/v2/contacts", "nth": 2, "status": 200, "body": rows})
    target = run(catalog=catalog)
    assert len(target.rows("contacts")) == 150
    assert target.state["bookmarks"]["contacts"]["rows"] == 150
    assert caplog.text.count("rows cannot be walked in order") == 1


def test_parents_out_of_id_order_are_read_for_once(run: Run) -> None:
    run.box.switch(page_rows_max=8)
    catalog = run.catalog("affiliate_payments")
    rows = '{"affiliates":[{"id":"5"},{"id":"3"}],"next_page_token":"x"}'
    run.box.fault({"path": "/v2/affiliates", "nth": 2, "status": 200, "body": rows})
    target = run(catalog=catalog, concurrency=1)
    paths = [call["path"] for call in run.box.requests("/payments")]
    assert len(paths) == len(set(paths)) > 5
    payments = target.rows("affiliate_payments")
    assert target.state["bookmarks"]["affiliate_payments"]["rows"] == len(payments) > 0


def test_parents_are_read_from_the_fallback_if_a_later_page_is_refused(run: Run) -> None:
    run.box.switch(page_rows_max=5)
    catalog = run.catalog("contacts_by_tag")
    tagged = {row["contact_id"] for row in run.box.records("contact_tags")}
    run.box.fault("not_found", path="/v2/tags/-/contacts", nth=3)
    target = run(catalog=catalog, concurrency=1)
    assert {row["id"] for row in target.rows("contacts_by_tag")} == {str(one) for one in tagged}


def test_a_row_without_an_id_fails_its_stream(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    catalog = run.catalog("reports", "tags")
    run.box.fault({"path": "/v2/tags", "always": True, "status": 200, "body": '{"tags":[{"name":"x"}]}'})
    run(catalog=catalog, fails=True)
    assert "tags: a row has no id" in caplog.text


def test_no_rows_are_deleted_if_every_parent_is_missing(run: Run) -> None:
    catalog = run.catalog("affiliate_clawbacks")
    before = run(catalog=catalog).rows("affiliate_clawbacks")
    run.clock.pass_time(8 * 86_400)
    run.box.fault("not_found", path_regex="clawbacks$", always=True)
    assert run(catalog=catalog, fails=True).rows("affiliate_clawbacks") == before


def test_a_parent_deleted_during_the_run_is_no_error(run: Run) -> None:
    catalog = run.catalog("affiliate_clawbacks")
    run.box.fault("not_found", path_regex="clawbacks$", nth=3)
    target = run(catalog=catalog)
    assert 0 < len(target.rows("affiliate_clawbacks")) <= len(run.box.records("affiliate_clawbacks"))


def test_the_warning_about_a_missing_parent_contains_no_personal_data(run: Run) -> None:
    catalog = run.catalog("file_data")
    gone = run.box.records("files")[2]
    run.box.plant("files", upsert=[{**gone, "file_name": f"{PERSON}.pdf"}])
    run.box.fault("not_found", path=f"/v2/files/{gone['id']}:data", always=True)
    run(catalog=catalog)
    assert run.says(f"file_data: /v2/files/{gone['id']}:data was listed, but is not found.")
    assert not run.says(PERSON)

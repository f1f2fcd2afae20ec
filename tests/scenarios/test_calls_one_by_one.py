"""800 contact_emails took hundreds of calls, one by one, on 4,000 contacts, and nothing said so.

Keap's filter takes one address; where a filter takes several values, they go in batches.
"""

from __future__ import annotations

import pytest

from tap_infusionsoft.streams.list_settings import LIST_SETTINGS
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run
from tools.stream_facts import notes


def lists(run: Run, path: str) -> int:
    return sum(one["path"] == f"/crm/rest{path}" for one in run.box.requests(path))


def test_each_email_address_is_a_call_and_the_documents_say_so(run: Run) -> None:
    listed = [one for row in run.box.records("contacts") for one in row["email_addresses"] or ()]
    emails = sorted({str(one["email"]).lower() for one in listed if one["email"]})
    run("contacts", contact_emails=emails[:12])
    assert lists(run, "/v2/contacts") == 12
    assert "1 call for each value of `contact_emails`" in ", ".join(notes(COLLECTIONS["contacts"]))
    assert "800 for 800 addresses" in LIST_SETTINGS["contact_emails"].description


def test_ids_go_in_batches(run: Run) -> None:
    ids = [str(row["id"]) for row in run.box.records("contacts")]
    assert len(ids) == 150
    run("contacts", contact_ids=ids)
    assert lists(run, "/v2/contacts") == 2


@pytest.mark.parametrize("stream", sorted(COLLECTIONS))
def test_the_documents_name_every_setting_whose_values_are_calls(stream: str) -> None:
    collection = COLLECTIONS[stream]
    named = {choice.setting for choice in collection.chosen if choice.each or choice.path}
    row = ", ".join(notes(collection))
    assert ("1 call for each value of" in row) == bool(named)
    assert all(f"`{name}`" in row for name in named)

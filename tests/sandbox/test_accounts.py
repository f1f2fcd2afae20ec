"""Several accounts in one sandbox: the key chooses, and nothing of one shows in another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from keap_sandbox import Sandbox
from keap_sandbox.accounts import BadAccountError, parse_account

SECOND = "key=two,tenant=yy456.infusionsoft.com,name=Second,seed=2,contacts=7"


@pytest.fixture(scope="module")
def pair() -> Iterator[Sandbox]:
    with Sandbox(contacts=5, accounts=[SECOND]) as box:
        yield box


def get(box: Sandbox, key: str, path: str) -> requests.Response:
    url = f"{box.url}/crm/rest{path}"
    return requests.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=10)


def test_each_key_opens_an_account_with_its_own_data_tenant_and_name(pair: Sandbox) -> None:
    for key, tenant, name, count in (
        (pair.api_key, "xx123.infusionsoft.com", "Sandbox Inc.", 5),
        ("two", "yy456.infusionsoft.com", "Second", 7),
    ):
        contacts = get(pair, key, "/v2/contacts?page_size=100")
        assert len(contacts.json()["contacts"]) == count == len(pair.records("contacts", account=name))
        assert contacts.headers["x-keap-tenant-id"] == tenant
        assert get(pair, key, "/v2/oauth/connect/userinfo").json()["tenant_id"] == tenant
        assert get(pair, key, "/v2/businessProfile").json()["name"] == name
    assert get(pair, "three", "/v2/contacts").status_code == 401


def test_what_is_planted_in_one_account_is_not_in_the_other(pair: Sandbox) -> None:
    pair.plant("tags", upsert=[{"id": "9000", "name": "Only here"}], account="two")
    assert get(pair, "two", "/v2/tags/9000").status_code == 200
    assert get(pair, pair.api_key, "/v2/tags/9000").status_code == 404
    control = requests.get(f"{pair.url}/sandbox/records/contacts?account=Second&ids_only=1", timeout=10)
    assert control.json()["count"] == 7
    assert requests.get(f"{pair.url}/sandbox/records/contacts?account=x", timeout=10).status_code == 404


def test_the_header_can_be_blank_or_absent(pair: Sandbox) -> None:
    pair.switch(tenant_header="blank")
    assert get(pair, "two", "/v2/tags").headers["x-keap-tenant-id"] == ""
    pair.switch(tenant_header="absent")
    assert "x-keap-tenant-id" not in get(pair, "two", "/v2/tags").headers
    pair.switch(tenant_header="present")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tenant=a,name=b", "has no key"),
        ("key=k,tenant=a,name=b,seed=x", "seed is 'x'"),
        ("key=k,tenant=a,name=b,color=x", "'color=x' is not NAME=VALUE"),
    ],
)
def test_a_wrong_description_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadAccountError, match=words):
        parse_account(text)


def test_accounts_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(BadAccountError, match="'Twin' is that of another account"):
        Sandbox(contacts=1, accounts=[SECOND, "key=two,tenant=zz,name=Twin"])

"""Which account answers, where the header does not say so."""

from __future__ import annotations

import pytest

from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.client.tenant import Tenant


def test_the_first_answer_names_the_account_for_this_run_and_the_next() -> None:
    saved: dict[str, str] = {}
    tenant = Tenant(saved)
    assert tenant.check("xx123.infusionsoft.com") is None
    assert saved == {"id": "xx123.infusionsoft.com"}
    fault = tenant.check("yy456.infusionsoft.com")
    assert fault is not None
    assert fault.kind is Kind.OTHER_ACCOUNT
    assert "xx123" in fault.text
    assert "yy456" in fault.text
    assert saved == {"id": "xx123.infusionsoft.com"}


@pytest.mark.parametrize("blank", ["", " ", "|", None])
def test_a_blank_name_is_unknown(blank: str | None) -> None:
    tenant = Tenant({"id": "xx123.infusionsoft.com"})
    assert tenant.check(blank) is None
    assert tenant.name == ""
    assert tenant.is_expected


def test_a_renewed_token_is_asked_about_again() -> None:
    tenant = Tenant()
    assert tenant.is_new("first")
    assert not tenant.is_new("first")
    assert tenant.is_new("second")


def test_every_place_that_names_an_account_is_compared() -> None:
    tenant = Tenant({"id": "xx123"}, {"the catalog's stream contacts": "zz"})
    fault = tenant.check("xx123.infusionsoft.com")
    assert fault is not None
    assert "the catalog's stream contacts is of zz" in fault.text

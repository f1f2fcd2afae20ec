"""A night in which little has changed costs as few calls as Keap's API allows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.benchmarks.night import DEFAULT, Night, night, table

pytestmark = pytest.mark.xdist_group("the nights are of one account")

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def small() -> list[Night]:
    return night(contacts=600, changes=60)


def test_a_nightly_run_makes_no_unnecessary_call(small: list[Night]) -> None:
    assert [one for one in small if one.calls != one.least] == []
    assert {name for one in small for name in one.streams} == {collection.name for collection in DEFAULT}


def test_the_readme_has_the_measured_figures(small: list[Night]) -> None:
    """What does not grow with the account costs there what it costs here."""
    shown = re.search(r"<!-- BEGIN night .*-->\n(.*?)<!-- END night -->", README.read_text(), re.DOTALL)
    assert shown is not None
    large = shown[1].strip().splitlines()
    rows = table(small).splitlines()
    growing = "email_address_statuses|contact_tags|emails|transactions|payments|payment_methods|opportunity_stage_moves"
    assert {row for row in rows[:-2] if not re.search(growing, row)} == {
        row for row in large[:-2] if not re.search(growing, row)
    }

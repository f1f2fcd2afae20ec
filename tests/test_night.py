"""A nightly run with few changes makes no more calls than Keap's API requires."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.benchmarks.night import DEFAULT_STREAMS, PathCalls, markdown_table, measure_night

pytestmark = pytest.mark.xdist_group("nightly run")

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def small() -> list[PathCalls]:
    return measure_night(contacts=600, changes=60)


def test_a_nightly_run_makes_no_unnecessary_call(small: list[PathCalls]) -> None:
    assert [one for one in small if one.calls != one.minimum] == []
    assert {name for one in small for name in one.streams} == {
        collection.name for collection in DEFAULT_STREAMS
    }


def test_the_readme_has_the_measured_figures(small: list[PathCalls]) -> None:
    """Endpoints whose calls do not grow with the account cost as many in this small one."""
    shown = re.search(r"<!-- BEGIN night .*-->\n(.*?)<!-- END night -->", README.read_text(), re.DOTALL)
    assert shown is not None
    large = shown[1].strip().splitlines()
    rows = markdown_table(small).splitlines()
    growing = (
        "email_address_statuses|contact_tags|emails|transactions|"
        "payments|payment_methods|opportunity_stage_moves"
    )
    assert {row for row in rows[:-2] if not re.search(growing, row)} == {
        row for row in large[:-2] if not re.search(growing, row)
    }

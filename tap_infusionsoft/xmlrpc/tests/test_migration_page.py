"""docs/migration.md has every table, field and report. That it is up to date is tested with all documents."""

from __future__ import annotations

import re

import pytest

from tap_infusionsoft.xmlrpc.counterparts.only_legacy import only_legacy_fields
from tap_infusionsoft.xmlrpc.counterparts.reports import REPORT_MOVES
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.tests.migration_page import migration
from tap_infusionsoft.xmlrpc.wing import COMMANDS, SETTINGS

PAGE = migration()


def section(heading: str) -> str:
    """The text of a section."""
    start = PAGE.index(f"#### {heading}")
    return PAGE[start : PAGE.find("\n#", start + 5)]


@pytest.mark.parametrize("name", TABLES)
def test_every_field_of_a_table_is_in_its_section(name: str) -> None:
    text = section(f"{name}:")
    for field in TABLES[name].all_fields:
        assert f"`{field}`" in text, field


@pytest.mark.parametrize("name", REPORT_MOVES)
def test_every_report_has_a_section_with_its_method(name: str) -> None:
    assert f"`{REPORT_MOVES[name].method}`" in section(name)


def test_links_lead_to_headings() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9_ -]", "", one.lower()).replace(" ", "-") for one in headings}
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert len(links) > 60
    assert set(links) <= anchors


def test_commands_and_settings_on_the_page_are_there() -> None:
    assert set(re.findall(r"tap-infusionsoft ([a-z-]+) ", PAGE)) == set(COMMANDS)
    assert set(re.findall(r"`(legacy_\w+)`: *\[", PAGE)) <= {one.name for one in SETTINGS}


def test_what_goes_away_is_listed_without_ids_and_credentials() -> None:
    assert only_legacy_fields("Affiliate") == (
        *("DefCommissionType", "LeadAmt", "LeadPercent", "PayoutType", "SaleAmt", "SalePercent"),
    )
    assert only_legacy_fields("Ticket") == ()

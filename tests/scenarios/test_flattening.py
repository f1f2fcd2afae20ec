"""Flattened records with columns that no SCHEMA has.

`company: null` came as a column of that name, where the SCHEMA has `company__id` and others; csv targets die
of it.
"""

from __future__ import annotations

import pytest

from tests.fixtures import Run
from tests.strict_target import StrictTarget

STREAMS = ("contacts", "companies", "orders", "products", "notes", "opportunities")


@pytest.fixture
def target(run: Run) -> StrictTarget:
    run.target = StrictTarget()
    return run.target


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_every_flattened_record_has_exactly_the_columns_of_its_schema(
    run: Run, target: StrictTarget, depth: int
) -> None:
    run(*STREAMS, flattening_enabled=True, flattening_max_depth=depth)
    for stream in STREAMS:
        columns = target.schemas[stream]["properties"].keys()
        assert all(row.keys() == columns for row in target.rows(stream))
        assert len(target.rows(stream)) == len(run.box.records(stream))


@pytest.mark.parametrize("depth", [None, -1])
def test_flattening_needs_a_depth(run: Run, depth: int | None) -> None:
    settings = {"flattening_enabled": True, "flattening_max_depth": depth}
    run(catalog=run.catalog("tags"), **settings, fails=True)
    assert "flattening_enabled needs flattening_max_depth" in str(run.error)


def test_a_null_object_becomes_null_columns(run: Run, target: StrictTarget) -> None:
    run.box.plant("contacts", upsert=[{"id": "22", "company": None}])
    run("contacts", flattening_enabled=True, flattening_max_depth=1)
    (row,) = (one for one in target.rows("contacts") if one["id"] == "22")
    assert "company" not in row
    assert row["company__id"] is None


def test_two_columns_of_one_name_are_refused_in_a_sentence(run: Run) -> None:
    run(
        catalog=run.catalog("contacts"),
        flattening_enabled=True,
        flattening_max_depth=1,
        stream_maps={"contacts": {"company__id": "id"}},
        fails=True,
    )
    assert "flattening" in str(run.error)
    assert "company__id" in str(run.error)
    assert run.error is not None
    assert run.error.exit_code == 2


def test_members_that_the_schema_does_not_know_are_told(run: Run) -> None:
    """Unflattened they stay inside the object; flattened there is no column for them."""
    company = {"id": "5", "company_name": "Acme", "brand_new": 1}
    run.box.plant("contacts", upsert=[{"id": "22", "company": company}])
    run("contacts", flattening_enabled=True, flattening_max_depth=1)
    assert run.says("dropped properties that have no column: company.brand_new")


@pytest.mark.parametrize("depth", [1, 2])
def test_a_flat_column_and_the_property_it_copies_may_have_one_name(run: Run, depth: int) -> None:
    """With the separator ``_``, ``contact.id`` becomes ``contact_id``, which is there already."""
    plain = {row["id"]: row for row in run("orders", "opportunities").rows("orders")}
    run.target = flattened = StrictTarget()
    run(
        "orders",
        "opportunities",
        flattening_enabled=True,
        flattening_max_depth=depth,
        flattening_separator="_",
    )
    assert flattened.rows("orders")
    for row in flattened.rows("orders"):
        assert row["contact_id"] == plain[row["id"]]["contact"]["id"]
        assert row["total_decimal"] == plain[row["id"]]["total"]["decimal"]
        assert "contact" not in row
    assert all(row["stage_id"] for row in flattened.rows("opportunities"))

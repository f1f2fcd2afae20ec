"""A limit that nobody remembered.

Somebody copied a sample configuration with a ``start_date`` and an empty ``saved_searches``, and months later
wondered where the older rows and the saved searches were: no run had said a word about either.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.streams.list_settings import LIST_SETTINGS
from tests.fixtures import Run

SAMPLE = Path(__file__).parents[2] / "sample_config.json"

NO_SWEEPS = "no sweeps, which find deleted rows"
LIMITS: list[tuple[dict[str, Any], str]] = [
    ({"start_date": "2020-01-01"}, "only rows changed since 2020-01-01T00:00:00Z (start_date)"),
    (
        {"end_date": "2026-01-31"},
        f"only rows changed until 2026-01-31T23:59:59Z (end_date); {NO_SWEEPS} (end_date is set)",
    ),
    ({"sweep_interval_days": 0}, f"{NO_SWEEPS} (sweep_interval_days is 0)"),
    ({"contact_ids": ["1", "2"]}, "only what contact_ids lists (2)"),
    ({"contact_emails": ["ann@example.com"]}, "only what contact_emails lists (1)"),
    ({"saved_searches": ["3"]}, "only what saved_searches lists (1)"),
    ({"saved_searches": []}, "no saved searches (saved_searches is empty)"),
    (
        {"start_date": "2020-01-01", "tag_ids": ["91"]},
        "only rows changed since 2020-01-01T00:00:00Z (start_date); only what tag_ids lists (1)",
    ),
]


def told(run: Run) -> list[str]:
    assert run.caplog is not None
    return [line for line in run.caplog.messages if line.startswith("The settings limit this run: ")]


@pytest.mark.parametrize(("settings", "says"), LIMITS, ids=lambda value: str(value)[:40])
def test_every_run_says_once_what_the_settings_leave_out(
    run: Run, settings: dict[str, Any], says: str
) -> None:
    given = {"saved_searches": None} | settings
    catalog = run.catalog("users")
    for _ in range(2):
        assert run.caplog is not None
        run.caplog.clear()
        run(catalog=catalog, **given)
        assert told(run) == [f"The settings limit this run: {says}."]


def test_a_relative_start_is_told_as_the_time_that_it_means(run: Run) -> None:
    run(catalog=run.catalog("users"), saved_searches=None, start_date="10 days ago")
    start = run.clock.now().replace(hour=0, minute=0, second=0) - timedelta(days=10)
    (line,) = told(run)
    assert f": only rows changed since {start:%Y-%m-%dT%H:%M:%SZ} (start_date); " in line
    assert line.endswith(f"{NO_SWEEPS} (start_date is relative).")


def test_a_run_without_limits_says_nothing_about_them(run: Run) -> None:
    everything: dict[str, Any] = {name: [] for name in LIST_SETTINGS}  # an empty list of ids means all
    everything["saved_searches"] = None
    run(catalog=run.catalog("users"), **everything)
    assert told(run) == []


def test_the_sample_config_limits_nothing() -> None:
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    assert [*sample] == ["$schema", "api_key"]

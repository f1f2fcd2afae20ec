"""The examples on the wing's page are read as they stand, and bring rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_infusionsoft.xmlrpc.tests.docs import WING
from tests.documents.blocks import blocks_in
from tests.fixtures import Run

PAGE = WING / "README.md"
BLOCKS = blocks_in(PAGE, PAGE.read_text(encoding="utf-8"))
CONFIGS = [json.loads(one.text) for one in BLOCKS if one.language == "json"]
STREAMS = {
    "legacy_queries": ["people_in_leeds", "two_orders"],
    "legacy_searches": ["legacy_saved_search_3", "legacy_saved_search_lapsed", "legacy_search_fields"],
}
"""Setting in an example -> the streams that it says there are."""


@pytest.mark.parametrize("config", CONFIGS)
def test_an_example_of_settings_brings_rows(run: Run, config: dict[str, Any]) -> None:
    run.box.plant("contact_custom_fields", upsert=[{"label": "Shoe Size", "field_type": "TEXT"}])
    (setting,) = config
    catalog = run.catalog(*STREAMS[setting], **config)
    assert {entry["tap_stream_id"] for entry in catalog["streams"]} == {*STREAMS[setting]}
    target = run(catalog=catalog, **config)
    for stream in STREAMS[setting]:
        assert target.rows(stream), stream


def test_every_kind_of_example_is_there() -> None:
    assert {name for config in CONFIGS for name in config} == STREAMS.keys()

"""The streams of the classic API have columns of one type, under names that warehouses take if quoted."""

from __future__ import annotations

import re

from tap_infusionsoft.streams.reserved_words import RESERVED
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS
from tap_infusionsoft.xmlrpc.table_streams import stream_name
from tap_infusionsoft.xmlrpc.tables import TABLES
from tests.fixtures import Run
from tests.streams.test_names import INT64, LONGEST, integers, refused, wide

THEIR_NAME = re.compile(rf"[A-Za-z_]\w{{0,{LONGEST - 1}}}", re.ASCII)
RESERVED_NAMES = {"Groups", "Option", "Order", "Values"}
"""Columns to quote in SQL, as the page of these streams says."""


def test_every_table_and_report_can_be_loaded(run: Run) -> None:
    run.box.reset(contacts=20)
    contact = run.box.records("contacts")[0]["id"]
    streams = {*map(stream_name, TABLES), *(report.stream for report in REPORTS.values())}
    run(
        *streams,
        legacy_tables=["*"],
        legacy_reports=["*"],
        contact_ids=[contact],
        contact_emails=["someone@example.com"],
        custom_fields="both",
    )
    assert run.target.schemas.keys() == streams
    assert [why for stream in streams for why in refused(stream)] == []
    names = set()
    for stream, schema in run.target.schemas.items():
        columns = schema["properties"].keys()
        names |= columns
        assert len({name.lower() for name in columns}) == len(columns)
        assert [*wide(schema, stream)] == []
        assert [path for path, one in integers(schema, stream) if not one.items() >= INT64.items()] == []
    assert [name for name in names if not THEIR_NAME.fullmatch(name)] == []
    assert {name for name in names if name.lower() in RESERVED} == RESERVED_NAMES

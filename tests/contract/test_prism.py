"""The tap against a mock server made from Keap's own document. Needs prism; set PRISM to its path."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import cast

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run
from tests.target import Target
from tests.virtual import VirtualClock

from . import documents, mock
from .test_schemas import TIME

PRISM = os.environ.get("PRISM", "")

pytestmark = [
    pytest.mark.nightly,
    documents.present,
    pytest.mark.skipif(not PRISM, reason="set PRISM to the path of prism"),
]


_LARGEST = "no example, so prism sends the largest number"
_WORD = "no example, so prism sends the word string"
EXAMPLES = {
    ("affiliate_running_totals", "amount_earned"): _LARGEST,
    ("affiliate_running_totals", "balance"): _LARGEST,
    ("affiliate_running_totals", "clawbacks"): _LARGEST,
    ("affiliate_summaries", "amount_earned"): _LARGEST,
    ("affiliate_summaries", "balance"): _LARGEST,
    ("affiliate_summaries", "clawbacks"): _LARGEST,
    ("product_options", "list_items[].price_adjustment"): _LARGEST,
    ("company_tags", "applied_time"): _WORD,
    ("contacts", "origin.date"): _WORD,
    ("contacts_by_tag", "origin.date"): _WORD,
    ("products", "create_time"): _WORD,
    ("products", "update_time"): _WORD,
}
"""Values of prism that do not fit their column: (stream, column) -> reason."""

WRONG_TYPE = re.compile(r"set \d+ values? of the wrong type to null \((.*)\)")
DROPPED = re.compile(r"dropped properties that have no column: (.*)\. If they")
# The examples of custom field models and of custom field values are from different accounts
CUSTOM = re.compile(r"custom_fields\[id=[^]]*\](, custom_fields\[id=[^]]*\])*")


@pytest.fixture(scope="module", params=["examples", "bare", "dynamic"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, mock.Mock]]:
    """Run prism with the document's examples, with examples but no nested values, or with random values."""
    options = ["--dynamic", "--seed", "1"] if request.param == "dynamic" else []
    with mock.prism(PRISM, *options, bare=request.param == "bare") as running:
        yield request.param, running


# Streams that have no rows, or no keys, without nested values
NEEDS_NESTED = {
    "category_discount_assignments": "its rows are a list inside a discount",
    "commission_program_affiliates": "its rows are a list inside a program",
    "company_tags": "its key is inside the tag",
    "countries": "its key is inside the codes",
    "order_items": "its rows are a list inside an order",
    "order_payment_plan_items": "its rows are a list inside an order",
    "provinces": "their path contains the key of countries",
    "tag_companies": "its key is inside the company",
}


@pytest.mark.parametrize("stream", [name for name, one in COLLECTIONS.items() if not one.unserved])
def test_every_stream_reads_the_documented_responses(
    server: tuple[str, mock.Mock], run: Run, caplog: pytest.LogCaptureFixture, stream: str
) -> None:
    kind, running = server
    if kind == "bare" and stream in NEEDS_NESTED:
        pytest.skip(NEEDS_NESTED[stream])
    run = Run(cast("Sandbox", running), VirtualClock())
    target = run(stream, saved_searches=None if stream == "report_fields" else [])
    assert target.sent(stream)
    _assert_valid(target, stream)
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    unexpected = [warning for warning in warnings if not _is_caused_by_prism(kind, stream, warning)]
    assert unexpected == []
    assert running.violations == []


def test_every_saved_search_reads_what_the_document_describes(
    server: tuple[str, mock.Mock], run: Run
) -> None:
    kind, running = server
    if kind == "bare":
        pytest.skip("its rows are lists of columns")
    run = Run(cast("Sandbox", running), VirtualClock())
    catalog = run.tap({}, saved_searches=["*"]).catalog_dict
    names = [entry["tap_stream_id"] for entry in catalog["streams"]]
    searches = [name for name in names if name.startswith("saved_search_")]
    assert searches
    target = run(*searches, saved_searches=["*"])
    assert running.violations == []
    for stream in searches:
        _assert_valid(target, stream)


def _assert_valid(target: Target, stream: str) -> None:
    validator = Draft202012Validator(target.schemas[stream], format_checker=FormatChecker())
    for record in target.sent(stream):
        validator.validate(record)


def _is_caused_by_prism(kind: str, stream: str, warning: str) -> bool:
    """Return True if a warning of the tap is about a value that only prism would send.

    Args:
        kind: Which values prism sends: examples, bare or dynamic.
        stream: Name of the stream.
        warning: Message of the warning.
    """
    if "beyond 64 bits into text" in warning:
        return True  # prism sends the largest double for any number
    if (wrong := WRONG_TYPE.search(warning)) is not None:
        columns = re.findall(r"(\S+) of ", wrong[1])
        return bool(columns) and all(_is_made_up(kind, stream, column) for column in columns)
    if kind == "dynamic" and "dropped values that Keap sent beside the rows" in warning:
        return True  # random answers have additional members, which the document does not forbid
    dropped = DROPPED.search(warning)
    if dropped is None:
        return False
    # Random objects have additional properties, which the document does not forbid
    return CUSTOM.fullmatch(dropped[1]) is not None or (kind == "dynamic" and stream == "application_status")


def _is_made_up(kind: str, stream: str, column: str) -> bool:
    """Return True if prism sends values that a column can't take."""
    if kind == "dynamic":
        # Many times are documented as plain strings, for which prism sends random words
        return TIME.fullmatch(column.rpartition(".")[2]) is not None
    return (stream, column) in EXAMPLES

"""The tap against a mock server that was made from Keap's own document. Needs prism: its path is in PRISM."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import cast

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.conftest import Run
from tests.target import Target
from tests.virtual import VirtualClock

from . import documents, mock
from .test_schemas import TIME

PRISM = os.environ.get("PRISM", "")

pytestmark = [documents.present, pytest.mark.skipif(not PRISM, reason="PRISM names no executable")]


_LARGEST = "the largest number of its type, for want of an example"
_WORD = "the word string, for want of an example"
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
"""Values that prism makes up and that no column can take: stream and column -> what prism sends."""

UNFIT = re.compile(r"value\(s\) of (\S+) did not have the type")
LEFT_OUT = re.compile(r"they were left out: (.*)\. If they")
# The models of custom fields and the values are examples of different accounts.
CUSTOM = re.compile(r"custom_fields\[id=[^]]*\](, custom_fields\[id=[^]]*\])*")


@pytest.fixture(scope="module", params=["examples", "bare", "dynamic"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, mock.Mock]]:
    """Prism with the document's examples; the same without what is nested; with made-up values of the same types."""
    options = ["--dynamic", "--seed", "1"] if request.param == "dynamic" else []
    with mock.prism(PRISM, *options, bare=request.param == "bare") as running:
        yield request.param, running


# Without what is nested, these have no rows, or none with a key.
NEEDS_NESTED = {
    "category_discount_assignments": "its rows are a list inside a discount",
    "commission_program_affiliates": "its rows are a list inside a program",
    "company_tags": "its key is inside the tag",
    "countries": "its key is inside the codes",
    "order_items": "its rows are a list inside an order",
    "order_payment_plan_items": "its rows are a list inside an order",
    "provinces": "they are asked for by the key of countries",
    "tag_companies": "its key is inside the company",
}


@pytest.mark.parametrize("stream", COLLECTIONS)
def test_every_stream_reads_what_the_document_describes(
    server: tuple[str, mock.Mock], run: Run, caplog: pytest.LogCaptureFixture, stream: str
) -> None:
    kind, running = server
    if kind == "bare" and stream in NEEDS_NESTED:
        pytest.skip(NEEDS_NESTED[stream])
    run = Run(cast("Sandbox", running), VirtualClock())
    target = run(stream, saved_searches=None if stream == "report_fields" else [])
    assert target.sent(stream)
    _are_valid(target, stream)
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    wrong = [warning for warning in warnings if not _is_of_prism(kind, stream, warning)]
    assert wrong == []
    assert running.violations == []


def test_saved_searches_too(server: tuple[str, mock.Mock], run: Run) -> None:
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
        _are_valid(target, stream)


def _are_valid(target: Target, stream: str) -> None:
    validator = Draft202012Validator(target.schemas[stream], format_checker=FormatChecker())
    for record in target.sent(stream):
        validator.validate(record)


def _is_of_prism(kind: str, stream: str, warning: str) -> bool:
    """Whether what the tap complains of is prism's making."""
    if "numbers beyond 64 bits became texts" in warning:
        return True  # the largest double there is stands for any number
    if (unfit := UNFIT.search(warning)) is not None:
        column = unfit[1]
        # Many times are documented as texts of no form, and prism makes up words for those.
        made_up = kind == "dynamic" and TIME.fullmatch(column.rpartition(".")[2]) is not None
        return made_up or (kind != "dynamic" and (stream, column) in EXAMPLES)
    left_out = LEFT_OUT.search(warning)
    if left_out is None:
        return False
    # The made-up objects have properties that the document does not forbid.
    return CUSTOM.fullmatch(left_out[1]) is not None or (kind == "dynamic" and stream == "application_status")

"""Each of the 48 known kinds of broken-but-real answers has a rule or switches that bring it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from keap_sandbox import Sandbox

from .names import Names, moment
from .test_broken_answers import ask


def value(*kinds: str) -> list[dict[str, Any]]:
    return [{"name": "xmlrpc_value", "kinds": list(kinds)}]


def fault(name: str, **settings: Any) -> dict[str, Any]:
    return {"name": name, **settings}


def switches(**values: object) -> list[dict[str, Any]]:
    return [{"switches": values}]


KINDS: dict[int, list[dict[str, Any]]] = {
    1: value("raw_control"),
    2: value("control_reference"),
    3: value("raw_nul", "nul_reference"),
    4: value("control_references", "raw_controls"),
    5: value("unended_letter", "unended_digit", "unended_last"),
    6: value("raw_ffff", "ffff_reference"),
    7: value("emoji"),
    8: value("two_emoji"),
    9: value("high_half", "low_half", "swapped_halves"),
    10: [fault("xmlrpc_emoji", chunks=1)],
    11: value("hex_emoji"),
    12: [*value("references"), *switches(xmlrpc_text="references")],
    13: value("latin1"),
    14: value("latin1_utf8"),
    15: value("windows_quotes"),
    16: value("cesu8"),
    17: [
        *switches(xmlrpc_prolog="utf-8"),
        *switches(xmlrpc_prolog="ISO-8859-1"),
        *switches(xmlrpc_prolog="none"),
        fault("xmlrpc_content_type"),
    ],
    18: [fault("xmlrpc_bom"), fault("xmlrpc_text_first"), fault("xmlrpc_text_first", text="  ")],
    19: value("bare_ampersand", "named_entity", "unended_entity"),
    20: value("escaped_twice"),
    21: value("cdata_end"),
    22: value("cdata", "split_cdata"),
    23: value("comment", "instruction"),
    24: value("blanks", "blank_only"),
    25: value("empty_value", "empty_pair", "empty_string"),
    27: [*value("ex_nil"), *value("own_nil")],
    28: value("nil"),
    29: [*value("ex_i8", "i8", "ex_i2", "ex_float", "ex_bigdecimal"), *switches(xmlrpc_extensions=True)],
    30: value("int_blanks", "int_plus", "int_zeros", "text_zeros"),
    31: value("text_exponent", "text_true", "text_plus"),
    32: value("double_large", "double_small", "double_whole", "double_nan", "double_infinity"),
    33: [fault("xmlrpc_zero_date", row=1)],
    34: value("dashed_date", "date_z", "date_offset", "date_fraction", "date_24", "empty_date"),
    36: value("boolean_true", "boolean_blanks"),
    37: value("base64", "base64_lines", "base64_empty"),
    38: [*switches(xmlrpc_members="java8"), *switches(xmlrpc_members="shuffle")],
    39: [fault("xmlrpc_duplicate_member")],
    41: [fault("xmlrpc_blank"), fault("xmlrpc_blank_lines")],
    42: [fault("xmlrpc_unwritable", id=7)],
    43: [fault("xmlrpc_session"), fault("xmlrpc_session_text")],
    44: [fault("xmlrpc_cut"), fault("truncate"), fault("xmlrpc_missing_chunk")],
    45: [*switches(gzip=True), fault("xmlrpc_gzip_length"), fault("xmlrpc_gzip_cut")],
    46: [
        fault("xmlrpc_fault", text="[DatabaseError] A blank"),
        fault("xmlrpc_fault", text="[DatabaseError]No blank"),
        fault("xmlrpc_code_as_text"),
        fault("xmlrpc_no_text"),
        fault("xmlrpc_empty_text"),
    ],
    47: [
        fault("invalid_access_token"),
        fault("quota_violation_minute"),
        fault("developer_inactive"),
        fault("service_unavailable_html"),
        fault("xmlrpc_other_root"),
        fault("xmlrpc_html"),
    ],
    48: [fault("xmlrpc_search_fails", after=0, failures=1)],
}
"""By number; each way is a rule, or switches."""
SENT_ANYWAY = {26: "a member left out", 35: "hours that come twice or never", 40: "an empty array"}


def seen(box: Sandbox) -> object:
    """Return what a client sees of an answer."""
    try:
        response = ask(box)
    except requests.exceptions.RequestException as error:
        return type(error)
    named = {
        name: response.headers.get(name) for name in ("content-type", "content-encoding", "transfer-encoding")
    }
    return response.status_code, named, response.content


@pytest.mark.parametrize("number", KINDS)
def test_a_kind_changes_what_a_client_sees(box: Sandbox, names: Names, number: int) -> None:
    names.found[7] = names.found[7] | {"Picture": b"x" * 2000, "Sum": 1.5, "On": True}
    whole = seen(box)
    for way in KINDS[number]:
        before = {name: box.engine.switches.as_dict()[name] for name in way.get("switches", {})}
        if before:
            box.switch(**way["switches"])
        else:
            box.fault({"rpc": "DataService.query", **way})
        assert seen(box) != whole, way
        box.clear_faults()
        box.switch(**before)
        assert seen(box) == whole, way


def test_the_others_are_what_any_answer_may_hold(box: Sandbox, names: Names) -> None:
    assert b"<array><data/></array>" in ask(box, query={"Id": 999}).content
    for text in ("2026-11-01T01:30:00", "2026-03-08T02:30:00"):
        names.found[7] = {"Id": 7, "Made": moment(text)}
        names.version += 1
        wire = text.replace("-", "").encode()
        assert b"<dateTime.iso8601>%s</dateTime.iso8601>" % wire in ask(box).content
    assert set(KINDS) | set(SENT_ANYWAY) == set(range(1, 49))

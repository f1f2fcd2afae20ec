"""Secrets and forged lines stay out of everything that people read."""

from __future__ import annotations

import base64
import json
import logging
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.utils import requote_uri

from tap_infusionsoft.client.redact import Redactor, install
from tests.canary import KEY, PERSON, leaks

SECRET = 'KeapAK-a1/b2+c3="d4\\e5'


@given(before=st.text(max_size=9), after=st.text(max_size=9))
def test_every_form_of_a_secret_is_masked(before: str, after: str) -> None:
    redact = Redactor([KEY])
    whole = f"{before}{KEY}{after}"
    coded = base64.b64encode(whole.encode()).decode()
    for text in (
        *(whole, json.dumps(whole), json.dumps(json.dumps(whole)), repr(whole)),
        *(quote(whole), quote(whole, safe=""), quote_plus(whole), requote_uri(whole.replace("%", ""))),
        *(coded, coded.replace("+", "-").replace("/", "_")),
    ):
        assert "****" in redact(text)
        assert leaks(text)
        assert leaks(redact(text)) == []


@pytest.mark.parametrize("length", [12, 17, len(KEY) - 1])
def test_the_beginning_of_a_secret_is_masked_too(length: int) -> None:
    """A server may quote the beginning of a header, and a library may shorten what it shows."""
    redact = Redactor(["another", KEY])
    assert redact(f"b'Bearer {KEY[:length]}' and {KEY[:length]} is bad") == "b'Bearer ****' and **** is bad"
    assert redact(f"{KEY[:11]} is not enough to know it by") == f"{KEY[:11]} is not enough to know it by"


def test_short_words_are_not_secrets() -> None:
    assert Redactor(["abc", ""])("abc def") == "abc def"


def test_a_quote_is_one_printable_line_of_at_most_200_characters() -> None:
    quoted = Redactor([SECRET]).quote(f'x\n{{"type":"STATE"}}\x1b[31m\u2028\u202e{SECRET}' + "y" * 300)
    assert "\n" not in quoted
    assert "\x1b" not in quoted
    assert "\u202e" not in quoted
    assert SECRET not in quoted
    assert len(quoted) == 200


def test_the_client_id_of_the_quota_message_is_masked() -> None:
    text = "Rate limit quota violation. Quota limit  exceeded. Identifier : abc-123, more"
    assert (
        Redactor().quote(text) == "Rate limit quota violation. Quota limit exceeded. Identifier : ****, more"
    )


def test_a_secret_is_masked_before_the_text_is_cut() -> None:
    assert "KeapAK" not in Redactor([SECRET]).quote("y" * 190 + SECRET)


def test_logs_and_tracebacks_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    factory = logging.getLogRecordFactory()
    try:
        install(Redactor(["first-secret"]))
        install(Redactor([SECRET]))
        try:
            try:
                raise KeyError(PERSON)
            except KeyError as error:
                raise ValueError(SECRET) from error
        except ValueError:
            logging.getLogger("any").exception("failed with %s", SECRET)
        logging.getLogger("any").error("%d", 1)
        logging.getLogger("any").error("%(x)s", {"x": SECRET})
    finally:
        logging.setLogRecordFactory(factory)
    formatted = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert SECRET not in formatted
    assert PERSON not in formatted
    assert "in test_logs_and_tracebacks_are_masked" in formatted
    assert "KeyError\n\nwhich led to:\n" in formatted
    assert "ValueError" in formatted
    assert "****" in caplog.records[-1].getMessage()

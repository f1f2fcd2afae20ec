"""What the tap promises, what it withstands, and which test shows it.

Promises:

==== ===========================================================================================================
P10  Retries are bounded in tries and time, for a call and for a run
P11  Giving up is one line: what, where, what to do; and an exit code that tells it
P12  Unknown fields and other types are survived, and never dropped in silence
P13  A row that cannot be told from others fails its stream
P14  The key is in no message, log, state, catalogue or file
P16  Signals leave whole lines, a state and their exit code, at any moment
P17  Every line is one message to every JSON reader, and no longer than allowed
P18  Memory and time are bounded, whatever is sent, and however slowly
P19  Paging comes to an end, stays on Keap's host, and loses nothing in silence
==== ===========================================================================================================

Attacks and defects:

==== ===========================================================================================================
S1   The key in addresses that are logged              S13  Lone surrogates and NUL
S2   Error bodies in logs                              S14  Line breaks and terminal escapes in a server's text
S3   Files that others can read                        S15  Names that mean something to a target; thousands of them
S4   A hostile api_url                                 S16  File names that are paths
S5   Next pages on another host                        S17  Oversized records
S6   Redirects                                         S18  Retry-After and reset times beyond reason
S7   XML that reads files or grows                     S19  Paging in circles
S8   Deep nesting                                      S20  The store of OAuth tokens
S9   Compressed bombs                                  S21  Dependencies
S10  Answers without end                               S22  Expressions in the settings
S11  Huge numbers                                      S23  Personal data in logs
S12  NaN and Infinity                                  S24  TLS without verification
==== ===========================================================================================================

P1 to P9, P15 and P20 are about what is read, when and how often, and about tokens: see test_loads.py, test_deletes.py,
test_patience.py and tests/streams/.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

SHOWN = {
    "P10": [
        "client/test_retry.py::test_passing_faults",
        "client/test_retry.py::test_one_call_never_waits_longer_than_max_wait",
        "test_patience.py::test_passing_failures_are_retried_and_then_given_up",
        "test_patience.py::test_a_run_ends_between_two_calls_when_its_time_is_over",
        "test_patience.py::test_a_wait_that_would_pass_the_end_of_the_run_is_not_begun",
    ],
    "P11": [
        "test_command_line.py::test_mistakes_are_told_in_one_line",
        "test_docs.py::test_every_way_to_end_has_a_row_and_every_row_is_a_way_to_end",
        "test_toxics.py::test_answers_that_stay_spoilt_end_the_run_clearly_and_the_next_is_whole",
    ],
    "P12": [
        "streams/test_records.py::test_whatever_comes_the_record_keeps_to_its_schema",
        "streams/test_records.py::test_unknown_properties_are_told_once",
    ],
    "P13": [
        "test_no_rows.py::test_a_row_without_its_id_is_an_error_and_names_the_stream",
        "client/test_faults.py::test_every_known_answer_has_its_name",
    ],
    "P14": [
        "test_secrets.py::test_no_failure_tells_the_key_or_a_person_even_where_everything_is_logged",
        "test_secrets.py::test_the_search_after_every_test_finds_every_form",
    ],
    "P16": [
        "test_signals.py::test_signals_leave_whole_lines_a_state_and_their_exit_code",
        "test_signals.py::test_so_they_do_when_the_target_has_stopped_reading",
        "test_signals.py::test_a_second_signal_of_either_kind_ends_at_once",
        "test_signals.py::test_a_signal_while_the_tap_is_being_imported_ends_it_at_once",
    ],
    "P17": [
        "test_lines.py::test_whatever_stands_in_any_field_every_reader_reads_the_line",
        "test_lines.py::test_no_record_is_longer_than_allowed",
    ],
    "P18": [
        "client/test_hostile.py::test_whatever_a_server_drips_the_exchange_ends_at_its_deadline",
        "client/test_hostile.py::test_what_has_no_measure_is_refused_before_it_is_held",
        "test_memory.py::test_sixteen_times_the_rows_take_the_same_memory",
    ],
    "P19": [
        "client/test_paging.py::test_a_token_that_comes_again_is_a_fault_however_late",
        "client/test_paging.py::test_tokens_and_pages_have_a_measure",
        "test_no_rows.py::test_an_empty_page_in_the_middle_is_asked_for_again",
        "test_toxics.py::test_one_spoilt_answer_costs_nothing_whichever_it_is",
    ],
    "S1": [
        "client/test_hostile.py::test_headers_that_cannot_be_read_and_addresses_are_not_logged",
        "client/test_redact.py::test_logging_is_covered_tracebacks_included",
        "client/test_faults.py::test_a_broken_exchange_has_a_name_and_no_address",
    ],
    "S2": [
        "client/test_hostile.py::test_a_server_that_repeats_the_credential_or_forges_lines_gets_neither_into_messages"
    ],
    "S3": ["test_secrets.py::test_a_run_leaves_no_files_whatever_the_account_calls_its_own"],
    "S4": ["test_settings.py::test_addresses_that_the_key_must_not_go_to"],
    "S5": ["test_no_rows.py::test_a_next_page_on_another_host_is_asked_for_on_keaps"],
    "S6": [
        "client/test_hostile.py::test_no_redirect_is_followed",
        "client/test_hostile.py::test_the_body_of_a_redirect_is_not_read_whatever_its_address",
    ],
    "S7": ["client/test_hostile.py::test_xml_is_never_parsed"],
    "S8": ["client/test_hostile.py::test_what_is_nested_deeper_than_64_is_refused"],
    "S9": [
        "client/test_hostile.py::test_what_has_no_measure_is_refused_before_it_is_held",
        "client/test_hostile.py::test_what_cannot_be_expanded_is_damaged",
    ],
    "S10": [
        "client/test_hostile.py::test_whatever_a_server_drips_the_exchange_ends_at_its_deadline",
        "client/test_hostile.py::test_a_proxy_that_drips_is_no_exception",
        "client/test_hostile.py::test_a_broken_answer_is_no_answer",
    ],
    "S11": [
        "client/test_hostile.py::test_odd_values_are_mended_and_counted",
        "test_lines.py::test_numbers_at_the_edge",
    ],
    "S12": ["client/test_hostile.py::test_odd_values_are_mended_and_counted"],
    "S13": ["client/test_hostile.py::test_odd_values_are_mended_and_counted"],
    "S14": [
        "client/test_hostile.py::test_a_server_that_repeats_the_credential_or_forges_lines_gets_neither_into_messages",
        "client/test_redact.py::test_a_quote_is_one_printable_line_of_at_most_200_characters",
    ],
    "S15": [
        "streams/test_custom_fields.py::test_names_that_mean_something_to_others_are_columns_like_any_other",
        "streams/test_custom_fields.py::test_thousands_of_fields_of_one_name_have_names_of_their_own",
    ],
    "S16": ["test_secrets.py::test_a_run_leaves_no_files_whatever_the_account_calls_its_own"],
    "S17": [
        "test_lines.py::test_a_record_that_is_too_large_fails_its_stream_and_says_what_to_do",
        "test_lines.py::test_the_content_of_a_large_file_is_left_out_and_its_row_says_so",
        "client/test_hostile.py::test_a_file_that_is_too_large_is_left_out_and_said_to_be",
    ],
    "S18": [
        "client/test_pacing.py::test_retry_after",
        "client/test_pacing.py::test_an_expiry_that_makes_no_sense_is_midnight",
        "client/test_pacing.py::test_a_number_of_calls_that_makes_no_sense",
        "client/test_retry.py::test_the_server_cannot_ask_for_less_patience",
        "client/test_retry.py::test_the_server_can_ask_for_more_patience_within_limits",
    ],
    "S19": ["test_no_rows.py::test_a_page_token_that_comes_twice_is_an_error"],
    "S23": ["test_secrets.py::test_no_failure_tells_the_key_or_a_person_even_where_everything_is_logged"],
    "S24": [
        "client/test_hostile.py::test_a_certificate_that_nobody_vouches_for_fails_at_once",
        "client/test_hostile.py::test_a_failed_handshake_is_tried_at_once_and_then_three_times",
        "client/test_hostile.py::test_nothing_switches_verification_off",
    ],
}

ELSEWHERE = {
    "S20": "with the store of tokens itself",
    "S21": "lower bounds in pyproject.toml; no test reaches beyond this machine",
    "S22": "settings are trusted: SECURITY.md says so",
}
"""What no test here can show, and why."""


def test_every_promise_and_attack_is_shown_or_accounted_for() -> None:
    named = set(re.findall(r"\b([PS]\d+)  ", (__doc__ or "")))
    assert named == {*SHOWN, *ELSEWHERE}
    assert {f"S{number}" for number in range(1, 25)} <= named
    assert {f"P{number}" for number in range(10, 20)} - named == {"P15"}
    assert not SHOWN.keys() & ELSEWHERE.keys()


@pytest.mark.parametrize("test", sorted({test for tests in SHOWN.values() for test in tests}))
def test_the_test_that_shows_it_is_there(test: str) -> None:
    file, name = test.split("::")
    assert f"\ndef {name}(" in (TESTS / file).read_text()

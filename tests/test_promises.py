"""What the tap promises, what it withstands, and which test shows it.

Promises:

==== =========================================================================================================
P1   Everything in the account arrives: no row is lost
P2   A run that is killed anywhere is resumed, and every run makes progress
P3   A state is never ahead of the rows
P4   A run of an unchanged account brings the same rows and no others
P5   Bookmarks are checked, and never pass the start of the run
P6   Rows that become visible late are found
P7   No row is marked as deleted that is not
P8   Deleted rows are found in bounded time
P9   Calls stay within the limits per second, minute and day, for one tap or two
P10  Retries are bounded in tries and time, for a call and for a run
P11  Giving up is one line: what, where, what to do; the exit code says it too
P12  Unknown fields and unexpected types do no harm, and are never dropped silently
P13  A row that cannot be told apart from others fails its stream, or goes into quarantine
P14  The key is in no message, log, state, catalog or file
P15  A refresh token that was rotated survives, whoever refreshes and whatever crashes
P16  Signals leave whole lines, a state and their exit code, at any moment
P17  Every line is one message to every JSON reader, and no longer than allowed
P18  Memory and time are bounded, whatever is sent and however slowly
P19  Paging comes to an end, stays on Keap's host, and loses nothing silently
P20  Rows that are deleted while others are read cost no live row
==== =========================================================================================================

Attacks and defects:

==== =========================================================================================================
S1   The key in logged URLs                            S13  Lone surrogates and NUL
S2   Error bodies in logs                              S14  Line breaks, terminal escapes in a server's text
S3   Files that others can read                        S15  Names that mean something to a target; thousands
S4   A hostile api_url                                 S16  File names that are paths
S5   Next pages on another host                        S17  Oversized records
S6   Redirects                                         S18  Retry-After and reset times beyond reason
S7   XML that reads files or grows                     S19  Paging in circles
S8   Deep nesting                                      S20  The store of OAuth tokens
S9   Compressed bombs                                  S21  Dependencies
S10  Endless responses                                 S22  Expressions in the settings
S11  Huge numbers                                      S23  Personal data in logs
S12  NaN and Infinity                                  S24  TLS without verification
==== =========================================================================================================

Pitfalls of the SDK and its libraries, which this tap must not have:

==== =========================================================================================================
K1   Retries that end within half a minute             K8   Pages by offset, from which rows slip
K2   Blank responses that count as no rows             K9   A key that goes along with a redirect
K3   A refresh token that is sent again and again      K10  URLs with queries in errors
K4   Versions that are activated before the rows       K11  Circles of two pages
K5   Unsorted streams that make no progress            K12  Lines that other parsers refuse
K6   Signals that end with 0, or within a line         K13  Files with the permissions of the umask
K7   Duplicate keys that no standard test finds        K14  Bodies of any size
==== =========================================================================================================
"""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent

SHOWN = {
    "P1": [
        "test_machine.py::test_no_row_is_lost_whatever_happens",
        "test_planted_bugs.py::test_the_short_suite_finds_the_bug",
        "test_every_stream.py::test_every_row_and_value_of_the_stream_arrives",
    ],
    "P2": [
        "test_resume.py::test_a_killed_stream_resumes_where_it_was",
        "test_resume.py::test_repeatedly_killed_runs_load_everything_in_the_end",
        "test_sigkill.py::test_after_a_kill_the_next_run_resumes_and_no_row_is_missing",
        "test_sigkill.py::test_after_a_kill_in_the_middle_of_a_page_no_row_is_missing",
        "output/test_writer.py::test_a_killed_process_leaves_whole_lines_ending_with_a_state",
    ],
    "P3": [
        "test_resume.py::test_a_run_can_start_from_every_state",
        "test_resume.py::test_a_state_is_the_last_message_while_waiting_for_keap",
        "output/test_line_buffer.py::test_a_state_is_never_ahead_of_its_records_nor_older_than_the_last",
    ],
    "P4": [
        "test_loads.py::test_a_run_without_changes_leaves_the_same_rows",
        "test_every_stream.py::test_the_second_run_reads_from_the_bookmark_only",
    ],
    "P5": [
        "state/test_plan_pass.py::test_bookmarks_in_the_future_are_not_trusted",
        "state/test_plan_pass.py::test_a_bookmark_that_is_not_a_time_is_rejected",
        "state/test_plan_pass.py::test_the_bookmark_is_the_newest_time_but_never_past_the_start",
        "state/test_plan_pass.py::test_invalid_values_in_the_state_are_rejected",
        "test_command_line.py::test_a_file_that_is_damaged_or_not_what_it_should_be_is_named",
    ],
    "P6": [
        "test_stream_settings.py::test_a_row_that_becomes_visible_late_arrives_if_the_lookback_covers_it",
        "test_stream_settings.py::test_events_of_the_last_week_are_read_again",
    ],
    "P7": [
        "test_deletes.py::test_an_implausible_drop_deletes_nothing_and_fails",
        "test_no_rows.py::test_a_persistently_malformed_response_fails_and_deletes_nothing",
        "test_no_rows.py::test_a_pass_that_fails_halfway_deletes_nothing",
        "test_no_rows.py::test_an_empty_page_that_repeats_deletes_nothing",
        "test_warehouse.py::test_tables_follow_the_account_and_accidents_delete_nothing",
    ],
    "P8": [
        "test_deletes.py::test_deleted_rows_stay_until_the_next_sweep",
        "test_deletes.py::test_every_kind_of_stream_detects_deletions",
    ],
    "P9": [
        "client/test_shared_limits.py::test_no_limit_of_keaps_is_ever_exceeded",
        "client/test_shared_limits.py::test_our_own_limits_hold_in_every_window",
        "client/test_shared_limits.py::test_two_taps_share_the_day_and_never_exhaust_it",
        "test_quota.py::test_the_run_ends_before_exceeding_the_daily_quota_and_continues_the_next_day",
        "test_quota.py::test_the_state_counts_every_call_across_runs",
    ],
    "P10": [
        "client/test_retry.py::test_transient_faults_are_retried_with_these_waits",
        "client/test_retry.py::test_one_call_never_waits_longer_than_the_limit_in_all",
        "test_patience.py::test_transient_failures_are_retried_until_the_waits_are_used_up",
        "test_patience.py::test_a_run_ends_between_two_calls_after_max_run_hours",
        "test_patience.py::test_no_wait_goes_past_the_end_of_the_run",
    ],
    "P11": [
        "test_command_line.py::test_a_wrong_setting_is_reported_in_one_line",
        "test_docs.py::test_every_message_that_ends_a_run_is_in_the_documents",
        "test_toxics.py::test_persistent_network_failures_end_the_run_and_the_next_one_is_complete",
    ],
    "P12": [
        "records/test_coerce.py::test_records_keep_to_their_schema_whatever_keap_sends",
        "records/test_coerce.py::test_unknown_properties_are_dropped_and_named_once",
    ],
    "P13": [
        "test_no_rows.py::test_a_row_without_an_id_fails_its_stream",
        "output/test_quarantine.py::test_a_single_bad_row_is_quarantined",
        "output/test_quarantine.py::test_too_many_bad_rows_fail_the_stream_and_the_next_run_starts_over",
    ],
    "P14": [
        "test_secrets.py::test_a_test_that_leaks_a_secret_anywhere_fails",
        "test_secrets.py::test_the_leak_search_knows_every_common_encoding",
        "test_secrets.py::test_no_failure_reveals_the_key_or_personal_data_at_debug_level",
        "test_secrets.py::test_the_leak_search_finds_every_encoding_of_a_secret",
    ],
    "P15": [
        "client/test_token_crashes.py::test_eight_processes_survive_expiries_and_crashes_while_saving",
        "client/test_token_crashes.py::test_a_crash_after_any_system_call_of_a_save_loses_nothing",
        "client/test_token_crashes.py::test_the_run_after_a_crash_before_the_first_write_says_what_happened",
        "client/test_token_file.py::test_the_file_is_replaced_only_after_the_new_version_is_durable",
        "client/test_oauth_faults.py::test_a_disk_failure_between_keap_and_the_file_is_reported",
    ],
    "P16": [
        "test_signals.py::test_a_signal_that_was_ignored_at_the_start_stays_ignored",
        "test_signals.py::test_a_signal_leaves_whole_lines_a_state_and_its_exit_code",
        "test_signals.py::test_a_signal_works_while_the_target_does_not_read",
        "test_signals.py::test_a_second_signal_ends_the_tap_at_once",
        "test_signals.py::test_a_signal_during_imports_ends_the_tap_at_once",
        "output/test_writer.py::test_a_signal_interrupts_waiting_for_the_pipe_and_loses_nothing",
    ],
    "P17": [
        "test_lines.py::test_every_json_parser_reads_every_line_whatever_the_fields_hold",
        "test_lines.py::test_no_record_exceeds_max_record_bytes",
    ],
    "P18": [
        "client/test_hostile.py::test_an_exchange_ends_at_its_deadline_whatever_the_server_drips",
        "client/test_hostile.py::test_endless_answers_are_refused_before_they_fill_the_memory",
        "test_memory.py::test_memory_does_not_grow_with_the_number_of_rows",
    ],
    "P19": [
        "client/test_page_tokens.py::test_a_repeated_page_token_is_a_fault_however_late",
        "client/test_page_tokens.py::test_page_tokens_and_pages_have_a_limit",
        "test_no_rows.py::test_an_empty_page_in_the_middle_is_requested_again",
        "test_toxics.py::test_one_broken_response_loses_nothing",
    ],
    "P20": [
        "test_deletes.py::test_rows_deleted_during_the_read_cost_no_live_row",
        "test_deletes.py::test_rows_that_slip_between_pages_are_not_deleted",
    ],
    "S1": [
        "client/test_hostile.py::test_neither_malformed_headers_nor_urls_are_logged",
        "client/test_redact.py::test_logs_and_tracebacks_are_masked",
        "client/test_faults.py::test_a_failed_exchange_is_classified_without_quoting_its_url",
    ],
    "S2": ["client/test_hostile.py::test_messages_quote_neither_the_credential_nor_forged_log_lines"],
    "S3": [
        "client/test_token_file.py::test_the_files_are_private_whatever_the_umask",
        "client/test_token_file.py::test_a_file_that_others_can_read_is_made_private_with_a_warning",
        "output/test_quarantine.py::test_a_single_bad_row_is_quarantined",
        "test_quota.py::test_the_state_contains_only_a_digest_of_the_key",
        "test_secrets.py::test_hostile_file_names_in_the_account_create_no_files",
    ],
    "S4": ["test_settings.py::test_the_key_is_sent_to_no_other_host"],
    "S5": ["test_no_rows.py::test_a_next_page_on_another_host_is_requested_from_keap"],
    "S6": [
        "client/test_hostile.py::test_no_redirect_is_followed",
        "client/test_hostile.py::test_the_body_of_a_redirect_is_never_read",
    ],
    "S7": ["client/test_hostile.py::test_xml_is_never_parsed"],
    "S8": ["client/test_hostile.py::test_documents_nested_deeper_than_64_levels_are_refused"],
    "S9": [
        "client/test_hostile.py::test_endless_answers_are_refused_before_they_fill_the_memory",
        "client/test_hostile.py::test_a_body_that_cannot_be_decompressed_is_damaged",
    ],
    "S10": [
        "client/test_hostile.py::test_an_exchange_ends_at_its_deadline_whatever_the_server_drips",
        "client/test_hostile.py::test_a_dripping_proxy_ends_at_the_deadline_too",
        "client/test_hostile.py::test_a_malformed_answer_is_not_an_answer",
    ],
    "S11": [
        "client/test_hostile.py::test_invalid_values_are_repaired_and_named",
        "test_lines.py::test_numbers_at_the_limits_survive_every_json_parser",
    ],
    "S12": ["client/test_hostile.py::test_invalid_values_are_repaired_and_named"],
    "S13": ["client/test_hostile.py::test_invalid_values_are_repaired_and_named"],
    "S14": [
        "client/test_hostile.py::test_messages_quote_neither_the_credential_nor_forged_log_lines",
        "client/test_redact.py::test_a_quote_is_one_printable_line_of_at_most_200_characters",
    ],
    "S15": [
        "records/test_custom_fields.py::test_reserved_words_and_odd_names_become_ordinary_columns",
        "records/test_custom_fields.py::test_thousands_of_fields_with_the_same_name_get_different_columns",
    ],
    "S16": ["test_secrets.py::test_hostile_file_names_in_the_account_create_no_files"],
    "S17": [
        "test_lines.py::test_a_record_that_is_too_large_fails_its_stream_with_advice",
        "test_lines.py::test_the_content_of_a_large_file_is_left_out_and_its_row_says_that",
        "client/test_hostile.py::test_a_file_that_is_too_large_is_left_out_and_marked",
    ],
    "S18": [
        "client/test_rate_limit.py::test_retry_after_is_read_as_seconds_or_date",
        "client/test_rate_limit.py::test_an_invalid_expiry_counts_as_midnight",
        "client/test_rate_limit.py::test_an_invalid_number_of_calls_counts_as_none_or_unknown",
        "client/test_retry.py::test_retry_after_cannot_shorten_a_wait",
        "client/test_retry.py::test_retry_after_can_lengthen_a_wait_within_limits",
    ],
    "S19": ["test_no_rows.py::test_a_repeated_page_token_is_an_error"],
    "S20": [
        "client/test_token_file.py::test_anything_but_a_regular_file_is_refused",
        "client/test_token_file.py::test_symbolic_links_beside_the_file_are_not_followed",
        "client/test_token_file.py::test_a_truncated_file_is_refused",
        "client/test_token_file.py::test_two_threads_never_hold_the_lock_at_once",
        "client/test_token_file.py::test_waiting_for_a_lock_ends_with_an_error",
        "client/test_oauth_faults.py::test_tokens_saved_by_a_process_that_does_not_see_the_lock_are_used",
        "client/test_token_crashes.py::test_a_crash_after_any_system_call_of_a_save_loses_nothing",
    ],
    "S23": [
        "test_secrets.py::test_no_failure_reveals_the_key_or_personal_data_at_debug_level",
        "test_secrets.py::test_a_failing_stream_map_does_not_reveal_the_value",
        "test_no_rows.py::test_the_warning_about_a_missing_parent_contains_no_personal_data",
        "client/test_faults.py::test_a_damaged_answer_is_not_quoted_because_it_may_hold_records",
    ],
    "S24": [
        "client/test_hostile.py::test_an_untrusted_certificate_fails_at_once",
        "client/test_hostile.py::test_a_failed_handshake_is_retried_at_once_and_then_three_times",
        "client/test_hostile.py::test_the_environment_cannot_turn_off_certificate_checks",
    ],
    "K1": [
        "test_patience.py::test_the_minute_throttle_is_waited_out",
        "test_patience.py::test_a_used_up_day_quota_ends_the_run_with_the_reset_time",
        "client/test_rate_limit.py::test_retry_after_is_read_as_seconds_or_date",
    ],
    "K2": [
        "test_no_rows.py::test_a_malformed_response_is_requested_again",
        "test_no_rows.py::test_a_persistently_malformed_response_fails_and_deletes_nothing",
    ],
    "K3": [
        "client/test_oauth_faults.py::test_a_refresh_that_keap_may_have_carried_out_is_not_repeated",
        "client/test_oauth_faults.py::test_a_redirect_is_not_followed",
    ],
    "K4": [
        "test_deletes.py::test_the_version_is_activated_after_the_last_row",
        "test_no_rows.py::test_a_pass_that_fails_halfway_deletes_nothing",
    ],
    "K5": [
        "test_resume.py::test_repeatedly_killed_runs_load_everything_in_the_end",
        "test_no_rows.py::test_a_crawl_out_of_id_order_continues_by_pages",
    ],
    "K6": [
        "test_signals.py::test_a_signal_leaves_whole_lines_a_state_and_its_exit_code",
        "test_signals.py::test_a_signal_works_while_the_target_does_not_read",
    ],
    "K7": ["test_every_stream.py::test_every_row_and_value_of_the_stream_arrives"],
    "K8": ["test_deletes.py::test_rows_deleted_during_the_read_cost_no_live_row"],
    "K9": [
        "client/test_hostile.py::test_no_redirect_is_followed",
        "client/test_transport.py::test_a_redirect_is_not_followed_and_its_target_sees_no_call",
    ],
    "K10": ["client/test_faults.py::test_a_failed_exchange_is_classified_without_quoting_its_url"],
    "K11": ["client/test_page_tokens.py::test_a_repeated_page_token_is_a_fault_however_late"],
    "K12": [
        "test_lines.py::test_every_json_parser_reads_every_line_whatever_the_fields_hold",
        "records/test_repairs.py::test_warnings_name_column_and_key_of_what_was_repaired",
    ],
    "K13": ["client/test_token_file.py::test_the_files_are_private_whatever_the_umask"],
    "K14": ["client/test_hostile.py::test_endless_answers_are_refused_before_they_fill_the_memory"],
}

ELSEWHERE = {
    "S21": "lower bounds in pyproject.toml; no test uses the network",
    "S22": "settings are trusted: SECURITY.md says so",
}
"""What no test here can show, and why."""


def test_every_promise_attack_and_pitfall_has_a_test_or_a_reason() -> None:
    named = re.findall(r"\b([PSK]\d+)  ", __doc__ or "")
    numbered = [
        f"{letter}{number}"
        for letter, last in (("P", 20), ("S", 24), ("K", 14))
        for number in range(1, last + 1)
    ]
    assert sorted(named) == sorted(numbered)
    assert SHOWN.keys() | ELSEWHERE.keys() == set(numbered)
    assert not SHOWN.keys() & ELSEWHERE.keys()
    assert all(SHOWN.values())


def test_every_test_named_here_exists() -> None:
    def exists(test: str) -> bool:
        file, name = test.split("::")
        return (TESTS / file).is_file() and f"\ndef {name}(" in (TESTS / file).read_text()

    assert sorted({test for tests in SHOWN.values() for test in tests if not exists(test)}) == []

"""Page tokens: whatever they look like, paging stays on Keap's host and comes to an end."""

from __future__ import annotations

import pytest

from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.client.page_tokens import LONGEST_TOKEN, SeenTokens, next_token


@pytest.mark.parametrize(
    ("token", "found"),
    [
        (None, None),
        ("", None),
        ("abc", "abc"),
        (7, "7"),
        ("https://evil.example/crm/rest/v2/contacts?page_token=abc", "abc"),
        ("/crm/rest/v2/contacts?page_token=a%2Fb&x=1", "a/b"),
        ("https://evil.example/?page_token=", None),
    ],
)
def test_only_the_token_of_a_next_url_is_used(token: object, found: str | None) -> None:
    assert next_token({"next_page_token": token}, "next_page_token") == found


@pytest.mark.parametrize("tokens", ["aa", "aba", "abab", "abcb", "abcdefa"])
def test_a_repeated_page_token_is_a_fault_however_late(tokens: str) -> None:
    seen = SeenTokens()
    faults = [seen.add(token) for token in tokens]
    first = next(place for place, token in enumerate(tokens) if token in tokens[:place])
    assert faults[:first] == [None] * first
    fault = faults[first]
    assert fault is not None
    assert fault.kind is Kind.PAGING


def test_page_tokens_and_pages_have_a_limit() -> None:
    seen = SeenTokens(most=3)
    assert seen.add("x" * LONGEST_TOKEN) is None
    assert seen.add("x" * (LONGEST_TOKEN + 1)) is not None
    assert [seen.add(token) for token in "ab"] == [None, None]
    fault = seen.add("c")
    assert fault is not None
    assert (fault.kind, fault.text) == (Kind.PAGING, "there are more than 3 pages")

"""Column and stream names are plain, short and unique, and stay as they are when something new is added."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.streams.column_names import snake_case, unique_names
from tap_infusionsoft.streams.saved_searches import column_names, matches, stream_names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Favourite Colour", "favourite_colour"),
        ("_DateOfBirth", "date_of_birth"),
        ("HTMLPage2", "html_page2"),
        ("Größe (cm)", "groe_cm"),
        ("100 %", "100"),
        ("日本", ""),
        ("__a--b__", "a_b"),
    ],
)
def test_names_in_snake_case(text: str, name: str) -> None:
    assert snake_case(text) == name


@given(st.lists(st.text(max_size=80), max_size=8))
def test_unique_names_differ_and_are_short_and_plain(texts: list[str]) -> None:
    names = unique_names(((str(number), text) for number, text in enumerate(texts)), "cf_")
    assert len(set(names.values())) == len(texts)
    assert all(re.fullmatch(r"cf_[a-z0-9][a-z0-9_]*", name) and len(name) <= 63 for name in names.values())


def test_saved_searches_become_streams_with_their_names() -> None:
    reports: list[dict[str, Any]] = [
        {"id": "14", "name": "VIP customers!"},
        {"id": "7", "name": "VIP Customers"},
        {"id": "21", "name": None},
    ]
    assert stream_names(reports) == {
        "7": "saved_search_vip_customers",
        "14": "saved_search_vip_customers_14",
        "21": "saved_search_21",
    }


@pytest.mark.parametrize(
    ("wanted", "hit"),
    [
        ("7", True),
        ("vip*", True),
        ("VIP Customers", True),
        ("*cust?mers", True),
        ("14", False),
        ("VIP", False),
    ],
)
def test_saved_searches_are_chosen_by_id_or_pattern(wanted: str, hit: bool) -> None:  # noqa: FBT001
    assert matches({"id": "7", "name": "VIP Customers"}, wanted) is hit


def test_columns_of_a_saved_search_have_different_names() -> None:
    names = ["Id", "Contact Name", "contact-name", "E-Mail", "%", "日本"]
    assert column_names(names) == {
        "Id": "id",
        "Contact Name": "contact_name",
        "contact-name": "contact_name_3",
        "E-Mail": "e_mail",
        "%": "column_5",
        "日本": "column_6",
    }

"""Models in the state: small, whole, and only those of its account."""

from __future__ import annotations

import json
import random
import string
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tap_infusionsoft.state.kept_models import MODELS, KeptModels

NOW = datetime(2026, 11, 28, 6, tzinfo=UTC)
ACCOUNT = {"id": "xx123.infusionsoft.com"}
PATH = "/v2/contacts/model"


def again(state: dict[str, Any], hours: float = 1, account: dict[str, Any] = ACCOUNT) -> KeptModels:
    """What a later run makes of a state that went through a file."""
    return KeptModels(json.loads(json.dumps(state)), account, NOW + timedelta(hours=hours))


def test_a_thousand_custom_fields_take_less_than_200_kb() -> None:
    rng = random.Random(1)
    kinds = ("TEXT", "WHOLE_NUMBER", "DATE_TIME", "LIST_BOX", "USER_LIST_BOX")
    rows = []
    for number in range(1_000):
        label = "".join(rng.choices(string.ascii_letters + " ", k=100))  # longer than people type
        rows.append([str(2 * number), f"_{label[:40]}", label, rng.choice(kinds)])
    state: dict[str, Any] = {}
    KeptModels(state, ACCOUNT, NOW).put(PATH, rows)
    assert len(json.dumps(state)) < 200_000
    assert again(state).rows(PATH, 4) == rows
    usual = [
        [str(2 * number), f"_CustomField{number}", f"Custom field {number}", "TEXT"]
        for number in range(1_000)
    ]
    state = {}
    KeptModels(state, ACCOUNT, NOW).put(PATH, usual)
    assert len(json.dumps(state)) < 20_000


@settings(max_examples=30)
@given(st.lists(st.lists(st.text(max_size=200), min_size=4, max_size=4), max_size=9))
def test_every_text_comes_back(rows: list[list[str]]) -> None:
    state: dict[str, Any] = {}
    KeptModels(state, ACCOUNT, NOW).put(PATH, rows)
    assert again(state).rows(PATH, 4) == rows


def test_a_model_is_kept_until_it_is_half_a_day_old_or_edited() -> None:
    state: dict[str, Any] = {}
    KeptModels(state, ACCOUNT, NOW).put(PATH, [["a", "b"]], edited="2026-11-01")
    assert again(state, 11.9).rows(PATH, 2, "2026-11-01") == [["a", "b"]]
    assert again(state, 12).rows(PATH, 2, "2026-11-01") is None
    assert again(state, -1).rows(PATH, 2, "2026-11-01") is None
    assert again(state).rows(PATH, 2, "2026-11-02") is None
    assert again(state).rows(PATH, 2) is None
    assert again(state).rows("/v2/notes/model", 2) is None
    assert again(state, account={"id": "yy456.infusionsoft.com"}).rows(PATH, 2, "2026-11-01") is None


def test_nothing_is_kept_as_long_as_the_account_is_unknown() -> None:
    state: dict[str, Any] = {}
    account: dict[str, Any] = {}
    kept = KeptModels(state, account, NOW)
    kept.put(PATH, [["a", "b"]])
    assert MODELS not in state
    account |= ACCOUNT
    kept.put("/v2/notes/model", [["c", "d"]])
    assert again(state).rows(PATH, 2) == [["a", "b"]]


def test_old_models_leave_the_state() -> None:
    state: dict[str, Any] = {}
    KeptModels(state, ACCOUNT, NOW).put(PATH, [["a", "b"]])
    later = KeptModels(state, ACCOUNT, NOW + timedelta(hours=13))
    later.put("/v2/notes/model", [["c", "d"]])
    assert [*state[MODELS][0]["kept"]] == ["/v2/notes/model"]
    later.drop("/v2/notes/model")
    assert state[MODELS][0]["kept"] == {}


def test_what_a_model_does_not_explain_is_kept_with_it() -> None:
    state: dict[str, Any] = {}
    kept = KeptModels(state, ACCOUNT, NOW)
    kept.note_unexplained(PATH, ["1"])
    kept.put(PATH, [["a", "b"]])
    assert kept.unexplained(PATH) == frozenset()
    kept.note_unexplained(PATH, ["7", "5"])
    assert again(state).unexplained(PATH) == {"5", "7"}
    kept.note_unexplained(PATH, map(str, range(10_000)))
    assert len(json.dumps(state)) < 2_000

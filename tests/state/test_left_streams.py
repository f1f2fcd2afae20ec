"""Streams that runs leave: who comes before others, and which run begins with whom."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.state.left_streams import LEFT, LONG, PATIENCE, LeftStreams


def test_a_stream_counts_once_runs_have_left_it_often() -> None:
    state: dict[str, Any] = {}
    for number in range(PATIENCE):
        assert LeftStreams(state).runs("tags") == 0, number
        LeftStreams(state).note(["tags"], ["tags"])
    assert LeftStreams(state).runs("tags") == PATIENCE
    LeftStreams(state).note([], [])
    assert LeftStreams(state).runs("tags") == 0


def test_every_second_run_begins_with_what_was_left_for_long() -> None:
    state: dict[str, Any] = {}
    begins = []
    for _ in range(LONG + 4):
        left = LeftStreams(state)
        begins.append(left.come_first)
        left.note(["tags"], ["tags", "users"])
    assert begins == [False] * LONG + [True, False, True, False]


def test_a_stream_that_a_run_began_with_had_its_turn() -> None:
    state: dict[str, Any] = {LEFT: [{"runs": {"tags": LONG, "users": LONG}, "first": False}]}
    left = LeftStreams(state)
    assert left.come_first
    left.note(["users"], ["tags", "users"])
    assert state == {LEFT: [{"runs": {"users": LONG + 1}, "first": True}]}


def test_a_state_without_it_stays_without_it() -> None:
    state: dict[str, Any] = {}
    LeftStreams(state).note([], [])
    assert state == {}


@pytest.mark.parametrize("bad", [None, "x", [], [1], [{}], [{"runs": [1]}], [{"runs": {"tags": "9"}}], {}])
def test_what_cannot_be_used_counts_as_nothing(bad: object) -> None:
    left = LeftStreams({LEFT: bad})
    assert left.runs("tags") == 0
    assert not left.come_first

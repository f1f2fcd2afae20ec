"""Checkpoints in a state that something else wrote."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.state.checkpoint import BadCheckpointError, Checkpoint


def test_a_checkpoint_is_kept() -> None:
    before = Checkpoint("/v2/x", after=("5",), slices=2, rows=7, counts=[3, 4])
    assert Checkpoint.from_state(before.as_state()) == before


@pytest.mark.parametrize("counts", [["3"], [True], [-1], [None], "3", {"0": 3}])
def test_rows_of_slices_have_to_be_numbers(counts: Any) -> None:
    with pytest.raises(BadCheckpointError, match="counts is"):
        Checkpoint.from_state({"path": "/v2/x", "counts": counts})

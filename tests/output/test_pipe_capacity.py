"""A pipe takes what is predicted without blocking, and is enlarged unless somebody has set its size."""

from __future__ import annotations

import contextlib
import os
import random

from tap_infusionsoft.output import pipe_capacity
from tests.output.stdout import DEFAULT_PIPE, PAGE, SMALL_PIPE, on_linux, pipe_of

LARGE_PIPE = pipe_capacity.LARGE_PIPE


@on_linux
def test_a_pipe_accepts_as_many_bytes_as_predicted() -> None:
    """Without blocking, whatever was written to it and read from it before."""
    for seed in range(300):
        rng = random.Random(seed)
        sink, source = pipe_of(rng.choice((1, 2, 4, 16, 256)) * PAGE)
        capacity = pipe_capacity.ensure_capacity(sink)
        os.set_blocking(sink, False)
        os.set_blocking(source, False)
        for _ in range(60):
            amount = rng.choice((1, 100, PAGE // 2 + 1, PAGE, PAGE + 1, capacity // 3, capacity))
            amount = min(amount, pipe_capacity.free_bytes(sink, capacity))
            assert not amount or os.write(sink, bytes(amount)) == amount
            with contextlib.suppress(BlockingIOError):
                os.read(source, rng.choice((1, 50, PAGE // 2 + 1, PAGE - 1, PAGE, capacity // 4, capacity)))
        with contextlib.suppress(BlockingIOError):
            os.read(source, capacity)
        assert pipe_capacity.free_bytes(sink, capacity) == capacity
        os.close(sink)
        os.close(source)


@on_linux
def test_a_pipe_of_default_size_is_enlarged() -> None:
    found = {}
    for size in (SMALL_PIPE, DEFAULT_PIPE, LARGE_PIPE // 2):
        sink, source = pipe_of(size)
        found[size] = pipe_capacity.ensure_capacity(sink)
        os.close(sink)
        os.close(source)
    assert found == {SMALL_PIPE: SMALL_PIPE, DEFAULT_PIPE: LARGE_PIPE, LARGE_PIPE // 2: LARGE_PIPE // 2}


@on_linux
def test_half_of_the_pipe_is_refilled_at_a_time() -> None:
    sink, source = pipe_of(LARGE_PIPE)
    os.write(sink, bytes(LARGE_PIPE // 5))
    max_chunk, max_write = pipe_capacity.wait_until_writable(
        sink, smallest_chunk=10, efficient_chunk=100, pending=10 * LARGE_PIPE
    )
    assert max_chunk == max_write >= LARGE_PIPE // 2
    os.close(sink)
    os.close(source)

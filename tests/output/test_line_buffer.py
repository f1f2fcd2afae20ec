"""Chunks are whole lines, and the STATE after them is neither ahead of the records nor out of order."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.output.line_buffer import LineBuffer

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("records"), st.integers(1, 40)),
        st.tuples(st.just("other"), st.just(1)),
        st.tuples(st.just("state"), st.just(1)),
        st.tuples(st.just("write"), st.integers(30, 400)),
    ),
    max_size=40,
)
"""Lines that are added, in lines, and writes, in bytes."""


@given(STEPS, st.randoms(use_true_random=False))
def test_a_state_is_never_ahead_of_its_records_nor_older_than_the_last(
    steps: list[tuple[str, int]], rng: random.Random
) -> None:
    """However much is buffered when a chunk is written, and however little of it the write takes."""
    buffer, output, added, states = LineBuffer(), bytearray(), 0, {0}

    def write(limit: int) -> None:
        data = bytes(buffer.next_write(limit, limit))
        count = rng.choice((len(data), rng.randint(0, len(data))))
        output.extend(data[:count])
        buffer.consume(count)

    for kind, amount in steps:
        if kind == "write":
            if buffer:
                write(amount)
        elif kind == "state":
            buffer.add_state(b"STATE %d\n" % added)
            states.add(added)
        else:
            lines = [b"%s %d\n" % (kind.encode(), added + number) for number in range(amount)]
            added += amount
            buffer.add(b"".join(lines), are_records=kind == "records")
    buffer.add_state(b"STATE %d\n" % added)
    while buffer:
        write(100)
    seen, last = 0, 0
    for line in output.decode().splitlines():
        name, number = line.split()
        if name == "STATE":
            assert int(number) <= seen
            assert int(number) >= last
            assert int(number) in states | {added}
            last = int(number)
        else:
            assert int(number) == seen
            seen += 1
    assert last == seen == added


def test_no_state_is_invented_before_the_first_one() -> None:
    buffer = LineBuffer()
    buffer.add(b"RECORD\n" * 10, are_records=True)
    assert buffer.next_write(21, 21) == b"RECORD\n" * 3


def test_records_are_followed_by_their_own_state_if_it_fits() -> None:
    buffer = LineBuffer()
    buffer.add_state(b"STATE 1\n")
    buffer.consume(len(buffer.next_write(99, 99)))
    buffer.add(b"RECORD\n" * 2 + b"SCHEMA\n", are_records=True)
    buffer.add_state(b"STATE 2\n")
    assert buffer.next_write(29, 29) == b"RECORD\nRECORD\nSCHEMA\nSTATE 2\n"


def test_a_large_state_is_not_repeated_after_few_records() -> None:
    buffer = LineBuffer()
    buffer.add_state(b"S" * 99_999 + b"\n")
    buffer.consume(len(buffer.next_write(1 << 20, 1 << 20)))
    buffer.add(b"R" * 999_999 + b"\n", are_records=True)
    assert not buffer.should_flush
    buffer.add(b"R" * 999_999 + b"\n", are_records=True)
    assert buffer.should_flush

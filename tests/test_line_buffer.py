"""Output is written in chunks: whole lines, a STATE after records, no more than a pipe takes at once."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.singerlib.messages import ActivateVersionMessage, RecordMessage, SchemaMessage, StateMessage

from tap_infusionsoft.errors import OutputLostError
from tap_infusionsoft.output import pipe_capacity
from tap_infusionsoft.output.line_buffer import LineBuffer
from tap_infusionsoft.output.writer import LineWriter

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells how full a pipe is")

PAGE = os.sysconf("SC_PAGE_SIZE")
SMALL, DEFAULT = 4 * PAGE, 16 * PAGE
"""Sizes of pipes in bytes. The small one is no default, so somebody must have chosen it."""
ROOT = Path(__file__).parents[1]


class Row(msgspec.Struct):
    id: int
    text: str


def rows(first: int, end: int, size: int = 500) -> list[Row]:
    return [Row(number, "x" * size) for number in range(first, end)]


def write_a_run(writer: LineWriter) -> None:
    """Write pages that are larger than pipes, with and without STATEs after them."""
    writer.write_message(SchemaMessage("rows", {"properties": {}}, ["id"]))
    writer.write_rows("rows", rows(0, 300), 1)
    writer.write_message(StateMessage({"read": 300}))
    writer.write_rows("rows", rows(300, 3000), 1)
    writer.write_message(RecordMessage("rows", {"id": 3000, "text": "y"}))
    writer.write_message(StateMessage({"read": 3001}))
    writer.write_rows("rows", rows(3001, 3100, size=5 * PAGE // 2), 1)
    writer.write_message(ActivateVersionMessage("rows", 1))
    writer.write_message(StateMessage({"read": 3100}))
    writer.write_message(SchemaMessage("others", {"properties": {}}, ["id"]))


RUN = [
    "SCHEMA",
    *[(row.id, row.text) for row in rows(0, 300)],
    {"read": 300},
    *[(row.id, row.text) for row in rows(300, 3000)],
    (3000, "y"),
    {"read": 3001},
    *[(row.id, row.text) for row in rows(3001, 3100, size=5 * PAGE // 2)],
    "ACTIVATE_VERSION",
    {"read": 3100},
    "SCHEMA",
]


def contents(lines: bytes | bytearray) -> list[Any]:
    """What lines contain: a record, a state, or the type of any other message."""
    assert lines.endswith(b"\n")
    messages = [json.loads(line) for line in lines.splitlines()]
    record = [(one["record"]["id"], one["record"]["text"]) if "record" in one else None for one in messages]
    return [one.get("value") or own or one["type"] for one, own in zip(messages, record, strict=True)]


def without_repeats(found: list[Any]) -> list[Any]:
    """The same without repeated STATEs."""
    states: list[Any] = [{}]
    kept = []
    for one in found:
        if one != states[-1]:
            kept.append(one)
        if isinstance(one, dict):
            states.append(one)
    return kept


def ends_well(write: bytes) -> bool:
    """Whether a target that receives nothing more has a STATE after its last record."""
    kinds = [type(one) for one in contents(write)]
    return tuple not in kinds or kinds[-1] is dict


class Output:
    """A stdout that a thread reads from. Remembers each write, and what arrived."""

    def __init__(self, sink: int, source: int, read: Callable[[int], bytes] | None = None) -> None:
        self.sink, self.source = sink, source
        self.writes: list[bytes] = []
        self.arrived = bytearray()
        self._read = read or (lambda descriptor: os.read(descriptor, 1 << 20))
        self._reader = threading.Thread(target=self._take)

    @contextlib.contextmanager
    def open(self, *, is_read: bool = True) -> Iterator[None]:
        """Replace stdout. It is read immediately, or from `begin` on."""
        write = os.write

        def remembered(descriptor: int, data: bytes) -> int:
            count = write(descriptor, data)
            if descriptor == self.sink:
                self.writes.append(bytes(data[:count]))
            return count

        with (
            mock.patch.object(os, "write", remembered),
            os.fdopen(self.sink, "w") as stdout,
            contextlib.redirect_stdout(stdout),
        ):
            if is_read:
                self.begin()
            yield
        self._reader.join()
        os.close(self.source)

    def begin(self) -> None:
        self._reader.start()

    def _take(self) -> None:
        while some := self._read(self.source):
            self.arrived += some


def pipe_of(size: int) -> tuple[int, int]:
    """Both ends of a pipe of this size; the one to write to comes first."""
    source, sink = os.pipe()
    if sys.platform == "linux":
        fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, size)
    return sink, source


def in_odd_amounts(source: int) -> bytes:
    """Read amounts that match neither lines nor pages."""
    return os.read(source, random.choice((1, 100, PAGE - 1, PAGE + 1, 3 * PAGE)))


@on_linux
@pytest.mark.parametrize("size", [SMALL, DEFAULT, pipe_capacity.LARGE], ids=["small", "default", "large"])
@pytest.mark.parametrize("read", [None, in_odd_amounts], ids=["a quick reader", "an odd reader"])
def test_output_is_whole_lines_and_a_state_follows_records(
    size: int, read: Callable[[int], bytes] | None
) -> None:
    output = Output(*pipe_of(size), read)
    with output.open():
        write_a_run(LineWriter())
    assert without_repeats(contents(output.arrived)) == RUN
    assert b"".join(output.writes) == output.arrived
    states = 0
    for write in output.writes:
        assert ends_well(write) or not states
        states += write.count(b'"STATE"')
        assert write.count(b'"STATE"') <= 1
    assert states > 10 or size > SMALL


@on_linux
def test_a_pipe_accepts_as_many_bytes_as_predicted() -> None:
    """Without waiting, whatever was written to it and read from it before."""
    for seed in range(300):
        rng = random.Random(seed)
        sink, source = pipe_of(rng.choice((1, 2, 4, 16, 256)) * PAGE)
        held = pipe_capacity.size(sink)
        os.set_blocking(sink, False)
        os.set_blocking(source, False)
        for _ in range(60):
            amount = rng.choice((1, 100, PAGE // 2 + 1, PAGE, PAGE + 1, held // 3, held))
            amount = min(amount, pipe_capacity.free(sink, held))
            assert not amount or os.write(sink, bytes(amount)) == amount
            with contextlib.suppress(BlockingIOError):
                os.read(source, rng.choice((1, 50, PAGE // 2 + 1, PAGE - 1, PAGE, held // 4, held)))
        with contextlib.suppress(BlockingIOError):
            os.read(source, held)
        assert pipe_capacity.free(sink, held) == held
        os.close(sink)
        os.close(source)


@on_linux
def test_a_pipe_of_default_size_is_enlarged() -> None:
    found = {}
    for size in (SMALL, DEFAULT, pipe_capacity.LARGE // 2):
        sink, source = pipe_of(size)
        found[size] = pipe_capacity.size(sink)
        os.close(sink)
        os.close(source)
    assert found == {
        SMALL: SMALL,
        DEFAULT: pipe_capacity.LARGE,
        pipe_capacity.LARGE // 2: pipe_capacity.LARGE // 2,
    }


@on_linux
def test_a_pipe_that_cannot_be_enlarged_is_used_as_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipe_capacity, "LARGE", 1 << 30)  # refused, as 1 MiB is where less is allowed
    output = Output(*pipe_of(DEFAULT))
    assert pipe_capacity.size(output.sink) == DEFAULT
    with output.open():
        write_a_run(LineWriter())
    assert without_repeats(contents(output.arrived)) == RUN
    assert max(len(write) for write in output.writes) <= DEFAULT


@on_linux
def test_half_of_the_pipe_is_refilled_at_a_time() -> None:
    sink, source = pipe_of(pipe_capacity.LARGE)
    os.write(sink, bytes(pipe_capacity.LARGE // 5))
    largest, step = pipe_capacity.wait_for_room(
        sink, smallest=10, worthwhile=100, total=10 * pipe_capacity.LARGE
    )
    assert largest == step >= pipe_capacity.LARGE // 2
    os.close(sink)
    os.close(source)


@on_linux
def test_only_lines_larger_than_the_pipe_are_split() -> None:
    output = Output(*pipe_of(SMALL), in_odd_amounts)
    with output.open():
        writer = LineWriter()
        writer.write_message(StateMessage({"read": 0}))
        writer.write_rows("rows", [*rows(0, 3), *rows(3, 4, size=5 * SMALL), *rows(4, 7)], 1)
        writer.write_rows("rows", rows(7, 8, size=SMALL - 140), 1)  # fits, but not with its STATE
        writer.write_message(StateMessage({"read": 8}))
    found = contents(output.arrived)
    assert [one[0] for one in found if isinstance(one, tuple)] == [*range(8)]
    place = next(place for place, one in enumerate(found) if isinstance(one, tuple) and one[0] == 3)
    assert found[place + 1] == {"read": 0}
    assert found[-1] == {"read": 8}
    parts = b"".join(write for write in output.writes if not write.endswith(b"\n"))
    assert parts.count(b'"RECORD"') == 1


def sockets() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


def test_a_state_follows_records_in_files_sockets_and_memory_too(tmp_path: Path) -> None:
    in_memory = io.StringIO()
    with contextlib.redirect_stdout(in_memory):
        write_a_run(LineWriter())
    with (tmp_path / "out").open("w") as file, contextlib.redirect_stdout(file):
        write_a_run(LineWriter())
    output = Output(*sockets())
    with output.open():
        write_a_run(LineWriter())
    assert without_repeats(contents(output.arrived)) == RUN
    assert all(write.endswith(b"\n") for write in output.writes if len(write) < PAGE)
    outs = [
        contents(in_memory.getvalue().encode()),
        contents((tmp_path / "out").read_bytes()),
        contents(output.arrived),
    ]
    assert outs[0] == outs[1] == outs[2]
    assert without_repeats(outs[0]) == RUN
    after = outs[0].index((2999, "x" * 500)) + 1
    assert outs[0][after] == {"read": 300}, "a page was written before its own STATE was there"


@on_linux
@pytest.mark.parametrize("after", [1, 200_000, 1_500_000, 6_000_000])
def test_a_killed_process_leaves_whole_lines_ending_with_a_state(
    after: int,
) -> None:
    script = (
        "from tests.test_line_buffer import *; writer = LineWriter();"
        "writer.write_message(StateMessage({'read': 1})); writer.write_rows('rows', rows(0, 20_000), 1)"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        arrived = process.stdout.read(after)
        process.kill()
        arrived += process.stdout.read()
    found = contents(arrived)
    assert found[-1] == {"read": 1}
    numbers = [one[0] for one in found if isinstance(one, tuple)]
    assert numbers == [*range(len(numbers))]
    assert len(numbers) < 20_000


@pytest.fixture
def alarm() -> Iterator[list[LineWriter]]:
    """The writers that SIGUSR1 interrupts, as the tap's signals do."""
    writers: list[LineWriter] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: writers[0].interrupt(SystemExit(143)))
    yield writers
    signal.signal(signal.SIGUSR1, before)


@on_linux
@pytest.mark.parametrize("size", [SMALL, DEFAULT], ids=["small", "default"])
def test_a_signal_interrupts_waiting_for_the_pipe_and_loses_nothing(
    alarm: list[LineWriter], size: int
) -> None:
    output, writer, looks = Output(*pipe_of(size)), LineWriter(), 0
    alarm.append(writer)
    free = pipe_capacity.free

    def signalled(descriptor: int, held: int) -> int:
        """Send a signal after 100 looks at a pipe that nobody reads."""
        nonlocal looks
        looks += 1
        if looks == 100:
            os.kill(os.getpid(), signal.SIGUSR1)
        return free(descriptor, held)

    with output.open(is_read=False):
        writer.write_message(StateMessage({"read": 0}))
        with (
            mock.patch.object(pipe_capacity, "free", signalled),
            mock.patch.object(pipe_capacity, "_PAUSES", (0, 0)),
            pytest.raises(SystemExit),
        ):
            writer.write_rows("rows", rows(0, 3000), 1)
        assert looks == 100
        output.begin()
        writer.write_message(StateMessage({"read": 3000}))
    assert without_repeats(contents(output.arrived)) == [
        {"read": 0},
        *[(row.id, row.text) for row in rows(0, 3000)],
        {"read": 3000},
    ]


@on_linux
@pytest.mark.parametrize("nth", [1, 2, 5])
def test_a_signal_during_a_write_takes_effect_after_it(alarm: list[LineWriter], nth: int) -> None:
    output, writer = Output(*pipe_of(SMALL)), LineWriter()
    alarm.append(writer)
    with output.open():
        write, writes = os.write, 0

        def signalled(descriptor: int, data: bytes) -> int:
            nonlocal writes
            writes += 1
            count = write(descriptor, data)
            if writes == nth:
                os.kill(os.getpid(), signal.SIGUSR1)
            return count

        writer.write_message(StateMessage({"read": 0}))
        with mock.patch.object(os, "write", signalled), pytest.raises(SystemExit):
            writer.write_rows("rows", rows(0, 300), 1)
        assert writes == nth
        writer.write_message(StateMessage({"read": 300}))
    assert without_repeats(contents(output.arrived)) == [
        {"read": 0},
        *[(row.id, row.text) for row in rows(0, 300)],
        {"read": 300},
    ]


@on_linux
def test_a_closed_pipe_is_noticed_while_waiting_for_room() -> None:
    sink, source = pipe_of(SMALL)
    looks, free = 0, pipe_capacity.free

    def left(descriptor: int, held: int) -> int:
        nonlocal looks
        looks += 1
        if looks == 10:
            os.close(source)
        return free(descriptor, held)

    with (
        mock.patch.object(pipe_capacity, "free", left),
        os.fdopen(sink, "w") as stdout,
        contextlib.redirect_stdout(stdout),
        pytest.raises(OutputLostError),
    ):
        LineWriter().write_rows("rows", rows(0, 300), 1)
    assert looks >= 10


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("records"), st.integers(1, 40)),
        st.tuples(st.just("other"), st.just(1)),
        st.tuples(st.just("state"), st.just(1)),
        st.tuples(st.just("out"), st.integers(30, 400)),
    ),
    max_size=40,
)


@given(STEPS, st.randoms(use_true_random=False))
def test_a_state_is_never_ahead_of_its_records_nor_older_than_the_last(
    steps: list[tuple[str, int]], rng: random.Random
) -> None:
    """However much waits when something is written, and however little of a chunk is taken."""
    buffer, out, written, states = LineBuffer(), bytearray(), 0, {0}

    def put(room: int) -> None:
        chunk = bytes(buffer.next(room, room))
        count = rng.choice((len(chunk), rng.randint(0, len(chunk))))
        out.extend(chunk[:count])
        buffer.drop(count)

    for what, amount in steps:
        if what == "out":
            if buffer:
                put(amount)
        elif what == "state":
            buffer.add_state(b"STATE %d\n" % written)
            states.add(written)
        else:
            lines = [b"%s %d\n" % (what.encode(), written + number) for number in range(amount)]
            written += amount
            buffer.add(b"".join(lines), are_records=what == "records")
    buffer.add_state(b"STATE %d\n" % written)
    while buffer:
        put(100)
    seen, last = 0, 0
    for line in out.decode().splitlines():
        name, number = line.split()
        if name == "STATE":
            assert int(number) <= seen
            assert int(number) >= last
            assert int(number) in states | {written}
            last = int(number)
        else:
            assert int(number) == seen
            seen += 1
    assert last == seen == written


def test_no_state_is_invented_before_the_first_one() -> None:
    buffer = LineBuffer()
    buffer.add(b"RECORD\n" * 10, are_records=True)
    assert buffer.next(21, 21) == b"RECORD\n" * 3


def test_records_are_followed_by_their_own_state_if_it_fits() -> None:
    buffer = LineBuffer()
    buffer.add_state(b"STATE 1\n")
    buffer.drop(len(buffer.next(99, 99)))
    buffer.add(b"RECORD\n" * 2 + b"SCHEMA\n", are_records=True)
    buffer.add_state(b"STATE 2\n")
    assert buffer.next(29, 29) == b"RECORD\nRECORD\nSCHEMA\nSTATE 2\n"


def test_a_large_state_is_not_repeated_after_few_records() -> None:
    buffer = LineBuffer()
    buffer.add_state(b"S" * 99_999 + b"\n")
    buffer.drop(len(buffer.next(1 << 20, 1 << 20)))
    buffer.add(b"R" * 999_999 + b"\n", are_records=True)
    assert not buffer.is_due
    buffer.add(b"R" * 999_999 + b"\n", are_records=True)
    assert buffer.is_due

"""Output is whole lines, a STATE follows records, and neither signals nor a kill lose or repeat anything."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from singer_sdk.singerlib.messages import StateMessage

from tap_infusionsoft.errors import OutputLostError
from tap_infusionsoft.output import pipe_capacity
from tap_infusionsoft.output.writer import LineWriter
from tests.output.stdout import (
    DEFAULT_PIPE,
    PAGE,
    RUN,
    SMALL_PIPE,
    Stdout,
    has_state_after_records,
    on_linux,
    parse,
    pipe_of,
    read_odd_amount,
    rows,
    socket_pair,
    without_repeated_states,
    write_run,
)

ROOT = Path(__file__).parents[2]


@on_linux
@pytest.mark.parametrize(
    "size", [SMALL_PIPE, DEFAULT_PIPE, pipe_capacity.LARGE_PIPE], ids=["small", "default", "large"]
)
@pytest.mark.parametrize("read", [None, read_odd_amount], ids=["a quick reader", "an odd reader"])
def test_output_is_whole_lines_and_a_state_follows_records(
    size: int, read: Callable[[int], bytes] | None
) -> None:
    stdout = Stdout(*pipe_of(size), read)
    with stdout.replaced():
        write_run(LineWriter())
    assert without_repeated_states(parse(stdout.arrived)) == RUN
    assert b"".join(stdout.writes) == stdout.arrived
    states = 0
    for write in stdout.writes:
        assert has_state_after_records(write) or not states
        states += write.count(b'"STATE"')
        assert write.count(b'"STATE"') <= 1
    assert states > 10 or size > SMALL_PIPE


@on_linux
def test_a_pipe_that_cannot_be_enlarged_is_used_as_is(monkeypatch: pytest.MonkeyPatch) -> None:
    # Linux refuses this size, as it refuses 1 MiB where a lower limit is configured.
    monkeypatch.setattr(pipe_capacity, "LARGE_PIPE", 1 << 30)
    stdout = Stdout(*pipe_of(DEFAULT_PIPE))
    assert pipe_capacity.ensure_capacity(stdout.sink) == DEFAULT_PIPE
    with stdout.replaced():
        write_run(LineWriter())
    assert without_repeated_states(parse(stdout.arrived)) == RUN
    assert max(len(write) for write in stdout.writes) <= DEFAULT_PIPE


@on_linux
def test_only_lines_larger_than_the_pipe_are_split() -> None:
    stdout = Stdout(*pipe_of(SMALL_PIPE), read_odd_amount)
    with stdout.replaced():
        writer = LineWriter()
        writer.write_message(StateMessage({"read": 0}))
        writer.write_rows("rows", [*rows(0, 3), *rows(3, 4, size=5 * SMALL_PIPE), *rows(4, 7)], 1)
        writer.write_rows("rows", rows(7, 8, size=SMALL_PIPE - 140), 1)  # fits, but not with its STATE
        writer.write_message(StateMessage({"read": 8}))
    messages = parse(stdout.arrived)
    ids = [message[0] if isinstance(message, tuple) else None for message in messages]
    assert [one for one in ids if one is not None] == [*range(8)]
    assert messages[ids.index(3) + 1] == {"read": 0}
    assert messages[-1] == {"read": 8}
    parts = b"".join(write for write in stdout.writes if not write.endswith(b"\n"))
    assert parts.count(b'"RECORD"') == 1


def test_a_state_follows_records_in_files_sockets_and_memory_too(tmp_path: Path) -> None:
    memory = io.StringIO()
    with contextlib.redirect_stdout(memory):
        write_run(LineWriter())
    with (tmp_path / "out").open("w") as file, contextlib.redirect_stdout(file):
        write_run(LineWriter())
    stdout = Stdout(*socket_pair())
    with stdout.replaced():
        write_run(LineWriter())
    assert without_repeated_states(parse(stdout.arrived)) == RUN
    assert all(write.endswith(b"\n") for write in stdout.writes if len(write) < PAGE)
    in_memory, in_file = parse(memory.getvalue().encode()), parse((tmp_path / "out").read_bytes())
    assert in_memory == in_file == parse(stdout.arrived)
    assert without_repeated_states(in_memory) == RUN
    after_page = in_memory.index((2999, "x" * 500)) + 1
    assert in_memory[after_page] == {"read": 300}, "the page went out before a new STATE existed"


KILLED = """
from singer_sdk.singerlib.messages import StateMessage
from tap_infusionsoft.output.writer import LineWriter
from tests.output.stdout import rows

writer = LineWriter()
writer.write_message(StateMessage({"read": 1}))
writer.write_rows("rows", rows(0, 20_000), 1)
"""


@on_linux
@pytest.mark.parametrize("after", [1, 200_000, 1_500_000, 6_000_000])
def test_a_killed_process_leaves_whole_lines_ending_with_a_state(after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        arrived = process.stdout.read(after)
        process.kill()
        arrived += process.stdout.read()
    messages = parse(arrived)
    assert messages[-1] == {"read": 1}
    ids = [message[0] for message in messages if isinstance(message, tuple)]
    assert ids == [*range(len(ids))]
    assert len(ids) < 20_000


@pytest.fixture
def interrupted() -> Iterator[list[LineWriter]]:
    """A list whose first writer is interrupted by SIGUSR1, as the tap's signal handlers do."""
    writers: list[LineWriter] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: writers[0].interrupt(SystemExit(143)))
    yield writers
    signal.signal(signal.SIGUSR1, before)


@on_linux
@pytest.mark.parametrize("size", [SMALL_PIPE, DEFAULT_PIPE], ids=["small", "default"])
def test_a_signal_interrupts_waiting_for_the_pipe_and_loses_nothing(
    interrupted: list[LineWriter], size: int
) -> None:
    stdout, writer, checks = Stdout(*pipe_of(size)), LineWriter(), 0
    interrupted.append(writer)
    free_bytes = pipe_capacity.free_bytes

    def signalled(descriptor: int, capacity: int) -> int:
        """Send the signal at the 100th check of a pipe that nobody reads."""
        nonlocal checks
        checks += 1
        if checks == 100:
            os.kill(os.getpid(), signal.SIGUSR1)
        return free_bytes(descriptor, capacity)

    with stdout.replaced(is_read=False):
        writer.write_message(StateMessage({"read": 0}))
        with (
            mock.patch.object(pipe_capacity, "free_bytes", signalled),
            mock.patch.object(pipe_capacity, "POLL_INTERVALS", (0, 0)),
            pytest.raises(SystemExit),
        ):
            writer.write_rows("rows", rows(0, 3000), 1)
        assert checks == 100
        stdout.start_reading()
        writer.write_message(StateMessage({"read": 3000}))
    assert without_repeated_states(parse(stdout.arrived)) == [
        {"read": 0},
        *[(row.id, row.text) for row in rows(0, 3000)],
        {"read": 3000},
    ]


@on_linux
@pytest.mark.parametrize("nth", [1, 2, 5])
def test_a_signal_during_a_write_takes_effect_after_it(interrupted: list[LineWriter], nth: int) -> None:
    stdout, writer = Stdout(*pipe_of(SMALL_PIPE)), LineWriter()
    interrupted.append(writer)
    with stdout.replaced():
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
    assert without_repeated_states(parse(stdout.arrived)) == [
        {"read": 0},
        *[(row.id, row.text) for row in rows(0, 300)],
        {"read": 300},
    ]


@on_linux
def test_a_reader_that_goes_away_is_noticed_while_waiting_for_the_pipe() -> None:
    sink, source = pipe_of(SMALL_PIPE)
    checks, free_bytes = 0, pipe_capacity.free_bytes

    def closed(descriptor: int, capacity: int) -> int:
        """Close the reading end at the tenth check."""
        nonlocal checks
        checks += 1
        if checks == 10:
            os.close(source)
        return free_bytes(descriptor, capacity)

    with (
        mock.patch.object(pipe_capacity, "free_bytes", closed),
        os.fdopen(sink, "w") as stdout,
        contextlib.redirect_stdout(stdout),
        pytest.raises(OutputLostError),
    ):
        LineWriter().write_rows("rows", rows(0, 300), 1)
    assert checks >= 10

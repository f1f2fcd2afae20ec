"""The benchmarks: ``python -m tests.benchmarks`` runs all of them, ``python -m tests.benchmarks a c`` some.

A figure is a ratio to something that was measured beside it in the same run, for machines differ. What was
not measured ends the command with 1 and a message.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import cpu, load, memory, night, startup, targets
from tests.benchmarks.figures import ROOT, NotMeasuredError, Table

BENCHMARKS: dict[str, Callable[[Table, Path], None]] = {
    "a": cpu.run,
    "b": load.run,
    "c": night.run,
    "d": memory.run,
    "e": startup.run,
    "f": targets.run,
}
COUNTS = frozenset({"c"})
"""Those that count instead of measuring: the same in every turn, so one is enough."""
OUTPUT = ROOT / "output" / "bench.json"


def _doc(run: Callable[..., None]) -> str:
    text = sys.modules[run.__module__].__doc__ or ""
    return text.partition("\n")[0].partition(": ")[2]


def main(argv: list[str] | None = None) -> int:
    """Run what is wanted, print the table and write it down."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        epilog="\n".join(f"  {name}  {_doc(run)}" for name, run in BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("which", nargs="*", metavar="LETTER", help="the benchmarks to run (default: all)")
    parser.add_argument(
        "--repeat", type=int, default=1, help="how often; the table has least, median and most"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT, help="file for the figures, as JSON")
    parser.add_argument(
        "--large", action="store_true", help=f"d: also an account of {memory.LARGE:,} contacts"
    )
    given = parser.parse_args(argv)
    unknown = sorted(set(given.which) - BENCHMARKS.keys())
    if unknown or given.repeat < 1:
        parser.error(f"there is no benchmark {unknown[0]!r}" if unknown else "--repeat must be at least 1")
    benchmarks = BENCHMARKS | ({"d": memory.run_large} if given.large else {})
    chosen = [name for name in BENCHMARKS if name in given.which or not given.which]
    table = Table()
    for turn in range(given.repeat):
        for name in chosen:
            if turn and name in COUNTS:
                continue
            began = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="keap-bench-") as folder:
                try:
                    benchmarks[name](table, Path(folder))
                except NotMeasuredError as error:
                    sys.stderr.write(f"{name}: not measured: {error}\n")
                    return 1
            sys.stderr.write(
                f"{name}: {time.monotonic() - began:.0f} s (turn {turn + 1} of {given.repeat})\n"
            )
    sys.stdout.write(f"{table.text()}\n")
    options = [
        *given.which,
        *(["--repeat", str(given.repeat)] if given.repeat > 1 else []),
        *(["--large"] * given.large),
    ]
    command = f"make bench BENCH='{' '.join(options)}'" if options else "make bench"
    table.write(given.output, command, given.repeat)
    return 0


if __name__ == "__main__":
    sys.exit(main())

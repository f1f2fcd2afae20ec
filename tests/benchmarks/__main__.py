"""Runs the benchmarks: `python -m tests.benchmarks` all of them, `python -m tests.benchmarks a c` some.

Figures are ratios to something that is measured in the same run, because machines differ. If a benchmark
cannot measure what it should, the command prints why and exits with 1. The file has what was measured before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from tests.benchmarks import agency, bridge, cpu, hour, load, memory, startup, targets, wall, week
from tests.benchmarks.figures import ROOT, NotMeasuredError, Table

Benchmark = Callable[[Table, Path], None]


def _of_wings() -> dict[str, Benchmark]:
    """The benchmarks that wings of the tap bring, by the letter that begins the docstring of their module."""
    found: dict[str, Benchmark] = {}
    for path in sorted(ROOT.glob("tap_infusionsoft/*/tests/bench_*.py")):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        found[str(module.__doc__)[0]] = module.run
    return found


BENCHMARKS: dict[str, Benchmark] = {
    "a": cpu.run,
    "b": load.run,
    "c": week.run,
    "c2": agency.run,
    "d": memory.run,
    "e": startup.run,
    "f": targets.run,
    "g": wall.run,
    "g2": wall.run_nights,
    "h": hour.run,
    "i": bridge.run,
    **_of_wings(),
}
RUN_ONCE = frozenset({"c", "c2", "g2", "h"})
"""Benchmarks that repeating would not improve: most count calls, and g2 measures night after night."""
OUTPUT = ROOT / "output" / "bench.json"


def _summary(run: Callable[..., None]) -> str:
    """Return the first line of the benchmark's module docstring, without its letter."""
    text = sys.modules[run.__module__].__doc__ or ""
    return text.partition("\n")[0].partition(": ")[2]


def main(argv: list[str] | None = None) -> int:
    """Run the chosen benchmarks, print their figures, and write them to a file.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        epilog="\n".join(f"  {name}  {_summary(run)}" for name, run in BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("which", nargs="*", metavar="LETTER", help="the benchmarks to run (default: all)")
    parser.add_argument(
        "--repeat",
        type=int,
        default=1,
        help="number of runs; the table has their minimum, median and maximum",
    )
    parser.add_argument("--output", type=Path, default=OUTPUT, help="JSON file for the figures")
    parser.add_argument(
        "--large", action="store_true", help=f"d: also an account of {memory.LARGE:,} contacts"
    )
    options = parser.parse_args(argv)
    unknown = sorted(set(options.which) - BENCHMARKS.keys())
    if unknown or options.repeat < 1:
        parser.error(f"there is no benchmark {unknown[0]!r}" if unknown else "--repeat must be at least 1")
    benchmarks = BENCHMARKS | ({"d": memory.run_large} if options.large else {})
    chosen = [name for name in BENCHMARKS if name in options.which or not options.which]
    words = [
        *options.which,
        *(["--repeat", str(options.repeat)] if options.repeat > 1 else []),
        *(["--large"] * options.large),
    ]
    command = f"make bench BENCH='{' '.join(words)}'" if words else "make bench"
    table = Table()
    for turn in range(options.repeat):
        for name in chosen:
            if turn and name in RUN_ONCE:
                continue
            began = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="keap-bench-") as folder:
                try:
                    benchmarks[name](table, Path(folder))
                except NotMeasuredError as error:
                    sys.stderr.write(f"{name}: not measured: {error}\n")
                    return 1
            table.write(options.output, command, turn + 1)  # so that one that fails later costs no figures
            sys.stderr.write(
                f"{name}: {time.monotonic() - began:.0f} s (run {turn + 1} of {options.repeat})\n"
            )
    sys.stdout.write(f"{table.text()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

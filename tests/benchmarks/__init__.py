"""What the tap costs, relative to something measured in the same run; see `tests.benchmarks --help`."""

"""What the tap costs, as ratios to something that was measured in the same run. See ``python -m tests.benchmarks --help``."""

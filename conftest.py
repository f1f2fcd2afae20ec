"""Tests in every folder have the fixtures and options of `tests/fixtures.py`."""

from __future__ import annotations

pytest_plugins = ["tests.fixtures"]

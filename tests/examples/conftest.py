"""The account, and what every example needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from keap_sandbox import Sandbox
from tests.canary import KEY
from tests.examples.installed import Installed


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the examples out unless `make examples` runs them, and give hosts the time that they take."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    if "EXAMPLES" not in os.environ:
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]
    for item in ours:
        item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture
def keap(tmp_path: Path) -> Iterator[Installed]:
    switches = {"limits": "off", "quota_headers": "blank"}
    with Sandbox(contacts=60, api_key=KEY, switches=switches) as box:
        yield Installed(box, tmp_path)

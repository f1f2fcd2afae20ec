"""The SDK's standard tests for taps, on every stream of the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from keap_sandbox import Sandbox
from tap_infusionsoft.tap import TapInfusionsoft
from tests.canary import KEY

pytestmark = pytest.mark.xdist_group("the SDK's own tests share an account")

# The SDK creates its tests when this module is imported, and runs discovery then.
_box = Sandbox(seed=1, contacts=80, api_key=KEY, switches={"limits": "off", "pipelines": "v2"}).start()

_config = {
    "api_key": KEY,
    "api_url": _box.url,
    "requests_per_second": 1_000_000,
    "requests_per_minute": 1_000_000,
    "requests_per_hour": 1_000_000,
    "saved_searches": ["All contacts", "Sales*"],
}
_catalog = TapInfusionsoft(config=_config).catalog_dict
for _entry in _catalog["streams"]:
    for _meta in _entry["metadata"]:
        if not _meta["breadcrumb"]:
            _meta["metadata"]["selected"] = True

TestTap = get_tap_test_class(
    tap_class=TapInfusionsoft,
    config=_config,
    catalog=_catalog,
    suite_config=SuiteConfig(max_records_limit=None),
    parse_env_config=False,
)


@pytest.fixture(scope="module", autouse=True)
def _stop() -> Iterator[None]:
    yield
    _box.stop()

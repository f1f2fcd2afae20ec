"""Maps, flattening, files and selection together: every way out, in combinations that nobody thought of.

Every line and every line of a file must be what the SCHEMA last written for its stream says, and no record
may be lost: on each way as many arrive as the account has, but for those that a filter leaves out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from keap_sandbox import Sandbox
from tests.canary import KEY
from tests.fixtures import Run
from tests.strict_target import StrictTarget
from tests.virtual import VirtualClock

STREAMS = ("contacts", "orders", "order_items", "tags", "affiliate_clawbacks", "users")
EXPRESSIONS = (
    "'text'",
    "int('7')",
    "float('1.5')",
    "bool(1)",
    "__stream_name__",
    "record",
    "[1, 'a', None]",
    "json.dumps({'a': 1})",
    "2 * 3",
    "None",
    "datetime.datetime.fromisoformat('2026-01-02T03:04:05')",
    "datetime.date.fromisoformat('2026-01-02')",
    "_.get('update_time')",
)
EVERY, NONE_AT_ALL = "1 == 1", "1 == 2"


@pytest.fixture
def small(clock: VirtualClock, quiet: None) -> Iterator[Run]:  # noqa: ARG001
    """A run against a small account."""
    switches = {"limits": "off", "quota_headers": "blank"}
    with Sandbox(seed=1, contacts=12, api_key=KEY, clock=clock.epoch, switches=switches) as box:
        yield Run(box, clock)


@st.composite
def maps_of(draw: st.DrawFn, stream: str, columns: list[str], keys: list[str]) -> dict[str, Any]:
    """Draw a map of a stream."""
    found: dict[str, Any] = {}
    others = [name for name in columns if name not in keys]
    found |= dict.fromkeys(draw(st.lists(st.sampled_from(others), max_size=3)))
    found |= draw(
        st.dictionaries(st.sampled_from(["x", "y", *others]), st.sampled_from(EXPRESSIONS), max_size=3)
    )
    found |= {"copy_of_one": draw(st.sampled_from(others))} if draw(st.booleans()) else {}
    if draw(st.booleans()):
        found |= {key: key for key in keys} | {"__else__": None}
    if draw(st.booleans()):
        found["__filter__"] = draw(st.sampled_from([EVERY, NONE_AT_ALL]))
    if draw(st.booleans()):
        found["__alias__"] = f"keap_{stream}"
    return found


@st.composite
def ways(draw: st.DrawFn, columns: dict[str, list[str]], keys: dict[str, list[str]]) -> dict[str, Any]:
    """Draw the settings of a run, and the columns that are deselected."""
    stream_maps: dict[str, Any] = {}
    for stream in STREAMS:
        if draw(st.integers(0, 2)) == 0:
            stream_maps[stream] = draw(maps_of(stream, columns[stream], keys[stream]))
        if draw(st.integers(0, 3)) == 0:
            second = draw(maps_of(stream, columns[stream], keys[stream]))
            second.pop("__alias__", None)
            stream_maps[f"{stream}_copy"] = {"__source__": stream} | second
    if draw(st.integers(0, 5)) == 0:
        stream_maps["__else__"] = None
        stream_maps.setdefault("tags", {})
    given: dict[str, Any] = {"stream_maps": stream_maps}
    if draw(st.booleans()):
        depth = draw(st.integers(0, 4))
        given |= {"flattening_enabled": True, "flattening_max_depth": depth, "flattening_separator": "."}
    if draw(st.booleans()):
        given["batch_config"] = {
            "encoding": {"format": "jsonl"}
            | draw(st.sampled_from([{}, {"compression": "gzip"}, {"compression": "none"}])),
            "batch_size": draw(st.sampled_from([1, 7, 10_000])),
        }
    without = {stream: draw(st.lists(st.sampled_from(columns[stream]), max_size=4)) for stream in STREAMS}
    return {"settings": given, "without": without}


def expected(maps: dict[str, Any], counts: dict[str, int]) -> dict[str, int]:
    """Return how many records leave under each name."""
    found = {}
    for stream, count in counts.items():
        own = maps.get(stream, None if "__else__" in maps else {})
        if own is not None:
            found[own.get("__alias__", stream)] = 0 if own.get("__filter__") == NONE_AT_ALL else count
        for name, other in maps.items():
            if isinstance(other, dict) and other.get("__source__") == stream:
                found[name] = 0 if other.get("__filter__") == NONE_AT_ALL else count
    return found


def test_every_line_conforms_and_no_record_is_lost_on_any_way(small: Run, nightly: bool) -> None:  # noqa: FBT001
    whole = small.catalog(*STREAMS)
    small.target = target = StrictTarget()
    small(catalog=whole)
    counts = {stream: len(target.rows(stream)) for stream in STREAMS}
    keys = {stream: target.keys(stream) for stream in STREAMS}
    columns = {stream: list(target.schemas[stream]["properties"]) for stream in STREAMS}
    tried = 0

    @settings(
        max_examples=300 if nightly else 10,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(way=ways(columns, keys))
    def check(way: dict[str, Any]) -> None:
        nonlocal tried
        given_settings, without = way["settings"], way["without"]
        for stream, own in given_settings["stream_maps"].items():  # what is deselected cannot be copied
            source = own.get("__source__", stream) if isinstance(own, dict) else stream
            if isinstance(own, dict) and own.get("copy_of_one") in without.get(source, ()):
                del own["copy_of_one"]
        catalog = small.catalog(*STREAMS, without=without)
        small.target = target = StrictTarget()
        with tempfile.TemporaryDirectory() as folder:
            if "batch_config" in given_settings:
                given_settings["batch_config"]["storage"] = {"root": Path(folder).as_uri()}
            small(catalog=catalog, **given_settings)
        wanted = expected(given_settings["stream_maps"], counts)
        assert {name: target.loaded[name] for name in target.schemas} == wanted
        assert {name: len(target.rows(name)) for name in target.schemas} == wanted
        tried += len(wanted)

    check()
    assert tried

"""Committed results, verdicts and pages follow from each other."""

from __future__ import annotations

import pytest

from world import results
from world.cells import Kind
from world.compare import Shape
from world.declared import Target, Variant
from world.loading import Load, Result, filled
from world.targets import TARGETS
from world.verdicts import Level, judge, verdict

GOOD = [Load(0, state="last", rows=10, cells=90), Load(0, state="last", rows=12, cells=108, deleted=2)]
TARGET = Target(name="target-x", version="1.0", program="x", into="jsonl", variants=(Variant(),))


def loads(*kinds: Kind, code: int | None = 0, state: str = "last") -> list[Load]:
    return [
        GOOD[0],
        Load(code, state=state, rows=12, cells=108, differences=dict.fromkeys(map(str, kinds), 3)),
    ]


@pytest.mark.parametrize(
    ("found", "level", "words"),
    [
        (GOOD, Level.USE, "Use it."),
        (loads(Kind.ROW_MISSING), Level.AVOID, "Do not use it: row missing (3)."),
        (loads(Kind.INSTANT_SHIFTED, Kind.NULL_FOR_EMPTY), Level.AVOID, "time shifted (3); empty texts"),
        (loads(Kind.DELETION_MISSED), Level.CARE, "it ignores deletions"),
        (loads(state="none"), Level.CARE, "every run reads everything"),
        (loads(code=1), Level.AVOID, "load 2 fails with exit code 1"),
        (loads(code=None), Level.AVOID, "load 2 hangs"),
        ([GOOD[0], Load(0, "not JSON", state="last")], Level.AVOID, "what load 2 wrote cannot be read"),
        ([Load(0, state="last", differences={Kind.ZEROS_LOST: 1}), GOOD[1]], Level.AVOID, "leading zeros"),
    ],
)
def test_a_verdict_says_what_is_lost(found: list[Load], level: Level, words: str) -> None:
    told = judge(Variant(), found)
    assert told.level is level
    assert words in str(told)


def test_files_are_for_those_who_can_live_with_a_log() -> None:
    told = judge(Variant(shape=Shape(is_log=True, has_null=False)), GOOD)
    assert told.level is Level.CARE
    assert "newest of each key" in str(told)
    assert "null and empty text" in str(told)


def test_the_verdict_is_that_of_the_best_way_to_set_a_target_up() -> None:
    ways = (Variant(name="slow"), Variant(name="fast"))
    target = Target(name="target-x", version="1.0", program="x", into="jsonl", variants=ways)
    result = Result("target-x", "1.0", loads={"slow": loads(Kind.ROW_MISSING), "fast": GOOD})
    assert verdict(target, result).variant == "fast"
    assert verdict(TARGET, Result("target-x", "1.0", not_installed="no")).level is Level.AVOID


def result(load: Load, **more: str) -> Result:
    return Result("target-x", "1.0", loads={"as documented": [load]}, **more)


@pytest.mark.parametrize(
    ("load", "changed"),
    [
        (Load(0, state="last", rows=10, cells=90, differences={"row missing": 1}), []),
        (Load(0, state="last", rows=10, cells=90, differences={"row missing": 2}), ["row missing"]),
        (Load(0, state="last", rows=10, cells=90), ["row missing"]),
        (Load(0, state="none", rows=10, cells=90, differences={"row missing": 1}), ["state"]),
        (Load(3, state="last", rows=10, cells=90, differences={"row missing": 1}), ["exit_code"]),
        (Load(0, state="last", rows=11, cells=99, differences={"row missing": 2}), []),  # a larger account
        (Load(0, state="last", rows=11, cells=99, differences={"time shifted": 1}), ["row m", "time shift"]),
    ],
)
def test_a_result_that_changes_is_found(load: Load, changed: list[str]) -> None:
    old = result(Load(0, state="last", rows=10, cells=90, differences={"row missing": 1}), date="2026-01-01")
    told = results.changes(old, result(load, date="2026-02-02"))
    assert len(told) == len(changed)
    assert all(part in line for part, line in zip(changed, told, strict=True))
    assert results.changes(None, old) == ["there is no committed result yet"]


def test_what_a_target_does_with_batches_is_compared() -> None:
    assert results.changes(result(GOOD[0], batch="loads"), result(GOOD[0], batch="refuses, exit code 1"))


def test_errors_do_not_name_folders_of_the_machine() -> None:
    text = 'File "/home/me/.venv/lib/python3.11/site-packages/x/y.py" in /home/me/dir; see https://a.test/b/c'
    assert results.without_paths(text) == 'File "x/y.py" in dir; see https://a.test/b/c'
    pip = "no:\nWARNING: Location 'file:///srv/pypi/x/' is ignored: it is neither.\nERROR: file:///srv/y.whl"
    assert results.without_paths(pip) == "no:\nERROR: y.whl"


def test_placeholders_are_filled_at_any_depth() -> None:
    settings = {"a": "{url}/x", "b": [{"c": "{folder}"}], "d": 1, "e": "{unknown}"}
    told = filled(settings, {"url": "u", "folder": "f"})
    assert told == {"a": "u/x", "b": [{"c": "f"}], "d": 1, "e": "{unknown}"}


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.name)
def test_every_target_has_a_result_for_its_version_and_settings(target: Target) -> None:
    found = results.read("targets", target.name, Result)
    assert found is not None, f"run: make world WORLD='--write {target.name}'"
    assert found.version == target.version
    assert found.not_installed or [*found.loads] == [variant.name for variant in target.variants]


def test_every_result_has_a_target() -> None:
    names = {path.stem for path in (results.FOLDER / "targets").glob("*.json")}
    assert names == {target.name for target in TARGETS}

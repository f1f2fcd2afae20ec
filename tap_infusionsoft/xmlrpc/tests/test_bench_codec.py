"""The benchmark of the wing is among the others, and both readers read the same. No test asserts a time."""

from __future__ import annotations

from pathlib import Path

from keap_sandbox.xmlrpc.writing import Writer
from tap_infusionsoft.xmlrpc.decode import decode
from tap_infusionsoft.xmlrpc.tests import bench_codec
from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.figures import Table


def test_it_is_found_and_gives_every_figure(tmp_path: Path) -> None:
    table = Table()
    assert BENCHMARKS["x"] is bench_codec.run
    bench_codec.run(table, tmp_path, pages=1)
    assert [(one.bench, one.unit, one.goal) for one in table.figures] == [
        ("x", "ratio", 0.4),
        ("x", "ratio", 0.4),
        ("x", "ratio", None),
    ]
    assert all(one.values[0] > 0 for one in table.figures)


def test_both_read_the_same_rows_of_20_fields() -> None:
    body = Writer().response(bench_codec.page(3))
    theirs, ours = bench_codec.read(body), decode(body)
    assert [list(row) for row in ours.value] == [list(row) for row in theirs]
    assert {len(row) for row in ours.value} == {20}
    for name in ("Id", "City", "ContactNotes"):
        assert [row[name] for row in ours.value] == [row[name] for row in theirs]
    assert ours.repairs == {}
    broken = decode(bench_codec.broken(body))
    assert len(broken.repairs) == 100
    assert len({kind for kinds in broken.repairs.values() for kind in kinds}) == 4

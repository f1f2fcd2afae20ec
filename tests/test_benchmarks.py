"""All programs read the same records, and a benchmark that fails gives no figure. No test asserts a time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tap_infusionsoft.streams.contacts import CONTACTS
from tap_infusionsoft.streams.orders import ORDERS
from tests.benchmarks import __main__ as command
from tests.benchmarks import agency, builds, contacts, cpu, hour, load, memory, orders, runs, week
from tests.benchmarks.figures import NotMeasuredError, Table
from tests.benchmarks.server import KEY_SECOND, Server, serving
from tests.benchmarks.tap import CONCURRENCY, PROGRAM, Tap
from tools import bench as bench_tables
from tools.bench import FIGURES

COUNT = 2_300
PAGES = 3


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(COUNT) as one:
        yield one


def rows(*words: str | Path) -> list[dict[str, Any]]:
    """Run a program, and return the records that it writes."""
    done = subprocess.run(words, capture_output=True, check=True, timeout=120)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    return [one["record"] for one in messages if one["type"] == "RECORD"]


def test_benchmark_contacts_fill_every_field() -> None:
    row = contacts.row(7)
    assert row.keys() == CONTACTS.endpoint.fields.names
    assert all(value not in (None, "", []) for value in row.values())
    fields = contacts.model()["custom_fields"]
    assert [one["id"] for one in fields] == [one["id"] for one in row["custom_fields"]]
    assert len({one["field_type"] for one in fields}) == len(fields) == 11


def test_benchmark_orders_fill_every_field() -> None:
    row = orders.row(7)
    assert row.keys() == ORDERS.properties.keys() - ORDERS.flat.keys()
    assert all(value not in (None, "", []) for value in row.values())
    (item, *_) = row["order_items"]
    assert item.keys() == ORDERS.properties["order_items"]["items"]["properties"].keys()


@pytest.mark.parametrize("what", cpu.STREAMS)
def test_the_tap_reads_all_rows_of_the_benchmark(tmp_path: Path, what: str) -> None:
    with serving(30) as one:
        found = rows(*map(str, cpu._reads(PROGRAM, cpu.STREAMS[what])(one, tmp_path)))
    assert len(found) == cpu.RECORDS_PER_ROW[what] * 30


def test_all_benchmarked_programs_read_the_same_records(server: Server, tmp_path: Path) -> None:
    plain = rows(*map(str, cpu._plain(server, tmp_path)))
    ours = rows(*map(str, cpu._tap(server, tmp_path)))
    sdk = rows(*map(str, cpu._sdk(server, tmp_path)))
    ids = [str(number) for number in range(1, COUNT + 1)]
    assert [row["id"] for row in plain] == ids
    assert [row["id"] for row in ours] == ids
    assert [row["id"] for row in sdk] == ids
    assert all(row.keys() == CONTACTS.endpoint.fields.names for row in plain)
    assert sdk[5].keys() == CONTACTS.endpoint.fields.names
    columns = {name for name in ours[0] if name.startswith("cf_")}
    assert len(columns) == 11
    keaps = ours[0].keys() - columns - CONTACTS.flat.keys()
    assert {*map(CONTACTS.wire.name, keaps)} == CONTACTS.endpoint.fields.names - {"custom_fields"}
    renamed = {"utm_parameters", "custom_fields", "groups"}
    for theirs, mine in zip(plain, ours, strict=True):
        assert {name: theirs[name] for name in CONTACTS.endpoint.fields.names - renamed} == {
            name: mine[name] for name in CONTACTS.endpoint.fields.names - renamed
        }
    # The tap requests the last row, and several pages at a time, some of them past the end.
    assert 3 * PAGES < server.check()["pages"] <= 3 * PAGES + CONCURRENCY


def test_the_benchmark_server_refuses_requests_it_does_not_know() -> None:
    with serving(10) as one:
        url = f"{one.url}/crm/rest/v2/contacts"
        assert len(requests.get(url, params={"page_size": "4"}, timeout=10).json()["contacts"]) == 4
        assert requests.get(url, params={"filter": "contact_id>8"}, timeout=10).status_code == 404
        assert requests.get(f"{one.url}/crm/rest/v2/companies", timeout=10).status_code == 404
        with pytest.raises(NotMeasuredError, match="refused"):
            one.check()


def test_the_benchmark_server_enforces_the_limits_of_a_key() -> None:
    with serving(10, "--key") as one:
        answers = [requests.get(f"{one.url}/crm/rest/v2/contacts", timeout=10) for _ in range(KEY_SECOND * 3)]
        assert answers[0].headers["x-keap-product-throttle-limit"] == "240"
        assert answers[3].headers["x-keap-product-throttle-available"] == "236"
        stats = one.stats()
        assert stats["busiest"] <= KEY_SECOND
        assert stats["pages"] + stats["throttled"] == len(answers)


WRITER = """
import sys
for number in range({count}):
    text = '\\\\n{{\\\\"type\\\\":\\\\"RECORD\\\\"'
    sys.stdout.write('{{"type":"RECORD","stream":"x","record":{{"text":"' + text + '"}}}}\\n')
sys.exit({code})
"""


def test_records_split_across_reads_are_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "READ_BYTES", 37)
    usage = runs.measure([sys.executable, "-c", WRITER.format(count=321, code=0)], tmp_path / "log")
    assert usage.records == 321
    assert usage.cpu > 0
    with pytest.raises(NotMeasuredError, match="exited with 3"):
        runs.measure([sys.executable, "-c", WRITER.format(count=1, code=3)], tmp_path / "log")


def test_a_run_with_the_wrong_number_of_records_gives_no_figure(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = cpu.Peer("loop", COUNT, cpu._plain)
    with pytest.raises(NotMeasuredError, match=f"read {COUNT:,} records, but there are {COUNT + 1:,}"):
        cpu.measure_once(loop, server, tmp_path / "one", COUNT + 1)

    def broken(table: Table, folder: Path) -> None:  # noqa: ARG001
        raise NotMeasuredError("no records")

    monkeypatch.setattr(command, "BENCHMARKS", {"a": broken})
    assert command.main(["a", "--output", str(tmp_path / "none.json")]) == 1
    assert "a: not measured: no records" in capsys.readouterr().err
    assert not (tmp_path / "none.json").exists()
    with pytest.raises(SystemExit):
        command.main(["z"])


@pytest.mark.nightly
def test_small_runs_give_every_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in builds.VENVS:
        monkeypatch.setitem(builds.VENVS, name, tmp_path)
    monkeypatch.setattr(cpu, "ROUNDS", 1)
    monkeypatch.setattr(load, "LATENCY", 0.0)
    monkeypatch.setattr(load, "RATE_LIMIT", 1000)
    monkeypatch.setattr(load, "KEY_RATE_LIMIT", 9)
    table = Table()
    benchmarks: dict[str, Callable[[Path], None]] = {
        "cpu": lambda folder: cpu.run(table, folder, 3_000, 500, 500),
        "load": lambda folder: load.run(table, folder, 1_500),
        "week": lambda folder: week.run(table, folder, 600, 60),
        "agency": lambda folder: agency.run(table, folder, 600, 60),
        "hour": lambda folder: hour.run(table, folder, 600, 3),
        "memory": lambda folder: memory.run(table, folder, (1_000, 2_000)),
    }
    for name, run in benchmarks.items():
        (tmp_path / name).mkdir()
        run(tmp_path / name)
    assert {one.bench for one in table.figures} == {*"abcdh", "c2"}
    assert all(one.values and all(value > 0 for value in one.values) for one in table.figures)
    assert {"Airbyte CDK", "dlt", f"calls beside {builds.EARLIER}"} <= table.skipped.keys()
    table.write(tmp_path / "figures.json", "make bench", 1)
    document = json.loads((tmp_path / "figures.json").read_text())
    assert str(tmp_path) not in json.dumps(document)
    assert document["runs"][0].keys() == json.loads(FIGURES.read_text())["runs"][0].keys()
    assert "week, 600 contacts, 60 changes a day" in table.text()


def test_repeat_applies_to_times_but_not_to_call_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def fake(name: str) -> Callable[[Table, Path], None]:
        def run(table: Table, folder: Path) -> None:
            assert folder.is_dir()
            ran.append(name)
            table.add(name, "one / two", "ratio", 1.0)

        return run

    monkeypatch.setattr(command, "BENCHMARKS", {name: fake(name) for name in "abc"})
    assert command.main(["a", "c", "--repeat", "3", "--output", str(tmp_path / "out.json")]) == 0
    assert ran == ["a", "c", "a", "a"]


def test_a_run_of_some_benchmarks_replaces_only_their_figures_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    for command_line, figures in (
        ("all", {"a": 1.0, "b": 2.0}),
        ("b again", {"b": 3.0}),
        ("both again", {"a": 4.0, "c": 5.0}),
    ):
        table = Table()
        for bench, value in figures.items():
            table.add(bench, "one / two", "ratio", value)
            table.calls[bench] = []
        table.write(file, command_line, 1)
    runs = json.loads(file.read_text())["runs"]
    assert [(run["command"], [*run["calls"]]) for run in runs] == [
        ("b again", ["b"]),
        ("both again", ["a", "c"]),
    ]
    shown = bench_tables.figures(file)
    assert [line.split("|")[1:4:2] for line in shown.splitlines()[2:5]] == [
        [" a ", " 4 "],
        [" b ", " 3 "],
        [" c ", " 5 "],
    ]
    assert "Measured with `b again`" in shown
    assert "Measured with `both again`" in shown


def test_repeated_measurements_are_reported_as_their_median() -> None:
    table = Table()
    for value in (1.0, 3.0, 1.2):
        table.add("a", "one / two", "ratio", value, goal=1.25)
    (one,) = table.figures
    assert (one.median, one.verdict) == (1.2, "met")
    assert "1.20" in table.text()
    assert "<= 1.25" in table.text()


def test_the_benchmarked_tap_gets_its_settings(tmp_path: Path) -> None:
    tap = Tap(tmp_path, "http://127.0.0.1:1", 16, requests_per_second=25)
    config = json.loads(tap.config.read_text())
    assert config["requests_per_second"] == 25
    assert config.get("concurrency", 16) == 16

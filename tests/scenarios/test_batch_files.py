"""Files that said something else than their SCHEMA.

A column was removed by `stream_maps` because it is personal data, and rows were filtered. The SCHEMA did not
have the column, but the files of `batch_config` held it, for all rows. With parquet, most rows went to stdout
beside the files, and with `"compression": "none"` the files were compressed all the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Run
from tests.strict_target import StrictTarget

PRIVATE = {"contacts": {"email_addresses": None, "__filter__": "int(id) < 50"}}


def batches(folder: Path, *, size: int | None = None, **encoding: str) -> dict[str, Any]:
    """Return a batch_config for files in a folder."""
    config = {"encoding": {"format": "jsonl"} | encoding, "storage": {"root": folder.as_uri()}}
    return config if size is None else config | {"batch_size": size}


@pytest.fixture
def target(run: Run) -> StrictTarget:
    run.target = StrictTarget()
    return run.target


def test_files_lack_the_columns_and_rows_that_a_map_removes(
    run: Run, target: StrictTarget, tmp_path: Path
) -> None:
    run("contacts", batch_config=batches(tmp_path, compression="gzip"), stream_maps=PRIVATE)
    rows = target.rows("contacts")
    assert {row["id"] for row in rows} == {
        row["id"] for row in run.box.records("contacts") if int(row["id"]) < 50
    }
    assert all("email_addresses" not in row for row in rows)
    assert target.count("RECORD") == 0
    assert sum(target.files.values()) == len(rows)


def test_each_map_of_a_stream_has_files_of_its_own(run: Run, target: StrictTarget, tmp_path: Path) -> None:
    maps = {
        "contacts": {"__alias__": "people", "id": "id", "name": "given_name", "__else__": None},
        "few": {"__source__": "contacts", "__filter__": "int(id) < 50", "id": "id", "__else__": None},
        "tags": None,
    }
    run("contacts", "tags", batch_config=batches(tmp_path, size=40), stream_maps=maps)
    everyone = run.box.records("contacts")
    assert {row["id"] for row in target.rows("people")} == {row["id"] for row in everyone}
    assert all(row.keys() == {"id", "name"} for row in target.rows("people"))
    assert all(row.keys() == {"id"} for row in target.rows("few"))
    assert len(target.rows("few")) == sum(int(row["id"]) < 50 for row in everyone)
    assert target.count("BATCH", "tags") == target.count("SCHEMA", "tags") == 0
    assert max(target.files.values()) == 40
    assert target.count("BATCH", "people") == -(-len(everyone) // 40)


def test_flattened_columns_are_in_files_too(run: Run, target: StrictTarget, tmp_path: Path) -> None:
    run(
        "contacts",
        batch_config=batches(tmp_path),
        flattening_enabled=True,
        flattening_max_depth=1,
        flattening_separator=".",
    )
    assert len(target.rows("contacts")) == len(run.box.records("contacts"))
    assert "company.company_name" in target.rows("contacts")[0]


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_files_are_compressed_as_set_and_named_so(
    run: Run, target: StrictTarget, tmp_path: Path, compression: str
) -> None:
    run("tags", batch_config=batches(tmp_path, compression=compression))
    (path,) = tmp_path.iterdir()
    assert path.read_bytes().startswith(b"\x1f\x8b" if compression == "gzip" else b'{"id"')
    assert path.name.endswith(".json.gz" if compression == "gzip" else ".json")
    assert len(target.rows("tags")) == len(run.box.records("tags"))


def test_without_a_compression_the_message_says_what_the_files_are(
    run: Run, target: StrictTarget, tmp_path: Path
) -> None:
    """A target takes files without a named compression for plain text, so gzip must be named."""
    run("tags", batch_config=batches(tmp_path))
    (batch,) = (message for message in target.messages if message["type"] == "BATCH")
    assert batch["encoding"] == {"format": "jsonl", "compression": "gzip"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"encoding": {"format": "parquet"}}, "batch_config: encoding.format is 'parquet'"),
        ({"encoding": {"format": "arrow"}}, "batch_config: encoding.format is 'arrow'"),
        ({"encoding": {}}, "batch_config: encoding.format is missing"),
        ({"encoding": {"format": "jsonl", "compression": "zstd"}}, "encoding.compression is 'zstd'"),
        ({"encoding": {"format": "jsonl", "level": 3}}, "batch_config: there is no encoding.level"),
        ({"storage": {}}, "batch_config: storage.root is missing"),
        ({"storage": {"root": ""}}, "batch_config: storage.root is ''"),
        ({"storage": {"root": "file:///tmp", "suffix": "x"}}, "batch_config: there is no storage.suffix"),
        ({"storage": {"root": "file:///tmp", "prefix": 5}}, "storage.prefix"),
        ({"batch_size": "many"}, "batch_size is 'many'; it must be a whole number of at least 1"),
        ({"batch_size": 0}, "batch_size is 0; it must be a whole number of at least 1"),
        ({"batch_size": 1.5}, "batch_size is 1.5; it must be a whole number of at least 1"),
        ({"max_size": 5}, "batch_config: there is no max_size"),
    ],
)
def test_what_batch_config_cannot_do_is_refused_before_a_row(
    run: Run, target: StrictTarget, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    catalog = run.catalog("tags")
    run.box.clear_requests()
    run(catalog=catalog, batch_config=batches(tmp_path) | change, fails=True)
    assert says in str(run.error)
    assert run.error is not None
    assert run.error.exit_code == 2
    assert run.box.requests() == []
    assert list(tmp_path.iterdir()) == []
    assert target.count("RECORD") == 0


def test_a_root_that_is_no_place_for_files_is_one_of_settings(run: Run) -> None:
    config = {
        "encoding": {"format": "jsonl", "compression": None},
        "storage": {"root": "nonsense://bucket/x"},
    }
    run(catalog=run.catalog("tags"), batch_config=config, fails=True)
    assert run.says("tags: batch_config: storage.root cannot be used")
    assert run.error is not None
    assert run.error.exit_code == 2


def test_without_an_encoding_there_are_no_batches(run: Run, target: StrictTarget, tmp_path: Path) -> None:
    """Settings managers send the defaults of the other members to people who never asked for files."""
    run("tags", batch_config={"storage": {"root": tmp_path.as_uri()}, "batch_size": 10})
    assert target.count("RECORD", "tags") == len(run.box.records("tags"))
    assert target.count("ACTIVATE_VERSION", "tags") == 1
    assert run.says("batch_config has no encoding")


def test_prefix_and_plain_folder_are_honored(run: Run, target: StrictTarget, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    run(
        "tags",
        batch_config={"encoding": {"format": "jsonl"}, "storage": {"root": str(folder), "prefix": "keap-"}},
    )
    assert all(path.name.startswith("keap-tap-infusionsoft--tags-") for path in folder.iterdir())
    assert len(target.rows("tags")) == len(run.box.records("tags"))

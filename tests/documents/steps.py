"""The steps of docs/index.md from a key to a loaded account.

They are run by day and, newly installed, at night.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.documents.blocks import block, inline_commands
from tests.documents.newcomer import Newcomer

INSTALL = ("docs/index.md", "pipx install .")
DISCOVER = ("docs/choosing.md", "--discover > catalog.json\n")
CHECK = ("docs/index.md", "tap-infusionsoft-check --config config.json")
LOAD = ("docs/index.md", "| target-jsonl > new-state.json")


def configure(newcomer: Newcomer, commands: str) -> None:
    """Run the commands of step 2, and put a key into the configuration as it says.

    Args:
        newcomer: Who runs them.
        commands: Commands that make ``config.json`` from the sample.
    """
    newcomer.run(commands)
    config = newcomer.folder / "config.json"
    assert config.stat().st_mode & 0o777 == 0o600
    sample = json.loads(config.read_text())
    assert [*sample] == ["$schema", "api_key"]
    sample["api_key"] = "KeapAK-sandbox"
    # Stands for a key that may be used faster, and for Keap's address.
    sample |= {
        name.removeprefix("TAP_INFUSIONSOFT_").lower(): value
        for name, value in newcomer.env.items()
        if name.startswith("TAP_INFUSIONSOFT_")
    }
    config.write_text(json.dumps(sample))


def load_twice(newcomer: Newcomer) -> None:
    """Run steps 3 and 4, with a catalog: a check, a first load, and a load of what changed since."""
    assert "xx123" in newcomer.run(block(*CHECK).text).stdout
    newcomer.run(block(*DISCOVER).text)
    catalog = json.loads((newcomer.folder / "catalog.json").read_text())
    assert {"contacts", "orders"} < {entry["tap_stream_id"] for entry in catalog["streams"]}
    written = block(*LOAD).text.replace("--config config.json", "--config config.json --catalog catalog.json")
    newcomer.run(written.replace(" --state state.json", ""))
    assert len(rows(newcomer.folder, "contacts")) == 60
    keep = "test -s new-state.json && tail -n 1 new-state.json > state.json"
    assert keep in inline_commands()
    newcomer.run(keep)
    newcomer.run(written)
    assert len(rows(newcomer.folder, "contacts")) < 120, "the second run did not use the state"
    newcomer.run(keep)
    assert "contacts" in json.loads((newcomer.folder / "state.json").read_text())["bookmarks"]


def rows(folder: Path, stream: str) -> list[str]:
    """Return the lines that target-jsonl has written for a stream."""
    return [line for path in folder.glob(f"{stream}-*.jsonl") for line in path.read_text().splitlines()]

"""STATE and SCHEMA messages equal those of the SDK, and a state is written if it has changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from singer_sdk.singerlib.messages import SchemaMessage, StateMessage

from tap_infusionsoft.output.writer import LineWriter, StateLineWriter
from tests.fixtures import Run


@pytest.mark.parametrize(
    "message",
    [
        StateMessage(value={"bookmarks": {"tags": {"at": None}}}),
        SchemaMessage("tags", {"properties": {"id": {"type": ["string", "null"]}}}, ["id"], ["update_time"]),
        SchemaMessage("tags", {"properties": {}}, [], None),
    ],
)
def test_messages_have_the_fields_and_order_of_the_sdk(message: StateMessage | SchemaMessage) -> None:
    line = LineWriter().serialize_message(message)
    assert list(json.loads(line).items()) == list(json.loads(json.dumps(message.to_dict())).items())


def test_a_state_is_written_only_if_it_changed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    states = StateLineWriter(LineWriter())
    state: Any = {"bookmarks": {}}
    states.write_state(state)
    states.write_state({"bookmarks": {}})
    state["bookmarks"]["tags"] = {"at": "1"}
    states.write_state(state)
    state["bookmarks"]["tags"]["at"] = "2"
    states.write_state(state)
    states.write_state(state)
    values = [json.loads(line)["value"]["bookmarks"] for line in capfd.readouterr().out.splitlines()]
    assert values == [{}, {"tags": {"at": "1"}}, {"tags": {"at": "2"}}]


def test_a_stream_of_one_page_writes_one_state(run: Run) -> None:
    kinds = [message["type"] for message in run("users").messages if message["type"] != "RECORD"]
    assert kinds == ["SCHEMA", "ACTIVATE_VERSION", "STATE", "STATE"], "its own, and that of the run"

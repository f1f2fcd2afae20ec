"""A Keap account that changes while a tap is run, killed and run again: the target must match the account.

Rows are created, edited, deleted, edited all at once and committed late, between runs and during them. The
saved search and custom fields are renamed and deleted. The server orders rows in its own way, refuses single
parents, and says errors beside empty lists; somebody takes the state to another account. Runs are killed at
any call, and the mode changes between them. No run may delete a live row from the target. In the end, an
increment must have loaded every live row as it is, and a sweep must have deleted all others; with rolling
reads, all of it must be right once the interval is over.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from keap_sandbox import Sandbox
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.errors import Exit, TapError, exit_for
from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.tap import TapInfusionsoft
from tests.canary import KEY
from tests.fixtures import Killed, before_each_answer, settle
from tests.target import Target
from tests.virtual import VirtualClock

COLUMNS = {
    "contacts": ("given_name", "update_time"),
    "notes": ("title", "update_time"),
    "products": ("name", "update_time"),
    "tags": ("name", "update_time"),
    "contact_tags": ("applied_at", "applied_at"),
    "users": ("given_name", None),
    "affiliates": ("name", None),
    "contact_lead_scores": ("score", None),
    "saved_search_all_contacts": ("first_name", None),
}
"""Stream -> the column that is edited or compared, and the time of the last change if there is one."""
EDITABLE = ("contacts", "notes", "products", "tags", "users", "affiliates")
SETTINGS = {
    "api_key": KEY,
    "requests_per_second": 1_000_000,
    "requests_per_minute": 1_000_000,
    "requests_per_hour": 1_000_000,
    "saved_searches": ["3"],
    "sweep_max_drop": 1,
    "transient_waits": [1],
    "blank_waits": [1],
}

editable = st.sampled_from(EDITABLE)
any_stream = st.sampled_from(sorted(COLUMNS))
modes = st.sampled_from(["rolling", "full"])
places = st.integers(0, 30)
calls = st.integers(0, 12)
CHANGES = ("create", "edit", "delete", "tag", "untag")
SEARCH, SEARCH_ID = "saved_search_all_contacts", "3"
"""The stream of the saved search, by its first name, and its id."""
OTHER_KEY, OTHER_ACCOUNT = "KeapAK-canary-other", "yy456.infusionsoft.com"
_LISTS = ("contacts", "notes", "products", "tags", "users", "affiliates", "results")
BESIDE_A_LIST: dict[str, Any] = {name: [] for name in _LISTS} | {"next_page_token": "", "page_token": ""}
ANSWERS: list[dict[str, Any]] = [
    {"status": 403, "body": "{}"},
    {"status": 500, "body": ""},
    {"status": 200, "body": "{}"},
    {
        "status": 200,
        "body": BESIDE_A_LIST | {"message": "[DatabaseError] Query took too long and was cancelled"},
    },
    {"status": 200, "body": BESIDE_A_LIST | {"warnings": ["some rows are left out"]}},
]
"""What a call is answered in place of its rows."""


class FewStreams(TapInfusionsoft):
    """A tap that discovers the streams of this test only; discovering all would take half the time."""

    collections: ClassVar[Mapping[str, Collection]] = {
        name: COLLECTIONS[name] for name in COLUMNS if name in COLLECTIONS
    }


class LivingAccount(RuleBasedStateMachine):
    """One example: an account with a few rows in pages of three, and everything that can happen to it."""

    box: Sandbox
    clock: VirtualClock

    def __init__(self) -> None:
        super().__init__()
        self.box.clear_faults()
        self.box.switch(order_by="applied")
        self.box.reset(contacts=8)
        for name, most in (("tags", 5), ("users", 4), ("products", 5)):
            rows = self.box.records(name)
            self.box.plant(name, delete=[row["id"] for row in rows[most:]])
        self.target = Target()
        self.made = 0
        self.concurrency = 1
        self.mode = "full"
        self.catalogs: dict[str, Any] = {}
        self.refused: list[dict[str, Any]] = []
        self.search = next(row for row in self.box.records("reports") if row["id"] == SEARCH_ID)
        self.search_is_gone = False

    @initialize(concurrency=st.sampled_from([1, 4, 16]), mode=modes)
    def begin(self, concurrency: int, mode: str) -> None:
        """Choose how many calls the tap makes at once, and in which mode it reads."""
        self.concurrency, self.mode = concurrency, mode

    @rule(mode=modes)
    def switch(self, mode: str) -> None:
        """Read in this mode from now on."""
        self.mode = mode

    # What happens to the account.

    @rule(stream=editable)
    def create(self, stream: str) -> None:
        """Create a row."""
        self.box.plant(stream, upsert=[{COLUMNS[stream][0]: self._word()}], touch=True)

    @rule(stream=editable, place=places)
    def edit(self, stream: str, place: int) -> None:
        """Edit a row."""
        for key in self._key(stream, place):
            self.box.plant(stream, upsert=[{"id": key, COLUMNS[stream][0]: self._word()}], touch=True)

    @rule(stream=editable, place=places)
    def delete(self, stream: str, place: int) -> None:
        """Delete a row."""
        self.box.plant(stream, delete=self._key(stream, place))

    @rule(place=places, other=places)
    def tag(self, place: int, other: int) -> None:
        """Apply a tag to a contact."""
        for contact in self._key("contacts", place):
            for tag in self._key("tags", other):
                self.box.plant("contact_tags", upsert=[{"contact_id": contact, "tag_id": tag}])

    @rule(place=places)
    def untag(self, place: int) -> None:
        """Remove a tag from a contact."""
        pairs = self.box.records("contact_tags")
        if pairs:
            pair = pairs[place % len(pairs)]
            self.box.plant(
                "contact_tags", delete=[{"contact_id": pair["contact_id"], "tag_id": pair["tag_id"]}]
            )

    @rule(stream=editable)
    def edit_all_in_one_second(self, stream: str) -> None:
        """Edit all rows at the same time."""
        word = self._word()
        rows = self.box.records(stream)
        self.box.plant(
            stream, upsert=[{"id": row["id"], COLUMNS[stream][0]: word} for row in rows], touch=True
        )

    @rule(stream=editable, place=places, minutes=st.integers(0, 55))
    def commit_late(self, stream: str, place: int, minutes: int) -> None:
        """Edit a row so that its update time lies in the past, as if the edit had been committed late."""
        then = self.clock.now() - timedelta(minutes=minutes)
        time = COLUMNS[stream][1]
        for key in self._key(stream, place):
            row = {"id": key, COLUMNS[stream][0]: self._word()}
            self.box.plant(stream, upsert=[row | ({time: _text(then)} if time else {})])

    @rule(seconds=st.sampled_from([0.2, 1, 600, 7_200, 86_400, 8 * 86_400]))
    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.pass_time(seconds)

    @rule()
    def change_custom_fields(self) -> None:
        """Add a custom field for contacts that the catalog does not have yet."""
        fields = self.box.engine.world.account.custom_fields["contacts"]
        fields.create({"label": self._word(), "field_type": "TEXT"})

    @rule(place=places, deletes=st.booleans())
    def rename_or_delete_custom_field(self, place: int, deletes: bool) -> None:  # noqa: FBT001
        """Rename a custom field of contacts, or delete it."""
        fields = self.box.records("contact_custom_fields")
        if not fields:
            return
        ident = fields[place % len(fields)]["id"]
        change: dict[str, Any] = {"delete": [ident]} if deletes else {}
        self.box.plant(
            "contact_custom_fields",
            **(change or {"upsert": [{"id": ident, "label": self._word()}]}),
        )

    @rule(change=st.sampled_from(["rename", "delete", "restore"]))
    def change_the_saved_search(self, change: str) -> None:
        """Rename the saved search, delete it, or bring it back."""
        if change == "delete":
            self.box.plant("reports", delete=[SEARCH_ID])
        elif change == "restore" or not self.search_is_gone:
            name = self._word() if change == "rename" else self.search["name"]
            self.box.plant("reports", upsert=[self.search | {"name": name}])
        self.search_is_gone = change == "delete" or (self.search_is_gone and change == "rename")

    @rule(order=st.sampled_from(["applied", "ignored", "ids", "oldest_change_first"]))
    def order_rows_in_another_way(self, order: str) -> None:
        """Let the server send rows in its own order, whatever it is asked for."""
        self.box.switch(order_by=order)

    @rule(place=places)
    def refuse_a_parent(self, place: int) -> None:
        """Refuse everything about one contact, in each run from now on."""
        for contact in self._key("contacts", place):
            self.refused.append({"path": f"/v2/contacts/{contact}/leadScore", "always": True, "status": 500})
        self._calm()

    @rule()
    def refuse_no_parent(self) -> None:
        """Serve all contacts again."""
        self.refused.clear()
        self._calm()

    def _calm(self) -> None:
        """End all faults but those of refused parents."""
        self.box.clear_faults()
        if self.refused:
            self.box.fault(self.refused)

    @rule()
    def discover(self) -> None:
        """Run discovery again before the next run."""
        self.catalogs.clear()

    # What the tap does.

    @rule(stream=any_stream)
    def run(self, stream: str) -> None:
        """Run the tap undisturbed."""
        self._run([stream])

    @rule(streams=st.sets(any_stream, min_size=1, max_size=2), at=calls, flushes=st.booleans())
    def run_and_be_killed(self, streams: set[str], at: int, flushes: bool) -> None:  # noqa: FBT001
        """Kill a run before it takes one of its answers, with or without a chance to write a last STATE."""
        self._run(sorted(streams), kill_at=at, flushes=flushes)

    @rule(
        stream=any_stream,
        at=st.integers(1, 8),
        answer=st.sampled_from(ANSWERS),
        stays=st.booleans(),
    )
    def run_into_a_fault(self, stream: str, at: int, answer: dict[str, Any], stays: bool) -> None:  # noqa: FBT001
        """Break the n-th response of a run, or all from the n-th on."""
        self._entry(stream)  # discovery itself is not disturbed
        self.box.fault({"path_regex": "/rest/v", **({"after": at} if stays else {"nth": at}), **answer})
        self._run([stream], may_fail=True)
        self._calm()

    @rule(stream=any_stream)
    def run_with_the_key_of_another_account(self, stream: str) -> None:
        """Take catalog and state to another account: if the state knows its own, nothing may come."""
        if not self.target.state.get("account"):
            return
        catalog = {"streams": [self._entry(stream)]}
        tap = self._tap(catalog, self.target.state, api_key=OTHER_KEY, refresh="full")
        stdout = io.StringIO()
        with contextlib.redirect_stdout(stdout), pytest.raises((TapError, KeapError)) as raised:
            tap.sync_all()
        settle()
        # Discovery of saved searches fails with a call, which the command turns into an exit code.
        error = raised.value
        code = exit_for(error.fault) if isinstance(error, KeapError) else getattr(error, "exit_code", None)
        assert code == Exit.CONFIG
        assert OTHER_ACCOUNT in str(raised.value)
        kinds = {json.loads(line)["type"] for line in stdout.getvalue().splitlines()}
        assert kinds <= {"SCHEMA", "STATE"}
        self.target.take(stdout.getvalue())

    @rule(
        stream=any_stream,
        changes=st.lists(
            st.tuples(calls, st.sampled_from(CHANGES), editable, places), min_size=1, max_size=6
        ),
    )
    def run_while_the_account_changes(self, stream: str, changes: list[tuple[int, str, str, int]]) -> None:
        """Create, edit and delete rows between the calls of a run."""

        def change(call: int) -> None:
            for at, what, kind, place in changes:
                if at == call:
                    self._change(what, kind, place)

        self._run([stream], between=change, may_fail=True)

    def _change(self, what: str, stream: str, place: int) -> None:
        match what:
            case "create":
                LivingAccount.create(self, stream=stream)
            case "edit":
                LivingAccount.edit(self, stream=stream, place=place)
            case "delete":
                LivingAccount.delete(self, stream=stream, place=place)
            case "tag":
                LivingAccount.tag(self, place=place, other=place // 2)
            case _:
                LivingAccount.untag(self, place=place)

    def teardown(self) -> None:
        """Run some more times, and compare the target with the account."""
        self.refused.clear()
        self._calm()
        self.box.switch(order_by="applied")
        LivingAccount.change_the_saved_search(self, change="restore")
        self.catalogs.clear()
        if self.mode == "rolling":
            for _ in range(3):  # the first may end what was begun before, and the last is a sweep
                self.clock.pass_time(4 * 86_400)
                self._run([*COLUMNS])
            self._compare()
            return
        self.clock.pass_time(60)
        bookmarks = self.target.state.get("bookmarks", {})
        interrupted = [stream for stream in COLUMNS if bookmarks.get(stream, {}).get("underway")]
        self._run([*COLUMNS])
        # Streams that are read in full may only have completed a pass that an earlier run began.
        if again := [stream for stream in interrupted if COLUMNS[stream][1] is None]:
            self._run(again)
        for stream in COLUMNS:
            held, live = self._held(stream), self._live(stream)
            assert not {key: value for key, value in live.items() if held.get(key) != value}, stream
        self.clock.pass_time(8 * 86_400)
        self._run([*COLUMNS])
        self._compare()

    # Helpers.

    def _compare(self) -> None:
        for stream in COLUMNS:
            assert self._held(stream) == self._live(stream), stream

    def _run(
        self,
        streams: list[str],
        *,
        kill_at: int | None = None,
        flushes: bool = False,
        may_fail: bool = False,
        between: Callable[[int], None] = lambda _: None,
    ) -> None:
        held = {stream: self._held(stream).keys() for stream in streams}
        catalog = {"streams": [self._entry(stream) for stream in streams]}
        tap = self._tap(catalog, self.target.state)
        stdout = io.StringIO()
        written: int | None = None

        def before(taken: int) -> None:
            nonlocal written
            if taken == kill_at:
                written = len(stdout.getvalue())
                raise Killed
            between(taken)

        with (
            before_each_answer(tap, before),
            contextlib.redirect_stdout(stdout),
            contextlib.suppress(Killed),
        ):
            try:
                tap.sync_all()
            except TapError as error:
                is_told = bool(self.refused) or (self.search_is_gone and SEARCH in streams)
                assert may_fail or is_told, error
        settle()
        self.target.take(stdout.getvalue()[: None if flushes else written])
        for stream, keys in held.items():
            lost = (keys & self._live(stream).keys()) - self._held(stream).keys()
            assert not lost, f"live rows of {stream} were deleted: {lost}"

    def _tap(self, catalog: dict[str, Any] | None, state: dict[str, Any], **settings: Any) -> TapInfusionsoft:
        own = {"api_url": self.box.url, "concurrency": self.concurrency, "refresh": self.mode}
        config = SETTINGS | own | settings
        return FewStreams(config=config, catalog=catalog, state=state, clock=self.clock, rng=random.Random(1))

    def _entry(self, stream: str) -> dict[str, Any]:
        if not self.catalogs:
            calm = self.search_is_gone
            if calm:  # nobody discovers a saved search that is gone
                self.box.plant("reports", upsert=[self.search])
            entries = _selected(self._tap(None, {}))
            if calm:
                self.box.plant("reports", delete=[SEARCH_ID])
            # After a rename, discovery finds the search under its new name.
            self.catalogs = {
                SEARCH if (name := entry["tap_stream_id"]).startswith("saved_search_") else name: entry
                for entry in entries
            }
        entry: dict[str, Any] = self.catalogs[stream]
        return entry

    def _word(self) -> str:
        self.made += 1
        return f"word {self.made}"

    def _key(self, stream: str, place: int) -> list[str]:
        """Return the id of a row in a list, which is empty if there are no rows."""
        rows = self.box.records(stream, ids_only=True)
        return [rows[place % len(rows)]] if rows else []

    def _live(self, stream: str) -> dict[tuple[str, ...], str]:
        if stream == SEARCH:
            rows = self.box.records("report_rows", report_id=SEARCH_ID)
            return {(row["Id"],): str(row["FirstName"]) for row in rows}
        return dict(self._values(stream, self.box.records(stream)))

    def _held(self, stream: str) -> dict[tuple[str, ...], str]:
        return dict(self._values(stream, self.target.rows(stream)))

    def _values(self, stream: str, rows: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, ...], str]]:
        key = {"contact_tags": ("contact_id", "tag_id"), "contact_lead_scores": ("contact_id",)}.get(
            stream, ("id",)
        )
        column = COLUMNS[stream][0]
        for row in rows:
            value = row[column]
            if column.endswith("_at") and value is not None:
                value = _text(datetime.fromisoformat(value))
            yield tuple(str(row[name]) for name in key), str(value)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _selected(tap: TapInfusionsoft) -> list[dict[str, Any]]:
    catalog: dict[str, Any] = tap.catalog_dict
    for entry in catalog["streams"]:
        for meta in entry["metadata"]:
            if not meta["breadcrumb"]:
                meta["metadata"]["selected"] = True
    return list(catalog["streams"])

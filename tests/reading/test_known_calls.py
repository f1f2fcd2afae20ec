"""A walk whose calls are known beforehand, each for a time of its own, so that any answer may be empty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import Fault, KeapError
from tap_infusionsoft.reading.pages import MOST_EMPTY_PAGES
from tap_infusionsoft.reading.requests import ReadPlan, Slice, slices
from tap_infusionsoft.reading.stable_read import StableRead
from tap_infusionsoft.reading.walks.walk import Page, Walk
from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.registry import COLLECTIONS

NUMBERS = 3 * MOST_EMPTY_PAGES


class Numbered(Walk):
    """Asks for one number after another."""

    is_gapless = True
    has_gaps = True

    def __init__(self, plan: ReadPlan, piece: Slice) -> None:
        super().__init__(plan, piece)
        self._left = [*range(NUMBERS)]

    def first_call(self) -> Call:
        return Call(f"/{self._left.pop(0)}", "tags")

    def advance(self, reply: Reply, page: Page) -> Call | None:
        del reply, page
        return self.first_call() if self._left else None

    @property
    def upcoming(self) -> Iterable[Call]:
        return iter([Call(f"/{one}", "tags") for one in self._left])


@dataclass
class Sparse:
    """Has a row for some numbers only.

    Attributes:
        having: The numbers.
        asked: The paths that were asked for.
    """

    having: set[int]
    asked: list[str] = field(default_factory=list)

    def fetch(self, call: Call) -> Reply:
        self.asked.append(call.path)
        number = int(call.path[1:])
        return Reply({"tags": [{"id": str(number)}] if number in self.having else []}, call)

    def error(self, fault: Fault, call: Call) -> KeapError:
        return KeapError(fault, call, fault.text)


@pytest.mark.parametrize("having", [{0}, {NUMBERS - 1}, {5, 50}, set[int]()], ids=str)
def test_answers_in_the_middle_may_be_empty_and_are_asked_for_once(having: set[int]) -> None:
    tags = COLLECTIONS["tags"]
    endpoint = replace(tags.endpoint, by_id=None, walk=lambda plan, piece, _: Numbered(plan, piece))
    plan = ReadPlan(replace(tags, endpoint=endpoint))
    source = Sparse(having)
    read = StableRead(source, plan, next(slices(plan)))
    found = []
    for page in read:
        found += [int(row["id"]) for row in page]
        upcoming = [call.path for call in read.upcoming]
        assert upcoming == [f"/{one}" for one in range(len(source.asked), NUMBERS)]
    assert found == sorted(having)
    assert source.asked == [f"/{one}" for one in range(NUMBERS)]
    assert not read.is_doubtful
    assert read.done


@pytest.mark.parametrize(
    ("value", "leads_on"), [("A", True), ("B", False), ("new", True), ("", False), (None, False)]
)
def test_a_parent_of_a_kind_that_has_nothing_below_it_is_left_out(
    value: str | None, *, leads_on: bool
) -> None:
    source = PerParent("tags", {"tag_id": "id"}, only_if="kind", unless=frozenset({"B"}))
    assert source.leads_on({"kind": value}) is leads_on
    assert PerParent("tags", {"tag_id": "id"}).leads_on({"kind": value})


@pytest.mark.parametrize("value", [None, {}, "", 0, [{}], [None], "[]"])
def test_a_parent_without_an_empty_list_may_have_something_below_it(value: object) -> None:
    source = PerParent("tags", {"tag_id": "id"}, lists="parts")
    assert source.leads_on({"parts": value})
    assert source.leads_on({})
    assert not source.leads_on({"parts": []})

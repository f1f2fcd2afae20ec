"""What every walk over pages can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from tap_infusionsoft.client.page_tokens import next_token
from tap_infusionsoft.reading.requests import base_call
from tap_infusionsoft.records.coerce import CoercionError, parse_time
from tap_infusionsoft.state.mark import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.client.faults import Fault
    from tap_infusionsoft.reading.requests import ReadPlan, Slice

Row = dict[str, Any]
Page = list[Row]


class Asks(Protocol):
    """What a walk asks for its pages."""

    def fetch(self, call: Call) -> Reply:
        """Read one document.

        Raises:
            KeapError: It cannot be read.
        """


class UnsentRow(Row):
    """A row that exists, but that Keap cannot send. It holds what is known of it, its key at least.

    It is the only row of its page.

    Attributes:
        reason: What happened, a clause that names the record.
    """

    def __init__(self, known: Mapping[str, Any], reason: str) -> None:
        super().__init__(known)
        self.reason = reason


class OutOfOrderError(Exception):
    """Rows are not in the order of their ids or times, so no walk can go by them."""


class NotByTimeError(OutOfOrderError):
    """A slice cannot be walked by time because of its rows; those of others may be."""


class WalkError(Exception):
    """A walk cannot go on; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


class Repeats(Enum):
    """Which rows of a page show that the page before it came again."""

    ALL = auto()
    ENDS = auto()
    """The first and the last one: the others are between them."""
    NONE = auto()
    """Two pages may be equal."""


class Walk(ABC):
    """Decides from each page which call comes next, and which of the page's rows are new.

    For each page `advance` is called first, then `keep`.

    Attributes:
        is_gapless: Whether it goes by ids or times, so that no row can slip between its pages.
        last_id: Id of the last row, in a walk by id; otherwise 0.
        is_in_order: Whether the rows so far came in the order that was asked for, if the walk can do without.
        has_gaps: Whether pages in the middle may be empty, as each holds the rows of a time of its own.
        proof: A call whose answer shows whether the server sends rows in the order that it is asked for.
            `advance` sets it when it is needed, and it is made before the page is handed out.
    """

    is_gapless = False
    last_id = 0
    is_in_order = True
    has_gaps = False
    proof: Call | None = None

    def __init__(self, plan: ReadPlan, piece: Slice) -> None:
        """A walk that has not begun.

        Args:
            plan: What to read.
            piece: Which part of it.
        """
        self.plan = plan
        self.piece = piece

    def first_call(self) -> Call:
        """The call for the first page."""
        return base_call(self.plan, self.piece)

    @property
    def mark(self) -> Mark:
        """Where a later run can resume the walk, as far as its pages are known; an empty one if nowhere."""
        return Mark(max(self.last_id, 0))

    def ask(self, call: Call, whom: Asks) -> Reply:
        """Read the page of a call. A walk may know other ways to its rows if that fails.

        Args:
            call: The call.
            whom: Who answers.

        Raises:
            KeapError: It cannot be read.
        """
        return whom.fetch(call)

    @abstractmethod
    def advance(self, reply: Reply, page: Page) -> Call | None:
        """Work out the call for the next page; None after the last one.

        Args:
            reply: The answer.
            page: Its rows.

        Raises:
            OutOfOrderError: The rows do not come in the order that the walk needs.
            WalkError: There can be no next page, although there must be.
        """

    def prove(self, page: Page | None) -> None:
        """Look at the answer to `proof`.

        Args:
            page: Its rows; None if the server does not take the call, so that nothing can be proved.

        Raises:
            OutOfOrderError: The server does not send rows in the order that it is asked for.
        """
        del page
        self.proof = None

    def keep(self, page: Page) -> Page:
        """The rows of a page that the walk has not handed out before, and that belong to its window."""
        return page

    @property
    def is_over(self) -> bool:
        """Whether `keep` found that no page after this one has to be read."""
        return False

    @property
    def upcoming(self) -> Iterable[Call]:
        """The calls after the next one, if they are the same whatever the answers; otherwise none."""
        return ()

    @property
    def repeats(self) -> Repeats:
        """Which rows show that a page came again. Rows without an id may well fill two pages with equals."""
        return Repeats.NONE if self.plan.collection.row_key else Repeats.ALL

    def has_more(self, reply: Reply) -> bool:
        """Whether an answer announces another page."""
        return next_token(reply.document, self.plan.collection.endpoint.token) is not None

    @property
    def time_column(self) -> str:
        """The column with the time that the walk goes by; empty if it goes by none."""
        return self.plan.collection.changes.key or ""

    def time_of(self, row: Row) -> datetime | None:
        """The time of a row that the walk goes by; None if it has none that can be understood."""
        try:
            return parse_time(row.get(self.plan.collection.wire.name(self.time_column)))
        except CoercionError:
            return None

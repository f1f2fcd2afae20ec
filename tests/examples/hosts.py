"""What the tests ask of a host, and the walk through all that an example promises."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from tests.examples.installed import Installed
from tests.processes import PATIENCE, stalled

BEFORE = "free_trial_discounts"
"""The last stream that a first load reads before it asks for orders: streams go by their names."""
NEW = {"given_name": "Ada", "family_name": "Lovelace"}


class Outcome(Enum):
    """How the host says that a run ended."""

    DONE = "done"
    LATER = "later"
    STOPPED = "stopped"


class Host(Protocol):
    """A scheduler with the example in it."""

    def start(self) -> None:
        """Start a run, without waiting for its end."""

    def stop(self) -> None:
        """Stop the run as people stop one in this host."""

    def says(self) -> str:
        """Wait until the run has ended, and return what the host calls that; empty if it says nothing."""

    def outcome(self) -> Outcome:
        """Wait until the run has ended, and return how."""

    @property
    def log(self) -> str:
        """What people find in the log of the last run."""


def until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something holds.

    Args:
        holds: Tells whether it does.
        what: What is waited for, for the message.
        seconds: How long to wait at most.

    Raises:
        TimeoutError: It took longer.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s for: {what}")
        time.sleep(0.1)


def walk(host: Host, keap: Installed) -> None:
    """Stop a first load in the middle, let the day's calls run out, go on, and load what is new.

    Args:
        host: The host.
        keap: What the example needs.
    """
    box = keap.box
    with stalled(box, path_regex="/v2/orders$") as in_the_middle:
        host.start()
        assert in_the_middle.wait(PATIENCE), "the run came to the middle of the account"
        until(lambda: BEFORE in keap.records(), "the rows before that")
        host.stop()
        assert host.outcome() == Outcome.STOPPED
        until(lambda: not keap.is_at_work, "the end of the tap and the target")
    complete = keap.complete
    assert "contacts" in complete
    assert "orders" not in complete
    assert keap.lost(complete) == [], "what the state says is complete has been loaded"

    box.clear_requests()
    keap.configure(requests_per_day=1)  # more were sent already, so the day's calls are used up
    host.start()
    assert host.outcome() == Outcome.LATER
    assert keap.complete == complete
    assert box.requests() == []

    keap.configure()  # the next day has calls again
    contacts = len(keap.records()["contacts"])
    host.start()
    assert host.outcome() == Outcome.DONE
    assert keap.lost() == []
    assert len(keap.records()["contacts"]) < 2 * contacts, "it did not begin from the start"

    box.plant("contacts", upsert=[NEW], touch=True)
    host.start()
    assert host.outcome() == Outcome.DONE
    assert keap.lost({"contacts"}) == []

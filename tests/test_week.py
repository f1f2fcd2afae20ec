"""Weeks of nights: whatever happens, the copy lags behind no further than the documents say.

Rows are created, edited and deleted, before runs and during them, so that their times show it or not. Runs
are killed, have few calls, come late or one after another; the mode changes, and so does how Keap answers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft import passes
from tap_infusionsoft.state import plan_pass
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests import fixtures
from tests.canary import KEY
from tests.fixtures import Run
from tests.virtual import VirtualClock
from tests.week import DAY, PAGE, STREAMS, Week, small_pages

HANDS = 6
"""Number of groups that the streams are dealt into, one for each test."""
MODES = (("rolling",), ("rolling", "rolling", "full"), ("full",))
"""The modes that runs may have: those of the first seeds, of the next ones, and so on."""
SHORT, LONG = HANDS * len(MODES), 40 * HANDS
"""Seeds of the short suite, and of all nights."""
NIGHTS = 10
SWITCHES = (
    {"wildcard_tags": "withdrawn"},
    {"pipelines": "services"},
    {"paging": "keyset"},
    {"order_ties": "moving"},
    {"last_page": "trailing_empty"},
    {"ids": "integers"},
    {"order_by": "ignored"},
    {"order_by": "ids"},
    {"page_token_form": "last_id"},
    {"tag_times": "missing"},
    {"date_bounds": "exclusive_start"},
)
"""What Keap may do otherwise."""


def hand(seed: int) -> list[str]:
    """One of the hands into which all streams are dealt, which come in another order after each round."""
    cards = [*STREAMS]
    random.Random(seed // HANDS).shuffle(cards)
    return sorted(cards[seed % HANDS :: HANDS])


@pytest.fixture
def box(clock: VirtualClock, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """An account with small pages. From the second round of seeds on it answers in its own way."""
    seed = request.node.callspec.params["seed"]
    switches = {"limits": "off", "quota_headers": "blank", "pipelines": "v2", "page_rows_max": PAGE}
    for some in random.Random(seed).sample(SWITCHES, 2 if seed >= HANDS else 0):
        switches |= some
    with Sandbox(seed=1, contacts=20, api_key=KEY, clock=clock.epoch, switches=switches) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lists of this small account take many calls."""
    monkeypatch.setattr(
        fixtures, "COLLECTIONS", {name: small_pages(one) for name, one in COLLECTIONS.items()}
    )
    for module in (plan_pass, passes):
        monkeypatch.setattr(module, "FEW", 1)


@pytest.mark.parametrize(
    "seed", [*range(SHORT), *(pytest.param(one, marks=pytest.mark.nightly) for one in range(SHORT, LONG))]
)
def test_no_night_leaves_more_behind_than_the_documents_say(run: Run, seed: int) -> None:
    rng = random.Random(seed)
    week = Week(run, hand(seed), rng)
    modes = MODES[seed // HANDS % len(MODES)]
    first = week.now
    week.night(modes[0], changes=rng.random() < 0.3)
    for night in range(1, NIGHTS + 1):
        week.change(rng.randrange(8, 30))
        late = timedelta(minutes=rng.randrange(-30, 30))
        week.wait_until(first + night * DAY + late)
        mode = rng.choice(modes)
        what = rng.random()
        if what < 0.15:
            week.killed(mode, rng.randrange(60), flushes=rng.random() < 0.5)
            if rng.random() < 0.7:
                week.pass_time(timedelta(minutes=rng.randrange(60)))
                week.night(mode)
        elif what < 0.3:
            week.night(mode, calls=rng.randrange(20, 120))
        else:
            week.night(mode, changes=what < 0.5)
        if rng.random() < 0.1:
            week.pass_time(timedelta(hours=1))
            week.night(mode)
    week.change(10)
    week.pass_time(timedelta(hours=5))
    assert week.lag_after_a_sweep() == []

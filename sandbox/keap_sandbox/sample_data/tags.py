"""Tags and their categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, EPOCH_START, dice
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from keap_sandbox.tables import Row

__all__ = ["categories", "tags"]


def categories(seed: int) -> dict[int, Row]:
    """Return the tag categories."""
    roll = dice(seed, 11)
    rows = {}
    for number, name in enumerate(words.CATEGORIES):
        key, created = 10 + 2 * number, EPOCH_START - (450 - 10 * number) * DAY + roll(number) % DAY
        rows[key] = {
            "id": str(key),
            "name": name,
            "description": (None, "", f"All about {name.lower()}")[number % 3],
            "create_time": iso(created),
            "update_time": iso(created + roll(number + 50) % (EPOCH_END - created)),
        }
    return rows


def tags(seed: int) -> dict[int, Row]:
    """Return the tags; some have no category."""
    roll = dice(seed, 12)
    rows = {}
    for number, name in enumerate(words.TAGS):
        # Two of five have their ids swapped, so that a later tag has a lower id, as some contacts do
        key = 91 + 14 * (number if number % 5 not in {1, 2} else number + (1 if number % 5 == 1 else -1))
        created = EPOCH_START + (number - len(words.TAGS)) * 9 * DAY
        category = None if number % 7 == 0 else {"id": str(10 + 2 * (number % len(words.CATEGORIES)))}
        rows[key] = {
            "id": str(key),
            "name": name,
            "description": (None, "", "Set by automation; do not remove", "Emoji ✨ and\nnewline")[
                number % 4
            ],
            "category": category,
            "create_time": iso(created),
            "update_time": iso(created + (0 if number % 3 else roll(number) % (EPOCH_END - created))),
        }
    return rows

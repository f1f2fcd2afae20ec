"""Who the sample affiliates are."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from keap_sandbox.sample_data.generators import DAY, EPOCH_END, dice

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import PeopleView

__all__ = ["Partners"]

_MOST = 25


class Partners:
    """Who the sample affiliates are, and since when. Each is a contact."""

    def __init__(self, people: PeopleView, seed: int) -> None:
        """Choose the contacts.

        Args:
            people: The generator of the sample contacts.
            seed: Selects the sample account.
        """
        self.count = min(_MOST, people.count)
        roll = dice(seed, 13)
        self.chances = [roll(number) for number in range(self.count)]
        self.contacts = [number * people.count // self.count for number in range(self.count)]
        self.created = [
            min(people.created(contact) + (chance % (9 * DAY) if contact else 0), EPOCH_END - 1)
            for contact, chance in zip(self.contacts, self.chances, strict=True)
        ]

    @staticmethod
    def key(number: int) -> int:
        """Return the id of an affiliate by its number."""
        return 2 + 3 * (number ^ 1)

    @staticmethod
    def code(number: int) -> str:
        """Return the code of an affiliate by its number. Contacts whom it referred have it too."""
        return f"partner{number:02d}"

    def pick(self, chance: int, moment: int) -> int | None:
        """Pick the number of an affiliate who had joined at a moment; None if none had.

        Args:
            chance: Random bits.
            moment: In milliseconds since the epoch.
        """
        joined = bisect_right(self.created, moment)
        return chance % joined if joined else None

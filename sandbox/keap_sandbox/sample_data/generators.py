"""What sample rows are generated from: numbering, random bits, and when records were created and changed.

Everything follows from the account's seed and the number of the record, so no sample row has to be stored.
Moments are in milliseconds since the epoch.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, ClassVar

from keap_sandbox.tables import Row, mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.sample_data.account_view import AccountView

__all__ = [
    "BILLING_RUN",
    "DAY",
    "EPOCH_END",
    "EPOCH_START",
    "Dated",
    "Numbering",
    "PerContact",
    "Slots",
    "dice",
]

DAY = 86_400_000
BILLING_RUN = 7_000
"""Milliseconds after the end of a day by which everything due that day has been billed."""
EPOCH_START = 1_698_710_400_000  # 2023-10-31T00:00:00Z
EPOCH_END = 1_793_404_800_000  # 2026-10-31T00:00:00Z
_BLOCK = 10
_SWAPPED = {3: 6, 6: 3}
# Imports and mass updates: many records share one of these moments as their update_time
_MASS_UPDATES = tuple(EPOCH_END - 86_400_000 * days - 3_600_000 * days for days in range(1, 700, 58))


def dice(seed: int, salt: int) -> Callable[[int], int]:
    """Return a function that turns a number into random bits.

    Args:
        seed: Selects the sample account.
        salt: Distinguishes the collections of an account.
    """
    start = mix(mix(seed) ^ mix(salt))
    return lambda number: mix(start + number)


class Numbering:
    """Ids of the form 7n+1. Two of every ten are swapped, so that a later record has a lower id."""

    id_offset: ClassVar[int] = 0
    """Keeps the ids of collections apart that share a sequence; less than 7."""

    def __init__(self, count: int) -> None:
        """Number the records.

        Args:
            count: The number of records.
        """
        self.count = count

    def _swap(self, number: int) -> int:
        block = number - number % _BLOCK
        if block + max(_SWAPPED) >= self.count:
            return number
        return block + _SWAPPED.get(number - block, number - block)

    def key(self, index: int) -> int:
        """Return the id of the record created as number `index`."""
        return 7 * self._swap(index) + 1 + self.id_offset

    def index(self, key: int) -> int | None:
        """Return the number of a record; None if the id isn't a sample record's."""
        number, rest = divmod(key - 1 - self.id_offset, 7)
        return self._swap(number) if rest == 0 and 0 <= number < self.count else None


class Dated(Numbering):
    """Records created at even intervals over three years, and changed at some time after that."""

    created_name: ClassVar[str] = "create_time"
    updated_name: ClassVar[str] = "update_time"

    def __init__(self, count: int, seed: int, salt: int) -> None:
        """Number the records and spread them over time.

        Args:
            count: The number of records.
            seed: Selects the sample account.
            salt: Distinguishes the collections of an account.
        """
        super().__init__(count)
        self._seed = mix(mix(seed) + salt)
        self._all_updated: array[int] | None = None
        self._step = (EPOCH_END - EPOCH_START) // max(count, 1)

    def chance(self, index: int) -> int:
        """Return 64 random bits for a record."""
        return mix(self._seed ^ index)

    def created(self, index: int) -> int:
        """Return when the record was created."""
        moment = EPOCH_START + index * self._step + mix(self._seed + index) % max(self._step, 1)
        return moment if index % 4 else moment - moment % 1000

    def updated(self, index: int) -> int:
        """Return when the record was last changed."""
        return self._updated(index, self.created(index), self.chance(index))

    @staticmethod
    def _updated(index: int, created: int, chance: int) -> int:
        chance >>= 40
        case = chance % 10
        if case < 4:  # noqa: PLR2004 - four in ten never changed
            return created
        if case == 4:  # noqa: PLR2004 - one in ten was part of a mass update
            return max(created, _MASS_UPDATES[chance % len(_MASS_UPDATES)])
        return created + mix(chance + index) % max(EPOCH_END - created, 1)

    def moment(self, index: int, path: str) -> int | None:
        """Return when a record was created or changed without generating it; None for any other field."""
        if path == self.updated_name:
            if self._all_updated is None:  # filters by time read those of all records, again and again
                self._all_updated = array("q", map(self.updated, range(self.count)))
            return self._all_updated[index]
        return self.created(index) if path == self.created_name else None

    def owner(self, index: int, path: str) -> str | None:  # noqa: ARG002 - subclasses use it
        """Raise a KeyError: which other records these name is only known from the row."""
        raise KeyError(path)


class Slots:
    """How many parts each parent has, in a repeating pattern, so the number of a part tells its parent."""

    def __init__(self, *counts: int) -> None:
        """Define the pattern.

        Args:
            *counts: The number of parts of the first parent, of the second, and so on; then it starts over.
        """
        self._counts = counts
        self._slots = tuple((parent, part) for parent, count in enumerate(counts) for part in range(count))

    def count(self, parents: int) -> int:
        """Return the number of parts of the first `parents` parents."""
        full, rest = divmod(parents, len(self._counts))
        return full * len(self._slots) + sum(self._counts[:rest])

    def of(self, parent: int) -> int:
        """Return the number of parts of a parent."""
        return self._counts[parent % len(self._counts)]

    def find(self, number: int) -> tuple[int, int]:
        """Return the parent of a part, and which of its parts it is."""
        block, slot = divmod(number, len(self._slots))
        parent, part = self._slots[slot]
        return block * len(self._counts) + parent, part


class PerContact(Dated):
    """Records that belong to contacts, a given number of them per hundred contacts."""

    salt: ClassVar[int]
    percent: ClassVar[int]

    def __init__(self, account: AccountView, count: int | None = None) -> None:
        """Number the records and spread them over time.

        Args:
            account: The account with the contacts.
            count: The number of records; by default `percent` per hundred contacts.
        """
        people = account.people.count
        super().__init__(people * self.percent // 100 if count is None else count, account.seed, self.salt)
        self.account = account

    def created(self, index: int) -> int:
        """Return when the record was created, which is after its contact."""
        moment = super().created(index)
        # Those of the first contact, and moments rounded down, can be too early
        if moment % 1000 == 0 or not self._contact(index):
            return max(moment, self.account.people.created(self._contact(index)))
        return moment

    def _contact(self, index: int) -> int:
        candidates = index * self.account.people.count // self.count
        return mix(self.chance(index)) % candidates if candidates else 0

    def contact(self, index: int) -> int:
        """Return the id of the contact a record belongs to: one created before the record."""
        return self.account.people.key(self._contact(index))

    def owner(self, index: int, path: str) -> str | None:
        """Return the id in a field that names the contact; KeyError for any other field."""
        if path in {"contact_id", "contact.id"}:
            return str(self.contact(index))
        raise KeyError(path)

    def row(self, index: int) -> Row:
        """Return the complete row."""
        raise NotImplementedError

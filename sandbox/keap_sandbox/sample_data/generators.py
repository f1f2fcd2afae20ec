"""Made-up records in time: their ids, and when each was created and changed. All follows from seed and number."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, ClassVar

from keap_sandbox.tables import Row, mix

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView

__all__ = ["DAY", "EPOCH_END", "EPOCH_START", "Dated", "PerContact", "Slots"]

DAY = 86_400_000
EPOCH_START = 1_698_710_400_000  # 2023-10-31T00:00:00Z
EPOCH_END = 1_793_404_800_000  # 2026-10-31T00:00:00Z
_BLOCK = 10
_BACKWARDS = {3: 6, 6: 3}
# Imports and mass updates: many records share one of these moments as their update_time
_BULK = tuple(EPOCH_END - 86_400_000 * days - 3_600_000 * days for days in range(1, 700, 58))


class Numbering:
    """Ids of the form 7n+1; in every block of ten, two are swapped, so that a later record has a lower id."""

    def __init__(self, count: int) -> None:
        self.count = count

    def _swap(self, number: int) -> int:
        block = number - number % _BLOCK
        if block + max(_BACKWARDS) >= self.count:
            return number
        return block + _BACKWARDS.get(number - block, number - block)

    def key(self, index: int) -> int:
        """The id of the record created as number `index`."""
        return 7 * self._swap(index) + 1

    def index(self, key: int) -> int | None:
        """The inverse of `key`."""
        number, rest = divmod(key - 1, 7)
        return self._swap(number) if rest == 0 and 0 <= number < self.count else None


class Dated(Numbering):
    """Creation times spread evenly over three years, and updates after them."""

    created_name: ClassVar[str] = "create_time"
    updated_name: ClassVar[str] = "update_time"

    def __init__(self, count: int, seed: int, salt: int) -> None:
        super().__init__(count)
        self._seed = mix(mix(seed) + salt)
        self._all_updated: array[int] | None = None
        self._step = (EPOCH_END - EPOCH_START) // max(count, 1)

    def chance(self, index: int) -> int:
        """64 random bits of a record."""
        return mix(self._seed ^ index)

    def created(self, index: int) -> int:
        """When the record was created, in milliseconds."""
        moment = EPOCH_START + index * self._step + mix(self._seed + index) % max(self._step, 1)
        return moment if index % 4 else moment - moment % 1000

    def updated(self, index: int) -> int:
        """When it was last changed."""
        return self._updated(index, self.created(index), self.chance(index))

    @staticmethod
    def _updated(index: int, created: int, chance: int) -> int:
        chance >>= 40
        kind = chance % 10
        if kind < 4:  # noqa: PLR2004 - four in ten were never touched again
            return created
        if kind == 4:  # noqa: PLR2004 - one in ten was part of a mass update
            return max(created, _BULK[chance % len(_BULK)])
        return created + mix(chance + index) % max(EPOCH_END - created, 1)

    def moment(self, index: int, path: str) -> int | None:
        """Create and update times, without making the row."""
        if path == self.updated_name:
            if self._all_updated is None:  # time windows ask for those of all rows, again and again
                self._all_updated = array("q", map(self.updated, range(self.count)))
            return self._all_updated[index]
        return self.created(index) if path == self.created_name else None

    def owner(self, index: int, path: str) -> str | None:  # noqa: ARG002 - those that have a short cut need it
        """There is no short cut to what these records name."""
        raise KeyError(path)


class Slots:
    """How many parts each parent has, in a pattern that repeats: so that a part's number tells its parent."""

    def __init__(self, *counts: int) -> None:
        self._counts = counts
        self._slots = tuple((parent, part) for parent, count in enumerate(counts) for part in range(count))

    def count(self, parents: int) -> int:
        """How many parts that many parents have."""
        full, rest = divmod(parents, len(self._counts))
        return full * len(self._slots) + sum(self._counts[:rest])

    def of(self, parent: int) -> int:
        """How many parts a parent has."""
        return self._counts[parent % len(self._counts)]

    def find(self, number: int) -> tuple[int, int]:
        """The parent of a part, and which of its parts it is."""
        block, slot = divmod(number, len(self._slots))
        parent, part = self._slots[slot]
        return block * len(self._counts) + parent, part


class PerContact(Dated):
    """Made-up records that belong to contacts, a given number of them for each hundred contacts."""

    salt: ClassVar[int]
    percent: ClassVar[int]

    def __init__(self, account: AccountView, count: int | None = None) -> None:
        people = account.people.count
        super().__init__(people * self.percent // 100 if count is None else count, account.seed, self.salt)
        self.account = account

    def contact(self, index: int) -> int:
        """The contact it belongs to: one that was there before it."""
        people = self.account.people
        there = index * people.count // self.count
        return people.key(mix(self.chance(index)) % there if there else 0)

    def owner(self, index: int, path: str) -> str | None:
        """What a field that names another record holds, without making the row; KeyError if unknown here."""
        if path in {"contact_id", "contact.id"}:
            return str(self.contact(index))
        raise KeyError(path)

    def row(self, index: int) -> Row:
        """The whole row."""
        raise NotImplementedError

"""Which contact has which tag since when: made up from the seed until somebody changes it."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from keap_sandbox.sample_data.generators import EPOCH_END
from keap_sandbox.tables import Row, Table, mix
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keap_sandbox.sample_data.people import Contacts

__all__ = ["Pairs", "Taggings", "pair", "unpair"]

_SHIFT = 24
# Of the seeded tags the first 37 are dealt out (a prime, so that every stride meets all of them); then comes
# "Everybody", on half of the contacts; the last two stay unused.
_DEALT = 37


def pair(contact: int, tag: int) -> int:
    """One integer for a contact and a tag."""
    return contact << _SHIFT | tag


def unpair(key: int) -> tuple[int, int]:
    """The contact and the tag of a pair."""
    return key >> _SHIFT, key & ((1 << _SHIFT) - 1)


class Taggings:
    """All tag applications of the account."""

    def __init__(self, contacts: Table, people: Contacts, tags: Table) -> None:
        self.version = 0
        self._contacts = contacts
        self._people = people
        self._tags = tags
        self._seed_tags = tuple(tags.keys())
        self._seed_set = frozenset(self._seed_tags)
        # Contacts whose tags differ from the seed, with all their tags; deleted contacts with none
        self._changed: dict[int, dict[int, int]] = {}
        self._removed_tags: set[int] = set()
        self._by_tag: dict[int, array[int]] | None = None
        self._memo: dict[tuple[int, ...], tuple[int, array[int]]] = {}

    def _seed_of(self, index: int) -> list[int]:
        chance = mix(self._people.chance(index))
        count, start, stride = chance % 6, (chance >> 8) % _DEALT, 1 + (chance >> 16) % (_DEALT - 1)
        tags = [self._seed_tags[(start + stride * step) % _DEALT] for step in range(count)]
        if chance >> 24 & 1:
            tags.append(self._seed_tags[_DEALT])
        return tags

    def _seed_time(self, index: int, tag: int) -> int:
        created = self._people.created(index)
        chance = mix(self._people.chance(index) + tag)
        moment = created + chance % max(EPOCH_END - created, 1)
        return moment - moment % 1000 if chance >> 60 & 3 else moment

    def of_contact(self, contact: int) -> dict[int, int]:
        """Tags of a contact, with the moments they were applied."""
        changed = self._changed.get(contact)
        if changed is not None:
            return changed
        index = self._people.index(contact)
        if index is None or contact not in self._contacts:
            return {}
        return {
            tag: self._seed_time(index, tag) for tag in self._seed_of(index) if tag not in self._removed_tags
        }

    def tag_ids(self, contact: int) -> list[int]:
        """Ids of a contact's tags."""
        changed = self._changed.get(contact)
        if changed is not None:
            return list(changed)
        index = self._people.index(contact)
        if index is None:
            return []
        return [tag for tag in self._seed_of(index) if tag not in self._removed_tags]

    def applied(self, contact: int, tag: int) -> int | None:
        """When the contact got the tag."""
        changed = self._changed.get(contact)
        if changed is not None:
            return changed.get(tag)
        index = self._people.index(contact)
        return None if index is None else self._seed_time(index, tag)

    def _base(self) -> dict[int, array[int]]:
        if self._by_tag is None:
            made: dict[int, array[int]] = {tag: array("q") for tag in self._seed_tags}
            for index in range(self._people.count):
                contact = self._people.key(index)
                for tag in self._seed_of(index):
                    made[tag].append(contact)
            self._by_tag = made
        return self._by_tag

    def of_tag(self, tag: int) -> Iterator[int]:
        """Contacts that have a tag."""
        changed = self._changed
        if tag in self._seed_set and tag not in self._removed_tags:
            for contact in self._base()[tag]:
                if contact not in changed:
                    yield contact
        for contact, tags in changed.items():
            if tag in tags:
                yield contact

    def pairs(self, tags: tuple[int, ...]) -> Sequence[int]:
        """All pairs of some tags, ascending."""
        version, made = self._memo.get(tags, (-1, array("q")))
        if version != self.version:
            made = array("q", sorted(pair(contact, tag) for tag in tags for contact in self.of_tag(tag)))
            if len(self._memo) > 8:  # noqa: PLR2004 - enough for a client that works through batches
                self._memo.clear()
            self._memo[tags] = (self.version, made)
        return made

    def _own(self, contact: int) -> dict[int, int]:
        if contact not in self._changed:
            self._changed[contact] = dict(self.of_contact(contact))
        self.version += 1
        return self._changed[contact]

    def apply(self, contact: int, tag: int, moment: int) -> bool:
        """Apply a tag; False if the contact had it already."""
        if self.applied(contact, tag) is not None and tag in self.tag_ids(contact):
            return False
        self._own(contact)[tag] = moment
        return True

    def remove(self, contact: int, tag: int) -> bool:
        """Take a tag away; False if the contact did not have it."""
        if tag not in self.tag_ids(contact):
            return False
        del self._own(contact)[tag]
        return True

    def forget_contact(self, contact: int) -> None:
        """A contact was deleted."""
        self._changed[contact] = {}
        self.version += 1

    def forget_tag(self, tag: int) -> None:
        """A tag was deleted."""
        self._removed_tags.add(tag)
        for tags in self._changed.values():
            tags.pop(tag, None)
        self.version += 1


class Pairs:
    """Tag applications of some tags, or of one contact or of all, as a source of rows for a list."""

    def __init__(self, taggings: Taggings, keys: Sequence[int], mark: tuple[object, ...]) -> None:
        self._taggings = taggings
        self._keys = keys
        self._mark = mark

    def keys(self) -> Sequence[int]:
        """All pairs, ascending."""
        return self._keys

    def row(self, key: int) -> Row:
        """The association."""
        contact, tag = unpair(key)
        applied = self._taggings.applied(contact, tag)
        return {
            "contact_id": str(contact),
            "tag_id": str(tag),
            "applied_at": None if applied is None else iso(applied),
        }

    def moment(self, key: int, path: str) -> int | None:  # noqa: ARG002 - there is only one time
        """When the tag was applied."""
        return self._taggings.applied(*unpair(key))

    def stamp(self) -> tuple[object, ...]:
        """Changes whenever the rows do."""
        return ("pairs", self._taggings.version, *self._mark)

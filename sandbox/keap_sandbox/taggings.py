"""Which contact has which tag since when: generated, except for contacts whose tags were changed."""

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

_TAG_BITS = 24
# Sample contacts get some of the first 37 tags: a prime, so that every stride reaches all of them. The next
# tag, "Everybody", is on half of the contacts, and the last two are unused.
_IN_USE = 37


def pair(contact: int, tag: int) -> int:
    """Combine a contact and a tag into one integer, which sorts by contact."""
    return contact << _TAG_BITS | tag


def unpair(key: int) -> tuple[int, int]:
    """Return the contact and the tag of a pair."""
    return key >> _TAG_BITS, key & ((1 << _TAG_BITS) - 1)


class Taggings:
    """All tags of all contacts."""

    def __init__(self, contacts: Table, people: Contacts, tags: Table) -> None:
        """Generate the tags of the sample contacts.

        Args:
            contacts: The contacts that exist.
            people: The generator of the sample contacts.
            tags: The tags.
        """
        self.version = 0
        self._contacts = contacts
        self._people = people
        self._tags = tags
        self._sample_tags = tuple(tags.keys())
        self._sample_tag_set = frozenset(self._sample_tags)
        # Contacts whose tags are no longer the generated ones, with all their tags; a deleted one has none
        self._changed: dict[int, dict[int, int]] = {}
        self._removed_tags: set[int] = set()
        self._by_tag: dict[int, array[int]] | None = None
        self._memo: dict[tuple[int, ...], tuple[int, array[int]]] = {}
        self._times: dict[int, int] = {}  # of generated pairs, which never change

    def _generated_of(self, index: int) -> list[int]:
        chance = mix(self._people.chance(index))
        count, start, stride = chance % 6, (chance >> 8) % _IN_USE, 1 + (chance >> 16) % (_IN_USE - 1)
        tags = [self._sample_tags[(start + stride * step) % _IN_USE] for step in range(count)]
        if chance >> 24 & 1:
            tags.append(self._sample_tags[_IN_USE])
        return tags

    def _generated_time(self, index: int, tag: int) -> int:
        created = self._people.created(index)
        chance = mix(self._people.chance(index) + tag)
        moment = created + chance % max(EPOCH_END - created, 1)
        return moment - moment % 1000 if chance >> 60 & 3 else moment

    def of_contact(self, contact: int) -> dict[int, int]:
        """Return the tags of a contact with the moments they were applied."""
        changed = self._changed.get(contact)
        if changed is not None:
            return changed
        index = self._people.index(contact)
        if index is None or contact not in self._contacts:
            return {}
        return {
            tag: self._generated_time(index, tag)
            for tag in self._generated_of(index)
            if tag not in self._removed_tags
        }

    def tag_ids(self, contact: int) -> list[int]:
        """Return the ids of a contact's tags."""
        changed = self._changed.get(contact)
        if changed is not None:
            return list(changed)
        index = self._people.index(contact)
        if index is None:
            return []
        return [tag for tag in self._generated_of(index) if tag not in self._removed_tags]

    def applied(self, contact: int, tag: int) -> int | None:
        """Return when a tag was applied to a contact; None if it wasn't.

        For a sample contact it doesn't check that the contact has the tag.
        """
        changed = self._changed.get(contact)
        if changed is not None:
            return changed.get(tag)
        key = pair(contact, tag)
        known = self._times.get(key)
        if known is not None:
            return known
        index = self._people.index(contact)
        if index is None:
            return None
        found = self._times[key] = self._generated_time(index, tag)
        return found

    def _contacts_by_tag(self) -> dict[int, array[int]]:
        if self._by_tag is None:
            made: dict[int, array[int]] = {tag: array("q") for tag in self._sample_tags}
            for index in range(self._people.count):
                contact = self._people.key(index)
                for tag in self._generated_of(index):
                    made[tag].append(contact)
            self._by_tag = made
        return self._by_tag

    def of_tag(self, tag: int) -> Iterator[int]:
        """Return the contacts that have a tag."""
        changed = self._changed
        if tag in self._sample_tag_set and tag not in self._removed_tags:
            for contact in self._contacts_by_tag()[tag]:
                if contact not in changed:
                    yield contact
        for contact, tags in changed.items():
            if tag in tags:
                yield contact

    def pairs(self, tags: tuple[int, ...]) -> Sequence[int]:
        """Return the pairs of some tags in ascending order."""
        version, made = self._memo.get(tags, (-1, array("q")))
        if version != self.version:
            made = array("q", sorted(pair(contact, tag) for tag in tags for contact in self.of_tag(tag)))
            if len(self._memo) > 8:  # noqa: PLR2004 - enough for a client that reads tags in batches
                self._memo.clear()
            self._memo[tags] = (self.version, made)
        return made

    def _editable(self, contact: int) -> dict[int, int]:
        if contact not in self._changed:
            self._changed[contact] = dict(self.of_contact(contact))
        self.version += 1
        return self._changed[contact]

    def apply(self, contact: int, tag: int, moment: int) -> bool:
        """Apply a tag.

        Args:
            contact: The id of the contact.
            tag: The id of the tag.
            moment: The time in milliseconds since the epoch.

        Returns:
            False if the contact had the tag already.
        """
        if self.applied(contact, tag) is not None and tag in self.tag_ids(contact):
            return False
        self._editable(contact)[tag] = moment
        return True

    def remove(self, contact: int, tag: int) -> bool:
        """Remove a tag from a contact; return False if the contact didn't have it."""
        if tag not in self.tag_ids(contact):
            return False
        del self._editable(contact)[tag]
        return True

    def forget_contact(self, contact: int) -> None:
        """Remove all tags of a contact that was deleted or created."""
        self._changed[contact] = {}
        self.version += 1

    def forget_tag(self, tag: int) -> None:
        """Remove a deleted tag from all contacts."""
        self._removed_tags.add(tag)
        for tags in self._changed.values():
            tags.pop(tag, None)
        self.version += 1


class Pairs:
    """A source of rows, each a contact, a tag, and when it was applied."""

    def __init__(self, taggings: Taggings, keys: Sequence[int], mark: tuple[object, ...]) -> None:
        """Select pairs.

        Args:
            taggings: All tags of all contacts.
            keys: The pairs in ascending order.
            mark: Identifies the selection; part of the stamp.
        """
        self._taggings = taggings
        self._keys = keys
        self._mark = mark

    def keys(self) -> Sequence[int]:
        """Return all pairs in ascending order."""
        return self._keys

    def row(self, key: int) -> Row:
        """Return the row of a pair."""
        contact, tag = unpair(key)
        applied = self._taggings.applied(contact, tag)
        return {
            "contact_id": str(contact),
            "tag_id": str(tag),
            "applied_at": None if applied is None else iso(applied),
        }

    def moment(self, key: int, path: str) -> int | None:  # noqa: ARG002 - there is only one time
        """Return when the tag was applied, in milliseconds since the epoch."""
        return self._taggings.applied(*unpair(key))

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the rows do."""
        return ("pairs", self._taggings.version, *self._mark)

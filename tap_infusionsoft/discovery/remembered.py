"""Whether columns that the state remembers are still those of the account.

A run that takes a model from the state may meet a row that shows more than the model has: a custom field that
is new, one whose values are of another type now, a column that was added to a saved search. Then Keap is
asked after all, and a stream whose columns are others now starts over, with another SCHEMA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.reading.models import model_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.collection import Collection


class Remembered:
    """What the state has told of the columns of a stream."""

    def __init__(self, account: Account, collection: Collection) -> None:
        """Nothing has been told yet.

        Args:
            account: The account.
            collection: The declaration of the stream.
        """
        self._account = account
        self._collection = collection
        self._path = model_of(collection)
        self._is_used = False

    def note(self) -> None:
        """Note that the stream was described, by what its account knows now."""
        self._is_used = self._account.models.is_from_state(self._path)

    @property
    def is_used(self) -> bool:
        """Whether the stream was described by what the state told."""
        return self._is_used

    @property
    def is_outdated(self) -> bool:
        """Whether Keap was asked since, because of another stream."""
        return self._is_used and not self._account.models.is_from_state(self._path)

    def forget(self) -> None:
        """Have Keap asked, if it was not since the stream was described."""
        if self._path is not None:
            self._account.models.ask_again(self._path)
        self._is_used = False

    def is_contradicted(self, shown: AbstractSet[str]) -> bool:
        """Whether rows show what Keap has to be asked about. It is asked once about each.

        Args:
            shown: What rows show that the model does not explain.

        Raises:
            KeapError: The model cannot be read.
        """
        models, path = self._account.models, self._path
        if not self._is_used or path is None or shown <= models.unexplained(path):
            return False
        self.forget()
        models.note_unexplained(path, shown - models.ids(path))
        return True

    def described(self, given: Mapping[str, str]) -> Collection:
        """Return the declaration of the stream, by what its account knows now.

        Args:
            given: Columns that were named before, by id.

        Raises:
            KeapError: The model cannot be read.
        """
        name = self._collection.name
        if not self._collection.search.id:
            return self._collection
        return self._account.saved_search(name, self._account.saved_searches.every[name], given)

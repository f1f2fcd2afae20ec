"""The part of the account that sample data reads.

Much sample data depends on the rest of the account: an order names a contact, a payment follows an order.
These protocols describe what it may ask for, so that no module here imports the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.custom_fields import CustomFields
    from keap_sandbox.tables import Row, Table

__all__ = ["AccountView", "PeopleView"]


class PeopleView(Protocol):
    """The generator of the sample contacts."""

    count: int
    """The number of sample contacts."""

    def key(self, index: int) -> int:
        """Return the id of the contact created as number `index`."""

    def index(self, key: int) -> int | None:
        """Return the number of a contact; None if it isn't a sample contact."""

    def created(self, index: int) -> int:
        """Return when the contact was created, in milliseconds since the epoch."""

    def name(self, index: int) -> tuple[str | None, str | None]:
        """Return the given and the family name."""

    def emails(self, index: int) -> list[Row]:
        """Return the contact's email addresses."""


class AccountView(Protocol):
    """What sample data reads of the account."""

    @property
    def seed(self) -> int:
        """The number that selects the sample account."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """Every table by the name of its collection; a table is created when it is first read."""

    @property
    def people(self) -> PeopleView:
        """The generator of the sample contacts."""

    @property
    def custom_fields(self) -> Mapping[str, CustomFields]:
        """The custom fields of each kind of record."""

    def person(self, key: int) -> Row:
        """Return a contact as orders show it."""

    def customer(self, key: int) -> Row:
        """Return a contact as opportunities show it."""

    def user(self, key: int) -> Row | None:
        """Return a user as notes show it; None if there is no such user."""

    def short_user(self, key: int) -> Row | None:
        """Return a user as opportunities show it; None if there is no such user."""

    def stage(self, key: int) -> Row:
        """Return a stage as opportunities show it."""

    def partner(self, chance: int, moment: int) -> str | None:
        """Pick the id of a sample affiliate who had joined at a moment; None if none had."""

    def cards(self, contact: int, moment: int) -> list[Row]:
        """Return the sample cards of a contact that were on file at a moment, as payments show them."""

    def plain(self, amount: int) -> float:
        """Convert cents to a plain number in the unit that the switch `plain_amounts` chooses."""

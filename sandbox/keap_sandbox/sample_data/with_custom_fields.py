"""Sample records with custom fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from keap_sandbox.custom_fields import sample_values
from keap_sandbox.sample_data.generators import PerContact

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.tables import Row

__all__ = ["WithCustomFields"]

_VARIANTS = 32


class WithCustomFields(PerContact):
    """Records that belong to contacts and have custom fields."""

    record: ClassVar[str]
    """The kind of record whose custom fields they have."""

    def __init__(self, account: AccountView) -> None:
        """Number the records, and generate the values of their custom fields.

        Args:
            account: The account with the contacts and the definitions of the custom fields.
        """
        super().__init__(account)
        self._fields = account.custom_fields[self.record]
        self._values = [sample_values(self._fields, variant) for variant in range(_VARIANTS)]

    def custom_fields(self, chance: int) -> list[Row]:
        """Return the custom fields of a record.

        Args:
            chance: Random bits, which choose one of a few sets of values.
        """
        return self._fields.contents(self._values[chance % _VARIANTS])

"""Fields that the service refuses: one of them fails a whole call, so it is found and left out.

A fault may name the field, as in ``[NoFieldFound]No field found: Contact.Foo``, with or without the table, or
only say that there is one. The texts of most of these faults are unknown. Whatever a text seems to name is
only left out for good if that helps; otherwise calls for a single row find out, about eight for each field.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.xmlrpc.faults import is_about_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.walks.walk import Asks
    from tap_infusionsoft.xmlrpc.calls import XmlRpcCall

logger = logging.getLogger("tap-infusionsoft")


class RefusedFields:
    """What a run knows about the fields that the service refuses in the calls of one stream.

    Attributes:
        names: The fields that are not asked for any more.
    """

    def __init__(self) -> None:
        """None so far."""
        self.names: frozenset[str] = frozenset()

    def leave_out(self, fields: Sequence[str], call: XmlRpcCall) -> None:
        """Do not ask for some fields any more, and say so.

        Args:
            fields: The fields.
            call: The call that was refused.
        """
        if fields:
            listed = ", ".join(fields)
            logger.warning("%s: the service does not take all fields; these stay empty: %s.", call, listed)
            self.names |= {*fields}

    def ask(self, call: XmlRpcCall, whom: Asks) -> Reply:
        """Read the rows of a call, without the fields that the service refuses.

        Raises:
            KeapError: It cannot be read, for another reason or without any field but those of the key.
        """
        suspects: list[str] = []
        while True:
            asked = call.without_fields({*self.names, *suspects})
            try:
                reply = whom.fetch(asked)
            except KeapError as error:
                if not is_about_fields(error.fault):
                    raise
                name = named_in(error.fault.text, asked.optional_fields)
                if name:
                    suspects.append(name)
                    continue
                self.leave_out(self._search(call.without_fields(self.names), error, whom), call)
                suspects.clear()
            else:
                self.leave_out(suspects, call)
                return reply

    def _search(self, call: XmlRpcCall, error: KeapError, whom: Asks) -> list[str]:
        """Find the fields that make the service refuse a call, by asking for few of them at a time.

        Raises:
            KeapError: No field is the reason.
        """
        no_row = dict.fromkeys(call.keys, "0")  # there may be one that cannot be sent

        def is_refused(fields: Sequence[str]) -> bool:
            try:
                whom.fetch(call.for_one_row(fields, no_row))
            except KeapError as other:
                if not is_about_fields(other.fault):
                    raise
                return True
            return False

        is_other = bool(call.keys) and is_refused(())
        found = [] if is_other else refused_among(call.optional_fields, is_refused)
        if not found or (not call.keys and len(found) == len(call.optional_fields)):
            raise error
        return found


def refused_among(fields: Sequence[str], is_refused: Callable[[Sequence[str]], bool]) -> list[str]:
    """Find the fields that are refused, whatever the others are.

    Args:
        fields: The fields.
        is_refused: Asks for some of them; whether at least one of these is refused.
    """
    found: list[str] = []
    left = list(fields)
    while left and is_refused(left):
        good = 0  # fields at the beginning of those that are left, none of which is refused
        most = len(left)  # fields at the beginning, one of which is refused
        while most - good > 1:
            middle = (good + most) // 2
            if is_refused(left[good:middle]):
                most = middle
            else:
                good = middle
        found.append(left[good])
        left = left[most:]
    return found


def named_in(text: str, fields: Sequence[str]) -> str:
    """The field that a fault names: the longest one, if there are several; empty for none.

    Args:
        text: The fault's text, which may put a table before the field.
        fields: The fields of the call.
    """
    found = [name for name in fields if _occurs(name, text)]
    # Without its table: ``FirstName`` for ``Contact.FirstName``. Custom fields are stored without underscore.
    found = found or [name for name in fields if _occurs(re.split(r"[._]", name, maxsplit=1)[-1], text)]
    longest = sorted(found, key=len)[-1:]
    return longest[0] if longest else ""


def _occurs(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)(?!\.\w)", text) is not None

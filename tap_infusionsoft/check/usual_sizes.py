"""Which lists are long as a rule: what a check tries first, and what it takes for what it could not try.

These are rules of thumb, no facts about Keap: what people do (buy, get mail, are called) grows with the
contacts, what a business sets up does not.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tap_infusionsoft.streams.registry import COLLECTIONS

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Collection

GROWING = (
    *("contacts", "orders", "emails", "transactions", "notes", "tasks", "opportunity_stage_moves"),
    *("appointments", "payments", "opportunities", "subscriptions", "referrals", "payment_methods", "files"),
    *("companies", "appointments_v1", "email_address_statuses"),
)
"""Lists that grow with the contacts: those first that tell about others, or are long as a rule."""
SET_UP = ("tags", "automations", "email_templates", "webforms", "users")
"""Lists that a business sets up, the longest first."""

EACH = 2
"""Rows that a contact, or a parent of rows, may have."""
FEW = 5
"""Rows that a list may have which is not long as a rule."""
_MOST_SET_UP = 40


def _ranks(names: tuple[str, ...]) -> dict[str, int]:
    return {COLLECTIONS[name].endpoint.path: rank for rank, name in enumerate(names)}


_GROWING, _SET_UP = _ranks(GROWING), _ranks(SET_UP)


def growing_rank(collection: Collection) -> int | None:
    """The place of a collection among the lists that grow with the contacts; None if it is none of them."""
    return _GROWING.get(collection.endpoint.path)


def is_long(collection: Collection) -> bool:
    """Whether a collection is long as a rule."""
    return collection.endpoint.path in {*_GROWING, *_SET_UP}


def usual_size(collection: Collection, contacts: float | None) -> float:
    """How many rows a list may have that nothing is known of.

    Args:
        collection: The collection.
        contacts: How many contacts there are; None if that is not known.
    """
    if (rank := growing_rank(collection)) is not None:
        return math.inf if contacts is None or not rank else EACH * contacts / (rank + 1)
    rank = _SET_UP.get(collection.endpoint.path)
    return FEW if rank is None else max(_MOST_SET_UP / (rank + 1), FEW)

"""Sample pipelines with their stages, deals and notes on deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, PerContact, Slots
from keap_sandbox.timestamps import iso_millis

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.tables import Row

__all__ = ["DealNotes", "Deals", "outcome_labels", "pipeline_stages", "pipelines"]

_PIPELINES = (
    (4, "Coaching", ("New", "Call booked", "Offer sent", "Decision")),
    (9, "Events & retreats ⛰", ("Asked", "Reserved", "Paid deposit")),
    (11, "Empty", ("First",)),
)
_LABELS = {"ACTIVE": "Open", "WON": "Won 🏆", "LOST": None}
_NOTES_PER_DEAL = Slots(0, 2, 1)


def pipelines(account: AccountView) -> dict[int, Row]:
    """Return the pipelines, with their stages."""
    stages = pipeline_stages(account).values()
    return {
        key: {
            "id": str(key),
            "name": name,
            "stages": [stage for stage in stages if stage["pipeline_id"] == str(key)],
        }
        for key, name, _ in _PIPELINES
    }


def pipeline_stages(_: AccountView) -> dict[int, Row]:
    """Return the stages of pipelines."""
    return {
        key * 10 + place: {"id": str(key * 10 + place), "name": stage, "pipeline_id": str(key)}
        for key, _, stages in _PIPELINES
        for place, stage in enumerate(stages, 1)
    }


def outcome_labels(account: AccountView) -> dict[int, Row]:
    """Return what each pipeline calls the outcomes of deals. The API doesn't show the pipeline."""
    return {
        pipeline * 10 + place: {"value": value, "label": label, "pipeline_id": str(pipeline)}
        for pipeline in account.tables["pipelines"]
        for place, (value, label) in enumerate(_LABELS.items())
    }


class Deals(PerContact):
    """Deals. The times are those of its stage and its end: Keap shows no other."""

    created_name, updated_name = "", ""
    salt, percent = 81, 8

    def row(self, index: int) -> Row:
        """Return the complete row."""
        chance, contact, created = self.chance(index), self.contact(index), self.created(index)
        spare = chance >> 24
        key, _, stages = _PIPELINES[spare % 2]
        stage = key * 10 + 1 + spare // 2 % len(stages)
        status = ("ACTIVE", "ACTIVE", "WON", "LOST")[spare % 4]
        moved = created + (EPOCH_END - created) * (spare % 5) // 8
        closed = None if status == "ACTIVE" else moved + (EPOCH_END - moved) // 2
        orders = self._older("orders", "contact.id", contact, "creation_time", closed or 0)
        return {
            "id": str(self.key(index)),
            "name": f"Deal {index}: {words.PRODUCTS[spare % len(words.PRODUCTS)]}",
            "value": {"amount": spare % 90_000 / 10, "currency": "USD"},
            "contact_ids": [str(contact)],
            "stage_id": str(stage),
            "stage_assignment_time": iso_millis(moved),
            "owner_ids": [str(1 + spare % 3 * 2)] if spare % 7 else [],
            "task_ids": self._older("tasks", "contact_id", contact, "create_time", moved),
            "order_id": orders[0] if orders and status == "WON" else None,
            "status": status,
            "estimated_close_time": iso_millis(created + 60 * DAY) if spare % 3 else None,
            "closed_time": None if closed is None else iso_millis(closed),
            "custom_fields": {"7": "From the fair 🎪", "12": spare % 50} if spare % 3 == 0 else {},
        }

    def owner(self, index: int, path: str) -> str | None:
        """Return the id of the contact; KeyError for any other field."""
        if path == "contact_ids":
            return str(self.contact(index))
        raise KeyError(path)

    def _older(self, collection: str, path: str, contact: int, created: str, moment: int) -> list[str]:
        """Return the ids of records of a contact that were created before a moment."""
        table = self.account.tables[collection]
        keys = table.children(path, str(contact))
        return [str(key) for key in keys if (table.moment(key, created) or 0) <= moment]


class DealNotes(PerContact):
    """Notes on deals."""

    created_name, updated_name = "created_time", "modified_time"
    salt, percent = 82, 0

    def __init__(self, account: AccountView) -> None:
        """Number the notes.

        Args:
            account: The account with the contacts.
        """
        self._deals = Deals(account)
        super().__init__(account, _NOTES_PER_DEAL.count(self._deals.count))

    def created(self, index: int) -> int:
        """Return when it was written, which is after the deal was made."""
        deal, part = _NOTES_PER_DEAL.find(index)
        created = self._deals.created(deal)
        return created + (EPOCH_END - created) * (1 + part) // 9

    def owner(self, index: int, path: str) -> str | None:
        """Return the id of the deal; KeyError for any other field."""
        if path != "deal_id":
            raise KeyError(path)
        return str(self._deals.key(_NOTES_PER_DEAL.find(index)[0]))

    def row(self, index: int) -> Row:
        """Return the complete row."""
        return {
            "id": str(self.key(index)),
            "deal_id": self.owner(index, "deal_id"),
            "body": ("Wants a quote.", "Ruft zurück ✓\nline two", None)[self.chance(index) % 3],
            "created_by": str(1 + index % 3 * 2),
            "created_time": iso_millis(self.created(index)),
            "modified_time": iso_millis(self.updated(index)),
        }

"""Sample notes, tasks, appointments, opportunities with their stages, referrals and files."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, EPOCH_START, PerContact, Slots
from keap_sandbox.sample_data.orders import FILES_PERCENT, FILES_WITHOUT_CONTACT
from keap_sandbox.sample_data.people import REFERRALS_PERCENT, referral_chance, referred
from keap_sandbox.sample_data.with_custom_fields import WithCustomFields
from keap_sandbox.timestamps import iso, iso_offset

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.sample_data.sales_view import SalesView
    from keap_sandbox.tables import Row

__all__ = [
    "Appointments", "Files", "Notes", "Opportunities", "Referrals", "StageMoves", "Tasks", "file_content",
    "note_templates", "stages",
]  # fmt: skip

_HOUR = 3_600_000
_STAGES = (
    ("New lead", 7, 10),
    ("Contacted", 14, 25),
    ("Quote sent", 10, 50),
    ("Negotiation - price", 21, 75),
    ("Won 🏆", 0, 100),
    ("Lost", 0, 0),
)


class Notes(WithCustomFields):
    """Notes on contacts. They share their ids and custom fields with tasks and appointments."""

    record = "notes"
    salt, percent = 41, 100

    def row(self, index: int) -> Row:
        """Return the complete row."""
        spare = self.chance(index) >> 20
        created, updated = self.created(index), self.updated(index)
        return {
            "id": str(self.key(index)),
            "text": ("Called about the offer.", "", None, "Zeile eins\nline two ✓", "Asked; answered: 5 > 3")[
                spare % 5
            ],
            "title": ("Follow up", "Sales call", "Complaint", "Follow-up: mail", "Ünïcode")[spare % 5],
            "type": ("Call", "Email", "Letter", "Other", None)[spare % 5],
            "contact_id": str(self.contact(index)),
            "assigned_to_user": self.account.user(1 + spare % 4 * 2),
            "create_time": iso(created),
            "update_time": iso(updated),
            "last_updated_by_user_id": str(1 + spare % 3 * 2),
            "pinned_at": iso(updated) if spare % 20 == 0 else None,
            "created_by_user_id": str(1 + spare % 4 * 2),
            "custom_fields": self.custom_fields(spare),
        }


class Tasks(WithCustomFields):
    """Tasks. Some are completed, some have no due date, some have no contact or user."""

    record = "notes"
    updated_name = "modification_time"
    id_offset = 2
    salt, percent = 42, 50

    def __init__(self, account: AccountView) -> None:
        super().__init__(account)
        self._opportunities = Opportunities(account)

    def _opportunity(self, index: int) -> int | None:
        """Return the number of the opportunity that a task is about. One task in nine has one."""
        number = self.chance(index) >> 20
        older = index * self._opportunities.count // self.count
        return number // 9 % older if number % 9 == 0 and older else None

    def contact(self, index: int) -> int:
        """Return the contact of the opportunity, or any contact if the task has none."""
        opportunity = self._opportunity(index)
        if opportunity is None:
            return super().contact(index)
        return self._opportunities.contact(opportunity)

    def row(self, index: int) -> Row:
        """Return the complete row."""
        spare = self.chance(index) >> 20
        created, updated = self.created(index), self.updated(index)
        done = spare % 3 == 0
        return {
            "id": str(self.key(index)),
            "title": ("Call back", "Send quote", "Foo & bar", "Renewal?", "Ünïcode ✍")[spare % 5],
            "description": (None, "", "See the note.\nThen decide.")[spare % 3],
            "type": ("Call", "Email", "Appointment", None)[spare % 4],
            "priority": ("CRITICAL", "ESSENTIAL", "NONESSENTIAL")[spare % 3],
            "completed": done,
            "create_time": iso(created),
            "modification_time": iso(updated),
            "completion_time": iso(updated) if done else None,
            "due_time": iso(created + 3 * DAY) if spare % 4 else None,
            "remind_time_mins": (None, 5, 15, 60, 1440)[spare % 5],
            "assigned_to_user_id": str(1 + spare % 4 * 2) if spare % 11 else None,
            "created_by_user_id": "1",
            "last_updated_by_user_id": str(1 + spare % 2 * 2),
            "contact_id": str(self.contact(index)) if spare % 13 else None,
            "opportunity_id": self.owner(index, "opportunity_id"),
            "accepted": spare % 2 == 0,
            "custom_fields": self.custom_fields(spare),
        }

    def owner(self, index: int, path: str) -> str | None:
        """Return the id of the opportunity or the contact, if the task has one."""
        if path == "opportunity_id":
            opportunity = self._opportunity(index)
            return None if opportunity is None else str(self._opportunities.key(opportunity))
        contact = super().owner(index, path)
        return contact if (self.chance(index) >> 20) % 13 else None


class Appointments(WithCustomFields):
    """Appointments. REST v2 returns their times without fractions of a second."""

    record = "notes"
    id_offset = 4
    salt, percent = 43, 20

    def updated(self, index: int) -> int:
        """Return when it was last changed, in whole seconds but still in milliseconds since the epoch."""
        moment = super().updated(index)
        return moment - moment % 1000

    def created(self, index: int) -> int:
        """Return when it was created, in whole seconds but still in milliseconds since the epoch."""
        moment = super().created(index)
        return moment - moment % 1000

    def row(self, index: int) -> Row:
        """Return the complete row. REST v2 shows neither the reminder nor custom fields."""
        spare = self.chance(index) >> 20
        created = self.created(index)
        start = created - created % _HOUR + (1 + spare % 30) * DAY
        return {
            "id": str(self.key(index)),
            "title": ("Intro call", "Site visit", "Yearly review", "Kaffee ☕")[spare % 4],
            "description": (None, "", "Bring the contract")[spare % 3],
            "location": ("Zoom", None, "Room 4, 2nd floor", "")[spare % 4],
            "contact_id": str(self.contact(index)),
            "user_id": str(1 + spare % 3 * 2),
            "start_time": iso(start),
            "end_time": iso(start + _HOUR // 2 * (1 + spare % 4)),
            "create_time": iso(created),
            "update_time": iso(self.updated(index)),
            "remind_time": (None, 15, 60)[spare % 3],
            "custom_fields": self.custom_fields(spare),
        }


_MOVES_PER_OPPORTUNITY = Slots(1, 2, 3)


class Opportunities(WithCustomFields):
    """Opportunities, each in one of the stages."""

    created_name, updated_name = "created_time", "last_updated_time"
    record = "opportunities"
    salt, percent = 44, 10

    def stages(self, index: int) -> list[tuple[int, int]]:
        """Return the stages it went through.

        Returns:
            For each stage its number and when the opportunity entered it, in milliseconds since the epoch.
        """
        chance, created = self.chance(index), self.created(index)
        steps = _MOVES_PER_OPPORTUNITY.of(index)
        gap = min(20 * DAY, (EPOCH_END - 1 - created) // steps)
        stages = [1 + (chance >> 3 * step) % 2 + step for step in range(steps - 1)] + [
            1 + chance % len(_STAGES)
        ]
        return [(stage, created + gap * step) for step, stage in enumerate(stages)]

    def updated(self, index: int) -> int:
        """Return when it was last changed. A move to another stage is a change."""
        return max(super().updated(index), self.stages(index)[-1][1])

    def row(self, index: int) -> Row:
        """Return the complete row."""
        chance, contact = self.chance(index), self.contact(index)
        spare = chance >> 24
        stage, entered = self.stages(index)[-1]
        created = self.created(index)
        low = spare % 900 * 25
        revenue = 0.0 if spare % 3 else spare % 50 * 10.0
        partner = self.account.partner(spare, created) if spare % 7 == 0 else None
        return {
            "id": str(self.key(index)),
            "contact": self.account.customer(contact),
            "stage": self.account.stage(stage * 10),
            "user": self.account.short_user(1 + spare % 3 * 2) if spare % 9 else None,
            "opportunity_title": f"Deal {index}: {words.PRODUCTS[spare % len(words.PRODUCTS)]}",
            "next_action_time": iso(entered + 5 * DAY) if spare % 4 else None,
            "next_action_notes": (None, "", "Send the quote")[spare % 3],
            "opportunity_notes": (None, "Met at the fair 🎪\nLikes blue")[spare % 2],
            "estimated_close_time": iso(created + 60 * DAY) if spare % 3 else None,
            "include_in_forecast": spare % 2 == 0,
            "projected_revenue_low": float(low),
            "projected_revenue_high": float(low * 2 + 100),
            "custom_fields": self.custom_fields(spare),
            "created_time": iso(created),
            "last_updated_time": iso(self.updated(index)),
            "affiliate_id": partner,
            "lead_source": ("Web Form", None, "Trade show: Phoenix", "")[spare % 4],
            "monthly_revenue": revenue,
            "order_revenue": revenue * 3,
            "objection": None if spare % 6 else "Price",
            "status": "Active" if stage < 5 else "Closed",  # noqa: PLR2004 - Won and Lost are closed
            "status_id": "1" if stage < 5 else "2",  # noqa: PLR2004 - as above
            "stage_entrance_time": iso(entered),
            "last_updated_by": str(1 + spare % 3 * 2),
            "created_by": "1",
        }


class StageMoves(PerContact):
    """Moves of opportunities to another stage. Their times have no colon in the offset."""

    created_name = "move_time"
    salt, percent = 45, 0

    def __init__(self, account: AccountView) -> None:
        self._opportunities = Opportunities(account)
        super().__init__(account, _MOVES_PER_OPPORTUNITY.count(self._opportunities.count))

    def created(self, index: int) -> int:
        """Return when the opportunity moved."""
        opportunity, step = _MOVES_PER_OPPORTUNITY.find(index)
        return self._opportunities.stages(opportunity)[step][1]

    def owner(self, index: int, path: str) -> str | None:
        """Return the id of the opportunity."""
        if path != "opportunity_id":
            raise KeyError(path)
        return str(self._opportunities.key(_MOVES_PER_OPPORTUNITY.find(index)[0]))

    def row(self, index: int) -> Row:
        """Return the complete row."""
        opportunity, step = _MOVES_PER_OPPORTUNITY.find(index)
        stages = self._opportunities.stages(opportunity)
        return {
            "id": str(self.key(index)),
            "opportunity_id": str(self._opportunities.key(opportunity)),
            "move_time": iso_offset(stages[step][1]),
            "move_from_stage_id": str(stages[step - 1][0] * 10) if step else "0",
            "move_to_stage_id": str(stages[step][0] * 10),
            "prev_stage_move_time": iso_offset(stages[step - 1][1]) if step else None,
            "user_id": str(1 + index % 3 * 2),
            "created_by": "1",
            "create_time": iso_offset(stages[step][1]),
        }


def stages(_: AccountView) -> dict[int, Row]:
    """Return the stages of opportunities, with ids 10, 20 ..."""
    rows: dict[int, Row] = {}
    for number, (name, days, chance) in enumerate(_STAGES, 1):
        key, created = number * 10, EPOCH_START - 100 * DAY
        checks = [
            {"id": str(key * 10 + spot), "description": text, "required": spot == 1, "order": spot}
            for spot, text in enumerate(("Ask for the budget", "Note the date"), 1)
        ]
        rows[key] = {
            "id": str(key),
            "name": name,
            "order": number,
            "target_number_days": days,
            "probability": chance,
            "created_time": iso(created),
            "updated_time": iso(created + number * 77 * DAY),
            "checklist_items": checks if number < len(_STAGES) - 1 else [],
        }
    return rows


def note_templates(_: AccountView) -> dict[int, Row]:
    """Return the note templates."""
    return {
        key: {
            "id": str(key),
            "title": title,
            "description": None if key % 4 else "Within a day of the purchase",
            "action_type": ("Call", "Email", "Other")[key % 3],
            "assignment_user_id": 1,
            "notify_users": ["1", "3"] if key % 2 else [],
        }
        for key, title in (
            (5, "Welcome call"),
            (8, "Complaint"),
            (12, "After the sale"),
            (17, "Birthday 🎂"),
        )
    }


class Referrals(PerContact):
    """Contacts that affiliates referred, from the moment they became contacts."""

    created_name = "referral_time"
    salt, percent = 46, REFERRALS_PERCENT

    def __init__(self, account: SalesView) -> None:
        """Number the referrals.

        Args:
            account: The account with the contacts and the affiliates.
        """
        super().__init__(account)
        self._partners = account.partners

    def created(self, index: int) -> int:
        """Return when the contact was created."""
        return self.account.people.created(referred(index))

    def contact(self, index: int) -> int:
        """Return the id of the contact."""
        return self.account.people.key(referred(index))

    def row(self, index: int) -> Row:
        """Return the complete row."""
        spare, created = self.chance(index) >> 20, self.created(index)
        partner = self._partners.pick(referral_chance(index), created)
        return {
            "id": str(self.key(index)),
            "description": (None, "", "Clicked the banner")[spare % 3],
            "source": ("Web form", "Banner 300x250", "Manual", None)[spare % 4],
            "contact_id": str(self.contact(index)),
            "referral_partner_id": None if partner is None else str(self._partners.key(partner)),
            "referral_time": iso(created),
            "expiration_time": iso(created + 365 * DAY) if spare % 3 else None,
            "ip_address": f"198.51.100.{spare % 254 + 1}",
            "referral_type": ("COOKIE", "MANUAL", "PERMANENT")[spare % 3],
        }


_FILES = (
    ("offer.pdf", "DOCUMENTS", "CONTACT"),
    ("Logo ü.png", "LOGO", "IMAGE"),
    ("scan 01.tif", "ATTACHMENTS", "ATTACHMENT"),
    ("import.csv", "HIDDEN", "IMPORT"),
    ("invoice.pdf", "INVOICE", "APPLICATION"),
)


def file_content(key: int) -> bytes:
    """Return the content of a sample file: arbitrary bytes, whose number depends on the key."""
    return b"\x89made-up\r\n\x00\xff" + bytes(range(256)) * (key % 5) + str(key).encode()


class Files(PerContact):
    """Files of contacts and of the account."""

    created_name, updated_name = "created_time", "updated_time"
    salt, percent = 47, FILES_PERCENT

    def owner(self, index: int, path: str) -> str | None:
        """Return the id of the contact, if the file belongs to one."""
        contact = super().owner(index, path)
        return contact if index % FILES_WITHOUT_CONTACT else None

    def row(self, index: int) -> Row:
        """Return the complete row."""
        key, spare = self.key(index), self.chance(index) >> 20
        name, category, box = _FILES[spare % len(_FILES)]
        return {
            "id": str(key),
            "category": category,
            "file_name": name,
            "is_public": spare % 4 == 0,
            "contact_id": self.owner(index, "contact_id"),
            "created_by_id": str(1 + spare % 3 * 2),
            "remote_file_key": f"files/{key}/{base64.b16encode(str(key).encode()).decode()}",
            "file_box_type": box,
            "file_size": len(file_content(key)),
            "created_time": iso(self.created(index)),
            "updated_time": iso(self.updated(index)),
        }

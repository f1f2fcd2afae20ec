"""Made-up notes, tasks, appointments, opportunities and their way through the stages, referrals and files."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from keap_sandbox.custom_fields import seed_values
from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, EPOCH_START, PerContact, Slots
from keap_sandbox.timestamps import iso, iso_offset

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.tables import Row

__all__ = [
    "Appointments", "Files", "Notes", "Opportunities", "Referrals", "StageMoves", "Tasks", "file_content",
    "note_templates", "stages",
]  # fmt: skip

_VARIANTS = 32
_HOUR = 3_600_000
_STAGES = (
    ("New lead", 7, 10),
    ("Contacted", 14, 25),
    ("Quote sent", 10, 50),
    ("Negotiation - price", 21, 75),
    ("Won 🏆", 0, 100),
    ("Lost", 0, 0),
)


class _Activity(PerContact):
    """With the custom fields that notes, tasks and appointments share."""

    record = "notes"

    def __init__(self, account: AccountView) -> None:
        super().__init__(account)
        self._fields = account.custom_fields[self.record]
        self._values = [seed_values(self._fields, variant) for variant in range(_VARIANTS)]

    def contents(self, chance: int) -> list[Row]:
        """A record's custom fields."""
        return self._fields.contents(self._values[chance % _VARIANTS])


class Notes(_Activity):
    """Notes on contacts."""

    salt, percent = 41, 100

    def row(self, index: int) -> Row:
        """The whole row."""
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
            "custom_fields": self.contents(spare),
        }


class Tasks(_Activity):
    """Tasks: some done, some without a date, some for nobody."""

    updated_name = "modification_time"
    salt, percent = 42, 50

    def __init__(self, account: AccountView) -> None:
        super().__init__(account)
        self._deals = Opportunities(account)

    def _deal(self, index: int) -> int | None:
        """One in nine is about a deal, and then about that deal's contact."""
        number = self.chance(index) >> 20
        return number % self._deals.count if number % 9 == 0 and self._deals.count else None

    def contact(self, index: int) -> int:
        """The contact of the deal, or any."""
        deal = self._deal(index)
        return super().contact(index) if deal is None else self._deals.contact(deal)

    def row(self, index: int) -> Row:
        """The whole row."""
        spare = self.chance(index) >> 20
        created, updated = self.created(index), self.updated(index)
        done = spare % 3 == 0
        deal = self._deal(index)
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
            "opportunity_id": None if deal is None else str(self._deals.key(deal)),
            "accepted": spare % 2 == 0,
            "custom_fields": self.contents(spare),
        }

    def owner(self, index: int, path: str) -> str | None:
        """The contact or the deal, if the task has one."""
        if path == "opportunity_id":
            deal = self._deal(index)
            return None if deal is None else str(self._deals.key(deal))
        found = super().owner(index, path)
        return found if (self.chance(index) >> 20) % 13 else None


class Appointments(_Activity):
    """Appointments; REST v2 writes their times without fractions."""

    salt, percent = 43, 20

    def updated(self, index: int) -> int:
        """In whole seconds."""
        moment = super().updated(index)
        return moment - moment % 1000

    def created(self, index: int) -> int:
        """In whole seconds."""
        moment = super().created(index)
        return moment - moment % 1000

    def row(self, index: int) -> Row:
        """The whole row; reminder and custom fields are not shown by v2."""
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
            "custom_fields": self.contents(spare),
        }


_MOVES = Slots(1, 2, 3)


class Opportunities(_Activity):
    """Deals, each in one of the stages."""

    created_name, updated_name = "created_time", "last_updated_time"
    record = "opportunities"
    salt, percent = 44, 10

    def path(self, index: int) -> list[tuple[int, int]]:
        """The stages it went through, with the moments it entered them."""
        chance, created = self.chance(index), self.created(index)
        steps = _MOVES.of(index)
        gap = min(20 * DAY, (EPOCH_END - 1 - created) // steps)
        stages = [1 + (chance >> 3 * step) % 2 + step for step in range(steps - 1)] + [
            1 + chance % len(_STAGES)
        ]
        return [(stage, created + gap * step) for step, stage in enumerate(stages)]

    def updated(self, index: int) -> int:
        """When it was last changed: each move changes it."""
        return max(super().updated(index), self.path(index)[-1][1])

    def row(self, index: int) -> Row:
        """The whole row."""
        chance, contact = self.chance(index), self.contact(index)
        spare = chance >> 24
        stage, entered = self.path(index)[-1]
        created = self.created(index)
        low = spare % 900 * 25
        revenue = 0.0 if spare % 3 else spare % 50 * 10.0
        partner = self.account.partner(spare) if spare % 7 == 0 else None
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
            "custom_fields": self.contents(spare),
            "created_time": iso(created),
            "last_updated_time": iso(self.updated(index)),
            "affiliate_id": partner,
            "lead_source": ("Web Form", None, "Trade show: Phoenix", "")[spare % 4],
            "monthly_revenue": revenue,
            "order_revenue": revenue * 3,
            "objection": None if spare % 6 else "Price",
            "status": "Active" if stage < 5 else "Closed",  # noqa: PLR2004 - the stages before the end
            "status_id": "1" if stage < 5 else "2",  # noqa: PLR2004 - likewise
            "stage_entrance_time": iso(entered),
            "last_updated_by": str(1 + spare % 3 * 2),
            "created_by": "1",
        }


class StageMoves(PerContact):
    """From stage to stage; times are in the form without a colon in the offset."""

    created_name = "move_time"
    salt, percent = 45, 0

    def __init__(self, account: AccountView) -> None:
        self._deals = Opportunities(account)
        super().__init__(account, _MOVES.count(self._deals.count))

    def created(self, index: int) -> int:
        """When the move was made."""
        deal, step = _MOVES.find(index)
        return self._deals.path(deal)[step][1]

    def owner(self, index: int, path: str) -> str | None:
        """The opportunity."""
        if path != "opportunity_id":
            raise KeyError(path)
        return str(self._deals.key(_MOVES.find(index)[0]))

    def row(self, index: int) -> Row:
        """The whole row."""
        deal, step = _MOVES.find(index)
        path = self._deals.path(deal)
        return {
            "id": str(self.key(index)),
            "opportunity_id": str(self._deals.key(deal)),
            "move_time": iso_offset(path[step][1]),
            "move_from_stage_id": str(path[step - 1][0] * 10) if step else "0",
            "move_to_stage_id": str(path[step][0] * 10),
            "prev_stage_move_time": iso_offset(path[step - 1][1]) if step else None,
            "user_id": str(1 + index % 3 * 2),
            "created_by": "1",
            "create_time": iso_offset(path[step][1]),
        }


def stages(_: AccountView) -> dict[int, Row]:
    """The stages of opportunities, with ids 10, 20 ..."""
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
    """Templates of notes."""
    return {
        key: {
            "id": str(key),
            "title": title,
            "description": None if key % 4 else "Within a day of the purchase",
            "action_type": ("Call", "Email", "Other")[key % 3],
            "assignment_user_id": 1,
            "notify_users": ["1", "3"] if key % 2 else [],
        }
        for key, title in ((5, "Welcome call"), (8, "Complaint"), (12, "After the sale"), (17, "Birthday 🎂"))
    }


class Referrals(PerContact):
    """Contacts that partners brought."""

    created_name = "referral_time"
    salt, percent = 46, 12

    def row(self, index: int) -> Row:
        """The whole row."""
        spare, created = self.chance(index) >> 20, self.created(index)
        return {
            "id": str(self.key(index)),
            "description": (None, "", "Clicked the banner")[spare % 3],
            "source": ("Web form", "Banner 300x250", "Manual", None)[spare % 4],
            "contact_id": str(self.contact(index)),
            "referral_partner_id": self.account.partner(spare),
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
    """What is in a made-up file: bytes of every kind, a little more in each."""
    return b"\x89made-up\r\n\x00\xff" + bytes(range(256)) * (key % 5) + str(key).encode()


class Files(PerContact):
    """Files of contacts and of the account."""

    created_name, updated_name = "created_time", "updated_time"
    salt, percent = 47, 5

    def owner(self, index: int, path: str) -> str | None:
        """The contact, if the file belongs to one."""
        found = super().owner(index, path)
        return found if index % 3 else None

    def row(self, index: int) -> Row:
        """The whole row."""
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

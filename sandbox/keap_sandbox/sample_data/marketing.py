"""Sample campaigns, automations, web forms, lead sources and their expenses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import BILLING_RUN, DAY, EPOCH_END, EPOCH_START, dice
from keap_sandbox.sample_data.money import money
from keap_sandbox.tables import moment_of
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.tables import Row

__all__ = [
    "automation_categories", "automations", "campaign_goals", "campaign_sequences", "campaigns",
    "incurred", "lead_source_categories", "lead_source_expenses", "lead_source_recurring_expenses",
    "lead_sources", "webform_html", "webforms", "wordpress_options",
]  # fmt: skip

_AUTOMATIONS = 61  # more than two pages: Keap allows 25 per page
_CATEGORIES = ("Sales", "Onboarding", "Events", "Ünïcode", "Empty")


_BEFORE = -400 * DAY
"""When lead sources were created, relative to the first contact: contacts name all of them."""


def _created_and_updated(chance: int, number: int, shift: int = 0) -> tuple[int, int]:
    """Return when a record was created and last changed, in milliseconds since the epoch."""
    created = EPOCH_START + shift + number * 20 * DAY + chance % DAY
    return created, created + (0 if number % 3 == 0 else chance % (EPOCH_END - created))


def campaigns(account: AccountView) -> dict[int, Row]:
    """Return the classic campaigns."""
    roll = dice(account.seed, 61)
    rows: dict[int, Row] = {}
    names = (
        "Welcome",
        "Webinar 2025",
        "Win back",
        "Birthday",
        "Referral → reward",
        "Test (do not publish)",
        "Fair",
    )
    for number, name in enumerate(names):
        position = number ^ 1 if number < 6 else number  # noqa: PLR2004 - swap pairs, but not the last one
        key, chance = 15 + 6 * position, roll(number)
        created, updated = _created_and_updated(chance, number)
        published = number % 4 != 3  # noqa: PLR2004 - every fourth is a draft
        rows[key] = {
            "id": str(key),
            "name": name,
            "locked": number == 2,  # noqa: PLR2004 - one is locked
            "date_created": iso(created),
            "published_date": iso(updated) if published else None,
            "published_status": published,
            "error_message": None if number % 5 else "A timer has no date",
            "time_zone": words.ZONES[number % 3],
            "published_time_zone": words.ZONES[number % 3] if published else None,
            "created_by_global_id": "90001",
            "active_contact_count": chance % 300,
            "completed_contact_count": chance % 1700,
            "last_updated": iso(updated),
        }
    return rows


def campaign_goals(account: AccountView) -> dict[int, Row]:
    """Return the goals, which start and end the sequences of campaigns."""
    rows: dict[int, Row] = {}
    for campaign in account.tables["campaigns"]:
        for number, kind in enumerate(("WebForm", "Tag", "Purchase")[: 1 + campaign // 3 % 3]):
            key = campaign * 10 + number
            rows[key] = {
                "id": str(key),
                "name": f"{kind} {number}",
                "type": kind,
                "historical_contact_counts": {"24_hours": key % 7, "30_days": key % 190},
                "next_sequence_ids": [str(campaign * 10 + 5)] if number == 0 else [],
                "previous_sequence_ids": [] if number == 0 else [str(campaign * 10 + 5)],
                "campaign_id": str(campaign),
            }
    return rows


def campaign_sequences(account: AccountView) -> dict[int, Row]:
    """Return the sequences of campaigns."""
    rows: dict[int, Row] = {}
    for campaign in account.tables["campaigns"]:
        for number in range(1 + campaign % 2):
            key = campaign * 10 + 5 + number
            ids = [str(key * 10 + step) for step in range(3)]
            items = [
                {
                    "id": ids[step],
                    "name": kind,
                    "type": kind,
                    "next_item_id": ids[step + 1] if step < len(ids) - 1 else None,
                    "previous_item_id": ids[step - 1] if step else None,
                }
                for step, kind in enumerate(("Start", "DelayTimer", "Email"))
            ]
            rows[key] = {
                "id": str(key),
                "name": f"Mails {number + 1} - spring",
                "paths": [{"id": str(key), "items": items}],
                "active_contact_count": key % 40,
                "active_contact_count_completed": key % 11,
                "historical_contact_count": {"24_hours": key % 5, "30_days": key % 90},
                "campaign_id": str(campaign),
            }
    return rows


def automations(account: AccountView) -> dict[int, Row]:
    """Return the automations, which are newer than classic campaigns."""
    roll = dice(account.seed, 62)
    rows: dict[int, Row] = {}
    for number in range(_AUTOMATIONS):
        key, chance = 200 + 3 * (number ^ 1), roll(number)
        draft, locked = number % 4 == 3, number % 10 == 5  # noqa: PLR2004 - some of each
        title = f"{('Spring', 'Welcome', 'My spring', 'Rechnung ü')[number % 4]} {number}"
        rows[key] = {
            "id": str(key),
            "title": title,
            "categories": [str(1 + bit) for bit in range(4) if chance >> bit & 1],
            "status": "DRAFT" if draft else "PUBLISHED",
            "locked": locked,
            "active_contacts": chance % 250,
            "error_message": None if number % 9 else "E-mail template is missing",
            "published_date": None if draft else iso(_created_and_updated(chance, number % 50)[1]),
            "published_by": None if draft else "1",
            "published_timezone": None if draft else words.ZONES[0],
            "current_edit_lock_status": {
                "locked": locked,
                "user_id": "3" if locked else None,
                "user_name": "user3@sandbox.example" if locked else None,
                "user_firstname": "Kai" if locked else None,
            },
        }
    return rows


def automation_categories(account: AccountView) -> dict[int, Row]:
    """Return the categories of automations, with the number of automations in each."""
    table = account.tables["automations"]
    used = [row["categories"] for row in table.rows()]
    return {
        key: {
            "id": str(key),
            "name": name,
            "automation_count": sum(str(key) in categories for categories in used),
        }
        for key, name in enumerate(_CATEGORIES, 1)
    }


def webforms(account: AccountView) -> dict[int, Row]:
    """Return web forms of every kind."""
    roll = dice(account.seed, 63)
    kinds = ("LEGACY", "STANDALONE", "FUNNEL", "LANDING_PAGE", "SURVEY", "INTERNAL")
    rows: dict[int, Row] = {}
    for number in range(14):
        key, chance = 40 + 3 * (number ^ 1), roll(number)
        created, updated = _created_and_updated(chance, number)
        slug = f"form-{number}" if number % 3 else None
        rows[key] = {
            "id": str(key),
            "xid": f"{chance:016x}",
            "name": f"{('Newsletter', 'Contact us', 'Umfrage & Quiz')[number % 3]} {number}",
            "funnel_id": "15" if number % 6 == 2 else None,  # noqa: PLR2004 - those of kind FUNNEL
            "custom_slug": slug,
            "webform_url": f"https://forms.sandbox.example/{chance:016x}",
            "pretty_webform_url": f"https://forms.sandbox.example/{slug}" if slug else None,
            "thank_you_page_url": None if number % 4 else "https://sandbox.example/thanks",
            "duplicate_check_option": ("EMAIL", "EMAIL_AND_NAME", "NO_CHECK")[number % 3],
            "exit_option": ("REDIRECT", "HOSTED", "MESSAGE")[number % 3],
            "webform_type": kinds[number % len(kinds)],
            "create_time": iso(created),
            "update_time": iso(updated),
        }
    return rows


def webform_html(row: Row) -> str:
    """Return the HTML of a web form."""
    return (
        f'<!DOCTYPE html>\n<html><body><form action="{row["webform_url"]}" method="POST">\n'
        f"<h1>{row['name']}</h1><label>Größe <input name='inf_field_Email'></label>\n</form></body></html>\n"
    )


_SOURCES = (
    "Web search", "Trade show: Phoenix", "Newsletter", "Friends → family", "Radio", "Web ads", "Flyer ✉",
    "Podcast", "Partner", "Old list",
)  # fmt: skip


def lead_source_categories(account: AccountView) -> dict[int, Row]:
    """Return the categories of lead sources."""
    roll = dice(account.seed, 64)
    rows: dict[int, Row] = {}
    for number, name in enumerate(("Online", "Print", "Events 🎪")):
        created, updated = _created_and_updated(roll(number), number, 2 * _BEFORE)
        rows[3 + 2 * number] = {
            "id": str(3 + 2 * number),
            "name": name,
            "description": (None, "", "All kinds")[number],
            "create_time": iso(created),
            "update_time": iso(updated),
        }
    return rows


def lead_sources(account: AccountView) -> dict[int, Row]:
    """Return the lead sources. Contacts refer to their ids."""
    roll = dice(account.seed, 65)
    rows: dict[int, Row] = {}
    for number, name in enumerate(_SOURCES):
        key, chance = 2 * number + 2, roll(number)
        created, updated = _created_and_updated(chance, number, _BEFORE)
        rows[key] = {
            "id": str(key),
            "name": name,
            "description": (None, "", "Since the start", "Foo * bar")[number % 4],
            "vendor": (None, "Example Ads", "Sunrise Radio")[number % 3],
            "medium": ("Web", "Print", None)[number % 3],
            "message": None if number % 2 else "Try it free",
            "status": "INACTIVE" if number % 5 == 4 else "ACTIVE",  # noqa: PLR2004 - every fifth
            "lead_source_category_id": str(3 + 2 * (number % 3)) if number % 4 else None,
            "start_time": iso(created - created % DAY),
            "end_time": iso(created - created % DAY + 365 * DAY) if number % 3 == 0 else None,
            "create_time": iso(created),
            "update_time": iso(updated),
        }
    return rows


_MONTH = 30 * DAY


def _since(row: Row) -> int:
    """Return when the record was created that expenses belong to."""
    return moment_of(row["create_time"]) or EPOCH_START


def lead_source_recurring_expenses(account: AccountView) -> dict[int, Row]:
    """Return the recurring expenses of lead sources, as of the end of the sample. `incurred` continues."""
    roll = dice(account.seed, 66)
    rows: dict[int, Row] = {}
    for source in account.tables["lead_sources"].rows():
        for number in range(int(source["id"]) % 3):
            key = int(source["id"]) * 10 + 300 + number
            created = _since(source) + (10 + 20 * number) * DAY + roll(key) % DAY
            start, ended = created - created % DAY, key % 2 == 0
            months = (EPOCH_END - start) // _MONTH
            rows[key] = {
                "id": str(key),
                "title": ("Monthly fee", "Hosting - basic")[number],
                "notes": None if number else "Cancel in time",
                "amount": money(1900 + 100 * key),
                "lead_source_id": source["id"],
                "start_time": iso(start),
                "end_time": iso(start + _INCURRED * _MONTH) if ended else None,
                "next_expense_time": None if ended else iso(start + (months + 1) * _MONTH),
                "create_time": iso(created),
                "update_time": iso(created + _INCURRED * _MONTH if ended else created),
            }
    return rows


def incurred(row: Row, now: int) -> Row:
    """Return a recurring expense whose next expense is not over. It changes when one has been incurred.

    Args:
        row: The recurring expense.
        now: The time in milliseconds since the epoch.
    """
    due, changed = moment_of(row["next_expense_time"]), moment_of(row["update_time"])
    if due is None or due + DAY + BILLING_RUN > now:
        return row
    last = due + (now - DAY - BILLING_RUN - due) // _MONTH * _MONTH
    billed = last + DAY + BILLING_RUN
    updated = iso(billed) if changed is None or changed < billed else row["update_time"]
    return {**row, "next_expense_time": iso(last + _MONTH), "update_time": updated}


_INCURRED = 3
"""The months of each recurring expense that the sample has."""


def lead_source_expenses(account: AccountView) -> dict[int, Row]:
    """Return the expenses of lead sources: one-off ones, and the first of each recurring expense."""
    roll = dice(account.seed, 67)
    rows: dict[int, Row] = {}

    def add(source: str, key: int, title: str, cost: int, moment: int, recurring: str | None) -> None:
        created = moment + roll(key) % DAY
        rows[key] = {
            "id": str(key),
            "title": title,
            "notes": (None, "", "Paid by card")[key % 3],
            "amount": money(cost),
            "lead_source_id": source,
            "lead_source_recurring_expense_id": recurring,
            "create_time": iso(created),
            "update_time": iso(created + (0 if key % 3 == 0 else roll(key) % (EPOCH_END - created))),
            "incurred_time": iso(created - created % DAY),
        }

    for row in account.tables["lead_sources"].rows():
        for number in range(int(row["id"]) % 5):
            key, moment = int(row["id"]) * 10 + 600 + number, _since(row) + (1 + number) * 50 * DAY
            add(row["id"], key, f"Ad no. {number}", 500 + 333 * number, moment, None)
    for row in account.tables["lead_source_recurring_expenses"].rows():
        for number in range(_INCURRED):
            key, moment = int(row["id"]) * 5 + 1000 + number, _since(row) + number * _MONTH
            add(row["lead_source_id"], key, row["title"], row["amount"]["amount"], moment, row["id"])
    return rows


def wordpress_options(_: AccountView) -> dict[int, Row]:
    """Return the opt-in options of the WordPress integration."""
    names = ("Newsletter", "Webinar & more", "Ünïcode")
    return {key: {"key": f"option-{key}", "name": name} for key, name in enumerate(names, 1)}

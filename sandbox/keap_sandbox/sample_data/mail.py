"""Sample emails, the status of every email address, and email templates."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from keap_sandbox.sample_data.generators import EPOCH_END, Dated, PerContact
from keap_sandbox.tables import mix
from keap_sandbox.timestamps import iso, iso_millis

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.tables import Row

__all__ = ["EmailStatuses", "Emails", "email_templates", "new_status"]

_SUBJECTS = ("Welcome", "Your order", "News in May", "Re: question; answered", "🎁 For you", "")
_STATUSES = (
    "SINGLE_OPT_IN", "DOUBLE_OPT_IN", "UNENGAGED_MARKETABLE", "NON_MARKETABLE", "HARD_BOUNCE",
    "LIST_UNSUBSCRIBE", "SPAM",
)  # fmt: skip


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Emails(PerContact):
    """Sent and received emails."""

    created_name = "received_time"
    salt, percent = 51, 200

    def moment(self, index: int, path: str) -> int | None:
        """Return when it was received, which is also when it was created; None for any other field."""
        return self.created(index) if path == "received_time" else None

    def row(self, index: int) -> Row:
        """Return the complete row. Only the single record shows the content."""
        chance, contact = self.chance(index), self.contact(index)
        spare, created = chance >> 20, self.created(index)
        address = self.account.person(contact)["email"] or f"lost{contact}@example.com"
        subject = _SUBJECTS[spare % len(_SUBJECTS)]
        opened = created + 3_600_000 if spare % 3 == 0 else None
        return {
            "id": str(self.key(index)),
            "subject": subject,
            "headers": f"X-Mailer: sandbox\r\nMessage-ID: <{chance:016x}@sandbox.example>",
            "contact_id": str(contact),
            "sent_to_address": address,
            "sent_to_cc_address_list": ["copy@example.com"] if spare % 15 == 0 else [],
            "sent_to_bcc_address_list": [],
            "sent_from_address": "hello@sandbox.example",
            "sent_from_reply_address": "hello@sandbox.example" if spare % 2 else None,
            "sent_time": iso(created - created % 1000),
            "received_time": iso(created),
            "opened_time": iso(opened) if opened else None,
            "clicked_time": iso(opened + 90_000) if opened and spare % 2 else None,
            "original_provider_id": f"msg_{chance % 10**8:08d}",
            "original_provider": ("INFUSIONSOFT", "GOOGLE", "MICROSOFT", "UNKNOWN")[spare % 4],
            "provider_source_id": None,
            "plain_content": _encoded(f"{subject}\n\nDear reader,\n… number {index}"),
            "html_content": _encoded(f"<h1>{subject}</h1><p>… number {index}</p>") if spare % 4 else None,
        }


class EmailStatuses(Dated):
    """The status of each email address in the sample contacts."""

    def __init__(self, account: AccountView) -> None:
        seen: set[str] = set()
        self._addresses: list[tuple[int, str]] = []  # number of the first contact with it, address
        for index in range(account.people.count):
            for entry in account.people.emails(index):
                if entry["email"].casefold() not in seen:
                    seen.add(entry["email"].casefold())
                    self._addresses.append((index, entry["email"]))
        self._people = account.people
        super().__init__(len(self._addresses), account.seed, 52)

    def created(self, index: int) -> int:
        """Return when the contact was created."""
        return self._people.created(self._addresses[index][0])

    def row(self, index: int) -> Row:
        """Return the complete row."""
        chance, created = self.chance(index), self.created(index)
        status = _STATUSES[mix(chance) % len(_STATUSES)]
        sent = created + chance % (EPOCH_END - created) if chance % 5 else None
        opened = sent + 3_600_000 if sent and chance % 3 else None
        return {
            "email": self._addresses[index][1],
            "opted_in": status.endswith(("OPT_IN", "UNENGAGED_MARKETABLE")),
            "status": status,
            "create_time": iso(created),
            "last_click_time": iso(opened + 60_000) if opened and chance % 2 else None,
            "last_open_time": iso(opened) if opened else None,
            "last_sent_time": iso(sent) if sent else None,
        }


def email_templates(_: AccountView) -> dict[int, Row]:
    """Return the email templates. Their ids are numbers."""
    rows: dict[int, Row] = {}
    for number, title in enumerate(("Welcome 1", "Welcome 2", "Renewal", "Unsubscribed", "Ünïcode news")):
        key = 61 + 2 * number
        html: Any = f"<html><body><p>{title}, ~Contact.FirstName~</p></body></html>"
        rows[key] = {
            "id": key,
            "piece_title": title,
            "categories": ["Onboarding"] if number < 2 else [],  # noqa: PLR2004 - the two welcome emails
            "from_address": "hello@sandbox.example",
            "to_address": "~Contact.Email~",
            "cc_address": None,
            "bcc_address": None if number else "archive@sandbox.example",
            "subject": f"{title}!",
            "text_body": f"{title}, ~Contact.FirstName~",
            "html_body": html if number % 2 else None,
            "content_type": ("TEXT", "HTML", "MULTIPART")[number % 3],
            "merge_context": "CONTACT",
        }
    return rows


def new_status(email: str, now: int) -> Row:
    """Return the status of a new email address.

    Args:
        email: The address.
        now: The sandbox's time, in milliseconds since the epoch.
    """
    row: Row = {"email": email, "opted_in": False, "status": "NON_MARKETABLE", "create_time": iso_millis(now)}
    return row | dict.fromkeys(("last_click_time", "last_open_time", "last_sent_time"))

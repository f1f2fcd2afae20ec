"""Sample rows of the tables of the XML-RPC API that REST has nothing for, by the names of their columns.

Times are in UTC here, as everywhere in the account; the tables show them in Eastern time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.sample_data.generators import DAY, EPOCH_END, Numbering, dice
from keap_sandbox.sample_data.money import cents
from keap_sandbox.tables import moment_of
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.tables import Row

__all__ = [
    "action_sequences", "campaignees", "expenses", "group_assigns", "mortgage_leads", "recurring_instances",
    "statuses", "ticket_stages", "ticket_types", "tickets",
]  # fmt: skip

_HOUR = 3_600_000
_LAST = EPOCH_END - 1


def _later(moment: int, chance: int) -> int:
    """Return a moment between another and the end of the sample."""
    return moment + chance % max(_LAST - moment, 1)


def _contact(account: AccountView, chance: int) -> tuple[int, int]:
    """Pick a sample contact.

    Returns:
        Its id, and when it was created.
    """
    number = chance % account.people.count
    return account.people.key(number), account.people.created(number)


def _user(chance: int) -> int:
    return 1 + chance % 4 * 2


def action_sequences(account: AccountView) -> dict[int, Row]:
    """Return the action sets."""
    names = ("Thank the customer", "Chase the payment", "Hand over to coaching", "Nur für Büro", "Test")
    users = list(account.tables["users"].keys())
    return {
        4 + 6 * (number ^ 1): {
            "Id": 4 + 6 * (number ^ 1),
            "TemplateName": name,
            "VisibleToTheseUsers": ",".join(map(str, users[: number * 2])) or None,
        }
        for number, name in enumerate(names)
    }


def campaignees(account: AccountView) -> dict[int, Row]:
    """Return which contacts are, or were, in which sequences."""
    roll = dice(account.seed, 91)
    campaigns = list(account.tables["campaigns"].rows())
    numbering = Numbering(account.people.count * 15 // 100)
    rows: dict[int, Row] = {}
    for number in range(numbering.count):
        chance, key = roll(number), numbering.key(number)
        campaign = campaigns[chance % len(campaigns)]
        rows[key] = {
            "Id": key,
            "Campaign": campaign["name"],
            "CampaignId": int(campaign["id"]),
            "ContactId": _contact(account, chance >> 8)[0],
            "Status": "Inactive" if chance >> 4 & 1 else "Active",
        }
    return rows


def expenses(account: AccountView) -> dict[int, Row]:
    """Return what was spent on contacts."""
    roll = dice(account.seed, 92)
    numbering = Numbering(account.people.count * 4 // 100)
    rows: dict[int, Row] = {}
    for number in range(numbering.count):
        chance, key = roll(number), numbering.key(number)
        contact, since = _contact(account, chance >> 8)
        rows[key] = {
            "Id": key,
            "ContactId": contact,
            "DateIncurred": iso(_later(since, chance >> 16)),
            "ExpenseAmt": cents(chance % 90_000 / 100) / 100,
            "ExpenseType": ("Travel", "Gift", "Print", "Other")[chance % 4],
            "TypeId": 1 + chance % 4,
        }
    return rows


def group_assigns(account: AccountView) -> dict[int, Row]:
    """Return which users are in which user groups."""
    groups, users = list(account.tables["user_groups"].keys()), list(account.tables["users"].keys())
    pairs = [(group, user) for place, group in enumerate(groups) for user in users[place :: place + 2]]
    return {
        3 * number + 2: {
            "Id": 3 * number + 2,
            "Admin": int(user == users[0]),
            "GroupId": group,
            "UserId": user,
        }
        for number, (group, user) in enumerate(pairs)
    }


def mortgage_leads(account: AccountView) -> dict[int, Row]:
    """Return the mortgages that every third opportunity is about."""
    roll = dice(account.seed, 93)
    table = account.tables["opportunities"]
    steps = (
        "ApplicationDate", "CreditReportDate", "DateAppraisalOrdered", "DateAppraisalDone",
        "DateAppraisalReceived", "DateTitleOrdered", "DateTitleReceived", "DateRateLocked",
        "DateRateLockExpires", "FundingDate", "ActualCloseDate",
    )  # fmt: skip
    rows: dict[int, Row] = {}
    for number, lead in enumerate(table.keys()[::3]):
        key, chance = 5 * number + 3, roll(number)
        since = table.moment(lead, "created_time") or 0
        done = len(steps) if chance % 4 == 0 else (chance >> 8) % len(steps)
        gap = min(3 * DAY + chance % DAY, max(_LAST - since, 0) // len(steps))
        rows[key] = {
            "Id": key,
            "OpportunityId": lead,
            "MtgNotes": (None, "", "First home.\nWants a fixed rate ⌂")[chance % 3],
            "EstimatedCloseDate": iso(since + 60 * DAY),
            **{step: iso(since + gap * (place + 1)) for place, step in enumerate(steps[:done])},
        }
    return rows


_MOST_RUNS = 3


def recurring_instances(account: AccountView) -> dict[int, Row]:
    """Return the first runs of each subscription. The first one is on the invoice that it began with."""
    table, orders = account.tables["subscriptions"], account.tables["orders"]
    rows: dict[int, Row] = {}
    for key in table:
        row = table.row(key)
        start, last = moment_of(row.get("start_date")), moment_of(row.get("last_bill_date"))
        if start is None or last is None:
            continue
        days = {"DAY": 1, "WEEK": 7, "MONTH": 30, "YEAR": 365}.get(str(row["billing_cycle"]), 30)
        begun = orders.children("order_items.subscription_id", str(key))
        billed = orders.moment(begun[0], "creation_time") if begun else None
        for place in range(_MOST_RUNS):
            first = start + place * days * DAY
            if first > last or first > _LAST:
                break
            number = _MOST_RUNS * key + place
            rows[number] = {
                "Id": number,
                "AutoCharge": int(bool(row.get("auto_charge"))),
                "DateCreated": iso(billed if place == 0 and billed else first + 15 * _HOUR),
                "Description": f"Run {place + 1}",
                "EndDate": iso(first + (days - 1) * DAY)[:10],
                "RecurringId": key,
                "StartDate": iso(first)[:10],
                "Status": 1 if first + days * DAY <= last else 0,
                "IsFirst": place == 0,
            }
    return rows


def statuses(_: AccountView) -> dict[int, Row]:
    """Return the states of opportunities, with the ids that opportunities name."""
    names = ("Active", "Closed", "On hold")
    return {
        number: {
            "Id": number,
            "StatusName": name,
            "StatusOrder": str(number),
            "TargetNumDays": None if name == "Closed" else str(30 * number),
        }
        for number, name in enumerate(names, 1)
    }


_STAGES = ("New", "In progress", "Waiting for the customer", "Closed ✓")
_TYPES = ("Question", "Complaint", "Rückgabe")


def ticket_stages(_: AccountView) -> dict[int, Row]:
    """Return the stages of tickets."""
    return {2 * place: {"Id": 2 * place, "StageName": name} for place, name in enumerate(_STAGES, 1)}


def ticket_types(_: AccountView) -> dict[int, Row]:
    """Return the types of tickets, in two categories."""
    return {
        3 * place: {"Id": 3 * place, "CategoryId": 1 + place % 2, "Label": name}
        for place, name in enumerate(_TYPES, 1)
    }


def tickets(account: AccountView) -> dict[int, Row]:
    """Return the tickets of contacts."""
    roll = dice(account.seed, 94)
    numbering = Numbering(account.people.count * 6 // 100)
    rows: dict[int, Row] = {}
    for number in range(numbering.count):
        chance, key = roll(number), numbering.key(number)
        contact, since = _contact(account, chance >> 8)
        created = _later(since, chance >> 16)
        staged = _later(created, chance >> 24)
        updated = _later(staged, chance >> 32) if chance % 3 else staged
        stage, kind = 1 + chance % len(_STAGES), 1 + chance % len(_TYPES)
        closed = stage == len(_STAGES)
        rows[key] = {
            "Id": key,
            "CloseDate": iso(staged)[:10] if closed else None,
            "ContactId": contact,
            "CreatedBy": _user(chance),
            "DateCreated": iso(created),
            "DateInStage": iso(staged)[:10],
            "DevId": _user(chance >> 2) if chance % 2 else None,
            "FolowUpDate": None if closed else iso(updated + 3 * DAY)[:10],
            "HasCustomerCalled": chance >> 3 & 1,
            "IssueId": None,
            "LastUpdated": iso(updated),
            "LastUpdatedBy": _user(chance >> 4),
            "Ordering": number / 2,
            "Priority": 1 + chance % 3,
            "Stage": 2 * stage,
            "Summary": (None, "", "Cannot log in.\nTried twice; é ☎")[chance % 3],
            "TargetCompletionDate": iso(created + 14 * DAY)[:10] if chance % 4 else None,
            "TicketApplication": ("Shop", "Members' area", None)[chance % 3],
            "TicketCategory": 1 + kind % 2,
            "TicketTitle": ("Login", "Refund?", "Größe falsch", "Where is my order & when")[chance % 4],
            "TicketTypeId": 3 * kind,
            "TimeSpent": chance % 40 / 4,
            "UserId": _user(chance >> 6),
        }
    return rows

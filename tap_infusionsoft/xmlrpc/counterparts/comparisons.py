"""How a value of a table and its counterpart in REST are compared: what is the same in spite of its looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CUT = 10_000
"""Characters of `ContactNotes` that XML-RPC sends. Source: the vendor's page on the table's schema."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A way to compare two values.

    Attributes:
        about: How the two differ in looks, for the documents; empty if they do not.
        codes: Value in the table -> the values that REST has for it; empty if it is no list of codes.
    """

    about: str = ""
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _codes(about: str, text: str) -> Comparison:
    """A list of codes, each written as ``1=YEAR``, or ``0=DRAFT/SENT`` if REST has several for it."""
    pairs = (pair.split("=") for pair in text.split())
    return Comparison(about, {code: tuple(values.split("/")) for code, values in pairs})


COMPARISONS: Mapping[str, Comparison] = {
    # Looks.
    "text": Comparison(),
    "id": Comparison("A number in the table, text in REST. 0 in the table means none: null in REST."),
    "number": Comparison("The same number; REST may send it as text."),
    "amount": Comparison(
        "Whole units of the currency on both sides, such as dollars. The table can have fractions of a cent."
    ),
    "flag": Comparison("1 or 0 in the table, true or false in REST."),
    "list": Comparison("Separated by commas in the table, a list in REST. The order means nothing."),
    "lines": Comparison("One on each line in the table, a list in REST."),
    "words": Comparison("The same words; REST writes them in capitals, with underscores."),
    "name": Comparison("The same name; REST has an underscore before it."),
    "brand": Comparison(
        "The name of a brand in the table; REST writes it in its own way.",
        {"American Express": ("amex", "AMEX"), "Diners Club": ("diners", "DINERS")},
    ),
    "users": Comparison(
        "Ids separated by commas in the table, a list in REST, which says ALL_USERS of what all share."
    ),
    "region": Comparison("Free text in the table; REST has it spelled out or as a code, such as US-AZ."),
    "cut": Comparison(f"XML-RPC sends {CUT:,} characters at most, REST all of them."),
    # Times.
    "time": Comparison("US Eastern on the wire of XML-RPC, which the tap converts; UTC in REST."),
    "day": Comparison("A day without a zone on both sides. REST may send it as midnight UTC."),
    "day of time": Comparison(
        "A day in the table, a time in UTC in REST: the same day on a clock of US Eastern time."
    ),
    # Codes.
    "active": _codes("A code in the table, true or false in REST.", "1=true 0=false"),
    "active word": _codes("A word in the table, true or false in REST.", "Active=true Inactive=false"),
    "status": _codes("A code in the table, a word in REST.", "1=ACTIVE 0=INACTIVE"),
    "cycle": _codes(
        "A code in the table, a word in REST.", "1=YEAR/YEARLY 2=MONTH/MONTHLY 3=WEEK/WEEKLY 6=DAY/DAILY"
    ),
    "paid": _codes("A code in the table, a word in REST.", "0=DRAFT/SENT/VIEWED 1=PAID"),
    "referral": _codes("A code in the table, a word in REST.", "0=COOKIE 1=PERMANENT 2=MANUAL"),
    "priority": _codes("A code in the table, a word in REST.", "1=CRITICAL 2=ESSENTIAL 3=NONESSENTIAL"),
    "item type": _codes(
        "A code in the table, a word in REST, which has words that no code stands for.",
        "0=UNKNOWN/OTHER 1=SHIPPING 2=TAX 3=SERVICE 4=PRODUCT 5=UPSELL 6=FINANCE_CHARGE 7=DISCOUNT "
        "8=PROGRAM 9=SUBSCRIPTION 10=DISCOUNT_FREE_TRIAL 11=DISCOUNT_ORDER_TOTAL 12=DISCOUNT_PRODUCT "
        "13=DISCOUNT_PRODUCT_CATEGORY 14=DISCOUNT_SHIPPING",
    ),
    "form": _codes(
        "The number of a form in the table, without its minus in some; the kind of record in REST.",
        "-1=contacts -3=affiliates -4=opportunities -5=notes/tasks -6=companies -9=orders -10=subscriptions "
        "1=contacts 3=affiliates 4=opportunities 5=notes/tasks 6=companies 9=orders 10=subscriptions",
    ),
    "field type": _codes(
        "A code in the table, a word in REST.",
        "1=PHONE_NUMBER 2=SOCIAL_SECURITY_NUMBER 3=CURRENCY 4=PERCENT 5=STATE 6=YES_NO 7=YEAR 8=MONTH "
        "9=DAY_OF_WEEK 10=NAME 11=DECIMAL_NUMBER 12=WHOLE_NUMBER 13=DATE 14=DATE_TIME 15=TEXT 16=TEXT_AREA "
        "17=LIST_BOX 18=WEBSITE 19=EMAIL 20=RADIO 21=DROPDOWN 22=USER 23=DRILLDOWN 25=USER_LIST_BOX",
    ),
}
"""Name -> comparison."""

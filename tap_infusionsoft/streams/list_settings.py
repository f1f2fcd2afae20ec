"""Settings that name the rows to read instead of all of them, such as ``tag_ids``.

Declarations of streams refer to them by name, so they are declared here; `config.schema` adds them to the
other settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class ListSetting(Struct, frozen=True):
    """A setting that lists rows to read.

    Attributes:
        name: Name of the setting.
        title: A few words for forms such as Meltano's.
        description: What the setting does, for docs/settings.md and ``--about``.
        kind: What the list holds: ids, email addresses (with ``*`` at the end as a wildcard), or names.
    """

    name: str
    title: str
    description: str
    kind: Literal["ids", "emails", "names"] = "ids"


_SETTINGS = (
    ListSetting(
        "tag_ids",
        "Tags",
        "Ids of the tags to read contact_tags and contacts_by_tag for. Default: all tags.",
    ),
    ListSetting(
        "affiliate_ids",
        "Affiliates",
        "Ids of the affiliates whose commissions, clawbacks, payments, links, totals and programs to read. "
        "Default: all.",
    ),
    ListSetting(
        "commission_program_ids",
        "Commission programs",
        "Ids of the commission programs whose details and resources to read. Default: all.",
    ),
    ListSetting(
        "contact_ids",
        "Contacts",
        "Ids of the contacts to read. Also limits the streams that make a call for each contact. Default: "
        "all.",
    ),
    ListSetting(
        "product_ids",
        "Products",
        "Ids of the products to read. Also limits the streams that make a call for each product. Default: "
        "all.",
    ),
    ListSetting(
        "order_ids",
        "Orders",
        "Ids of the orders to read, with their items, installments and payments. Default: all.",
    ),
    ListSetting(
        "invoice_ids",
        "Invoices",
        "Ids of the invoices whose orders to read, with a call for each. Default: all.",
    ),
    ListSetting(
        "shipping_method_ids", "Shipping methods", "Ids of the shipping methods to read. Default: all."
    ),
    ListSetting("file_ids", "Files", "Ids of the files whose content to read. Default: all."),
    ListSetting(
        "contact_emails",
        "Email addresses",
        "Email addresses of the contacts to read, matched against all three email fields. "
        "An address may end in a * wildcard. Keap takes one address in a call, so every run makes a call for "
        "each: 800 for 800 addresses. All contacts take a call per 1,000. Default: all contacts.",
        kind="emails",
    ),
    ListSetting(
        "category_discount_ids", "Category discounts", "Ids of the category discounts to read. Default: all."
    ),
    ListSetting(
        "order_total_discount_ids",
        "Order total discounts",
        "Ids of the order total discounts to read. Default: all.",
    ),
    ListSetting(
        "product_discount_ids", "Product discounts", "Ids of the product discounts to read. Default: all."
    ),
    ListSetting(
        "shipping_discount_ids", "Shipping discounts", "Ids of the shipping discounts to read. Default: all."
    ),
    ListSetting("free_trial_discount_ids", "Free trials", "Ids of the free trials to read. Default: all."),
    ListSetting(
        "saved_searches",
        "Saved searches",
        "Ids or name patterns (* and ?) of the saved searches to read; each becomes a stream. "
        "Default: all are discovered, and none is selected. An empty list discovers none. "
        "Also limits report_fields.",
        kind="names",
    ),
)

LIST_SETTINGS: Mapping[str, ListSetting] = {setting.name: setting for setting in _SETTINGS}
"""Name -> setting, in the order of docs/settings.md."""

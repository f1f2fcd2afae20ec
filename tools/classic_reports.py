"""The 39 reports of the classic (Domo) connector, and the streams that replace them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """One report of the classic connector.

    Attributes:
        name: Its name in the classic connector.
        stream: The stream that has its rows.
        settings: The settings that take its parameters.
        note: How the stream differs, in Markdown.
    """

    name: str
    stream: str
    settings: tuple[str, ...] = ()
    note: str = ""


_DATES = ("start_date", "end_date")


def _shipping(report: str, *columns: str) -> Report:
    """A report on one kind of shipping method. Keap documents only some of the details of a method.

    Args:
        report: Name of the report, without its prefix.
        columns: The details that have their own columns.
    """
    listed = ", ".join(f"`{column}`" for column in columns)
    note = "; ".join(filter(None, [listed, "all details in `settings`"]))
    return Report(f"Shipping - {report}", "shipping_methods", ("shipping_method_ids",), note)


REPORTS = (
    Report("Affiliate - Clawbacks", "affiliate_clawbacks", ("affiliate_ids", *_DATES)),
    Report("Affiliate - Commissions", "affiliate_commissions", ("affiliate_ids", *_DATES)),
    Report("Affiliate - Payments", "affiliate_payments", ("affiliate_ids", *_DATES)),
    Report("Affiliate - Redirect Links", "affiliate_redirect_links", ("affiliate_ids",)),
    Report("Affiliate Summary", "affiliate_summaries", ("affiliate_ids", *_DATES)),
    Report(
        "Affiliate - Running Totals",
        "affiliate_running_totals",
        ("affiliate_ids",),
        "for payments, add up `affiliate_payments`",
    ),
    Report("Affiliate Program - All Programs", "commission_programs"),
    Report("Affiliate Program - Affiliate's Programs", "commission_programs", ("affiliate_ids",)),
    Report(
        "Affiliate Program - Program's Affiliates",
        "commission_program_affiliates",
        ("commission_program_ids",),
        "join `affiliates`, then `contacts` on its `contact_id`",
    ),
    Report("Affiliate Program - Resources", "commission_program_resources", ("commission_program_ids",)),
    Report("Contacts - By Email Address", "contacts", ("contact_emails",)),
    Report("Contacts - By ID", "contacts", ("contact_ids",)),
    Report("Contacts - By Tags", "contacts_by_tag", ("tag_ids",), "`contact_tags` has the times of tagging"),
    Report("Data - Record by ID", "<name>", ("queries",), "with `table`, `ids` and `fields`"),
    Report("Data - Query a Data Table", "<name>", ("queries",), "with `table`, `query` and `fields`"),
    Report("Discount - Category", "category_discounts", ("category_discount_ids",)),
    Report("Discount - Category Assignments", "category_discount_assignments", ("category_discount_ids",)),
    Report("Discount - Order's Discount", "order_total_discounts", ("order_total_discount_ids",)),
    Report("Discount - Product Total", "product_discounts", ("product_discount_ids",)),
    Report("Discount - Shipping", "shipping_discounts", ("shipping_discount_ids",)),
    Report("Discount - Subscription's Free Trial", "free_trial_discounts", ("free_trial_discount_ids",)),
    Report("Get File", "file_data", ("file_ids",), "`data` has the content in base64"),
    Report("Invoice - Amount Due", "invoice_balances", ("invoice_ids",), "calculated: total minus paid"),
    Report(
        "Invoice - Available Payment Options",
        "application_settings",
        (),
        "`payment_types` and `credit_card_types` in `ecommerce`; also `merchant_accounts`",
    ),
    Report("Invoice - Payments", "order_payments", ("order_ids",)),
    Report("Invoice - Available Shipping Options", "shipping_methods"),
    Report("Product - Inventory", "product_inventory", ("product_ids",)),
    Report("Search - Available Fields", "report_fields", ("saved_searches",)),
    Report("Search - Saved Search", "saved_search_<name>", ("saved_searches",)),
    Report(
        "Search - Saved Search New",
        "saved_search_<name>",
        ("saved_searches",),
        "select columns in the catalog",
    ),
    Report("Shipping - Available Shipping Options", "shipping_methods"),
    _shipping("Flat Rate Shipping Options", "price", "order_based"),
    _shipping(
        "Order Quantity Shipping Options", "base_shipping_price", "price_per_item", "minimum_shipping_price"
    ),
    _shipping("Order Shipping Options", "order_based"),
    _shipping("Order Shipping Ranges", "ranges"),
    _shipping("Product Shipping Options"),
    _shipping("UPS Shipping Options", "delivery_type", "pickup_type", "packaging_type", "destination_type"),
    _shipping("Weight-Based Shipping Options", "order_based", "ranges"),
    Report("Webform IDs", "webforms"),
)

"""Products, their options, plans, stock and categories."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import ById, Choice, Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import (
    CONTENT,
    array,
    flag,
    integer,
    key,
    moment,
    money,
    nested,
    number,
    text,
)
from tap_infusionsoft.streams.flat_columns import with_amounts
from tap_infusionsoft.streams.replication import NewestFirst
from tap_infusionsoft.streams.row_transforms import object_at

PRODUCTS = Collection(
    name="products",
    about="Products with their options and subscription plans.",
    endpoint=Endpoint("/v2/products", items="products"),
    changes=NewestFirst(key="update_time", order_by="last_updated_time"),
    chosen=(Choice("product_ids", filter="product_ids", by_id=True),),
    properties=with_amounts(
        {
            "id": key(),
            "name": text(),
            "price": money(),
            "active": flag(),
            "description": text(),
            "sku": text(),
            "shippable": flag(),
            "weight": number(),
            "taxable": flag(),
            "categories": array(text()),
            "options": array(
                nested(
                    {
                        "name": text(),
                        "type": text(),
                        "required": flag(),
                        "fixed_options": array(
                            nested({"value": text(), "code": text(), "price_adjustment": number()})
                        ),
                        "variable_setting": nested(
                            {
                                "contains": text(),
                                "min_chars": integer(),
                                "max_chars": integer(),
                                "contain_spaces": flag(),
                                "start_with": text(),
                                "end_with": text(),
                                "validation_msg": text(),
                            }
                        ),
                    }
                )
            ),
            "inventory": nested(
                {
                    "inventory_limit": integer(),
                    "out_of_stock_enabled": flag(),
                    "email_for_inventory_notifications": text(),
                }
            ),
            "short_description": text(),
            "subscription_only": flag(),
            "storefront_hidden": flag(),
            "country_taxable": flag(),
            "state_taxable": flag(),
            "city_taxable": flag(),
            "subscription_plans": array(
                nested(
                    {
                        "id": text(),
                        "active": flag(),
                        "prorate": flag(),
                        "billing_cycle": text(),
                        "billing_frequency": integer(),
                        "number_of_cycles": integer(),
                        "plan_price": money(),
                        "order_index": integer(),
                    }
                )
            ),
            "top_html": text(),
            "bottom_html": text(),
            "is_package": flag(),
            "needs_digital_delivery": flag(),
            "has_legacy_image": flag(),
            "delivery_description": text(),
            "create_time": moment(),
            "update_time": moment(),
        }
    ),
)

PRODUCT_INVENTORY = Collection(
    name="product_inventory",
    about="Stock of each product (one call per product).",
    endpoint=Endpoint("/v2/products/{product_id}", items=None, paging="none"),
    key=("product_id",),
    slices=PerParent(stream="products", columns={"product_id": "id"}, setting="product_ids"),
    wire=Wire(unpack=object_at("inventory")),
    properties={
        "product_id": key(),
        "inventory_limit": integer(),
        "inventory_count": integer(),
        "out_of_stock_enabled": flag(),
        "email_for_inventory_notifications": text(),
    },
)

PRODUCT_OPTIONS = Collection(
    name="product_options",
    about="Options of products (one call per product).",
    endpoint=Endpoint("/v2/products/{product_id}/options", items="product_options", paging="none"),
    slices=PerParent(stream="products", columns={"product_id": "id"}, setting="product_ids"),
    properties={
        "id": key(),
        "required": flag(),
        "option_label": text(),
        "product_id": text(),
        "option_type": text(),
        "display_order": integer(),
        "list_items": array(
            nested(
                {
                    "item_id": text(),
                    "item_label": text(),
                    "item_code": text(),
                    "item_display_order": integer(),
                    "price_adjustment": number(),
                }
            )
        ),
        "text_rules": nested(
            {
                "minimum_characters": integer(),
                "maximum_characters": integer(),
                "allow_spaces": flag(),
                "only_starts_with": text(),
                "only_ends_with": text(),
                "only_contains": text(),
                "error_message": text(),
            }
        ),
    },
)

SUBSCRIPTION_PLANS = Collection(
    name="subscription_plans",
    about="Subscription plans of products (one call per product).",
    endpoint=Endpoint("/v2/products/{product_id}/subscriptions", items="subscriptions"),
    slices=PerParent(stream="products", columns={"product_id": "id"}, setting="product_ids"),
    properties=with_amounts(
        {
            "id": key(),
            "frequency": integer(),
            "active": flag(),
            "subscription_plan_name": text(),
            "cycle_type": text(),
            "total_cycles": integer(),
            "plan_price": money(),
            "display_order_index": integer(),
            "product_id": key(),
        }
    ),
)

PRODUCT_LEGACY_IMAGES = Collection(
    name="product_legacy_images",
    about="Legacy product images, in base64 (one call per product that has one).",
    endpoint=Endpoint("/v2/products/{product_id}/images/legacyImageData", items=None, paging="raw"),
    key=("product_id",),
    slices=PerParent(
        stream="products", columns={"product_id": "id"}, setting="product_ids", only_if="has_legacy_image"
    ),
    wire=Wire(ignored=frozenset({"text"})),
    selected_by_default=False,
    properties={
        "product_id": key(),
        "data": text("The image, in base64."),
        **CONTENT,
    },
)

PRODUCT_CATEGORIES = Collection(
    name="product_categories",
    about="Product categories.",
    endpoint=Endpoint(
        "/v2/productCategories", items="product_categories", by_id=ById(filter="product_category_id")
    ),
    properties={
        "id": key(),
        "name": text(),
        "display_order_index": integer(),
        "parent_category_id": text(),
    },
)

PRODUCT_CATEGORY_ASSIGNMENTS = Collection(
    name="product_category_assignments",
    about="Which products are in which category.",
    endpoint=Endpoint("/v2/productCategories/assignedProducts", items="assigned_product_categories"),
    key=("product_category_id",),
    properties={
        "product_category_id": key(),
        "product_ids": array(text()),
    },
)

PRODUCT_INTEREST_BUNDLES = Collection(
    name="product_interest_bundles",
    about="Bundles of products and plans that a contact can be interested in.",
    endpoint=Endpoint("/v2/productInterestBundles", items="product_interest_bundles"),
    properties={
        "id": key(),
        "name": text(),
        "description": text(),
        "product_interests": array(
            nested(
                {
                    "id": text(),
                    "type": text(),
                    "quantity": integer(),
                    "price": money(),
                    "interest_id": text(),
                    "discount_percent": integer(),
                }
            )
        ),
        "subscription_plan_interests": array(
            nested(
                {
                    "id": text(),
                    "type": text(),
                    "quantity": integer(),
                    "price": money(),
                    "interest_id": text(),
                    "discount_percent": integer(),
                }
            )
        ),
    },
)

COLLECTIONS = (
    PRODUCTS,
    PRODUCT_INVENTORY,
    PRODUCT_OPTIONS,
    SUBSCRIPTION_PLANS,
    PRODUCT_LEGACY_IMAGES,
    PRODUCT_CATEGORIES,
    PRODUCT_CATEGORY_ASSIGNMENTS,
    PRODUCT_INTEREST_BUNDLES,
)

"""Products, their options, plans, stock and categories."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import ById, Choice, Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import (
    Schema,
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
from tap_infusionsoft.streams.relations import id_of, ids_of, key_of, other_id
from tap_infusionsoft.streams.replication import NewestFirst
from tap_infusionsoft.streams.row_transforms import object_at
from tap_infusionsoft.streams.shared_columns import CONTENT

_ADJUSTMENT = (
    "What the choice adds to the price; negative if it takes something off. Keap does not say in which unit: "
    "whole units of the account's currency, such as dollars, as far as is known."
)
_INVENTORY = {
    "inventory_limit": integer("Stock at which the product is out of stock."),
    "out_of_stock_enabled": flag("Whether the product can be out of stock."),
    "email_for_inventory_notifications": text("Email address that is told about low stock."),
}
_PRODUCT_ID = key_of("products", "Id of the product.")

PRODUCTS = Collection(
    name="products",
    about="Products with their options and subscription plans.",
    endpoint=Endpoint("/v2/products", items="products"),
    changes=NewestFirst(key="update_time", order_by="last_updated_time"),
    chosen=(Choice("product_ids", filter="product_ids", by_id=True),),
    properties=with_amounts(
        {
            "id": key("Id of the product."),
            "name": text("Name of the product."),
            "price": money("What one piece costs, without options."),
            "active": flag("Whether the product can be bought."),
            "description": text("Long description."),
            "sku": text("Stock keeping unit."),
            "shippable": flag("Whether the product is shipped."),
            "weight": number("Weight, in the unit that the account uses for shipping."),
            "taxable": flag("Whether the product is taxed."),
            "categories": ids_of(
                "product_categories",
                "Ids of its categories. The stream product_category_assignments has them by category.",
            ),
            "options": array(
                nested(
                    {
                        "name": text("Name of the option."),
                        "type": text("FIXED for choices from a list, VARIABLE for text."),
                        "required": flag("Whether a customer must choose."),
                        "fixed_options": array(
                            nested(
                                {
                                    "value": text("What customers read."),
                                    "code": text("Internal code."),
                                    "price_adjustment": number(_ADJUSTMENT),
                                }
                            ),
                            "For FIXED: the choices.",
                        ),
                        "variable_setting": nested(
                            {
                                "contains": text("What the text must consist of, apart from its ends."),
                                "min_chars": integer("Least number of characters."),
                                "max_chars": integer("Greatest number of characters."),
                                "contain_spaces": flag("Whether the text may have spaces."),
                                "start_with": text("What the text must start with."),
                                "end_with": text("What the text must end with."),
                                "validation_msg": text("What a customer reads if the text is refused."),
                            },
                            "For VARIABLE: what the text must be like.",
                        ),
                    }
                ),
                "What customers can choose. The stream product_options has one row per option.",
            ),
            "inventory": nested(
                _INVENTORY, "How stock is kept. The stream product_inventory has the stock itself."
            ),
            "short_description": text("Short description."),
            "subscription_only": flag("Whether the product can be bought by subscription only."),
            "storefront_hidden": flag("Whether the product is hidden in the storefront."),
            "country_taxable": flag("Whether taxes of the country apply."),
            "state_taxable": flag("Whether taxes of the state apply."),
            "city_taxable": flag("Whether taxes of the city apply."),
            "subscription_plans": array(
                nested(
                    {
                        "id": id_of("subscription_plans", "Id of the plan."),
                        "active": flag("Whether the plan can be bought."),
                        "prorate": flag("Whether the first bill covers a part of a cycle."),
                        "billing_cycle": text("YEAR, MONTH, WEEK or DAY."),
                        "billing_frequency": integer("How often a cycle is billed, says Keap's document."),
                        "number_of_cycles": integer("Number of cycles; 0 or null means without end."),
                        "plan_price": money("What one bill of the plan comes to."),
                        "order_index": integer("Position among the plans; smaller comes first."),
                    }
                ),
                "Plans that it can be bought by. The stream subscription_plans has one row per plan.",
            ),
            "top_html": text("HTML above the product in the storefront."),
            "bottom_html": text("HTML below the product in the storefront."),
            "is_package": flag("Whether the product is a package of others."),
            "needs_digital_delivery": flag("Whether the product is delivered digitally."),
            "has_legacy_image": flag("Whether it has an image; the stream product_legacy_images has that."),
            "delivery_description": text("How the product is delivered, as customers read it."),
            "create_time": moment("Time when the product was created."),
            "update_time": moment("Time of the last change. This is the bookmark."),
        }
    ),
)

PRODUCT_INVENTORY = Collection(
    name="product_inventory",
    about="Stock of each product (one call per product).",
    endpoint=Endpoint("/v2/products/{product_id}", items=None, paging="none"),
    key=("product_id",),
    slices=PerParent(
        stream="products",
        columns={"product_id": "id"},
        setting="product_ids",
        changed="update_time",
        shows=("inventory",),
    ),
    wire=Wire(unpack=object_at("inventory")),
    properties={
        "product_id": _PRODUCT_ID,
        "inventory_limit": _INVENTORY["inventory_limit"],
        "inventory_count": integer("How many are in stock."),
        "out_of_stock_enabled": _INVENTORY["out_of_stock_enabled"],
        "email_for_inventory_notifications": _INVENTORY["email_for_inventory_notifications"],
    },
)

PRODUCT_OPTIONS = Collection(
    name="product_options",
    about="Options of products (one call per product that has some).",
    endpoint=Endpoint("/v2/products/{product_id}/options", items="product_options", paging="none"),
    slices=PerParent(
        stream="products",
        columns={"product_id": "id"},
        setting="product_ids",
        lists="options",
        changed="update_time",
    ),
    properties={
        "id": key("Id of the option."),
        "required": flag("Whether a customer must choose."),
        "option_label": text("Name of the option, such as Size."),
        "product_id": id_of("products", "Id of the product."),
        "option_type": text("LIST for choices from a list, TEXT for text."),
        "display_order": integer("Position among the options; smaller comes first."),
        "list_items": array(
            nested(
                {
                    "item_id": other_id("Id of the choice.", "Choices are in this list only."),
                    "item_label": text("What customers read, such as Medium."),
                    "item_code": text("Internal code."),
                    "item_display_order": integer("Position among the choices; smaller comes first."),
                    "price_adjustment": number(_ADJUSTMENT),
                }
            ),
            "For LIST: the choices.",
        ),
        "text_rules": nested(
            {
                "minimum_characters": integer("Least number of characters."),
                "maximum_characters": integer("Greatest number of characters."),
                "allow_spaces": flag("Whether the text may have spaces."),
                "only_starts_with": text("What the text must start with: NONE, LETTER, DIGIT or BOTH."),
                "only_ends_with": text("What the text must end with: NONE, LETTER, DIGIT or BOTH."),
                "only_contains": text("What the text must consist of: NONE, LETTER, DIGIT or BOTH."),
                "error_message": text("What a customer reads if the text is refused."),
            },
            "For TEXT: what the text must be like.",
        ),
    },
)

SUBSCRIPTION_PLANS = Collection(
    name="subscription_plans",
    about="Subscription plans of products (one call per product that has some).",
    endpoint=Endpoint("/v2/products/{product_id}/subscriptions", items="subscriptions"),
    slices=PerParent(
        stream="products",
        columns={"product_id": "id"},
        setting="product_ids",
        lists="subscription_plans",
        changed="update_time",
    ),
    properties=with_amounts(
        {
            "id": key("Id of the subscription plan."),
            "frequency": integer("Number of cycles from one bill to the next, such as 3 for every 3 months."),
            "active": flag("Whether the plan can be bought."),
            "subscription_plan_name": text("Name of the plan."),
            "cycle_type": text("Unit of frequency: YEAR, MONTH, WEEK or DAY."),
            "total_cycles": integer("Number of cycles before the plan ends; 0 means that it never does."),
            "plan_price": money("What one bill of the plan comes to."),
            "display_order_index": integer("Position among the plans of the product; smaller comes first."),
            "product_id": _PRODUCT_ID,
        }
    ),
)

PRODUCT_LEGACY_IMAGES = Collection(
    name="product_legacy_images",
    about="Legacy product images, in base64 (one call per product that has one).",
    endpoint=Endpoint("/v2/products/{product_id}/images/legacyImageData", items=None, paging="raw"),
    key=("product_id",),
    slices=PerParent(
        stream="products",
        columns={"product_id": "id"},
        setting="product_ids",
        only_if="has_legacy_image",
        changed="update_time",
    ),
    wire=Wire(ignored=frozenset({"text"})),
    selected_by_default=False,
    properties={
        "product_id": _PRODUCT_ID,
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
        "id": key("Id of the category."),
        "name": text("Name of the category."),
        "display_order_index": integer("Position among the categories; smaller comes first."),
        "parent_category_id": id_of(
            "product_categories", "Id of the category above; null or '0' if none is.", none="0"
        ),
    },
)

PRODUCT_CATEGORY_ASSIGNMENTS = Collection(
    name="product_category_assignments",
    about="Which products are in which category.",
    endpoint=Endpoint("/v2/productCategories/assignedProducts", items="assigned_product_categories"),
    key=("product_category_id",),
    properties={
        "product_category_id": key_of("product_categories", "Id of the category."),
        "product_ids": ids_of("products", "Ids of the products in it."),
    },
)


def _interest(what: str, stream: str) -> dict[str, Schema]:
    """The properties of something in a bundle.

    Args:
        what: What it is.
        stream: The stream that its id points to.
    """
    return {
        "id": other_id("Id of this part of the bundle.", "Parts are in this list only."),
        "type": text("What it is."),
        "quantity": integer("How many of it are in the bundle."),
        "price": money("What one piece costs."),
        "interest_id": id_of(stream, f"Id of the {what}."),
        "discount_percent": integer("What is taken off the price, in percent, 0 to 100."),
    }


PRODUCT_INTEREST_BUNDLES = Collection(
    name="product_interest_bundles",
    about="Bundles of products and plans that a contact can be interested in.",
    endpoint=Endpoint("/v2/productInterestBundles", items="product_interest_bundles"),
    properties={
        "id": key("Id of the bundle."),
        "name": text("Name of the bundle."),
        "description": text("Description of the bundle."),
        "product_interests": array(nested(_interest("product", "products")), "Products in the bundle."),
        "subscription_plan_interests": array(
            nested(_interest("plan", "subscription_plans")), "Subscription plans in the bundle."
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

-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.product_id as "ProductId",
    own.option_label as "Label",
    cast(null as {{ dbt.type_string() }}) as "Name",
    own.option_type as "OptionType",
    own.display_order as "Order",
    own.required as "IsRequired",
    {{ infusionsoft.json_text('own.text_rules', ['minimum_characters']) }} as "MinChars",
    {{ infusionsoft.json_text('own.text_rules', ['maximum_characters']) }} as "MaxChars",
    {{ infusionsoft.json_text('own.text_rules', ['allow_spaces']) }} as "AllowSpaces",
    {{ infusionsoft.json_text('own.text_rules', ['only_contains']) }} as "CanContain",
    {{ infusionsoft.json_text('own.text_rules', ['only_starts_with']) }} as "CanStartWith",
    {{ infusionsoft.json_text('own.text_rules', ['only_ends_with']) }} as "CanEndWith",
    {{ infusionsoft.json_text('own.text_rules', ['error_message']) }} as "TextMessage"
from {{ ref('stg_infusionsoft__product_options') }} as own

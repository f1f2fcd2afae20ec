{{ config(alias='tag_history') }}

select
    history.contact_id,
    history.tag_id,
    tags.name as tag_name,
    tags.category_id,
    categories.name as category_name,
    history.applied_at,
    history.deleted_at as removal_seen_at,
    history.deleted_at is null as is_current
from {{ ref('stg_infusionsoft__contact_tags_and_deleted') }} as history
left join {{ ref('stg_infusionsoft__tags_and_deleted') }} as tags on tags.id = history.tag_id
left join {{ ref('stg_infusionsoft__tag_categories') }} as categories on categories.id = tags.category_id

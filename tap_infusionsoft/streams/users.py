"""Users: the people who work with the account."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.schemas import (
    ADDRESS,
    EMAIL,
    FAX,
    PHONE,
    SOCIAL_ACCOUNT,
    array,
    flag,
    key,
    moment,
    nested,
    text,
)

USERS = Collection(
    name="users",
    about="Users of the account, inactive ones and partners included.",
    path="/v2/users",
    items="users",
    page_size=100,
    filters=("include_inactive==true", "include_partners==true"),
    properties={
        "id": key("Id of the user."),
        "global_user_id": text(),
        "keap_id": text(),
        "given_name": text(),
        "middle_name": text(),
        "family_name": text(),
        "nickname": text(),
        "title": text(),
        "suffix": text(),
        "spouse_name": text(),
        "company_name": text(),
        "status": text("ACTIVE, INVITED, INACTIVE or NOT_A_USER."),
        "admin": flag(),
        "partner": flag(),
        "email_addresses": array(nested(EMAIL)),
        "phone_numbers": array(nested(PHONE)),
        "fax_numbers": array(nested(FAX)),
        "address": nested(ADDRESS),
        "social_accounts": array(nested(SOCIAL_ACCOUNT)),
        "website": text(),
        "created_by": text("Id of a user."),
        "create_time": moment(),
        "updated_by": text("Id of a user."),
        "update_time": moment(),
    },
)

COLLECTIONS = (USERS,)

"""Users: the people who work with the account."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import (
    ADDRESS,
    CONTENT,
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
    about="Users of the account, including inactive users and partners.",
    endpoint=Endpoint(
        "/v2/users",
        items="users",
        page_size=100,
        filters=("include_inactive==true", "include_partners==true"),
    ),
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

USER_GROUPS = Collection(
    name="user_groups",
    about="Groups of users.",
    endpoint=Endpoint("/v2/userGroups", items="user_groups", paging="none"),
    properties={
        "id": key(),
        "name": text(),
    },
)

USER_SIGNATURES = Collection(
    name="user_signatures",
    about="Email signatures of users (one call per user).",
    endpoint=Endpoint("/v2/users/{user_id}/signature", items=None, paging="raw"),
    key=("user_id",),
    slices=PerParent(stream="users", columns={"user_id": "id"}),
    wire=Wire(renamed={"signature_html": "text"}, ignored=frozenset({"data"})),
    selected_by_default=False,
    properties={
        "user_id": key(),
        "signature_html": text(),
        **CONTENT,
    },
)

COLLECTIONS = (USERS, USER_GROUPS, USER_SIGNATURES)

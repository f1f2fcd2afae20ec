"""Users: the people who work with the account."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Born, Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import array, flag, key, moment, nested, text
from tap_infusionsoft.streams.relations import id_of, key_of, own_id
from tap_infusionsoft.streams.shared_columns import ADDRESS, CONTENT, EMAIL, FAX, PHONE, SOCIAL_ACCOUNT

USERS = Collection(
    name="users",
    about="Users of the account, including inactive users and partners.",
    endpoint=Endpoint(
        "/v2/users",
        items="users",
        page_size=100,
        filters=("include_inactive==true", "include_partners==true"),
        born=Born("create_time", order_by="create_time"),
    ),
    properties={
        "id": key("Id of the user. Owners, assignees and authors in other streams are such ids."),
        "global_user_id": own_id(
            "Id of the user across accounts. campaigns.created_by_global_id refers to it."
        ),
        "keap_id": own_id("Keap ID of the user, such as an email address."),
        "given_name": text("First name."),
        "middle_name": text("Middle name."),
        "family_name": text("Last name."),
        "nickname": text("Nickname or preferred name."),
        "title": text("Job title."),
        "suffix": text("Suffix after the name, such as Jr."),
        "spouse_name": text("Name of the user's spouse."),
        "company_name": text("Name of the user's company."),
        "status": text("ACTIVE, INVITED, INACTIVE or NOT_A_USER."),
        "admin": flag("Whether the user is an administrator."),
        "partner": flag("Whether the user is a partner."),
        "email_addresses": array(nested(EMAIL), "The user's email addresses."),
        "phone_numbers": array(nested(PHONE), "The user's phone numbers."),
        "fax_numbers": array(nested(FAX), "The user's fax numbers."),
        "address": nested(ADDRESS, "The user's address."),
        "social_accounts": array(nested(SOCIAL_ACCOUNT), "The user's accounts in social networks."),
        "website": text("URL of the user's website."),
        "created_by": id_of("users", "Id of the user who created this user."),
        "create_time": moment("When the user was created."),
        "updated_by": id_of("users", "Id of the user who last changed this user."),
        "update_time": moment("When the user was last changed."),
    },
)

USER_GROUPS = Collection(
    name="user_groups",
    about="Groups of users.",
    endpoint=Endpoint("/v2/userGroups", items="user_groups", paging="none"),
    properties={
        "id": key("Id of the group."),
        "name": text("Name of the group."),
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
        "user_id": key_of("users", "Id of the user."),
        "signature_html": text("The signature, in HTML."),
        **CONTENT,
    },
)

COLLECTIONS = (USERS, USER_GROUPS, USER_SIGNATURES)

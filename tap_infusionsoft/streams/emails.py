"""Emails, templates, addresses and web forms."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import CONTENT, array, flag, key, moment, text
from tap_infusionsoft.streams.replication import Happened, Updated

EMAILS = Collection(
    name="emails",
    about="Emails sent to contacts, without their content.",
    endpoint=Endpoint("/v2/emails", items="emails"),
    changes=Happened(
        key="sent_time",
        since="start_created_time",
        until="end_created_time",
        order_by="created_time",
        is_shown=False,
    ),
    wire=Wire(
        ignored=frozenset({"plain_content", "html_content"}),  # only in single rows; email_contents has them
    ),
    properties={
        "id": key(),
        "subject": text(),
        "headers": text(),
        "contact_id": text(),
        "sent_to_address": text(),
        "sent_to_cc_address_list": array(text()),
        "sent_to_bcc_address_list": array(text()),
        "sent_from_address": text(),
        "sent_from_reply_address": text(),
        "sent_time": moment(),
        "received_time": moment(),
        "opened_time": moment(),
        "clicked_time": moment(),
        "original_provider_id": text(),
        "original_provider": text(),
        "provider_source_id": text(),
    },
)

EMAIL_CONTENTS = Collection(
    name="email_contents",
    about="Emails with their content, in base64 (one call per email).",
    endpoint=Endpoint("/v2/emails/{id}", items=None, paging="none"),
    changes=Happened(key="sent_time", since="start_created_time", until="end_created_time"),
    slices=PerParent(stream="emails", columns={"id": "id"}, in_window=True),
    selected_by_default=False,
    properties={
        **EMAILS.properties,
        "plain_content": text(),
        "html_content": text(),
    },
)

EMAIL_TEMPLATES = Collection(
    name="email_templates",
    about="Email templates, without their content.",
    endpoint=Endpoint("/v2/emails/templates", items="email_templates"),
    wire=Wire(
        ignored=frozenset({"text_body", "html_body"}),  # only in single rows; email_template_details has them
    ),
    properties={
        "id": key(),
        "piece_title": text(),
        "categories": array(text()),
        "from_address": text(),
        "to_address": text(),
        "cc_address": text(),
        "bcc_address": text(),
        "subject": text(),
        "content_type": text(),
        "merge_context": text(),
    },
)

EMAIL_TEMPLATE_DETAILS = Collection(
    name="email_template_details",
    about="Email templates with their content (one call per template).",
    endpoint=Endpoint("/v2/emails/templates/{email_template_id}", items=None, paging="none"),
    slices=PerParent(stream="email_templates", columns={"email_template_id": "id"}),
    selected_by_default=False,
    properties={
        **EMAIL_TEMPLATES.properties,
        "text_body": text(),
        "html_body": text(),
    },
)

EMAIL_ADDRESS_STATUSES = Collection(
    name="email_address_statuses",
    about="Opt-in status of email addresses, with their last opens and clicks.",
    endpoint=Endpoint("/v2/emailAddresses", items="email_addresses"),
    key=("email",),
    properties={
        "email": key(),
        "opted_in": flag(),
        "status": text(),
        "create_time": moment(),
        "last_click_time": moment(),
        "last_open_time": moment(),
        "last_sent_time": moment(),
    },
)

WEBFORMS = Collection(
    name="webforms",
    about="Web forms of all kinds.",
    endpoint=Endpoint("/v2/webforms", items="webforms"),
    changes=Updated(key="update_time", since="since_update_time", until="until_update_time"),
    properties={
        "id": key(),
        "xid": text(),
        "name": text(),
        "funnel_id": text(),
        "custom_slug": text(),
        "webform_url": text(),
        "pretty_webform_url": text(),
        "thank_you_page_url": text(),
        "duplicate_check_option": text(),
        "exit_option": text(),
        "webform_type": text(),
        "create_time": moment(),
        "update_time": moment(),
    },
)

WEBFORM_HTML = Collection(
    name="webform_html",
    about="HTML of web forms (one call per form).",
    endpoint=Endpoint("/v2/webforms/{webform_id}:data", items=None, paging="raw"),
    changes=Updated(key="update_time", since="since_update_time", until="until_update_time"),
    key=("webform_id",),
    slices=PerParent(
        stream="webforms", columns={"webform_id": "id", "update_time": "update_time"}, in_window=True
    ),
    wire=Wire(renamed={"html": "text"}, ignored=frozenset({"data"})),
    selected_by_default=False,
    properties={
        "webform_id": key(),
        "update_time": moment(),
        "html": text(),
        **CONTENT,
    },
)

WORDPRESS_OPT_IN_OPTIONS = Collection(
    name="wordpress_opt_in_options",
    about="Opt-in options of the WordPress integration.",
    endpoint=Endpoint("/v2/integrations/wordpress/options", items="wordpress_opt_in_options", paging="none"),
    key=("key",),
    properties={
        "key": key(),
        "name": text(),
    },
)

COLLECTIONS = (
    EMAILS,
    EMAIL_CONTENTS,
    EMAIL_TEMPLATES,
    EMAIL_TEMPLATE_DETAILS,
    EMAIL_ADDRESS_STATUSES,
    WEBFORMS,
    WEBFORM_HTML,
    WORDPRESS_OPT_IN_OPTIONS,
)

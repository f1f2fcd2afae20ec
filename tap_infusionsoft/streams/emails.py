"""Emails, templates, addresses and web forms."""

from __future__ import annotations

from datetime import timedelta

from tap_infusionsoft.streams.collection import Born, Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import array, flag, key, moment, text
from tap_infusionsoft.streams.relations import id_of, key_of, other_id, own_id
from tap_infusionsoft.streams.replication import Happened, Moved, Snapshot, Updated
from tap_infusionsoft.streams.shared_columns import CONTENT

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
        "id": key("Id of the email."),
        "subject": text("Subject line."),
        "headers": text("Headers of the message, a line each."),
        "contact_id": id_of("contacts", "Id of the contact who received the email."),
        "sent_to_address": text(
            "Address of the recipient (email_address_statuses.email, unless it was deleted since)."
        ),
        "sent_to_cc_address_list": array(text(), "Addresses in CC."),
        "sent_to_bcc_address_list": array(text(), "Addresses in BCC."),
        "sent_from_address": text("Address of the sender."),
        "sent_from_reply_address": text("Address that replies go to."),
        "sent_time": moment(
            "When the email was sent. This is the bookmark, although Keap filters by the time of creation."
        ),
        "received_time": moment("When the email was received."),
        "opened_time": moment(
            "When the email was opened; null if it was not. Keap does not say whether "
            "the first or the last time."
        ),
        "clicked_time": moment(
            "When a link in it was clicked; null if none was. Keap does not say "
            "whether the first or the last time."
        ),
        "original_provider_id": other_id("Id of the message.", "It is of the provider that sent it."),
        "original_provider": text(
            "Provider that sent the email: INFUSIONSOFT, MICROSOFT, GOOGLE or UNKNOWN."
        ),
        "provider_source_id": other_id(
            "The synchronized email account that the message came from; null if it came from none.",
            "No stream lists these.",
        ),
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
        "id": key_of("emails", "Id of the email."),
        "plain_content": text("The content as plain text, in base64."),
        "html_content": text("The content as HTML, in base64."),
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
        "id": key("Id of the template."),
        "piece_title": text("Title of the template."),
        "categories": array(text(), "Names of the template's categories."),
        "from_address": text("Address or merge field of the sender, such as ~Owner.Email~."),
        "to_address": text("Address or merge field of the recipient, such as ~Contact.Email~."),
        "cc_address": text("Address or merge field in CC."),
        "bcc_address": text("Address or merge field in BCC."),
        "subject": text("Subject line, with merge fields."),
        "content_type": text("TEXT, HTML or MULTIPART."),
        "merge_context": text("What kind of record the merge fields are about, such as CONTACT."),
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
        "id": key_of("email_templates", "Id of the template."),
        "text_body": text("The content as plain text, with merge fields."),
        "html_body": text("The content as HTML, with merge fields."),
    },
)

EMAIL_ADDRESS_STATUSES = Collection(
    name="email_address_statuses",
    about="Opt-in status of email addresses, with their last opens and clicks.",
    endpoint=Endpoint(
        "/v2/emailAddresses", items="email_addresses", born=Born("create_time", order_by="create_time")
    ),
    # A change of the status moves none of these times. Who opts out has usually been written to of late.
    changes=Snapshot(
        moved=(
            Moved("last_sent_time"),
            Moved("last_open_time"),
            Moved("last_click_time"),
            Moved("create_time"),
            Moved("last_sent_time", filters=("opted_in==false",), within=timedelta(days=7), pages=2),
        )
    ),
    key=("email",),
    properties={
        "email": key("The email address. It is the key: these rows have no id."),
        "opted_in": flag("Whether marketing emails may be sent to the address."),
        "status": text(
            "Opt-in status, such as SINGLE_OPT_IN, UNENGAGED_MARKETABLE or "
            "HARD_BOUNCE. Keap adds statuses to this list."
        ),
        "create_time": moment("When the status was first recorded."),
        "last_click_time": moment("Last time a link in an email to the address was clicked; null for never."),
        "last_open_time": moment("Last time an email to the address was opened; null for never."),
        "last_sent_time": moment("Last time an email was sent to the address; null for never."),
    },
)

WEBFORMS = Collection(
    name="webforms",
    about="Web forms of all kinds.",
    endpoint=Endpoint("/v2/webforms", items="webforms"),
    changes=Updated(key="update_time", since="since_update_time", until="until_update_time"),
    properties={
        "id": key("Id of the web form."),
        "xid": own_id("Public id of the form, used in its URL."),
        "name": text("Name of the form."),
        "funnel_id": id_of(
            "campaigns",
            "Id of the funnel that the form belongs to, most likely a campaign; null if it belongs to none.",
            may_dangle=True,
        ),
        "custom_slug": text("Slug of the form's readable URL."),
        "webform_url": text("URL of the form, with its public id."),
        "pretty_webform_url": text("URL of the form, with its slug."),
        "thank_you_page_url": text("URL of the form's thank-you page."),
        "duplicate_check_option": text(
            "How an existing contact is recognized, with which the new one is merged: "
            "EMAIL, EMAIL_AND_NAME, EMAIL_AND_NAME_AND_COMPANY or NO_CHECK."
        ),
        "exit_option": text(
            "What happens after the form is submitted, such as REDIRECT or MESSAGE. "
            "Keap adds options to this list."
        ),
        "webform_type": text(
            "LEGACY, STANDALONE, FUNNEL, LANDING_PAGE, SURVEY, INTERNAL, TWITTER or UNKNOWN."
        ),
        "create_time": moment("When the form was created."),
        "update_time": moment("Time of the last change. This is the bookmark."),
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
        "webform_id": key_of("webforms", "Id of the form."),
        "update_time": moment("Time of the form's last change. This is the bookmark."),
        "html": text("HTML of the form."),
        **CONTENT,
    },
)

WORDPRESS_OPT_IN_OPTIONS = Collection(
    name="wordpress_opt_in_options",
    about="Opt-in options of the WordPress integration.",
    endpoint=Endpoint("/v2/integrations/wordpress/options", items="wordpress_opt_in_options", paging="none"),
    key=("option_key",),
    properties={
        "option_key": key("Key of the option."),
        "name": text("Name of the option."),
    },
    wire=Wire(renamed={"option_key": "key"}),
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

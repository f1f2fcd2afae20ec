"""The tables of the classic connector: which stream has their rows, which column and filters their fields.

A field is declared as ``Field=column``, or as ``Field=column?filter,filter`` if Keap can filter by it. With
nothing after the ``?``, the filter has the column's name. A filter is listed only if it means exactly what
the field means.
"""

from __future__ import annotations

from msgspec import Struct


class Field(Struct, frozen=True):
    """A field of a table.

    Attributes:
        column: The column that has its values.
        filters: The filters on it.
    """

    column: str
    filters: tuple[str, ...] = ()


def _fields(text: str) -> dict[str, Field]:
    fields = {}
    for declared in text.split():
        name, _, rest = declared.partition("=")
        column, can_filter, filters = rest.partition("?")
        fields[name] = Field(column, tuple((filters or column).split(",")) if can_filter else ())
    return fields


_PERSON = (
    "Nickname=preferred_name Suffix=suffix JobTitle=job_title Website=website{website} Birthday=birth_date "
    "Anniversary=anniversary_date SpouseName=spouse_name AssistantName=assistant_name "
    "AssistantPhone=assistant_phone BillingInformation=billing_information AccountId=account_id "
    "ContactType=contact_type ContactNotes=notes OwnerID=owner_id ReferralCode=referral_code "
    "Groups=group_list DateCreated=create_time CreatedBy=created_by LastUpdatedBy=last_updated_by"
)
_SUBSCRIPTION = (
    "ContactId=contact_id? "
    "SubscriptionPlanId=subscription_plan_id?subscription_plan_ids,subscription_plan_id ProductId=product_id "
    "BillingAmt=billing_amount? Status=active?status Frequency=billing_frequency BillingCycle=billing_cycle "
    "StartDate=start_date EndDate=end_date LastBillDate=last_bill_date NextBillDate=next_bill_date "
    "MerchantAccountId=merchant_account_id AutoCharge=auto_charge MaxRetry=max_charge_attempts "
    "NumDaysBetweenRetry=days_between_retries LeadAffiliateId=lead_affiliate_id "
    "AffiliateId=sale_affiliate_id PromoCode=promo_code Qty=quantity ReasonStopped=reason_stopped "
    "ShippingOptionId=shipping_option_id"
)
_ACTION = "ActionDescription=title{title} ContactId=contact_id? CreationNotes={text} Id=id{id} UserID={user}"

_TABLES = {
    "AffResource": {
        "commission_program_resources": "Id=id Title=title Notes=notes ResourceType=type "
        "ResourceOrder=position ResourceHTML=content_html ResourceHREF=url ProgramIds=commission_programs"
    },
    "Affiliate": {
        "affiliates": "Id=id? AffName=name? AffCode=code? ContactId=contact_id? ParentId=parent_affiliate_id "
        "Status=status NotifyLead=notify_on_lead NotifySale=notify_on_sale LeadCookieFor=track_leads_days"
    },
    "CCharge": {
        "transactions": "Amt=amount PaymentId=payment_id MerchantId=merchant_account_id "
        "RefNum=external_reference_id"
    },
    "Campaign": {"campaigns": "Id=id Name=name?"},
    "CampaignStep": {
        "campaign_goals": "Id=id CampaignId=campaign_id StepTitle=name",
        "campaign_sequences": "Id=id CampaignId=campaign_id StepTitle=name",
    },
    "Company": {
        "companies": "Id=id?company_id Company=company_name?company_name,name Email=email_address?email "
        "City=address?city State=address?state StreetAddress1=address StreetAddress2=address "
        "PostalCode=address ZipFour1=address Country=address Phone1=phone_number Phone1Ext=phone_number "
        "Phone1Type=phone_number Fax1=fax_number Fax1Type=fax_number FirstName=first_name "
        "MiddleName=middle_name LastName=last_name "
        f"Title=title LastUpdated=update_time?since_time,until_time {_PERSON.format(website='')}"
    },
    "Contact": {
        "contacts": "Id=id?ids,contact_id FirstName=given_name? MiddleName=middle_name? "
        "LastName=family_name? Title=prefix Company=company CompanyID=company?company_id "
        "Email=email_addresses EmailAddress2=email_addresses EmailAddress3=email_addresses "
        + " ".join(f"Phone{n}{part}=phone_numbers" for n in range(1, 6) for part in ("", "Ext", "Type"))
        + " Fax1=fax_numbers Fax1Type=fax_numbers Fax2=fax_numbers Fax2Type=fax_numbers "
        "StreetAddress1=addresses?billing_address_line1 StreetAddress2=addresses City=addresses?city "
        "State=addresses?state PostalCode=addresses?billing_address_postal_code ZipFour1=addresses "
        "Country=addresses Address1Type=addresses Address2Street1=addresses?shipping_address_line1 "
        "Address2Street2=addresses City2=addresses?shipping_address_locality State2=addresses "
        "PostalCode2=addresses?shipping_address_postal_code ZipFour2=addresses Country2=addresses "
        "Address2Type=addresses Address3Street1=addresses?other_address_line1 Address3Street2=addresses "
        "City3=addresses?other_address_locality State3=addresses "
        "PostalCode3=addresses?other_address_postal_code ZipFour3=addresses Country3=addresses "
        "Address3Type=addresses LeadSourceId=leadsource_id Language=preferred_locale TimeZone=time_zone "
        f"LastUpdated=update_time?start_update_time,end_update_time {_PERSON.format(website='?')}"
    },
    "ContactAction": {
        "notes": _ACTION.format(
            title="?", text="text", id="?ids,id", user="assigned_to_user?assigned_to_user_id"
        )
        + " ActionType=type CreationDate=create_time CreatedBy=created_by_user_id LastUpdated=update_time "
        "LastUpdatedBy=last_updated_by_user_id",
        "tasks": _ACTION.format(
            title="?", text="description", id="?task_ids,id", user="assigned_to_user_id?user_id"
        )
        + " ActionType=type Priority=priority Accepted=accepted CompletionDate=completion_time "
        "ActionDate=due_time CreationDate=create_time CreatedBy=created_by_user_id "
        "OpportunityId=opportunity_id? LastUpdated=modification_time LastUpdatedBy=last_updated_by_user_id",
        "appointments": _ACTION.format(title="", text="description", id="", user="user_id?")
        + " ActionDate=start_time? EndDate=end_time? CreationDate=create_time? LastUpdated=update_time?",
    },
    "ContactGroup": {
        "tags": "Id=id?tag_ids GroupName=name? GroupDescription=description? "
        "GroupCategoryId=category?category_id"
    },
    "ContactGroupAssign": {
        "contact_tags": "ContactId=contact_id Contact.Id=contact_id GroupId=tag_id?tag_ids "
        "DateCreated=applied_at?since_applied_time,until_applied_time"
    },
    "ContactGroupCategory": {"tag_categories": "Id=id CategoryName=name? CategoryDescription=description?"},
    "CreditCard": {
        "payment_methods": "Id=credit_card_id? ContactId=contact_id CardType=card_info Last4=card_info "
        "ExpirationMonth=card_info ExpirationYear=card_info Status=status"
    },
    "DataFormField": {
        "custom_fields": "Id=id FormId=record Label=label Name=field_name DataType=field_type "
        "DefaultValue=default_value GroupId=group_id Values=options"
    },
    "DataFormGroup": {"custom_field_groups": "Id=id Name=name TabId=tab_id"},
    "DataFormTab": {"custom_field_tabs": "Id=id FormId=record TabName=name"},
    "EmailAddStatus": {
        "email_address_statuses": "Email=email?emails Type=status DateCreated=create_time "
        "LastClickDate=last_click_time LastOpenDate=last_open_time LastSentDate=last_sent_time"
    },
    "FileBox": {
        "files": "Id=id ContactId=contact_id? FileName=file_name? FileSize=file_size Public=is_public?"
    },
    "Invoice": {
        "orders": "Id=invoice_id? JobId=id?ids,id ContactId=contact?contact_id InvoiceTotal=total "
        "TotalDue=total_due TotalPaid=total_paid PromoCode=promo_code CreditStatus=credit_status "
        "RefundStatus=refund_status Synced=synced AffiliateId=sales_affiliate_id "
        "LeadAffiliateId=lead_affiliate_id"
    },
    "InvoiceItem": {"order_items": "OrderItemId=id Description=description Discount=discount"},
    "InvoicePayment": {
        "order_payments": "Id=id InvoiceId=invoice_id? PaymentId=payment_id? Amt=amount PayDate=pay_time "
        "PayStatus=pay_status SkipCommission=skip_commission? LastUpdated=last_updated_time"
    },
    "Job": {
        "orders": "Id=id?ids,id ContactId=contact?contact_id InvoiceId=invoice_id? JobTitle=title? "
        "JobNotes=notes JobStatus=status OrderType=order_type? StartDate=order_time DueDate=due_time "
        "DateCreated=creation_time?created_since_time,created_until_time "
        "LastUpdated=modification_time?modified_since_time,modified_until_time "
        "ShipCity=shipping_information?shipping_locality ShipZip=shipping_information?shipping_postal_code "
        + " ".join(
            f"Ship{part}=shipping_information"
            for part in (
                "Company",
                "Country",
                "FirstName",
                "LastName",
                "Phone",
                "State",
                "Street1",
                "Street2",
            )
        )
    },
    "Lead": {
        "opportunities": "Id=id?ids,opportunity_id ContactID=contact?contact_id StageID=stage?stage_id "
        "UserID=user?user_id OpportunityTitle=opportunity_title? AffiliateId=affiliate_id? "
        "ProjectedRevenueHigh=projected_revenue_high? ProjectedRevenueLow=projected_revenue_low? "
        "DateCreated=created_time LastUpdated=last_updated_time EstimatedCloseDate=estimated_close_time "
        "NextActionDate=next_action_time NextActionNotes=next_action_notes "
        "OpportunityNotes=opportunity_notes IncludeInForecast=include_in_forecast Leadsource=lead_source "
        "MonthlyRevenue=monthly_revenue OrderRevenue=order_revenue Objection=objection StatusID=status_id "
        "DateInStage=stage_entrance_time CreatedBy=created_by LastUpdatedBy=last_updated_by"
    },
    "LeadSource": {
        "lead_sources": "Id=id? Name=name? Description=description? Vendor=vendor? Medium=medium? "
        "Message=message? Status=status LeadSourceCategoryId=lead_source_category_id? StartDate=start_time "
        "EndDate=end_time"
    },
    "LeadSourceCategory": {"lead_source_categories": "Id=id Name=name? Description=description?"},
    "LeadSourceExpense": {
        "lead_source_expenses": "Id=id Title=title? Amount=amount Notes=notes LeadSourceId=lead_source_id "
        "LeadSourceRecurringExpenseId=lead_source_recurring_expense_id DateIncurred=incurred_time"
    },
    "LeadSourceRecurringExpense": {
        "lead_source_recurring_expenses": "Id=id Title=title? Amount=amount Notes=notes "
        "LeadSourceId=lead_source_id StartDate=start_time EndDate=end_time NextExpenseDate=next_expense_time"
    },
    "LinkedContactType": {"contact_link_types": "Id=id TypeName=name? MaxLinked=max_links"},
    "OrderItem": {
        "order_items": "Id=id OrderId=order_id?ids,id ItemName=name ItemDescription=description Notes=notes "
        "Qty=quantity PPU=price_per_unit CPU=cost_per_unit ItemType=item_type ProductId=product "
        "SubscriptionPlanId=subscription_plan"
    },
    "PayPlan": {
        "orders": "InvoiceId=invoice_id StartDate=payment_plan FirstPayAmt=payment_plan InitDate=payment_plan"
    },
    "PayPlanItem": {
        "order_payment_plan_items": "AmtDue=amount_due AmtPaid=amount_paid DateDue=due_date Status=status"
    },
    "Payment": {
        "payments": "Id=id?ids,id ContactId=contact_id? PayDate=payment_time?since_time,until_time "
        "PayAmt=amount? PayNote=note PayType=type RefundId=refund_payment_id Synced=synced "
        "Commission=commissioned"
    },
    "Product": {
        "products": "Id=id?product_ids,product_id ProductName=name? Sku=sku? Description=description? "
        "ShortDescription=short_description? ProductPrice=price Status=active Shippable=shippable "
        "Weight=weight Taxable=taxable CountryTaxable=country_taxable StateTaxable=state_taxable "
        "CityTaxable=city_taxable TopHTML=top_html BottomHTML=bottom_html IsPackage=is_package "
        "HideInStore=storefront_hidden NeedsDigitalDelivery=needs_digital_delivery InventoryLimit=inventory "
        "InventoryNotifiee=inventory DateCreated=create_time LastUpdated=update_time"
    },
    "ProductCategory": {
        "product_categories": "Id=id?product_category_id CategoryDisplayName=name? "
        "CategoryOrder=display_order_index ParentId=parent_category_id"
    },
    "ProductCategoryAssign": {
        "product_category_assignments": "ProductCategoryId=product_category_id?product_category_ids "
        "ProductId=product_ids"
    },
    "ProductInterest": {
        "product_interest_bundles": "ProductId=product_interests Qty=product_interests "
        "DiscountPercent=product_interests SubscriptionPlanId=subscription_plan_interests"
    },
    "ProductInterestBundle": {"product_interest_bundles": "Id=id BundleName=name? Description=description"},
    "ProductOptValue": {
        "product_options": "ProductOptionId=id Id=list_items Label=list_items Name=list_items "
        "PriceAdjustment=list_items OptionIndex=list_items"
    },
    "ProductOption": {
        "product_options": "Id=id ProductId=product_id Label=option_label OptionType=option_type "
        "Order=display_order IsRequired=required MinChars=text_rules MaxChars=text_rules "
        "AllowSpaces=text_rules CanContain=text_rules CanStartWith=text_rules CanEndWith=text_rules "
        "TextMessage=text_rules"
    },
    "RecurringOrder": {"subscriptions": f"Id=id?ids,id {_SUBSCRIPTION}"},
    "RecurringOrderWithContact": {"subscriptions": f"RecurringOrderId=id?ids,id {_SUBSCRIPTION}"},
    "Referral": {
        "referrals": "Id=id AffiliateId=referral_partner_id? ContactId=contact_id? Source=source? "
        "Type=referral_type?type Info=description IPAddress=ip_address DateSet=referral_time "
        "DateExpires=expiration_time"
    },
    "SavedFilter": {"reports": "Id=id FilterName=name? UserId=user_ids"},
    "SocialAccount": {"contacts": "ContactId=id AccountName=social_accounts AccountType=social_accounts"},
    "Stage": {
        "opportunity_stages": "Id=id?opportunity_stage_id StageName=name?opportunity_stage_name "
        "StageOrder=position TargetNumDays=target_number_days"
    },
    "StageMove": {
        "opportunity_stage_moves": "Id=id OpportunityId=opportunity_id? UserId=user_id? MoveDate=move_time "
        "MoveFromStage=move_from_stage_id MoveToStage=move_to_stage_id "
        "PrevStageMoveDate=prev_stage_move_time CreatedBy=created_by DateCreated=create_time"
    },
    "SubscriptionPlan": {
        "subscription_plans": "Id=id ProductId=product_id Active=active? Cycle=cycle_type "
        "Frequency=frequency NumberOfCycles=total_cycles PlanPrice=plan_price"
    },
    "Template": {"email_templates": "Id=id PieceTitle=piece_title Categories=categories"},
    "User": {
        "users": "Id=id?user_ids FirstName=given_name? MiddleName=middle_name LastName=family_name "
        "Nickname=nickname Title=title Suffix=suffix SpouseName=spouse_name GlobalUserId=global_user_id "
        "Partner=partner Email=email_addresses EmailAddress2=email_addresses EmailAddress3=email_addresses "
        "Phone1=phone_numbers Phone1Ext=phone_numbers Phone1Type=phone_numbers Phone2=phone_numbers "
        "Phone2Ext=phone_numbers Phone2Type=phone_numbers StreetAddress1=address StreetAddress2=address "
        "City=address State=address PostalCode=address ZipFour1=address"
    },
    "UserGroup": {"user_groups": "Id=id Name=name"},
}

TABLES = {
    table: {stream: _fields(text) for stream, text in streams.items()} for table, streams in _TABLES.items()
}
"""Table -> streams that have its rows -> its fields."""

VALUES = {("Referral", "Type"): {"0": "COOKIE", "1": "PERMANENT", "2": "MANUAL"}}
"""Values that REST spells differently: table and field -> value in the table -> value in REST."""

NOT_EXACT = {
    "CProgram": "subscription_plans comes close, but a program of the old table meant something else",
}
"""Table whose rows no stream has as they were -> why."""

NOT_IN_REST = frozenset(
    {
        "ActionSequence",
        "Campaignee",
        "Expense",
        "GroupAssign",
        "JobRecurringInstance",
        "MtgLead",
        "Status",
        "Ticket",
        "TicketStage",
        "TicketType",
    }
)
"""Tables that Keap's REST API does not have."""

_EMAIL = (
    "Keap searches all three email fields at once. If that is fine, use stream: contacts and filter: "
    "email==... (a * at the end matches anything), or the setting contact_emails"
)
INSTEAD = {
    ("Contact", "Email"): _EMAIL,
    ("Contact", "EmailAddress2"): _EMAIL,
    ("Contact", "EmailAddress3"): _EMAIL,
    ("Contact", "Groups"): "Use the stream contacts_by_tag and the setting tag_ids",
    ("Contact", "DateCreated"): "Load create_time, and filter by it in the warehouse",
    ("ContactGroupAssign", "ContactId"): "Load contact_tags, and filter by contact_id in the warehouse",
    ("DataFormField", "FormId"): "Load custom_fields, and filter by record in the warehouse",
    ("Lead", "LastUpdated"): "Use bookmark: true, with start_date for the first run",
    ("Product", "LastUpdated"): "Use bookmark: true, with start_date for the first run",
    ("Invoice", "LastUpdated"): "Use the table Job: its LastUpdated is the order's",
}
"""Table and field that Keap cannot filter by -> what to use instead."""

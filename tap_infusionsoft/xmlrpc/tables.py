"""The tables of the data service: their fields, by type, and what REST has in their place.

Sources: the vendor's field access file of about 2014; fields that later clients know by name only are
`inferred`, those of the vendor's file of 2010 only are `retired`. Field names are case-sensitive since
release 1.30, and not regular: it is `Contact.CompanyID` and `OwnerID`, but `LeadSourceId`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        name: Its name.
        about: What its rows are.
        rest: The streams that REST has for it; empty for none.
        form: The form that its custom fields belong to (`DataFormField.FormId`); None if it can have none.
        key: The fields that identify a row; empty if there are none.
        keyless_order: The field to order by in accounts where the key is missing; empty for the first one.
        updated: The field with the time of a row's last change; empty if there is none.
        ids: Fields with whole numbers that are ids.
        integers: Fields with other whole numbers.
        numbers: Fields with numbers.
        texts: Fields with texts.
        times: Fields with times.
        days: Fields with days, which come as times at midnight.
        booleans: Fields with truth values. How they look on the wire is unknown.
        blobs: Fields with binary content. How they look on the wire is unknown.
        inferred: Fields that some accounts may not have.
        retired: Fields that are most likely gone. They are not asked for.
        unreadable: Fields that cannot be read, or that break calls which ask for them.
        passwords: Fields with passwords. They are only asked for if the user names them.
        custom: Custom fields of the account, such as ``_Size`` -> the type, as the attribute that lists it.
        labels: What they are called in Keap.
    """

    name: str
    about: str
    rest: str = ""
    form: int | None = None
    key: str = "Id"
    keyless_order: str = ""
    updated: str = ""
    ids: str = ""
    integers: str = ""
    numbers: str = ""
    texts: str = ""
    times: str = ""
    days: str = ""
    booleans: str = ""
    blobs: str = ""
    inferred: str = ""
    retired: str = ""
    unreadable: str = ""
    passwords: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def all_fields(self) -> dict[str, str]:
        """Name of each field -> its type, as the attribute that lists it. Custom fields are left out."""
        kinds = ("ids", "integers", "numbers", "texts", "times", "days", "booleans", "blobs")
        found = {name: kind for kind in kinds for name in getattr(self, kind).split()}
        return {name: found[name] for name in (*self.keys, *sorted(found.keys() - set(self.keys)))}

    @cached_property
    def fields(self) -> dict[str, str]:
        """Name of each field that may be asked for -> its type, as the attribute that lists it."""
        left_out = {*self.retired.split(), *self.unreadable.split()}
        known = {name: kind for name, kind in self.all_fields.items() if name not in left_out}
        return {**known, **self.custom}

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields that identify a row."""
        return tuple(self.key.split())

    @property
    def order(self) -> str:
        """The field to order rows by."""
        return next(iter(self.keys), self.keyless_order) or next(iter(self.fields))

    @property
    def tie(self) -> str:
        """The field that tells rows apart which are equal in that one; empty if there is none."""
        return self.keys[1] if len(self.keys) > 1 else ""

    @property
    def has_id(self) -> bool:
        """Whether each row has its own number."""
        return len(self.keys) == 1

    @property
    def is_numbered(self) -> bool:
        """Whether the field to order by holds ids, so that rows can be walked by them."""
        return self.fields[self.order] == "ids"

    @property
    def without_key(self) -> Table:
        """The same table in an account where it does not have its key yet."""
        ids, inferred = (
            " ".join(one for one in names.split() if one != self.key) for names in (self.ids, self.inferred)
        )
        return replace(self, key="", ids=ids, inferred=inferred)


TABLES: dict[str, Table] = {
    one.name: one
    for one in (
        Table(
            "Contact",
            "Contacts",
            rest="contacts",
            form=-1,
            updated="LastUpdated",
            ids="Id AccountId CompanyID CreatedBy LastUpdatedBy LeadSourceId OwnerID",
            texts="""
                Address1Type Address2Street1 Address2Street2 Address2Type Address3Street1
                Address3Street2 Address3Type AssistantName AssistantPhone BillingInformation City
                City2 City3 Company ContactNotes ContactType Country Country2 Country3 Email
                EmailAddress2 EmailAddress3 Fax1 Fax1Type Fax2 Fax2Type FirstName Groups JobTitle
                Language LastName Leadsource MiddleName Nickname Password Phone1 Phone1Ext
                Phone1Type Phone2 Phone2Ext Phone2Type Phone3 Phone3Ext Phone3Type Phone4 Phone4Ext
                Phone4Type Phone5 Phone5Ext Phone5Type PostalCode PostalCode2 PostalCode3
                ReferralCode SpouseName State State2 State3 StreetAddress1 StreetAddress2 Suffix
                TimeZone Title Username Validated Website ZipFour1 ZipFour2 ZipFour3
            """,
            times="DateCreated LastUpdated",
            days="Anniversary Birthday",
            inferred="Language TimeZone",
            unreadable="AccountId",
            passwords="Password",
        ),
        Table(
            "Company",
            "Companies",
            rest="companies",
            form=-6,
            updated="LastUpdated",
            ids="Id AccountId CompanyID CreatedBy LastUpdatedBy LeadSourceId OwnerID",
            texts="""
                Address1Type Address2Street1 Address2Street2 Address2Type Address3Street1
                Address3Street2 Address3Type AssistantName AssistantPhone BillingInformation City
                City2 City3 Company ContactNotes ContactType Country Country2 Country3 Email
                EmailAddress2 EmailAddress3 Fax1 Fax1Type Fax2 Fax2Type FirstName Groups JobTitle
                LastName Leadsource MiddleName Nickname Password Phone1 Phone1Ext Phone1Type Phone2
                Phone2Ext Phone2Type Phone3 Phone3Ext Phone3Type Phone4 Phone4Ext Phone4Type Phone5
                Phone5Ext Phone5Type PostalCode PostalCode2 PostalCode3 ReferralCode SpouseName
                State State2 State3 StreetAddress1 StreetAddress2 Suffix Title Username Validated
                Website ZipFour1 ZipFour2 ZipFour3
            """,
            times="DateCreated LastUpdated",
            days="Anniversary Birthday",
            inferred="Leadsource LeadSourceId",
            unreadable="AccountId",
            passwords="Password",
        ),
        Table(
            "User",
            "Users",
            rest="users",
            ids="Id GlobalUserId",
            texts="""
                City Email EmailAddress2 EmailAddress3 FirstName HTMLSignature LastName MiddleName
                Nickname Partner Phone1 Phone1Ext Phone1Type Phone2 Phone2Ext Phone2Type PostalCode
                Signature SpouseName State StreetAddress1 StreetAddress2 Suffix Title ZipFour1
            """,
            inferred="GlobalUserId Partner",
        ),
        Table(
            "UserGroup",
            "User groups",
            rest="user_groups",
            ids="Id OwnerId",
            texts="Name",
        ),
        Table(
            "GroupAssign",
            "Which users are in which groups",
            ids="Id Admin GroupId UserId",
        ),
        Table(
            "Campaignee",
            "Contacts in legacy sequences",
            keyless_order="ContactId",
            ids="Id CampaignId ContactId",
            texts="Campaign Status",
            inferred="Id",
        ),
        Table(
            "Template",
            "Marketing pieces, such as e-mail templates",
            rest="email_templates",
            ids="Id",
            texts="Categories PieceTitle PieceType",
        ),
        Table(
            "CampaignStep",
            "Steps of legacy sequences",
            rest="campaign_sequences",
            ids="Id CampaignId TemplateId",
            texts="StepStatus StepTitle",
        ),
        Table(
            "MtgLead",
            "Mortgage leads",
            ids="Id",
            integers="OpportunityId",
            texts="MtgNotes",
            times="""
                ActualCloseDate ApplicationDate CreditReportDate DateAppraisalDone
                DateAppraisalOrdered DateAppraisalReceived DateRateLocked DateRateLockExpires
                DateTitleOrdered DateTitleReceived EstimatedCloseDate FundingDate
            """,
            inferred="EstimatedCloseDate MtgNotes OpportunityId",
        ),
        Table(
            "Lead",
            "Opportunities",
            rest="opportunities",
            form=-4,
            updated="LastUpdated",
            ids="Id AffiliateId ContactID CreatedBy LastUpdatedBy StageID StatusID UserID",
            integers="IncludeInForecast",
            numbers="MonthlyRevenue OrderRevenue ProjectedRevenueHigh ProjectedRevenueLow",
            texts="Leadsource NextActionNotes Objection OpportunityNotes OpportunityTitle",
            times="DateCreated DateInStage EstimatedCloseDate LastUpdated NextActionDate",
            inferred="DateInStage IncludeInForecast MonthlyRevenue OrderRevenue",
        ),
        Table(
            "Stage",
            "Stages of opportunities",
            rest="opportunity_stages",
            ids="Id",
            integers="StageOrder TargetNumDays",
            texts="StageName",
        ),
        Table(
            "StageMove",
            "Moves of opportunities from stage to stage",
            rest="opportunity_stage_moves",
            ids="Id CreatedBy MoveFromStage MoveToStage OpportunityId UserId",
            times="DateCreated MoveDate PrevStageMoveDate",
        ),
        Table(
            "Status",
            "Statuses of opportunities",
            ids="Id",
            texts="StatusName StatusOrder TargetNumDays",
        ),
        Table(
            "ProductInterest",
            "Interests of opportunities in products",
            rest="product_interest_bundles",
            ids="Id ObjectId ProductId SubscriptionPlanId",
            integers="DiscountPercent Qty",
            texts="ObjType ProductType",
            inferred="SubscriptionPlanId",
        ),
        Table(
            "ProductInterestBundle",
            "Bundles of product interests",
            rest="product_interest_bundles",
            ids="Id",
            texts="BundleName Description",
        ),
        Table(
            "SubscriptionPlan",
            "Subscription plans of products",
            rest="subscription_plans",
            ids="Id ProductId",
            integers="Frequency NumberOfCycles",
            numbers="PlanPrice PreAuthorizeAmount",
            texts="Cycle",
            booleans="Active Prorate",
            inferred="NumberOfCycles",
        ),
        Table(
            "CProgram",
            "Subscription programs",
            rest="subscription_plans",
            ids="Id ProductId",
            integers="DefaultFrequency HideInStore Status SubCategory Taxable",
            numbers="DefaultPrice",
            texts="BillingType DefaultCycle Description Family ProgramName ShortDescription Sku",
            booleans="Active",
            blobs="LargeImage",
            retired="SubCategory",
        ),
        Table(
            "ProductCategoryAssign",
            "Which products are in which categories",
            rest="product_category_assignments",
            ids="Id ProductCategoryId ProductId",
        ),
        Table(
            "Product",
            "Products",
            rest="products",
            updated="LastUpdated",
            ids="Id",
            integers="""
                CityTaxable CountryTaxable HideInStore InventoryLimit IsPackage NeedsDigitalDelivery
                Shippable StateTaxable Status SubCategory Taxable
            """,
            numbers="ProductPrice Weight",
            texts="""
                BottomHTML Description InventoryNotifiee ProductName ShippingTime ShortDescription
                Sku TopHTML
            """,
            times="DateCreated LastUpdated",
            blobs="LargeImage",
            inferred="DateCreated LastUpdated",
            retired="SubCategory",
        ),
        Table(
            "ProductOption",
            "Options of products",
            rest="product_options",
            ids="Id ProductId",
            integers="AllowSpaces CanEndWith IsRequired MaxChars MinChars Order TextMessage",
            texts="CanContain CanStartWith Label Name OptionType",
        ),
        Table(
            "ProductOptValue",
            "Values of product options",
            rest="product_options",
            ids="Id ProductOptionId",
            integers="IsDefault OptionIndex",
            numbers="PriceAdjustment",
            texts="Label Name Sku",
        ),
        Table(
            "ProductCategory",
            "Categories of products",
            rest="product_categories",
            ids="Id ParentId",
            integers="CategoryOrder",
            texts="CategoryDisplayName",
            blobs="CategoryImage",
        ),
        Table(
            "CreditCard",
            "Credit cards, without their numbers",
            rest="payment_methods",
            ids="Id ContactId",
            integers="Status",
            texts="""
                BillAddress1 BillAddress2 BillCity BillCountry BillName BillState BillZip CardNumber
                CardType CVV2 Email ExpirationMonth ExpirationYear FirstName Last4 LastName
                MaestroIssueNumber NameOnCard PhoneNumber ShipAddress1 ShipAddress2 ShipCity
                ShipCompanyName ShipCountry ShipFirstName ShipLastName ShipMiddleName ShipName
                ShipPhoneNumber ShipState ShipZip StartDateMonth StartDateYear
            """,
            unreadable="CardNumber CVV2",
        ),
        Table(
            "RecurringOrder",
            "Subscriptions",
            rest="subscriptions",
            form=-10,
            ids="""
                Id AffiliateId CC1 CC2 ContactId LeadAffiliateId MerchantAccountId
                OriginatingOrderId PaymentGatewayId ProductId ProgramId ShippingOptionId
                SubscriptionPlanId
            """,
            integers="AutoCharge Frequency MaxRetry NumDaysBetweenRetry Qty",
            numbers="BillingAmt",
            texts="BillingCycle PromoCode ReasonStopped Status",
            days="EndDate LastBillDate NextBillDate PaidThruDate StartDate",
            inferred="PaymentGatewayId",
        ),
        Table(
            "RecurringOrderWithContact",
            "Subscriptions, with columns of their contacts",
            rest="subscriptions contacts",
            key="RecurringOrderId",
            ids="""
                Id AffiliateId CC1 CC2 ContactId LeadAffiliateId MerchantAccountId
                OriginatingOrderId PaymentGatewayId ProductId ProgramId RecurringOrderId
                SubscriptionPlanId
            """,
            integers="AutoCharge Frequency MaxRetry NumDaysBetweenRetry Qty ShippingOptionId",
            numbers="BillingAmt",
            texts="""
                BillingCycle City Country Email EmailAddress2 EmailAddress3 FirstName HTMLSignature
                LastName MiddleName Nickname Phone1 Phone1Ext Phone1Type Phone2 Phone2Ext Phone2Type
                PostalCode PromoCode ReasonStopped Signature SpouseName State Status StreetAddress1
                StreetAddress2 Suffix Title ZipFour1
            """,
            days="EndDate LastBillDate NextBillDate PaidThruDate StartDate",
            inferred="Id OriginatingOrderId PaymentGatewayId",
        ),
        Table(
            "ContactGroupAssign",
            "Which contacts have which tags, with columns of the contacts",
            rest="contact_tags",
            key="ContactId GroupId",
            ids="Contact.CompanyID Contact.CreatedBy Contact.Id Contact.OwnerID ContactId GroupId",
            numbers="""
                Contact.CustomDbl1 Contact.CustomDbl2 Contact.CustomDbl3 Contact.CustomDbl4
                Contact.CustomDbl5
            """,
            texts="""
                Contact.Address1Type Contact.Address2Street1 Contact.Address2Street2
                Contact.Address2Type Contact.Address3Street1 Contact.Address3Street2
                Contact.Address3Type Contact.AssistantName Contact.AssistantPhone
                Contact.BillingInformation Contact.Birthday Contact.City Contact.City2 Contact.City3
                Contact.Company Contact.ContactNotes Contact.ContactType Contact.Country
                Contact.Country2 Contact.Country3 Contact.CustomField1 Contact.CustomField10
                Contact.CustomField2 Contact.CustomField3 Contact.CustomField4 Contact.CustomField5
                Contact.CustomField6 Contact.CustomField7 Contact.CustomField8 Contact.CustomField9
                Contact.Email Contact.EmailAddress2 Contact.EmailAddress3 Contact.Fax1
                Contact.Fax1Type Contact.Fax2 Contact.Fax2Type Contact.FirstName Contact.Groups
                Contact.HTMLSignature Contact.JobTitle Contact.LastName Contact.LastUpdated
                Contact.LastUpdatedBy Contact.Leadsource Contact.MiddleName Contact.Nickname
                Contact.Phone1 Contact.Phone1Ext Contact.Phone1Type Contact.Phone2 Contact.Phone2Ext
                Contact.Phone2Type Contact.Phone3 Contact.Phone3Ext Contact.Phone3Type
                Contact.Phone4 Contact.Phone4Ext Contact.Phone4Type Contact.Phone5 Contact.Phone5Ext
                Contact.Phone5Type Contact.PostalCode Contact.PostalCode2 Contact.PostalCode3
                Contact.ReferralCode Contact.Signature Contact.SpouseName Contact.State
                Contact.State2 Contact.State3 Contact.StreetAddress1 Contact.StreetAddress2
                Contact.Suffix Contact.Title Contact.Website Contact.ZipFour1 Contact.ZipFour2
                Contact.ZipFour3 ContactGroup
            """,
            times="""
                Contact.CustomDate1 Contact.CustomDate2 Contact.CustomDate3 Contact.CustomDate4
                Contact.CustomDate5 Contact.DateCreated DateCreated
            """,
            days="Contact.Anniversary",
        ),
        Table(
            "ContactGroup",
            "Tags",
            rest="tags",
            ids="Id GroupCategoryId",
            texts="GroupDescription GroupName",
        ),
        Table(
            "ContactGroupCategory",
            "Categories of tags",
            rest="tag_categories",
            ids="Id",
            texts="CategoryDescription CategoryName",
        ),
        Table(
            "LeadSource",
            "Lead sources",
            rest="lead_sources",
            ids="Id LeadSourceCategoryId",
            texts="CostPerLead Description Medium Message Name Status Vendor",
            days="EndDate StartDate",
        ),
        Table(
            "LeadSourceCategory",
            "Categories of lead sources",
            rest="lead_source_categories",
            ids="Id",
            texts="Description Name",
        ),
        Table(
            "Campaign",
            "Legacy sequences",
            rest="campaigns",
            ids="Id",
            texts="Name Status",
        ),
        Table(
            "Invoice",
            "Invoices",
            rest="orders",
            updated="LastUpdated",
            ids="Id AffiliateId ContactId JobId LeadAffiliateId",
            integers="CreditStatus PayPlanStatus PayStatus RefundStatus Synced",
            numbers="InvoiceTotal TotalDue TotalPaid",
            texts="Description InvoiceType ProductSold PromoCode",
            times="DateCreated LastUpdated",
            inferred="LastUpdated",
        ),
        Table(
            "Affiliate",
            "Referral partners",
            rest="affiliates",
            form=-3,
            ids="Id ContactId ParentId",
            integers="DefCommissionType LeadCookieFor NotifyLead NotifySale PayoutType Status",
            numbers="LeadAmt LeadPercent SaleAmt SalePercent",
            texts="AffCode AffName Password",
            passwords="Password",
        ),
        Table(
            "AffResource",
            "Resources for referral partners",
            rest="commission_program_resources",
            ids="Id",
            texts="Notes ProgramIds ResourceHREF ResourceHTML ResourceOrder ResourceType Title",
        ),
        Table(
            "Referral",
            "Referrals of contacts by referral partners",
            rest="referrals",
            ids="Id AffiliateId ContactId",
            integers="Type",
            texts="Info IPAddress Source",
            days="DateExpires DateSet",
        ),
        Table(
            "InvoiceItem",
            "Items of invoices",
            rest="order_items",
            updated="LastUpdated",
            ids="Id InvoiceId OrderItemId",
            integers="CommissionStatus",
            numbers="Discount InvoiceAmt",
            texts="Description",
            times="DateCreated LastUpdated",
            inferred="LastUpdated",
        ),
        Table(
            "InvoicePayment",
            "Payments on invoices",
            rest="order_payments",
            updated="LastUpdated",
            ids="Id InvoiceId PaymentId",
            integers="SkipCommission",
            numbers="Amt",
            texts="PayStatus",
            times="LastUpdated",
            days="PayDate",
            inferred="LastUpdated",
        ),
        Table(
            "PayPlan",
            "Payment plans",
            rest="orders",
            ids="Id InvoiceId",
            integers="Type",
            numbers="AmtDue FirstPayAmt",
            days="DateDue InitDate StartDate",
        ),
        Table(
            "PayPlanItem",
            "Payments that payment plans expect",
            rest="order_payment_plan_items",
            ids="Id PayPlanId",
            integers="Status",
            numbers="AmtDue AmtPaid",
            days="DateDue",
        ),
        Table(
            "Payment",
            "Payments",
            rest="payments",
            ids="Id ChargeId ContactId InvoiceId RefundId UserId",
            integers="Commission Synced",
            numbers="PayAmt",
            texts="PayNote PayType",
            days="PayDate",
        ),
        Table(
            "CCharge",
            "Charges of credit cards",
            rest="transactions",
            ids="Id CCId MerchantId PaymentGatewayId PaymentId",
            numbers="Amt",
            texts="ApprCode OrderNum RefNum",
            inferred="PaymentGatewayId",
        ),
        Table(
            "Job",
            "Orders",
            rest="orders",
            form=-9,
            updated="LastUpdated",
            ids="Id ContactId JobRecurringId ProductId",
            integers="InvoiceId OrderStatus",
            texts="""
                JobNotes JobStatus JobTitle OrderType ShipCity ShipCompany ShipCountry ShipFirstName
                ShipLastName ShipMiddleName ShipPhone ShipState ShipStreet1 ShipStreet2 ShipZip
            """,
            times="DateCreated LastUpdated",
            days="DueDate StartDate",
            inferred="LastUpdated",
            retired="InvoiceId",
        ),
        Table(
            "JobRecurringInstance",
            "Runs of subscriptions, each of which made an order",
            ids="Id InvoiceItemId RecurringId",
            integers="AutoCharge Status",
            texts="Description",
            times="DateCreated",
            days="EndDate StartDate",
        ),
        Table(
            "OrderItem",
            "Items of orders",
            rest="order_items",
            ids="Id OrderId ProductId SubscriptionPlanId",
            integers="InvoiceItemId ItemType Qty",
            numbers="CPU PPU",
            texts="ItemDescription ItemName Notes",
            retired="InvoiceItemId",
        ),
        Table(
            "ActionSequence",
            "Action sets",
            ids="Id",
            texts="TemplateName VisibleToTheseUsers",
        ),
        Table(
            "ContactAction",
            "Tasks, notes and appointments",
            rest="notes tasks appointments",
            form=-5,
            updated="LastUpdated",
            ids="Id ContactId CreatedBy LastUpdatedBy OpportunityId UserID",
            integers="Accepted IsAppointment Priority",
            texts="ActionDescription ActionType CreationNotes ObjectType",
            times="ActionDate CompletionDate CreationDate EndDate LastUpdated PopupDate",
        ),
        Table(
            "Ticket",
            "Tickets",
            updated="LastUpdated",
            ids="Id ContactId CreatedBy DevId IssueId LastUpdatedBy Stage TicketCategory TicketTypeId UserId",
            integers="HasCustomerCalled Priority",
            numbers="Ordering TimeSpent",
            texts="Summary TicketApplication TicketTitle",
            times="DateCreated LastUpdated",
            days="CloseDate DateInStage FolowUpDate TargetCompletionDate",
        ),
        Table(
            "TicketStage",
            "Stages of tickets",
            ids="Id",
            texts="StageName",
        ),
        Table(
            "TicketType",
            "Types of tickets",
            ids="Id CategoryId",
            texts="Label",
        ),
        Table(
            "DataFormTab",
            "Tabs that custom fields are shown on",
            rest="custom_field_tabs",
            ids="Id FormId",
            texts="TabName",
        ),
        Table(
            "DataFormGroup",
            "Groups that custom fields are shown in",
            rest="custom_field_groups",
            ids="Id TabId",
            texts="Name",
        ),
        Table(
            "DataFormField",
            "Custom fields",
            rest="custom_fields",
            ids="Id FormId GroupId",
            integers="DataType ListRows UserGroup",
            texts="DefaultValue Label Name Values",
            retired="UserGroup",
        ),
        Table(
            "Expense",
            "Expenses",
            ids="Id ContactId TypeId",
            numbers="ExpenseAmt",
            texts="ExpenseType",
            times="DateIncurred",
        ),
        Table(
            "LeadSourceExpense",
            "Expenses of lead sources",
            rest="lead_source_expenses",
            ids="Id LeadSourceId LeadSourceRecurringExpenseId",
            numbers="Amount",
            texts="Notes Title",
            times="DateIncurred",
        ),
        Table(
            "LeadSourceRecurringExpense",
            "Recurring expenses of lead sources",
            rest="lead_source_recurring_expenses",
            ids="Id LeadSourceId",
            numbers="Amount",
            texts="Notes Title",
            times="EndDate NextExpenseDate StartDate",
        ),
        Table(
            "FileBox",
            "Files",
            rest="files",
            ids="Id ContactId",
            integers="FileSize Public",
            texts="Extension FileName",
        ),
        Table(
            "SavedFilter",
            "Saved searches",
            rest="reports",
            ids="Id",
            texts="FilterName ReportStoredName UserId",
        ),
        Table(
            "EmailAddStatus",
            "Whether e-mail addresses have opted in",
            rest="email_address_statuses",
            ids="Id",
            texts="Email Type",
            times="DateCreated LastClickDate LastOpenDate LastSentDate",
            inferred="Id DateCreated Email LastClickDate LastOpenDate LastSentDate Type",
        ),
        Table(
            "LinkedContactType",
            "Types of links between contacts",
            rest="contact_link_types",
            ids="Id",
            integers="MaxLinked",
            texts="TypeName",
            inferred="Id MaxLinked TypeName",
        ),
        Table(
            "SocialAccount",
            "Social accounts of contacts",
            keyless_order="ContactId",
            rest="contacts",
            updated="LastUpdated",
            ids="Id ContactId",
            texts="AccountName AccountType",
            times="DateCreated LastUpdated",
            inferred="Id AccountName AccountType ContactId DateCreated LastUpdated",
        ),
    )
}
"""Name -> table."""

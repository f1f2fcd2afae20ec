"""Contacts, companies, users, tags, and what hangs on contacts."""

from __future__ import annotations

from tap_infusionsoft.xmlrpc.counterparts.declarations import joined, table

_ADDRESS = """
    {street}1 = {place}.line1
    {street}2 = {place}.line2
    City{n} = {place}.locality
    State{n} = {place}.region/region_code : region
    PostalCode{n} = {place}.postal_code/zip_code
    ZipFour{zip} = {place}.zip_four
    Country{n} = {place}.country/country_code : region
    Address{zip}Type - missing | REST knows each address by its use: BILLING, SHIPPING or OTHER.
"""
_BILLING = _ADDRESS.format(street="StreetAddress", n="", zip=1, place="addresses[BILLING]")
_SHIPPING = _ADDRESS.format(street="Address2Street", n=2, zip=2, place="addresses[SHIPPING]")
_OTHER = _ADDRESS.format(street="Address3Street", n=3, zip=3, place="addresses[OTHER]")
_PHONES = "".join(
    f"""
    Phone{n} = phone_numbers[PHONE{n}].number
    Phone{n}Ext = phone_numbers[PHONE{n}].extension
    Phone{n}Type = phone_numbers[PHONE{n}].type
    """
    for n in range(1, 6)
)
_FAXES = "".join(
    f"""
    Fax{n} = fax_numbers[FAX{n}].number
    Fax{n}Type = fax_numbers[FAX{n}].type
    """
    for n in (1, 2)
)
_EMAILS = """
    Email = email_addresses[EMAIL1].email
    EmailAddress2 = email_addresses[EMAIL2].email
    EmailAddress3 = email_addresses[EMAIL3].email
"""
_PERSON = """
    Suffix = suffix
    JobTitle = job_title
    Nickname = preferred_name
    SpouseName = spouse_name
    Birthday = birth_date : day
    Anniversary = anniversary_date : day
    AssistantName = assistant_name
    AssistantPhone = assistant_phone
    Website = website
    BillingInformation = billing_information
    ContactType = contact_type
    ContactNotes = notes : cut
    ReferralCode = referral_code
    OwnerID = owner_id : id
    Groups = group_list : list | Ids of tags.
    DateCreated = create_time : time
    LastUpdated = update_time : time
    CreatedBy = created_by : id
    LastUpdatedBy = last_updated_by : id
    AccountId = account_id : id | Never read: calls that ask for it fail.
    Password - credential
    Username - missing
    Validated - missing
"""

CONTACT = table(
    "Contact",
    "contacts",
    f"""
    Id = id : id
    FirstName = given_name
    MiddleName = middle_name
    LastName = family_name
    Title = prefix
    {_PERSON}
    Company = company.company_name
    CompanyID = company_id : id
    {_EMAILS} {_PHONES} {_FAXES} {_BILLING} {_SHIPPING} {_OTHER}
    Language = preferred_locale
    TimeZone = time_zone
    LeadSourceId = leadsource_id : id
    Leadsource > lead_sources.name via leadsource_id
    """,
    notes=(
        "Addresses, phone numbers and email addresses are lists of objects in REST, each with its use in "
        "`field`; in the table they are columns with a number. "
        "Custom fields have a column each on both sides: `_ShoeSize` in the table is `cf_shoe_size` in REST."
    ),
)

_NO_MORE = "REST has one of a company."
_COMPANY_ADDRESS = _ADDRESS.format(street="StreetAddress", n="", zip=1, place="address")
_COMPANY_ONE = """
    Email = email_address.email
    Phone1 = phone_number.number
    Phone1Ext = phone_number.extension
    Phone1Type = phone_number.type
    Fax1 = fax_number.number
    Fax1Type = fax_number.type
"""
_COMPANY_MORE = "\n".join(
    f"{name} - {_NO_MORE}"
    for name in (
        *("EmailAddress2", "EmailAddress3", "Fax2", "Fax2Type"),
        *(f"Phone{n}{what}" for n in range(2, 6) for what in ("", "Ext", "Type")),
        *("Address2Street1", "Address2Street2", "City2", "State2", "PostalCode2", "ZipFour2", "Country2"),
        *("Address3Street1", "Address3Street2", "City3", "State3", "PostalCode3", "ZipFour3", "Country3"),
        *("Address2Type", "Address3Type"),
    )
)

COMPANY = table(
    "Company",
    "companies",
    f"""
    Id = id : id
    Company = company_name
    CompanyID ~ id : id | A company's own id.
    FirstName = first_name
    MiddleName = middle_name
    LastName = last_name
    Title = title
    {_PERSON} {_COMPANY_ADDRESS} {_COMPANY_ONE} {_COMPANY_MORE}
    Leadsource - missing | Whether the table has it is doubtful.
    LeadSourceId - missing | Whether the table has it is doubtful.
    """,
    notes=("The table has three addresses, five phone numbers and three email addresses; REST has one each."),
)

USER = table(
    "User",
    "users",
    f"""
    Id = id : id
    FirstName = given_name
    MiddleName = middle_name
    LastName = family_name
    Nickname = nickname
    Title ~ title | The table's is what is before the name, such as Dr.; REST speaks of the job.
    Suffix = suffix
    SpouseName = spouse_name
    {_EMAILS}
    Phone1 = phone_numbers[PHONE1].number
    Phone1Ext = phone_numbers[PHONE1].extension
    Phone1Type = phone_numbers[PHONE1].type
    Phone2 = phone_numbers[PHONE2].number
    Phone2Ext = phone_numbers[PHONE2].extension
    Phone2Type = phone_numbers[PHONE2].type
    StreetAddress1 = address.line1
    StreetAddress2 = address.line2
    City = address.locality
    State = address.region/region_code : region
    PostalCode = address.postal_code/zip_code
    ZipFour1 = address.zip_four
    GlobalUserId = global_user_id : id
    Partner ~ partner : flag
    HTMLSignature > user_signatures.signature_html via id
    Signature - missing | REST has the signature in HTML only.
    """,
)

USER_GROUP = table(
    "UserGroup",
    "user_groups",
    """
    Id = id : id
    Name = name
    OwnerId - missing
    """,
    notes="Who is in a group is in the table GroupAssign, which REST does not have.",
)

CONTACT_GROUP = table(
    "ContactGroup",
    "tags",
    """
    Id = id : id
    GroupName = name
    GroupDescription = description
    GroupCategoryId = category_id : id
    """,
)

CONTACT_GROUP_CATEGORY = table(
    "ContactGroupCategory",
    "tag_categories",
    """
    Id = id : id
    CategoryName = name
    CategoryDescription = description
    """,
)

_NUMBERED = "\n".join(
    f"Contact.{name} - Custom fields by number. REST has them by id, in contacts.custom_fields."
    for name in (
        *(f"CustomField{n}" for n in range(1, 11)),
        *(f"CustomDbl{n}" for n in range(1, 6)),
        *(f"CustomDate{n}" for n in range(1, 6)),
    )
)
_OF_CONTACTS = """
    Address1Type Address2Street1 Address2Street2 Address2Type Address3Street1 Address3Street2 Address3Type
    Anniversary AssistantName AssistantPhone BillingInformation Birthday City City2 City3 Company CompanyID
    ContactNotes ContactType Country Country2 Country3 CreatedBy DateCreated Email EmailAddress2 EmailAddress3
    Fax1 Fax1Type Fax2 Fax2Type FirstName Groups JobTitle LastName LastUpdated LastUpdatedBy Leadsource
    MiddleName Nickname OwnerID Phone1 Phone1Ext Phone1Type Phone2 Phone2Ext Phone2Type Phone3 Phone3Ext
    Phone3Type Phone4 Phone4Ext Phone4Type Phone5 Phone5Ext Phone5Type PostalCode PostalCode2 PostalCode3
    ReferralCode SpouseName State State2 State3 StreetAddress1 StreetAddress2 Suffix Title Website ZipFour1
    ZipFour2 ZipFour3
"""
"""Columns of contacts in the table of tagged contacts."""

CONTACT_GROUP_ASSIGN = table(
    "ContactGroupAssign",
    "contact_tags",
    f"""
    ContactId = contact_id : id
    GroupId = tag_id : id
    DateCreated = applied_at : time
    ContactGroup > tags.name via tag_id
    Contact.Id = contact_id : id
    Contact.Signature - missing
    Contact.HTMLSignature - missing
    {_NUMBERED}
    """,
    match="ContactId=contact_id GroupId=tag_id",
    joined=joined(CONTACT.parts[0], _OF_CONTACTS, prefix="Contact."),
    notes="The columns of contacts are in the stream contacts, to be joined by contact_id.",
)

EMAIL_ADD_STATUS = table(
    "EmailAddStatus",
    "email_address_statuses",
    """
    Id - key
    Email = email
    Type ~ status : words | Nobody lists the words of the table.
    DateCreated = create_time : time
    LastClickDate = last_click_time : time
    LastOpenDate = last_open_time : time
    LastSentDate = last_sent_time : time
    """,
    match="Email=email",
    notes="Keap compares email addresses without regard to case.",
)

LINKED_CONTACT_TYPE = table(
    "LinkedContactType",
    "contact_link_types",
    """
    Id = id : id
    TypeName = name
    MaxLinked = max_links : number
    """,
)

SOCIAL_ACCOUNT = table(
    "SocialAccount",
    "contacts",
    """
    Id - key
    ContactId = id : id
    AccountType = social_accounts.type : words
    AccountName = social_accounts.name
    DateCreated - missing
    LastUpdated ~ update_time : time | The contact's.
    """,
    match="ContactId=id AccountName=social_accounts.name",
    rows="social_accounts",
)

FILE_BOX = table(
    "FileBox",
    "files",
    """
    Id = id : id
    ContactId = contact_id : id
    FileName = file_name
    Extension - missing | It is the end of file_name.
    FileSize = file_size : number
    Public = is_public : flag
    """,
)

TABLES = (
    CONTACT,
    COMPANY,
    USER,
    USER_GROUP,
    CONTACT_GROUP,
    CONTACT_GROUP_CATEGORY,
    CONTACT_GROUP_ASSIGN,
    EMAIL_ADD_STATUS,
    LINKED_CONTACT_TYPE,
    SOCIAL_ACCOUNT,
    FILE_BOX,
)

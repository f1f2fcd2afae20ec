"""Names of fields that are not written as one expects. They are case-sensitive since release 1.30.

Source: "Infusionsoft API Gotchas" and the vendor's field access file. The article writes `Contact.CompanyId`;
the file and all later clients `CompanyID`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ODD_NAMES: Mapping[str, tuple[str, ...]] = {
    "Contact": ("CompanyID", "OwnerID", "Leadsource"),
    "Company": ("CompanyID", "OwnerID", "Leadsource"),
    "Lead": ("ContactID", "StageID", "StatusID", "UserID", "Leadsource"),
    "ContactAction": ("UserID",),
    "ContactGroupAssign": ("Contact.CompanyID", "Contact.OwnerID", "Contact.Leadsource"),
}
"""Table -> its fields that end in ``ID`` where others end in ``Id``, or that are called ``Leadsource``."""

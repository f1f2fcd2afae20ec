"""A Keap account: its collections, and what writing does to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.sandbox import seed as made
from tap_infusionsoft.sandbox.clock import Clock, iso_millis
from tap_infusionsoft.sandbox.custom_fields import RECORD_TYPES, CustomFields
from tap_infusionsoft.sandbox.people import Companies, Contacts
from tap_infusionsoft.sandbox.saved_searches import SavedSearch, saved_searches
from tap_infusionsoft.sandbox.tables import Row, Table
from tap_infusionsoft.sandbox.taggings import Pairs, Taggings

if TYPE_CHECKING:
    from tap_infusionsoft.sandbox.switches import Switches

__all__ = ["Account"]


def _stored(name: str, rows: dict[int, Row]) -> Table:
    table = Table(name)
    for key in sorted(rows):
        table.put(key, rows[key])
    table.version = 0
    return table


def key_of_row(row: Row) -> int:
    """The id of a row as a number; -1 if it has none."""
    text = str(row.get("id"))
    return int(text) if text.isdigit() else -1


class Account:
    """Everything that the sandbox knows about its tenant."""

    def __init__(self, seed: int, contacts: int, clock: Clock, switches: Switches) -> None:
        self.seed = seed
        self.clock = clock
        self.switches = switches
        self.custom_fields = {record: CustomFields(record) for record in RECORD_TYPES}
        employers = Companies(
            max(3, contacts // 20) if contacts else 0, seed, self.custom_fields["companies"]
        )
        self.companies: Table = Table("companies", employers, self._finish_company)
        self.people: Contacts = Contacts(
            contacts, seed, self.custom_fields["contacts"], self.companies, employers
        )
        self.contacts: Table = Table("contacts", self.people, self._finish_contact)
        self.tag_categories: Table = _stored("tag_categories", made.categories(seed))
        self.tags: Table = _stored("tags", made.tags(seed))
        self.taggings = Taggings(self.contacts, self.people, self.tags)
        self.company_tags: dict[int, dict[int, int]] = self._seed_company_tags(employers)
        self.company_tags_version = 0
        some = [self.people.key(index) for index in range(0, contacts, max(1, contacts // 50))]
        partners = made.affiliates(seed, some, self.custom_fields["affiliates"])
        self.affiliates: Table = Table("affiliates", None, self._finish_affiliate)
        for key in sorted(partners):
            self.affiliates.put(key, partners[key])
        self.affiliate_commissions: Table = _stored(
            "affiliate_commissions", made.commissions(seed, partners, some, self._names)
        )
        self.affiliate_clawbacks: Table = _stored(
            "affiliate_clawbacks", made.clawbacks(seed, partners, some, self._names)
        )
        self.affiliate_payments: Table = _stored("affiliate_payments", made.payments(seed, partners))
        self.commission_programs: Table = _stored("commission_programs", made.programs(partners))
        self.users: Table = _stored("users", made.users(seed))
        self.shipping_methods: Table = _stored("shipping_methods", made.shipping())
        self.saved_searches: dict[int, SavedSearch] = saved_searches(self)
        self.reports: Table = _stored(
            "reports", {key: search.report for key, search in self.saved_searches.items()}
        )
        # (collection, id, "custom_fields" or "tags") of what was planted as it is: never completed
        self.planted: set[tuple[str, int, str]] = set()

    @property
    def tables(self) -> dict[str, Table]:
        """The collections that hold rows by id."""
        return {
            table.name: table
            for table in (
                self.contacts,
                self.companies,
                self.tags,
                self.tag_categories,
                self.affiliates,
                self.affiliate_commissions,
                self.affiliate_clawbacks,
                self.affiliate_payments,
                self.commission_programs,
                self.users,
                self.shipping_methods,
                self.reports,
            )
        }

    def now(self) -> str:
        """The moment that a write is stamped with."""
        return iso_millis(self.clock.millis())

    def _names(self, contact: int) -> Row:
        index = self.people.index(contact)
        given, family = self.people.name(index) if index is not None else (None, None)
        return {"given_name": given, "family_name": family}

    def _seed_company_tags(self, employers: Companies) -> dict[int, dict[int, int]]:
        tags = self.tags.keys()
        made_up: dict[int, dict[int, int]] = {}
        for index in range(0, employers.count, 3):
            chance = employers.chance(index)
            moment = employers.updated(index)
            made_up[employers.key(index)] = {tags[chance % 37]: moment, tags[(chance >> 8) % 37]: moment}
        return made_up

    # -- reading -------------------------------------------------------------------------------------------

    def _complete(self, record: str, row: Row) -> Row:
        """Bring a stored row's custom fields up to date with the definitions."""
        fields = self.custom_fields[record]
        raw = (record, key_of_row(row), "custom_fields") in self.planted
        if raw or not isinstance(row.get("custom_fields"), list):
            return row
        values = {entry["id"]: entry.get("content") for entry in row["custom_fields"]}
        return {**row, "custom_fields": fields.contents(values)}

    def _finish_contact(self, row: Row) -> Row:
        return self._complete("contacts", row)

    def _finish_company(self, row: Row) -> Row:
        return self._complete("companies", row)

    def _finish_affiliate(self, row: Row) -> Row:
        return self._complete("affiliates", row)

    def contact(self, key: int) -> Row:
        """A contact with its tags."""
        row = self.contacts.row(key)
        tags = self.taggings.tag_ids(key)
        if not self.contacts.is_seed(key):
            row = dict(row)
            if ("contacts", key, "tags") in self.planted:
                return row
        row["tag_ids"] = [str(tag) for tag in tags]
        row["groups"] = ",".join(row["tag_ids"])
        return row

    def company(self, key: int) -> Row:
        """A company with its tags."""
        row = self.companies.row(key)
        tags = self.company_tags.get(key)
        if tags and ("companies", key, "tags") not in self.planted:
            row = {**row, "groups": ",".join(map(str, tags))}
        return row

    def pairs(self, tags: tuple[int, ...] | None = None, contacts: tuple[int, ...] | None = None) -> Pairs:
        """Tag applications of some tags or contacts; of all without both."""
        if contacts is not None:
            keys = sorted(
                contact << 24 | tag
                for contact in set(contacts)
                if contact in self.contacts
                for tag in self.taggings.tag_ids(contact)
            )
            return Pairs(self.taggings, keys, ("contacts", *contacts))
        chosen = tuple(sorted(set(self.tags.keys() if tags is None else tags)))
        return Pairs(self.taggings, self.taggings.pairs(chosen), ("tags", *chosen))

    # -- writing -------------------------------------------------------------------------------------------

    def delete(self, collection: str, key: int) -> bool:
        """Delete a record and what hangs on it; False if there is none."""
        if not self.tables[collection].delete(key):
            return False
        if collection == "contacts":
            self.taggings.forget_contact(key)
        elif collection == "companies":
            self.company_tags.pop(key, None)
            self.company_tags_version += 1
        elif collection == "tags":
            self.taggings.forget_tag(key)
            for tags in self.company_tags.values():
                tags.pop(key, None)
            self.company_tags_version += 1
        elif collection == "tag_categories":
            for tag in list(self.tags.keys()):
                row = self.tags.row(tag)
                if (row.get("category") or {}).get("id") == str(key):
                    self.tags.put(tag, {**row, "category": None})
        return True

    def blank(self, collection: str) -> Row:
        """A row of the collection in which everything is empty."""
        keys = self.tables[collection].keys()
        model: Row = {}
        if keys:
            model = self.full(collection, keys[0])
        elif collection == "contacts":
            model = Contacts(
                1,
                0,
                self.custom_fields["contacts"],
                self.companies,
                Companies(0, 0, self.custom_fields["companies"]),
            ).row(0)
        empty: dict[type, Any] = {list: list, bool: bool}
        row = {name: empty.get(type(value), lambda: None)() for name, value in model.items()}
        if collection in self.custom_fields:
            row["custom_fields"] = []
        return row

    def full(self, collection: str, key: int) -> Row:
        """A record in full; KeyError if there is none."""
        if collection == "contacts":
            return self.contact(key)
        if collection == "companies":
            return self.company(key)
        return self.tables[collection].row(key)

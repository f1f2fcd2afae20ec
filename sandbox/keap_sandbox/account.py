"""The account: its collections, what its records say about each other, and what writing does elsewhere."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from keap_sandbox.custom_fields import all_sets
from keap_sandbox.registry import Tables, collection_of
from keap_sandbox.relations import forget, naming
from keap_sandbox.sample_data import affiliates, tags
from keap_sandbox.sample_data.mail import new_status
from keap_sandbox.sample_data.orders import Orders
from keap_sandbox.sample_data.payments import PaymentMethods
from keap_sandbox.sample_data.people import Companies, Contacts
from keap_sandbox.sample_data.saved_searches import SavedSearch, saved_searches
from keap_sandbox.sample_data.settings import COMPANY
from keap_sandbox.sample_data.shipping import shipping_methods
from keap_sandbox.sample_data.shop import listed_option
from keap_sandbox.sample_data.users import users
from keap_sandbox.tables import Row, Table
from keap_sandbox.taggings import Pairs, Taggings
from keap_sandbox.timestamps import iso_millis

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.clock import Clock
    from keap_sandbox.switches import Switches

__all__ = ["Account"]


def _id_of(row: Row) -> int:
    """Return the id of a row as a number; -1 if it has none."""
    text = str(row.get("id"))
    return int(text) if text.isdigit() else -1


class Account:
    """A tenant of Keap with all its records."""

    def __init__(
        self,
        seed: int,
        contacts: int,
        clock: Clock,
        switches: Switches,
        tenant: str = "",
        name: str = COMPANY,
    ) -> None:
        """Create a sample account.

        Args:
            seed: Selects the sample account.
            contacts: The number of contacts.
            clock: The clock that write calls read.
            switches: How records look.
            tenant: The tenant id; that of the switch `tenant` by default.
            name: The name in the business profile.
        """
        self.name = name
        self._tenant = tenant
        self.seed = seed
        self.clock = clock
        self.switches = switches
        self.custom_fields = all_sets()
        employers = Companies(
            max(3, contacts // 20) if contacts else 0, seed, self.custom_fields["companies"]
        )
        self.companies: Table = Table("companies", employers, self.finish("companies"))
        self.people: Contacts = Contacts(
            contacts, seed, self.custom_fields["contacts"], self.companies, employers
        )
        self.contacts: Table = Table("contacts", self.people, self.finish("contacts"))
        self.tag_categories: Table = Table.of_rows("tag_categories", tags.categories(seed))
        self.tags: Table = Table.of_rows("tags", tags.tags(seed))
        self.taggings = Taggings(self.contacts, self.people, self.tags)
        self.company_tags: dict[int, dict[int, int]] = self._seed_company_tags(employers)
        self.company_tags_version = 0
        self.partners = self.people.partners
        employers.partners = self.partners
        self.first_affiliates = affiliates.affiliates(
            self.partners, self.people, self.custom_fields["affiliates"]
        )
        self.affiliates: Table = Table("affiliates", None, self.finish("affiliates"))
        for key in sorted(self.first_affiliates):
            self.affiliates.put(key, self.first_affiliates[key])
        self.commission_programs: Table = Table.of_rows("commission_programs", affiliates.programs(self))
        self.users: Table = Table.of_rows("users", users(seed))
        self.shipping_methods: Table = Table.of_rows("shipping_methods", shipping_methods())
        self.saved_searches: dict[int, SavedSearch] = saved_searches(self)
        self.reports: Table = Table.of_rows(
            "reports", {key: search.report for key, search in self.saved_searches.items()}
        )
        self.planted: set[tuple[str, int, str]] = set()
        """Parts of rows that were planted and stay as they are: collection, id, and which part it is.

        A part is `custom_fields`, `tags`, `links`, `options`, `plans`, or `dates`, which follow the clock.
        """
        self.tables = Tables(
            self,
            [
                self.contacts,
                self.companies,
                self.tags,
                self.tag_categories,
                self.affiliates,
                self.commission_programs,
                self.users,
                self.shipping_methods,
                self.reports,
            ],
        )

    @property
    def tenant(self) -> str:
        """The tenant id."""
        return self._tenant or self.switches.tenant

    @cached_property
    def _known_addresses(self) -> set[str]:
        """Every email address that has a status, in lower case."""
        return {str(row["email"]).casefold() for row in self.tables["email_address_statuses"].rows()}

    @cached_property
    def _sample_cards(self) -> tuple[PaymentMethods, dict[int, list[int]]]:
        """The generator of the sample cards, and the numbers of those that a contact has."""
        cards, by_contact = PaymentMethods(self), dict[int, list[int]]()
        for number in range(cards.count):
            by_contact.setdefault(cards.contact(number), []).append(number)
        return cards, by_contact

    @cached_property
    def orders(self) -> Orders:
        """The generator of the sample orders, from which payments, subscriptions and commissions follow."""
        return Orders(self)

    @property
    def affiliate_commissions(self) -> Table:
        """What affiliates earned."""
        return self.tables["affiliate_commissions"]

    def now(self) -> str:
        """Return the date-time that a write call puts into `create_time` and `update_time`."""
        return iso_millis(self.clock.millis())

    def _seed_company_tags(self, employers: Companies) -> dict[int, dict[int, int]]:
        tag_ids = self.tags.keys()
        applied: dict[int, dict[int, int]] = {}
        for index in range(0, employers.count, 3):
            chance = employers.chance(index)
            moment = employers.updated(index)
            applied[employers.key(index)] = {
                tag_ids[chance % 37]: moment,
                tag_ids[(chance >> 8) % 37]: moment,
            }
        return applied

    # -- reading -------------------------------------------------------------------------------------------

    def finish(self, collection: str) -> Callable[[Row], Row]:
        """Return a function that completes a stored row of a collection.

        Its `custom_fields` then hold every field that is defined now.
        """
        fields = self.custom_fields[collection_of(collection).record]

        def complete(row: Row) -> Row:
            planted = (collection, _id_of(row), "custom_fields") in self.planted
            if planted or not isinstance(row.get("custom_fields"), list):
                return row
            values = {entry["id"]: entry.get("content") for entry in row["custom_fields"]}
            return {**row, "custom_fields": fields.contents(values)}

        return complete

    def contact(self, key: int) -> Row:
        """Return a contact with its tags and links; KeyError if there is none."""
        row = self.contacts.row(key)
        tag_ids = self.taggings.tag_ids(key)
        if not self.contacts.is_unchanged(key):
            row = dict(row)
        if ("contacts", key, "links") not in self.planted:
            row["links"] = self.links(key)
        if ("contacts", key, "tags") in self.planted:
            return row
        row["tag_ids"] = [str(tag) for tag in tag_ids]
        row["groups"] = ",".join(row["tag_ids"])
        return row

    def company(self, key: int) -> Row:
        """Return a company with its tags; KeyError if there is none."""
        row = self.companies.row(key)
        tag_ids = self.company_tags.get(key)
        if tag_ids and ("companies", key, "tags") not in self.planted:
            row = {**row, "groups": ",".join(map(str, tag_ids))}
        return row

    def pairs(self, tags: tuple[int, ...] | None = None, contacts: tuple[int, ...] | None = None) -> Pairs:
        """Return which contacts have which tags.

        Args:
            tags: The ids of the tags to include; by default all.
            contacts: The ids of the contacts to include, instead of the tags.
        """
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

    # -- what records say about other records ---------------------------------------------------------------

    def _contact_row(self, key: int) -> Row:
        index = self.people.index(key)
        if index is not None and self.switches.embedded_contacts == "snapshot":
            return self.people.row(index)
        return self.contacts.row(key) if key in self.contacts else {}

    def person(self, key: int) -> Row:
        """Return a contact as orders show it."""
        index = self.people.index(key)
        if index is not None and self.switches.embedded_contacts == "snapshot":
            given, family = self.people.name(index)
            emails = self.people.emails(index)
        else:
            row = self._contact_row(key)
            given, family = row.get("given_name"), row.get("family_name")
            emails = row.get("email_addresses") or []
        email = emails[0].get("email") if emails else None
        return {"id": str(key), "email": email, "given_name": given, "family_name": family}

    def customer(self, key: int) -> Row:
        """Return a contact as opportunities show it."""
        row = self._contact_row(key)
        address = (row.get("addresses") or [{}])[0]
        return {
            "id": str(key),
            "email": (row.get("email_addresses") or [{}])[0].get("email"),
            "city": address.get("locality"),
            "state": address.get("region"),
            "first_name": row.get("given_name"),
            "last_name": row.get("family_name"),
            "company_name": (row.get("company") or {}).get("company_name"),
            "job_title": row.get("job_title"),
            "phone_number": (row.get("phone_numbers") or [{}])[0].get("number"),
        }

    def user(self, key: int) -> Row | None:
        """Return a user as notes show it; None if there is no such user."""
        if key not in self.users:
            return None
        row = self.users.row(key)
        return {"id": str(key), "email_address": row["keap_id"]} | {
            name: row[name] for name in ("given_name", "family_name")
        }

    def short_user(self, key: int) -> Row | None:
        """Return a user as opportunities show it; None if there is no such user."""
        row = self.user(key)
        return row and {"id": row["id"], "first_name": row["given_name"], "last_name": row["family_name"]}

    def stage(self, key: int) -> Row:
        """Return a stage as opportunities show it."""
        table = self.tables["opportunity_stages"]
        row = table.row(key) if key in table else {}
        checks = [
            {
                "id": int(one["id"]),
                "description": one["description"],
                "required": one["required"],
                "instance_id": None,
                "item_order": one["order"],
                "done_date": None,
            }
            for one in row.get("checklist_items") or []
        ]
        details = {
            "probability": row.get("probability"),
            "stage_order": row.get("order"),
            "target_num_days": row.get("target_number_days"),
            "checklist_items": checks,
        }
        return {"id": str(key), "name": row.get("name"), "details": details, "reasons": []}

    def partner(self, chance: int, moment: int) -> str | None:
        """Pick the id of a sample affiliate who had joined at a moment; None if none had."""
        number = self.partners.pick(chance, moment)
        return None if number is None else str(self.partners.key(number))

    def cards(self, contact: int, moment: int) -> list[Row]:
        """Return the sample cards of a contact that were on file at a moment, as payments show them."""
        cards, by_contact = self._sample_cards
        numbers = by_contact.get(contact, ())
        return [cards.row(number) for number in numbers if cards.created(number) <= moment]

    def plain(self, amount: int) -> float:
        """Return an amount in cents as a plain number, in the unit of the switch `plain_amounts`.

        Keap doesn't document the unit.
        """
        return float(amount) if self.switches.plain_amounts == "minor" else amount / 100

    def links(self, key: int) -> list[Row]:
        """Return a contact's links to other contacts as the contact shows them."""
        table, links = self.tables["contact_link_rows"], []
        for mine, other in (("contact1_id", "contact2_id"), ("contact2_id", "contact1_id")):
            for link in table.children(mine, str(key)):
                row = table.row(link)
                links.append(
                    {
                        "id": row["id"],
                        "linked_contact_id": row[other],
                        "link_type_id": row["link_type_id"],
                        "link_type_name": row["link_type_name"],
                    }
                )
        return links

    def product(self, key: int) -> Row:
        """Return a product with its options and subscription plans; KeyError if there is none."""
        row = self.tables["products"].row(key)
        if ("products", key, "options") not in self.planted:
            table = self.tables["product_options"]
            options = map(table.row, table.children("product_id", str(key)))
            row = {**row, "options": [listed_option(option) for option in options]}
        if ("products", key, "plans") in self.planted:
            return row
        table = self.tables["subscription_plans"]
        plans = [
            {
                "id": plan["id"],
                "active": plan["active"],
                "prorate": plan.get("prorate", False),
                "billing_cycle": plan["cycle_type"],
                "billing_frequency": plan["frequency"],
                "number_of_cycles": plan["total_cycles"],
                "plan_price": plan["plan_price"],
                "order_index": plan["display_order_index"],
            }
            for plan in map(table.row, table.children("product_id", str(key)))
        ]
        return {**row, "subscription_plans": plans}

    # -- writing -------------------------------------------------------------------------------------------

    def delete(self, collection: str, key: int) -> bool:
        """Delete a record, and treat those that name it as `RELATIONS` says; False if there is none."""
        table = self.tables[collection]
        if key not in table:
            return False
        row = table.row(key)
        table.delete(key)
        for name, relation in naming(collection):
            if relation.then == "keep":
                continue
            value = str(key) if relation.key == "id" else str(row.get(relation.key))
            for child in self.tables[name].children(relation.path, value):
                if relation.then == "delete":
                    self.delete(name, child)
                else:
                    self.tables[name].put(child, forget(self.tables[name].row(child), relation, value))
        if collection == "contacts":
            self.taggings.forget_contact(key)
        elif collection == "companies":
            self.company_tags.pop(key, None)
            self.company_tags_version += 1
        elif collection == "tags":
            self.taggings.forget_tag(key)
            for applied in self.company_tags.values():
                applied.pop(key, None)
            self.company_tags_version += 1
        return True

    def created(self, collection: str, key: int) -> None:
        """Note that a write call created a record.

        A new contact has no tags, even if a sample contact had its id.
        """
        if collection == "contacts":
            self.taggings.forget_contact(key)

    def changed(self, collection: str, row: Row) -> None:
        """Note that a row was written or planted. New email addresses of a contact get a status."""
        if collection != "contacts":
            return
        statuses, known = self.tables["email_address_statuses"], self._known_addresses
        for entry in row.get("email_addresses") or []:
            email = entry.get("email") if isinstance(entry, dict) else None
            if isinstance(email, str) and email.casefold() not in known:
                known.add(email.casefold())
                statuses.put(statuses.new_key(), new_status(email, self.clock.millis()))

    def blank(self, collection: str) -> Row:
        """Return a row of a collection with every field empty."""
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
        if collection_of(collection).record:
            row["custom_fields"] = []
        return row

    def full(self, collection: str, key: int) -> Row:
        """Return a record with all its fields; KeyError if there is none."""
        if collection == "contacts":
            return self.contact(key)
        if collection == "companies":
            return self.company(key)
        if collection == "products":
            return self.product(key)
        return self.tables[collection].row(key)

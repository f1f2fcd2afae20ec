"""Finds the streams of an account: those that every account has, the user's queries, and saved searches."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.errors import ends_run, explain
from tap_infusionsoft.streams.collection import CUSTOM_FIELDS
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_infusionsoft.queries.compile import CompiledQuery
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.columns import Schema

logger = logging.getLogger("tap-infusionsoft")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """A stream that the account has.

    Attributes:
        collection: Its declaration.
        selected: Whether it is selected unless the user says otherwise.
    """

    collection: Collection
    selected: bool


class Discovery:
    """Finds the streams of an account.

    Attributes:
        failed: Streams that Keap refuses to describe -> what it said.
    """

    def __init__(
        self,
        account: Account,
        queries: Sequence[CompiledQuery],
        catalog: Mapping[str, bool] | None,
        collections: Mapping[str, Collection] = COLLECTIONS,
    ) -> None:
        """A discovery that has not begun.

        Args:
            account: The account.
            queries: The user's queries.
            catalog: Streams of the given catalog -> whether they are selected; None without a catalog. With
                one, only what is needed to read its streams is asked for.
            collections: The collections that every account has, by name.
        """
        self.failed: dict[str, KeapError] = {}
        self._account = account
        self._queries = queries
        self._catalog = catalog
        self._collections = collections

    def streams(self) -> Iterator[Found]:
        """Find all streams: queries, then those of every account, then saved searches.

        Raises:
            KeapError: Keap cannot be asked at all.
            ConfigError: A setting names something that the account does not have.
        """
        yield from self._of_queries()
        yield from self._of_every_account()
        yield from self._of_saved_searches()

    def _of_queries(self) -> Iterator[Found]:
        for query in self._queries:
            name = query.collection.name
            if self._is_wanted(name):
                collection = self._described(name, partial(query.in_account, self._account))
                if collection is not None and self._has_schema(collection):
                    yield Found(collection, selected=True)
            elif self._catalog is not None and name not in self._catalog:
                logger.warning(
                    "%s: the catalog does not have this query. Run discovery again to load it.", name
                )

    def _of_every_account(self) -> Iterator[Found]:
        for name, collection in self._collections.items():
            if self._catalog is not None:
                if name in self._catalog:
                    yield Found(collection, self._is_default(collection))
            elif self._has_schema(collection):
                yield Found(collection, self._is_default(collection))

    def _of_saved_searches(self) -> Iterator[Found]:
        """The wanted saved searches; with a catalog, those that it selects."""
        if self._catalog is not None and not any(
            name.startswith(SAVED_SEARCH) and selected for name, selected in self._catalog.items()
        ):
            return
        account = self._account
        are_named = account.settings.saved_searches is not None
        reports = self._described("saved searches", account.saved_searches) or {}
        for name, report in reports.items():
            if self._is_wanted(name):
                collection = self._described(name, partial(account.saved_search, name, report))
                if collection is not None:
                    yield Found(collection, selected=are_named)

    def _is_default(self, collection: Collection) -> bool:
        # Naming tags means wanting their contacts.
        is_named = collection.name == "contacts_by_tag" and bool(self._account.settings.ids("tag_ids"))
        return collection.selected_by_default or is_named

    def _is_wanted(self, stream: str) -> bool:
        """Whether a stream is selected in the catalog; without one, all are."""
        return self._catalog is None or self._catalog.get(stream, False)

    def _has_schema(self, collection: Collection) -> bool:
        """Whether the columns of a collection are known. With a catalog they come from there."""
        if self._catalog is not None:
            return True
        return self._described(collection.name, partial(schema_of, collection, self._account)) is not None

    def _described(self, stream: str, read: Callable[[], T]) -> T | None:
        """Read what is needed to know a stream; None if Keap refuses, which is noted.

        Raises:
            KeapError: Nothing else could be read either.
        """
        try:
            return read()
        except KeapError as error:
            if ends_run(error, answered=self._account.client.answered):
                raise
            logger.error("%s: %s", stream, explain(error))  # noqa: TRY400  # a traceback would bury it
            self.failed[stream] = error
            return None


def schema_of(collection: Collection, account: Account) -> Schema:
    """The JSON schema of a collection's records, with the columns of the account's custom fields.

    Args:
        collection: The collection.
        account: The account.

    Raises:
        KeapError: The model of the custom fields cannot be read.
    """
    schema, mode = collection.schema, account.settings.custom_fields
    if collection.custom_fields is None:
        return schema
    properties = schema["properties"]
    if mode == "columns":
        properties.pop(CUSTOM_FIELDS, None)
    if mode != "raw":
        wanted = collection.query.custom_columns
        properties |= {
            field.column: field.schema
            for field in account.custom_fields(collection.custom_fields)
            if wanted is None or field.column in wanted
        }
    return schema

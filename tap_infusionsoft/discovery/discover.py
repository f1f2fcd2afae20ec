"""Finds the streams of an account: those that every account has, the user's own, and saved searches."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec import Struct

from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.errors import ConfigError, Exit, ends_run, exit_for, explain
from tap_infusionsoft.records.custom_fields import with_given_columns
from tap_infusionsoft.streams.collection import CUSTOM_FIELDS
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH
from tap_infusionsoft.streams.saved_searches import saved_search

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.columns import Schema

logger = logging.getLogger("tap-infusionsoft")

T = TypeVar("T")


class AccountStream(Protocol):
    """A stream whose columns depend on the account."""

    @property
    def collection(self) -> Collection:
        """Its declaration, without anything that depends on the account."""

    def in_account(self, account: Account, given: Mapping[str, str]) -> Collection:
        """Return its declaration in an account.

        Args:
            account: The account.
            given: Columns that were named before, by id.

        Raises:
            ConfigError: The account does not have what it needs.
            KeapError: The account cannot be asked.
        """


Columns = Callable[[str], "Mapping[str, str]"]
"""Returns the columns of a stream that were named before, by id."""


class Refusal(Struct, frozen=True):
    """Why a stream is not fully known.

    Attributes:
        message: What happened, and what to do.
        exit_code: What the process ends with if no other stream fails.
        unsent: Path of the call that was not sent, if nothing is wrong but that the calls of this run are
            used up; otherwise empty.
    """

    message: str
    exit_code: Exit
    unsent: str = ""


class Found(Struct, frozen=True):
    """A stream that the account has, or should have.

    Attributes:
        collection: Its declaration.
        selected: Whether it is selected unless the user says otherwise.
        refusal: Why its columns are not all known, if so. It is in the catalog all the same: otherwise runs
            with that catalog would end well without it.
        is_asked: Whether Keap was asked which columns it has, if it was necessary.
    """

    collection: Collection
    selected: bool
    refusal: Refusal | None = None
    is_asked: bool = True


class Discovery:
    """Finds the streams of an account.

    Attributes:
        failed: What cannot be read and is not among the streams that were found -> why.
    """

    def __init__(
        self,
        account: Account,
        own: Sequence[AccountStream],
        catalog: Mapping[str, bool] | None,
        collections: Mapping[str, Collection] = COLLECTIONS,
        columns_of: Columns = lambda _: {},
        in_catalog: Callable[[str], AbstractSet[str]] = lambda _: frozenset(),
        *,
        is_run: bool = False,
        describes: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """A discovery that has not begun.

        Args:
            account: The account.
            own: Streams of the user's own: queries, and those of other APIs than REST.
            catalog: Streams of the given catalog -> whether they are selected; None without a catalog. With
                one, only what is needed to read its streams is asked for.
            collections: The collections that every account has, by name.
            columns_of: Returns the columns of a stream that were named before.
            in_catalog: Returns the columns that the given catalog has of a stream.
            is_run: Whether the streams are read next. Then saved searches that are not selected need not be
                described, and what is not known for lack of calls is left to the next run.
            describes: Takes a stream that every account has, and returns whether its custom fields are
                asked for.
        """
        self.failed: dict[str, Refusal] = {}
        self._account = account
        self._own = own
        self._catalog = catalog
        self._collections = collections
        self._columns_of = columns_of
        self._in_catalog = in_catalog
        self._is_run = is_run
        self._is_list_known = True
        self._describes = describes
        self._chosen = account.settings.chosen

    def streams(self) -> Iterator[Found]:
        """Find all streams: the user's own, then those of every account, then saved searches.

        Raises:
            ConfigError: The setting streams names one that is not there.
            KeapError: Keap cannot be asked at all.
        """
        names = {*COLLECTIONS, *self._collections, *(one.collection.name for one in self._own)}
        self._chosen.check({*names, *(self._catalog or ())}, SAVED_SEARCH)
        self._tell_left_out()
        yield from self._of_the_user()
        yield from self._of_every_account()
        if self._catalog is None:
            searches = [*self._of_wanted_searches()]
            if not self.failed and self._is_list_known:
                names |= {one.collection.name for one in searches}
                if (pattern := self._chosen.unmatched(SAVED_SEARCH, names)) is not None:
                    raise ConfigError(
                        f"streams: {pattern!r} matches no saved search. Keap lists none, or saved_searches "
                        "names others: correct one of the two settings."
                    )
                self._chosen.check(names)
            yield from searches
        else:
            yield from self._of_searches_in(self._catalog)

    def _of_the_user(self) -> Iterator[Found]:
        for own in self._own:
            name = own.collection.name
            if self._leaves_out(name):
                yield Found(own.collection, selected=False, is_asked=False)
            elif self._is_wanted(name):
                found = self._described(name, partial(own.in_account, self._account, self._columns_of(name)))
                if not isinstance(found, Refusal):
                    yield Found(found, selected=True, refusal=self._schema_refusal(found))
                elif self._catalog is None:
                    yield Found(own.collection, selected=True, refusal=found)
                else:
                    self.failed[name] = found
            elif self._catalog is not None and name not in self._catalog:
                logger.warning(
                    "%s: the catalog does not have this stream. "
                    "Run discovery again (in Meltano: --refresh-catalog) to load it.",
                    name,
                )

    def _of_every_account(self) -> Iterator[Found]:
        for name, collection in self._collections.items():
            if self._leaves_out(name):
                yield Found(collection, selected=False, is_asked=False)
            elif self._catalog is None and collection.custom_fields is not None and not self._describes(name):
                yield Found(collection, self._is_default(collection), is_asked=False)
            elif self._catalog is None or name in self._catalog:
                yield Found(collection, self._is_default(collection), self._schema_refusal(collection))

    def _of_wanted_searches(self) -> Iterator[Found]:
        """The saved searches that the settings name, also those that are not there."""
        if not self._chosen.may_select(SAVED_SEARCH):
            return
        searches = self._account.saved_searches
        are_named = self._account.settings.saved_searches is not None
        wanted = self._described("saved searches", lambda: searches.wanted)
        if isinstance(wanted, Refusal):
            self._is_list_known = False
            unread = [one for one in searches.unread if not self._leaves_out(one.stream)]
            for one in unread:
                yield Found(saved_search(one.stream, one.report, ()), selected=True, refusal=wanted)
            if searches.has_unread_patterns:
                self.failed["saved searches"] = wanted
            return
        self._tell_renames(wanted)
        for name, report in wanted.items():
            is_chosen = self._chosen.selects(name, default=are_named)
            if not is_chosen and (self._is_run or self._chosen):
                yield Found(saved_search(name, report, ()), selected=False)
                continue
            found = self._search(name, report)
            if isinstance(found, Refusal):
                yield Found(saved_search(name, report, ()), selected=is_chosen, refusal=found)
            else:
                yield Found(found, selected=is_chosen)
        for missing in (one for one in searches.missing if not self._leaves_out(one.stream)):
            refusal = self._refused(missing.stream, Refusal(missing.message, Exit.CONFIG))
            yield Found(saved_search(missing.stream, missing.report, ()), selected=True, refusal=refusal)

    def _of_searches_in(self, catalog: Mapping[str, bool]) -> Iterator[Found]:
        """The saved searches that a catalog selects. They are followed by id, whatever the settings name."""
        chosen = [name for name, selected in catalog.items() if selected and name.startswith(SAVED_SEARCH)]
        if not chosen:
            return
        searches = self._account.saved_searches
        every = (
            Refusal(
                "saved_searches is an empty list, so no saved search is read. Deselect the stream, or name "
                "its saved search in the setting.",
                Exit.CONFIG,
            )
            if self._account.settings.saved_searches == ()
            else self._described("saved searches", lambda: searches.every)
        )
        if isinstance(every, Refusal):
            self.failed |= {name: self._refused(name, every) for name in chosen}
            return
        self._tell_renames(chosen)
        for name in chosen:
            found = self._search_in_catalog(name, every.get(name))
            if isinstance(found, Refusal):
                self.failed[name] = found
            else:
                yield Found(found, selected=True)
        for missing in searches.missing:
            if missing.stream not in catalog:
                refusal = Refusal(missing.message, Exit.CONFIG)
                self.failed[missing.stream] = self._refused(missing.stream, refusal)

    def _search_in_catalog(self, name: str, report: Mapping[str, Any] | None) -> Collection | Refusal:
        """The stream of a saved search that a catalog selects, or why it cannot be read.

        Args:
            name: Name of the stream.
            report: The saved search that has this stream, if there is one.
        """
        searches = self._account.saved_searches
        ident = next((ident for ident, one in searches.given.items() if one.stream == name), None)
        is_wanted = report is not None and searches.is_wanted(report)
        if report is not None and (ident is not None or is_wanted):
            if not is_wanted:
                logger.warning(
                    "%s: saved_searches does not name it; it is read because the catalog selects it.", name
                )
            return self._search(name, report)
        if ident is not None:
            gone = searches.gone({"id": ident, "name": searches.given[ident].label})
            return self._refused(name, Refusal(gone.message, Exit.CONFIG))
        return self._refused(
            name,
            Refusal(
                "saved_searches names no search of this name: it was deleted or renamed in Keap. Run "
                "discovery again (in Meltano: --refresh-catalog), or deselect the stream.",
                Exit.CONFIG,
            ),
        )

    def _search(self, name: str, report: Mapping[str, Any]) -> Collection | Refusal:
        """The stream of a saved search, or why its columns are not known."""
        columns = self._columns_of(name), self._in_catalog(name)
        return self._described(name, partial(self._account.saved_search, name, report, *columns))

    def _tell_renames(self, streams: Container[str]) -> None:
        for stream, message in self._account.saved_searches.renames().items():
            if stream in streams:
                logger.warning("%s: %s", stream, message)

    def _is_default(self, collection: Collection) -> bool:
        # Naming tags means wanting their contacts.
        is_named = collection.name == "contacts_by_tag" and bool(self._account.settings.ids("tag_ids"))
        return self._chosen.selects(collection.name, default=collection.selected_by_default or is_named)

    def _tell_left_out(self) -> None:
        """Name what other settings ask for and the setting streams leaves out."""
        names = [one.collection.name for one in self._own if self._leaves_out(one.collection.name)]
        if self._account.settings.saved_searches and self._catalog is None:
            names += [] if self._chosen.may_select(SAVED_SEARCH) else ["what saved_searches names"]
        if names:
            logger.warning(
                "The setting streams does not name these, so they are not read: %s.", ", ".join(names)
            )

    def _leaves_out(self, stream: str) -> bool:
        """Whether the setting streams, which a catalog wins over, does not name a stream."""
        return self._catalog is None and not self._chosen.selects(stream, default=True)

    def _is_wanted(self, stream: str) -> bool:
        """Whether a stream is selected in the catalog; without one, all are."""
        return self._catalog is None or self._catalog.get(stream, False)

    def _schema_refusal(self, collection: Collection) -> Refusal | None:
        """Why the columns of a collection are not known, if so. With a catalog they come from there."""
        if self._catalog is not None or collection.custom_fields is None:
            return None
        found = self._described(collection.name, partial(schema_of, collection, self._account))
        return found if isinstance(found, Refusal) else None

    def _described(self, stream: str, read: Callable[[], T]) -> T | Refusal:
        """Read what is needed to know a stream, or return why it cannot be read.

        Raises:
            KeapError: Nothing else could be read either.
        """
        try:
            return read()
        except KeapError as error:
            if ends_run(error, answered=self._account.client.answered):
                raise
            unsent = error.call.path if error.fault.kind is Kind.CALLS_SPENT else ""
            refusal = Refusal(explain(error), exit_for(error.fault), unsent)
        except ConfigError as error:
            refusal = Refusal(str(error), error.exit_code)
        return self._refused(stream, refusal)

    def _refused(self, stream: str, refusal: Refusal) -> Refusal:
        is_left = self._is_run and refusal.unsent
        logger.log(logging.DEBUG if is_left else logging.ERROR, "%s: %s", stream, refusal.message)
        return refusal


def static_schema(collection: Collection, account: Account) -> Schema:
    """The JSON schema of a collection's records without the columns of custom fields.

    Args:
        collection: The collection.
        account: The account, whose settings say whether Keap's own list is among the columns.
    """
    schema = collection.schema
    if collection.custom_fields is not None and account.settings.custom_fields == "columns":
        schema["properties"].pop(CUSTOM_FIELDS, None)
    return schema


def schema_of(collection: Collection, account: Account, given: Mapping[str, str] | None = None) -> Schema:
    """The JSON schema of a collection's records, with the columns of the account's custom fields.

    Args:
        collection: The collection.
        account: The account.
        given: Columns of custom fields that were named before, by id.

    Raises:
        KeapError: The model of the custom fields cannot be read.
    """
    schema = static_schema(collection, account)
    if collection.custom_fields is None or account.settings.custom_fields == "raw":
        return schema
    wanted = collection.query.custom_columns
    fields = with_given_columns(account.models.custom_fields(collection.custom_fields), given or {})
    schema["properties"] |= {
        field.column: field.schema for field in fields if wanted is None or field.column in wanted
    }
    return schema

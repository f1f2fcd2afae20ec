"""The saved searches of an account: which of them a run wants, and in which streams their rows go.

A saved search is its id. Its stream is named after it once; whatever it, or another one, is called later, its
rows go to the same stream.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.streams.saved_searches import is_pattern, matches, stream_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_infusionsoft.state.given_names import NamedSearch

logger = logging.getLogger("tap-infusionsoft")

Report = Mapping[str, Any]
"""A row of Keap's list of saved searches."""


class MissingSearch(Struct, frozen=True):
    """A saved search that is wanted and not there.

    Attributes:
        stream: The stream that it has, or would have.
        report: What is known of it, as a row of the list.
        message: What happened, and what to do.
    """

    stream: str
    report: Report
    message: str


class SavedSearches:
    """The saved searches of an account.

    Attributes:
        given: Those that were given a stream before, by id.
    """

    def __init__(
        self,
        setting: tuple[str, ...] | None,
        given: Mapping[str, NamedSearch],
        read: Callable[[], Sequence[Report]],
    ) -> None:
        """Saved searches that have not been asked for.

        Args:
            setting: The setting saved_searches: ids, names and patterns; None for all.
            given: Those that catalog or state gave a stream before, by id.
            read: Reads Keap's list of them. Raises KeapError.
        """
        self.given = given
        self._setting = setting
        self._read = read

    @cached_property
    def every(self) -> dict[str, Report]:
        """All of them, by stream.

        Raises:
            KeapError: The list cannot be read.
        """
        rows = [{**row, "id": str(row["id"])} for row in self._read() if row.get("id") is not None]
        names = stream_names(rows, {ident: one.stream for ident, one in self.given.items()})
        return {names[row["id"]]: row for row in rows}

    @property
    def is_read(self) -> bool:
        """Whether Keap's list of them has been read."""
        return "every" in self.__dict__

    @cached_property
    def wanted(self) -> dict[str, Report]:
        """Those that the setting names, by the name that they have or had, by stream.

        Raises:
            KeapError: The list cannot be read.
        """
        if self._setting == ():
            return {}
        found = {stream: row for stream, row in self.every.items() if self.is_wanted(row)}
        for one in self._setting or ():
            if is_pattern(one) and not any(self._is_meant(row, one) for row in self.every.values()):
                logger.warning("saved_searches: no saved search matches %r. %s", one, self._listed())
        return found

    def is_wanted(self, report: Report) -> bool:
        """Whether the setting names a saved search."""
        return self._setting is None or any(self._is_meant(report, one) for one in self._setting)

    def _is_meant(self, report: Report, one: str) -> bool:
        """Whether an entry of the setting means a saved search, by the name that it has or had."""
        known = self.given.get(report["id"])
        return matches(report, one) or (known is not None and matches({**report, "name": known.label}, one))

    @cached_property
    def missing(self) -> list[MissingSearch]:
        """Those that the setting names and that are not there. A pattern alone names nothing.

        Raises:
            KeapError: The list cannot be read.
        """
        if not self._setting:
            return []
        gone = [{"id": ident, "name": one.label} for ident, one in self.given.items() if self._is_gone(ident)]
        found = [self.gone(row) for row in gone if self.is_wanted(row)]
        rows = [*self.every.values(), *gone]
        for one in self._setting:
            if not is_pattern(one) and not any(self._is_meant(row, one) for row in rows):
                text = f"saved_searches: no saved search has the id or name {one!r}. {self._listed()}"
                found.append(self._named(one, text))
        return found

    @property
    def unread(self) -> list[MissingSearch]:
        """Those that the setting names by id or name, if the list of them cannot be read."""
        return [self._named(one, "") for one in self._setting or () if not is_pattern(one)]

    @property
    def has_unread_patterns(self) -> bool:
        """Whether the setting wants more than it names, so that something is missing without the list."""
        return self._setting is None or any(map(is_pattern, self._setting))

    def _named(self, one: str, message: str) -> MissingSearch:
        """A saved search of which nothing is known but what the setting calls it."""
        ident = one.strip()
        known = self.given.get(ident)
        stream = known.stream if known else stream_names([{"id": ident, "name": ident}])[ident]
        return MissingSearch(stream, {"id": ident, "name": known.label if known else ident}, message)

    def gone(self, report: Report) -> MissingSearch:
        """A saved search that was given a stream, and is not there any more.

        Args:
            report: What is known of it.
        """
        return MissingSearch(
            self.given[report["id"]].stream,
            report,
            f"its saved search, {report['name']!r} (id {report['id']}), was deleted in Keap; its rows stay "
            "as they are. Deselect the stream; without a catalog, remove it from saved_searches or from the "
            "state.",
        )

    def _is_gone(self, ident: str) -> bool:
        return ident not in {row["id"] for row in self.every.values()}

    def _listed(self) -> str:
        known = ", ".join(sorted(f"{row.get('name')!r} ({row['id']})" for row in self.every.values())[:20])
        return f"There are: {known or 'none'}."

    def renames(self) -> dict[str, str]:
        """What to say about saved searches that were renamed since their stream was named, by stream.

        Raises:
            KeapError: The list cannot be read.
        """
        if not self.given or self._setting == ():
            return {}
        found = {}
        for stream, row in self.every.items():
            known, name = self.given.get(row["id"]), str(row.get("name") or "")
            if known is not None and known.label not in {"", name}:
                found[stream] = (
                    f"its saved search, {known.label!r} (id {row['id']}), is now called {name!r} in Keap; "
                    "its rows stay in this stream."
                )
        return found

"""What ``--test`` does: one call for each selected stream, a line each, and a verdict."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tap_infusionsoft.client.faults import NOT_SERVED, KeapError
from tap_infusionsoft.errors import ConfigError, Exit, RunFailedError, ends_run, exit_for, explain
from tap_infusionsoft.reading.account import sources
from tap_infusionsoft.reading.requests import slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.runner import Failure
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.replication import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.stream import KeapStream
    from tap_infusionsoft.streams.collection import Collection

logger = logging.getLogger("tap-infusionsoft")

WAYS = ("all", "records", "schema")
"""What ``--test`` takes, as the SDK (0.54.9) names it: ``all`` and ``records`` call Keap for each stream."""
_ROWS = 10
"""Rows to ask for."""


def check_way(way: str) -> None:
    """Refuse a value of ``--test`` that means nothing.

    Raises:
        ConfigError: It is none of `WAYS`.
    """
    if way not in WAYS:
        raise ConfigError(f"--test={way} means nothing. Use --test, --test=records or --test=schema.")


class Trial:
    """Tries streams: each with the first call that a run would make, but for a few rows."""

    def __init__(self, account: Account, failures: Iterable[Failure] = ()) -> None:
        """A trial that has not begun.

        Args:
            account: The account.
            failures: Streams that failed before they could be tried.
        """
        self._account = account
        self._failures = [*failures]
        self._rows: dict[str, list[Mapping[str, Any]]] = {}
        self._errors: dict[str, KeapError] = {}
        self._untried = 0

    def run(self, streams: Sequence[KeapStream]) -> None:
        """Try all streams.

        Raises:
            RunFailedError: Some failed.
        """
        total = len(streams) + len(self._failures)
        # Those that others are read for come first: their rows are not asked for twice.
        for stream in sorted(streams, key=lambda one: self._depth(one.collection)):
            try:
                self._try(stream)
            except KeapError as error:
                self._errors[stream.name] = error
                message = explain(error, stream.collection.unserved)
                failure = Failure(stream.name, message, exit_for(error.fault))
                if ends_run(error, answered=self._account.client.answered):
                    raise RunFailedError(
                        f"The test ended at the stream {stream.name}: {failure.message}", failure.exit_code
                    ) from None
                logger.error("%s: %s", stream.name, failure.message)  # noqa: TRY400  # a traceback buries it
                self._failures.append(failure)
        if self._failures:
            names = ", ".join(failure.stream for failure in self._failures)
            codes = {failure.exit_code for failure in self._failures}
            is_all = len(self._failures) == total and len(codes) == 1
            raise RunFailedError(
                f"The test failed for {len(self._failures)} of {total} streams: {names}. "
                "The reasons are above; the others work, as far as they could be tried.",
                codes.pop() if is_all else Exit.PARTIAL,
            )
        if self._untried:
            logger.info(
                "The test succeeded: %d of %d selected streams work, and there was nothing to try for %d.",
                total - self._untried,
                total,
                self._untried,
            )
            return
        logger.info("The test succeeded: all %d selected streams work.", total)

    def _try(self, stream: KeapStream) -> None:
        rows = self._first_rows(stream.collection, stream.trial_fields)
        if rows is None:
            self._untried += 1
            logger.info("%s: nothing to try, as there is no row to read it for.", stream.name)
            return
        self._rows[stream.name] = rows
        logger.info("%s: works (%s).", stream.name, "1 row" if len(rows) == 1 else f"{len(rows)} rows")

    def _first_rows(
        self, collection: Collection, fields: Sequence[str] = ()
    ) -> list[Mapping[str, Any]] | None:
        """The first rows of a collection; None if there is no row that it could be read for."""
        parents, ids = self._parents(collection), self._ids(collection)
        try:
            return self._asked(collection, parents, ids, fields)
        except KeapError as error:
            other = collection.fallback
            if other is None or error.fault.kind not in NOT_SERVED:
                raise
            return self._asked(other, self._parents(other), self._ids(other))

    def _asked(
        self,
        collection: Collection,
        parents: Sequence[Mapping[str, str]],
        ids: Sequence[str],
        fields: Sequence[str] = (),
    ) -> list[Mapping[str, Any]] | None:
        endpoint = replace(collection.endpoint, page_size=min(collection.endpoint.page_size, _ROWS))
        plan = self._account.plan(replace(collection, endpoint=endpoint), Window(), fields)
        piece = next(slices(plan, parents, ids), None)
        if piece is None:
            return None
        document = self._account.client.fetch(walk_of(plan, piece).first_call()).document
        rows = document.get(endpoint.items) if endpoint.items is not None else [document]
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def _parents(self, collection: Collection) -> list[Mapping[str, str]]:
        """The first row that a collection is read for, with the columns that it takes from it."""
        source = collection.parents
        if source is None:
            return []
        if source.setting == saved_searches.SETTING:
            return self._account.parents(source, Window())[:1]
        wire = self._account.collections[source.stream].wire
        for row in self._rows_of(source.stream):
            found = {column: row.get(wire.name(theirs)) for column, theirs in source.columns.items()}
            says = {name: row.get(wire.name(name)) for name in (source.only_if, source.lists) if name}
            if None not in found.values() and source.leads_on(says):
                return [{column: str(value) for column, value in found.items()}]
        return []

    def _ids(self, collection: Collection) -> list[str]:
        """The first id that a collection is asked for."""
        source = collection.batches
        if source is None:
            return []
        column = self._account.collections[source.stream].wire.name(source.column)
        return [str(row[column]) for row in self._rows_of(source.stream) if row.get(column) is not None][:1]

    def _depth(self, collection: Collection) -> int:
        """How many collections have to be read before this one."""
        return len(sources(collection, self._account.collections))

    def _rows_of(self, stream: str) -> list[Mapping[str, Any]]:
        if stream in self._errors:
            raise self._errors[stream]
        if stream not in self._rows:
            try:
                self._rows[stream] = self._first_rows(self._account.collections[stream]) or []
            except KeapError as error:
                self._errors[stream] = error
                raise
        return self._rows[stream]

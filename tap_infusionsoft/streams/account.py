"""What the streams of a run share: the client, the settings, and answers that several of them need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.calls import Call
from tap_infusionsoft.client.faults import NOT_SERVED, KeapError
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.streams import reporting
from tap_infusionsoft.streams.catalogue import COLLECTIONS
from tap_infusionsoft.streams.collection import Batches
from tap_infusionsoft.streams.custom_fields import CustomField, read_model
from tap_infusionsoft.streams.pages import Walk
from tap_infusionsoft.streams.slices import Window, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tap_infusionsoft.client.keap import KeapClient
    from tap_infusionsoft.settings import Settings
    from tap_infusionsoft.streams.collection import Collection, Parents


class Account:
    """One Keap account, as far as this run has come to know it. Every answer is asked for once."""

    def __init__(self, client: KeapClient, settings: Settings, started: datetime) -> None:
        self.client = client
        self.settings = settings
        self.started = started
        self._ids: dict[tuple[str, str], list[str]] = {}
        self._models: dict[str, list[CustomField]] = {}
        self._reports: dict[str, Mapping[str, Any]] | None = None

    def custom_fields(self, path: str) -> list[CustomField]:
        """The custom fields of a record, from its model.

        Raises:
            KeapError: The model cannot be read.
        """
        if path not in self._models:
            self._models[path] = read_model(self.client.fetch(Call(path, "custom_fields")).document)
        return self._models[path]

    def ids(self, source: Parents | Batches) -> list[str]:
        """The ids that a stream is read for: those of its setting, or all there are.

        Raises:
            ConfigError: The setting names ids that the account does not have.
            KeapError: The ids cannot be read.
        """
        wanted = self.settings.ids(source.setting) if source.setting else ()
        if (source.stream, source.column) not in self._ids:
            self._ids[source.stream, source.column] = list(dict.fromkeys(self._all_ids(source)))
        found = self._ids[source.stream, source.column]
        missing = sorted(set(wanted) - set(found), key=int)
        if missing:
            raise ConfigError(
                f"{source.setting}: the account has no {source.stream} with the id {', '.join(missing[:10])}. "
                f"The stream {source.stream} lists those that there are."
            )
        return list(wanted) or found

    def _all_ids(self, source: Parents | Batches) -> Iterator[str]:
        """The ids of a whole collection, in Keap's order."""
        collection = COLLECTIONS[source.stream]
        try:
            yield from self._ids_of(collection, source)
        except KeapError as error:
            if collection.fallback is None or error.fault.kind not in NOT_SERVED:
                raise
            yield from self._ids_of(collection.fallback, source)

    def _ids_of(self, collection: Collection, source: Parents | Batches) -> Iterator[str]:
        # Parents are walked for ids only: nothing else of them is asked for.
        fields = ("id",) if "id" in collection.fields else ()
        column = source.column if isinstance(source, Batches) else "id"
        walked = collection.parents or collection.batches
        ids = self.ids(walked) if walked else ()
        for piece in plan(collection, Window(), ids, fields):
            for page in Walk(self.client, collection, piece):
                for row in page:
                    value = piece.values.get(column) or row.get(collection.renamed.get(column, column))
                    if value is not None:
                        yield str(value)

    def saved_searches(self) -> dict[str, Mapping[str, Any]]:
        """The wanted saved searches: stream name -> row of the list of reports.

        Raises:
            ConfigError: The setting saved_searches names one that is not there.
            KeapError: The list cannot be read.
        """
        wanted = self.settings.saved_searches
        if self._reports is None:
            if wanted == ():
                self._reports = {}
                return {}
            rows = list(self._all_reports())
            names = reporting.stream_names(rows)
            self._reports = {names[str(row["id"])]: row for row in rows if _is_wanted(row, wanted)}
            for one in wanted or ():
                if not any(reporting.matches(row, one) for row in rows):
                    known = ", ".join(sorted(f"{row.get('name')!r} ({row['id']})" for row in rows)[:20])
                    raise ConfigError(
                        f"saved_searches: no saved search has the id or name {one!r}. There are: {known or 'none'}."
                    )
        return self._reports

    def _all_reports(self) -> Iterator[Mapping[str, Any]]:
        collection = reporting.REPORTS
        for piece in plan(collection, Window()):
            for page in Walk(self.client, collection, piece):
                yield from (row for row in page if row.get("id") is not None)

    def saved_search(self, name: str, report: Mapping[str, Any]) -> Collection:
        """The stream of a saved search, with the columns of its model.

        Raises:
            KeapError: The model cannot be read.
        """
        path = f"/v2/reporting/reports/{report['id']}/model"
        return reporting.saved_search(
            name, report, self.client.fetch(Call(path, "fields")).document["fields"]
        )


def _is_wanted(report: Mapping[str, Any], wanted: tuple[str, ...] | None) -> bool:
    return wanted is None or any(reporting.matches(report, one) for one in wanted)

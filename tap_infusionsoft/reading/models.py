"""Models: which custom fields an account has, and which columns its saved searches.

Keap is asked for one once a run. A run does not have to ask if the state has the model from the last hours;
then what rows and catalogs show may make Keap's answer necessary after all. See `ask_again`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.call import Call, path_of
from tap_infusionsoft.client.faults import Fault, Kind, usable
from tap_infusionsoft.records.custom_fields import custom_fields, model_rows
from tap_infusionsoft.streams.saved_searches import REPORT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.client.faults import KeapError
    from tap_infusionsoft.reading.pages import Fetcher
    from tap_infusionsoft.records.custom_fields import CustomField
    from tap_infusionsoft.state.kept_models import KeptModels, Rows
    from tap_infusionsoft.streams.collection import Collection

_CUSTOM_FIELDS = {"custom_fields", "optional_properties"}
"""A model of custom fields has at least one of them; the first may be null if there are none."""
_ID_NAME_LABEL_KIND = 4
_NAME_LABEL = 2


class Models:
    """The models of an account. The stream of custom fields takes its rows from here, too.

    Attributes:
        takes_from_state: Whether this run may take models from the state. Discovery and trials may not.
    """

    def __init__(self, fetcher: Fetcher, kept: KeptModels) -> None:
        """No model has been asked for yet.

        Args:
            fetcher: Asks Keap.
            kept: Those that the state has.
        """
        self.takes_from_state = False
        self._fetcher = fetcher
        self._kept = kept
        self._replies: dict[str, Reply] = {}
        self._rows: dict[str, Rows] = {}
        self._fields: dict[str, list[CustomField]] = {}
        self._edited: dict[str, str] = {}
        self._from_state: set[str] = set()

    def fetch(self, call: Call) -> Reply:
        """Read a model.

        Raises:
            KeapError: It cannot be read.
        """
        reply = self._replies.get(call.path)
        if reply is None or not usable(reply.document, call):
            reply = self._replies[call.path] = self._fetcher.fetch(call)
            self._keep(call.path, reply.document)
        return reply

    def error(self, fault: Fault, call: Call) -> KeapError:
        """Put a fault into words."""
        return self._fetcher.error(fault, call)

    def custom_fields(self, path: str) -> list[CustomField]:
        """The custom fields of a record, from its model.

        Args:
            path: Path of the model.

        Raises:
            KeapError: The model cannot be read.
        """
        if path not in self._fields:
            rows = self._field_rows(path)
            self._fields[path] = custom_fields((one, name, label, kind) for one, name, label, kind in rows)
        return self._fields[path]

    def report_fields(self, report: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Name and label of each column of a saved search, from its model.

        Args:
            report: Its row in the list of saved searches. It says when the search was last changed: if that
                has moved, Keap is asked.

        Raises:
            KeapError: The model cannot be read.
        """
        path = path_of(REPORT_FIELDS.endpoint.path, report_id=report["id"])
        self._edited[path] = str(report.get("updated_time") or "")
        rows = self._column_rows(path)
        return [(name, label) for name, label in rows]

    def is_from_state(self, path: str | None) -> bool:
        """Whether this run knows a model from the state only.

        Args:
            path: Path of the model; None for a stream without one.
        """
        return path in self._from_state

    @property
    def from_state(self) -> frozenset[str]:
        """Paths of the models that this run knows from the state only."""
        return frozenset(self._from_state)

    def ask_again(self, path: str) -> bool:
        """Ask Keap for a model when it is needed next, if this run has not done so.

        Args:
            path: Path of the model.

        Returns:
            Whether it may be another one than before.
        """
        if path not in self._from_state:
            return False
        self._from_state.discard(path)
        self._rows.pop(path, None)
        self._fields.pop(path, None)
        if path not in self._replies:
            self._kept.drop(path)
        return True

    def ids(self, path: str) -> frozenset[str]:
        """Ids of the custom fields in a model that was needed before, or names of columns of a saved search.

        Raises:
            KeapError: The model cannot be read.
        """
        rows = self._column_rows(path) if path in self._edited else self._field_rows(path)
        return frozenset(row[0] for row in rows)

    def unexplained(self, path: str) -> frozenset[str]:
        """What rows and catalogs of the last hours have that the model does not explain."""
        return self._kept.unexplained(path)

    def note_unexplained(self, path: str, shown: Iterable[str]) -> None:
        """Note what Keap does not explain, so that runs need not ask because of it."""
        self._kept.note_unexplained(path, shown)

    def _field_rows(self, path: str) -> Rows:
        return self._rows_of(path, Call(path), _field_rows, _ID_NAME_LABEL_KIND)

    def _column_rows(self, path: str) -> Rows:
        return self._rows_of(path, Call(path, "fields"), _column_rows, _NAME_LABEL)

    def _rows_of(
        self, path: str, call: Call, parse: Callable[[Mapping[str, Any]], Rows | None], width: int
    ) -> Rows:
        """What is needed of a model.

        Args:
            path: Path of the model.
            call: The call for it.
            parse: Returns what is needed of a document; None if that is no model.
            width: How many texts each row has.
        """
        found = self._rows.get(path)
        if found is None and self.takes_from_state and path not in self._replies:
            found = self._kept.rows(path, width, self._edited.get(path, ""))
            if found is not None:
                self._from_state.add(path)
        if found is None:
            found = parse(self.fetch(call).document)
        if found is None:
            raise self.error(Fault(Kind.BLANK, "not a model of custom fields"), call)
        self._rows[path] = found
        return found

    def _keep(self, path: str, document: Mapping[str, Any]) -> None:
        """Put a model that was just read into the state, if streams are described by it."""
        rows = _column_rows(document) if path in self._edited else _field_rows(document)
        if rows is not None:
            self._kept.put(path, rows, self._edited.get(path, ""))


def model_of(collection: Collection) -> str | None:
    """Path of the model that describes a stream; None if it is the same in all accounts."""
    if collection.search.id:
        return path_of(REPORT_FIELDS.endpoint.path, report_id=collection.search.id)
    return collection.custom_fields


def _field_rows(document: Mapping[str, Any]) -> Rows | None:
    """What is needed of a model of custom fields; None if it is none."""
    is_list = isinstance(document.get("custom_fields", []), list | None)
    return model_rows(document) if is_list and document.keys() & _CUSTOM_FIELDS else None


def _column_rows(document: Mapping[str, Any]) -> Rows | None:
    """What is needed of a model of a saved search; None if it is none."""
    fields = document.get("fields")
    if not isinstance(fields, list):
        return None
    return [
        [str(one["name"]), str(one.get("label") or "")]
        for one in fields
        if isinstance(one, dict) and one.get("name")
    ]

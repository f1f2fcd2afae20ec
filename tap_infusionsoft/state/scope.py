"""Which rows of a stream the settings let through, now compared with before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.config.relative_dates import Moment

_KEY = "key_column"


class Scope(Struct, frozen=True):
    """Which rows of a stream the settings let through.

    Attributes:
        start: The setting start_date, for streams that know it.
        end: The setting end_date; None if it is not set.
        ids: Settings that name ids -> the ids; those that name none are left out.
        key: The column that identifies a row, if the tap makes it. Rows of another one are not replaced.
    """

    start: Moment | None = None
    end: Moment | None = None
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key: str = ""

    def as_state(self) -> dict[str, Any]:
        """The scope as it is kept in the state."""
        dates = {"start_date": self.start, "end_date": self.end}
        kept: dict[str, Any] = {name: date.name for name, date in dates.items() if date is not None}
        kept |= {name: sorted(ids) for name, ids in self.ids.items()}
        return kept | ({_KEY: self.key} if self.key else {})

    def narrows(self, old: Mapping[str, Any]) -> list[str]:
        """The settings that leave out rows which the scope ``old`` let through."""
        now = self.as_state()
        found = []
        for name in sorted({*old, *now} - {_KEY}):
            before, after = old.get(name), now.get(name)
            if before == after or after is None:
                continue
            wider = before is not None and (
                set(before) <= set(after)
                if isinstance(after, list)
                else _is_time(before) and _is_time(after) and (after < before) == (name == "start_date")
            )
            if not wider:
                found.append(name)
        return found

    @property
    def moves(self) -> bool:
        """Whether rows leave it without being deleted: with the days, or by being edited."""
        return self.end is not None or (self.start is not None and self.start.is_relative)


def _is_time(text: Any) -> bool:
    return isinstance(text, str) and text.endswith("Z")

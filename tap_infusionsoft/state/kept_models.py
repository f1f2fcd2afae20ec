"""Models that an earlier run has read: which custom fields there are, and the columns of saved searches.

They hardly ever change, but take more calls than all else of a run that finds nothing new. So the state keeps
them beside the bookmarks, with the account that they are of. Whatever it holds, an entry that cannot be used
only costs the calls that it would have saved.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from tap_infusionsoft.state.packed_text import LONGEST, pack, unpack
from tap_infusionsoft.state.rounds import FRESH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping, Sequence

logger = logging.getLogger("tap-infusionsoft")

MODELS = "models"
"""Where the state keeps models, beside the bookmarks: a list of one object, which Meltano does not merge."""
_MOST_UNEXPLAINED = 100
"""Ids and columns that are kept of a model because Keap does not explain them."""

Rows = list[list[str]]
"""What is needed of a model: texts about each field, always as many."""


class _Kept(Struct, omit_defaults=True):
    """A model.

    Attributes:
        read_at: When the run began that asked for it. Nightly runs never find it fresh, even if one takes
            hours and the next begins early; hourly ones ask twice a day.
        rows: Its fields, as a list or, if that is long, as compressed JSON.
        edited: What Keap said then about the last change of what it describes; empty if it says nothing.
        unexplained: What rows or catalogs have that is not in it, although Keap was asked.
    """

    read_at: Annotated[datetime, Meta(tz=True)]
    rows: Rows | str
    edited: str = ""
    unexplained: list[str] = field(default_factory=list)


class _Saved(Struct):
    """The models of one account, by path."""

    account: str
    kept: dict[str, _Kept]


class KeptModels:
    """The models in the state."""

    def __init__(self, state: MutableMapping[str, Any], account: Mapping[str, Any], now: datetime) -> None:
        """The models that a state has, if they are of its account.

        Args:
            state: The state, which is changed whenever a model is read.
            account: What the state says about its account, as `client.tenant` keeps it.
            now: When the run began.
        """
        self._state = state
        self._account = account
        self._now = now
        self._kept = self._loaded()

    def rows(self, path: str, width: int, edited: str = "") -> Rows | None:
        """What is kept of a model; None if it has to be asked for.

        Args:
            path: Path of the model.
            width: How many texts each row should have.
            edited: What Keap says now about the last change of what it describes.
        """
        kept = self._kept.get(path)
        if kept is None or kept.edited != edited or not self._is_fresh(kept):
            return None
        try:
            rows = (
                msgspec.json.decode(unpack(kept.rows), type=Rows) if isinstance(kept.rows, str) else kept.rows
            )
        except (ValueError, msgspec.MsgspecError) as error:
            logger.debug("The state's model %s cannot be used, so Keap is asked: %s.", path, error)
            return None
        if any(len(row) != width for row in rows):
            logger.debug("The state's model %s has other columns, so Keap is asked.", path)
            return None
        return rows

    def unexplained(self, path: str) -> frozenset[str]:
        """What rows or catalogs have that a model does not explain, although Keap was asked."""
        kept = self._kept.get(path)
        return frozenset(kept.unexplained if kept is not None else ())

    def put(self, path: str, rows: Iterable[Sequence[str]], edited: str = "") -> None:
        """Keep a model that was just read.

        Args:
            path: Path of the model.
            rows: What to keep of it.
            edited: What Keap says about the last change of what it describes.
        """
        texts = [[*row] for row in rows]
        plain = msgspec.json.encode(texts).decode()
        self._kept[path] = _Kept(self._now, pack(plain) if len(plain) > LONGEST else texts, edited)
        self._save()

    def note_unexplained(self, path: str, shown: Iterable[str]) -> None:
        """Keep what a model does not explain, so that not every run asks because of it.

        Args:
            path: Path of the model.
            shown: Ids or columns that rows or catalogs have.
        """
        kept = self._kept.get(path)
        if kept is not None:
            kept.unexplained = sorted({*kept.unexplained, *shown})[:_MOST_UNEXPLAINED]
            self._save()

    def drop(self, path: str) -> None:
        """Keep a model no longer: it is outdated."""
        if self._kept.pop(path, None) is not None:
            self._save()

    def _is_fresh(self, kept: _Kept) -> bool:
        return timedelta() <= self._now - kept.read_at < FRESH  # no run has read it in the future

    def _loaded(self) -> dict[str, _Kept]:
        saved = self._state.pop(MODELS, None)
        if saved is None:
            return {}
        try:
            (found,) = msgspec.convert(saved, list[_Saved])
        except (ValueError, msgspec.ValidationError) as error:
            logger.debug("The state's models cannot be used, so Keap is asked for them: %s.", error)
            return {}
        if not found.account or found.account != self._account.get("id"):
            logger.debug("The state's models are not of its account, so Keap is asked for them.")
            return {}
        self._state[MODELS] = saved
        return found.kept

    def _save(self) -> None:
        """Put all models into the state that can still be used."""
        account = str(self._account.get("id") or "")
        if not account:
            return  # nobody could tell later whose they are
        self._kept = {path: kept for path, kept in self._kept.items() if self._is_fresh(kept)}
        # A new list: another thread may be writing out the old one.
        self._state[MODELS] = [msgspec.to_builtins(_Saved(account, self._kept))]

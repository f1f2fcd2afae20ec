"""The setting ``streams``: which streams a run reads, by names and patterns."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.config.schema import STREAMS
from tap_infusionsoft.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_WILDCARD = re.compile(r"[*?]")


class ChosenStreams(Struct, frozen=True):
    """The streams that the setting names.

    Attributes:
        entries: Names and patterns; empty if the setting is not set.
    """

    entries: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether the setting is set."""
        return bool(self.entries)

    @property
    def names(self) -> tuple[str, ...]:
        """The entries that are no patterns."""
        return tuple(one for one in self.entries if not _WILDCARD.search(one))

    def selects(self, stream: str, *, default: bool) -> bool:
        """Whether a stream is selected.

        Args:
            stream: Its name.
            default: Whether it is if the setting is not set.
        """
        return any(_is_meant(stream, one) for one in self.entries) if self else default

    def may_select(self, prefix: str) -> bool:
        """Whether streams whose names begin like this may be selected."""
        return not self or any(_may_begin(one, prefix) for one in self.entries)

    def unmatched(self, prefix: str, known: Collection[str]) -> str | None:
        """The first pattern that is for names that begin like this, and means no stream; None without one.

        Args:
            prefix: How the names begin.
            known: Names of the streams that there are.
        """
        patterns = [one for one in self.entries if one not in self.names and _WILDCARD.split(one)[0]]
        return next(
            (
                one
                for one in patterns
                if _may_begin(one, prefix) and not any(_is_meant(name, one) for name in known)
            ),
            None,
        )

    def check(self, known: Collection[str], unread: str = "") -> None:
        """Refuse entries that mean no stream.

        Args:
            known: Names of the streams that there are.
            unread: How the names of others begin that may be there; empty if there are none.

        Raises:
            ConfigError: There are no such streams.
        """
        for one in self.entries:
            if any(_is_meant(name, one) for name in known) or (unread and _may_begin(one, unread)):
                continue
            hint = did_you_mean(one.strip("*?"), known)
            raise ConfigError(f"{STREAMS.name}: there is no stream {one!r}. Correct the name.{hint}")


def read_chosen(config: Mapping[str, Any]) -> ChosenStreams:
    """Read the setting; whether the streams exist is checked once they are known.

    Raises:
        ConfigError: It is no list of texts.
    """
    return ChosenStreams(STREAMS.read(config) or ())


def _is_meant(stream: str, entry: str) -> bool:
    return fnmatchcase(stream, entry.replace("[", "[[]"))


def _may_begin(entry: str, prefix: str) -> bool:
    """Whether an entry may mean a stream whose name begins like this."""
    start = _WILDCARD.split(entry)[0]
    return start.startswith(prefix) or (start != entry and prefix.startswith(start))

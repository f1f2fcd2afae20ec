"""Wings: APIs besides REST, each in its own package, which nothing else names.

To remove an API, delete its package and its line in `WINGS`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol, cast

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.config.setting_types import Setting
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.collection import Collection

_NAMES = """
    tap_infusionsoft.xmlrpc.wing
"""
WINGS: tuple[str, ...] = tuple(_NAMES.split())
"""Modules that are wings, a line each; see `Wing`."""


class WingStream(Struct, frozen=True):
    """A stream of a wing.

    Attributes:
        collection: Its declaration, without columns that depend on the account.
        describe: Returns the declaration in an account. Raises a ConfigError if the stream cannot be read
            there, or any more, and a KeapError if the account cannot be asked.
    """

    collection: Collection
    describe: Callable[[Account], Collection]

    def in_account(self, account: Account, given: Mapping[str, str]) -> Collection:
        """Return the declaration in an account. No column is named by the tap, so `given` is not needed."""
        del given
        return self.describe(account)


class WingStreams(Struct, frozen=True):
    """What a run may read of a wing.

    Attributes:
        streams: The streams that settings or the catalog name.
        sources: Collections that they are read for, by name.
        lists: Names of settings that name the rows to read -> their values.
    """

    streams: tuple[WingStream, ...] = ()
    sources: Mapping[str, Collection] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def collections(self) -> dict[str, Collection]:
        """Streams and sources, by name."""
        return {**self.sources, **{one.collection.name: one.collection for one in self.streams}}


class Wing(Protocol):
    """What a wing's module has.

    Attributes:
        SETTINGS: Its settings.
        COMMANDS: Word on the command line -> what it runs, as ``module:function``. The function takes the
            other arguments, and returns the exit code.
    """

    SETTINGS: Sequence[Setting[Any, Any]]
    COMMANDS: Mapping[str, str]

    def streams(
        self, config: Mapping[str, Any], catalog: Mapping[str, bool] | None, started: datetime
    ) -> WingStreams:
        """The streams that settings name, or that the catalog has.

        Args:
            config: The configuration, with the settings of all wings.
            catalog: Streams of the given catalog -> whether they are selected; without one, those that
                the setting streams names; None without either.
            started: When the run started.

        Raises:
            ConfigError: A setting is wrong.
        """


def wings() -> list[Wing]:
    """The wings, imported."""
    return [cast("Wing", importlib.import_module(name)) for name in WINGS]


def settings() -> list[Setting[Any, Any]]:
    """The settings of the wings."""
    return [setting for wing in wings() for setting in wing.SETTINGS]


def with_settings(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema of the configuration with the settings of the wings."""
    own = {name: one for setting in settings() for name, one in setting.json_property.to_dict().items()}
    return {**schema, "properties": {**schema["properties"], **own}}


def streams(config: Mapping[str, Any], catalog: Mapping[str, bool] | None, started: datetime) -> WingStreams:
    """The streams of all wings that settings name, or that the catalog has.

    Args:
        config: The configuration.
        catalog: Streams of the given catalog -> whether they are selected; without one, those that
            the setting streams names; None without either.
        started: When the run started.

    Raises:
        ConfigError: A setting is wrong.
    """
    found = [wing.streams(config, catalog, started) for wing in wings()]
    return WingStreams(
        tuple(stream for one in found for stream in one.streams),
        {name: collection for one in found for name, collection in one.sources.items()},
        {setting: values for one in found for setting, values in one.lists.items()},
    )


def command(arguments: Sequence[str]) -> tuple[Callable[[Sequence[str]], int], list[str]] | None:
    """Find the command of a wing that a command line names.

    Args:
        arguments: The arguments of the process. The word may be anywhere: Meltano puts options before it.

    Returns:
        The command and the other arguments; None if there is no such word.
    """
    known = {word: target for wing in wings() for word, target in wing.COMMANDS.items()}
    word = next((one for one in arguments if one in known), None)
    if word is None:
        return None
    module, _, name = known[word].partition(":")
    run: Callable[[Sequence[str]], int] = getattr(importlib.import_module(module), name)
    rest = list(arguments)
    rest.remove(word)
    return run, rest

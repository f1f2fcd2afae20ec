"""The command line: reads its files and turns every way a run can end into one line and an exit code."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click
from singer_sdk.exceptions import ConfigurationError, MappingError
from singer_sdk.plugin_base import SingerCommand

from tap_infusionsoft import wings
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.hour_window import is_saved
from tap_infusionsoft.client.redact import printable
from tap_infusionsoft.config.schema import SETTINGS
from tap_infusionsoft.config.settings import wrong_values
from tap_infusionsoft.errors import (
    SIGNALS,
    ConfigError,
    Exit,
    OutputLostError,
    TapError,
    exit_for,
    explain,
)
from tap_infusionsoft.state.given_names import check_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from singer_sdk.exceptions import ConfigValidationError


STATE_ADVICE = (
    "It may be half written: restore the last good one, or leave --state out to load everything again."
)

_EMPTIED = (
    "If it is also what the output of this run goes to, the shell emptied it before the tap could read it: "
    "write to another file, such as new-state.json."
)

SCHEMA_HINT = "$schema"
"""What editors look for in a file of ``--config``, to find docs/config.schema.json. It is no setting."""

CONFIG_PATH = click.Path(readable=False)
"""Type of ``--config``, so that shells complete files. Whether one can be read, `read_config` says."""


class InputFile(click.File):
    """Type of an option that names a file to read. If it cannot be opened, the message says what to do."""

    def __init__(self, advice: str) -> None:
        """Take the advice, a sentence."""
        super().__init__()
        self._advice = advice

    def convert(
        self,
        value: str | os.PathLike[str] | IO[Any],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> IO[Any]:
        """Open the file, or end with the message."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            self.fail(f"{error.message}. {self._advice}", param, ctx)


INPUT_FILES = {
    "state": InputFile("Leave --state out the first time."),
    "catalog": InputFile(
        "Run tap-infusionsoft --discover > catalog.json to make one, or leave --catalog out."
    ),
}
"""Types of the options that name files, by name."""

CATALOG_ADVICE = "Run discovery again (in Meltano: --refresh-catalog)."

QUOTA = "quota"
"""Where the state keeps how many calls were used, beside the bookmarks."""

ACCOUNT = "account"
"""Where the state keeps which account it belongs to, beside the bookmarks."""


class HonestCommand(SingerCommand):
    """The tap's command. Expected failures end in one line on stderr instead of a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the tap, and end the process with a message and an exit code if it fails."""
        if sys.stdout is None:
            self._end(str(OutputLostError(OSError(errno.EBADF, "it is closed"))), Exit.FAILED)
        try:
            return super().main(*args, **kwargs)
        except EXPECTED as error:
            if isinstance(error, OSError):
                sys.stdout = None  # closing it would fail again, with a traceback
            self._end(*ending(error))

    def excepthook(
        self,
        exc_type: type[BaseException],
        exc_value: BaseException,
        exc_traceback: TracebackType | None,
    ) -> None:
        """Log a defect of the tap by its place and type only: its text may quote a secret or a record."""
        self.logger.warning("Unexpected failure, here:", exc_info=(exc_type, exc_value, exc_traceback))
        self.logger.error(
            "The run failed: %s, see the lines above. Please report it with them.", exc_type.__name__
        )

    def _end(self, line: str, code: int) -> NoReturn:
        self.logger.error("%s", line)
        sys.exit(code)


EXPECTED = (TapError, KeapError, ConfigurationError, MappingError, OSError)
"""What can end a run. Anything else is a defect, or a signal."""


def ending(error: BaseException) -> tuple[str, int]:
    """Return the line and the exit code that an exception ends the process with.

    Args:
        error: The exception.
    """
    match error:
        case TapError():
            return str(error), error.exit_code
        case KeapError():
            return explain(error), exit_for(error.fault)
        case ConfigurationError() | MappingError():
            return f"Wrong settings: {printable(str(error))}", Exit.CONFIG
        case OSError():
            # Writing stdout or a file failed in the SDK; failed calls are KeapErrors.
            return str(OutputLostError(error)), Exit.FAILED
        case SystemExit(code=int(code)):
            name = signal.Signals(code - SIGNALS).name if code > SIGNALS else "itself"
            return f"Stopped by {name}.", code
        case _:
            return f"{type(error).__name__}: a defect of the tap. Please report it with the log.", Exit.FAILED


def check_log_level(*variables: str) -> None:
    """End the process if the log level that applies does not exist.

    Args:
        variables: Environment variables that can hold it; the first one that is set applies.
    """
    name = next((name for name in variables if os.environ.get(name)), None)
    if name is not None and os.environ[name].upper() not in logging.getLevelNamesMapping():
        error = ConfigError(
            f"{name} is {printable(os.environ[name])[:40]!r}; it must be one of DEBUG, INFO, WARNING, ERROR, "
            "CRITICAL."
        )
        logging.basicConfig(format="%(asctime)s | %(levelname)-8s | %(name)-30s | %(message)s")
        logging.getLogger("tap-infusionsoft").error("%s", error)
        sys.exit(error.exit_code)


def settings_error(error: ConfigValidationError, config: Mapping[str, Any]) -> ConfigError:
    """Turn what the SDK found wrong with the settings into one line.

    Where a declaration in `config.schema` rejects the value too, its message replaces the SDK's, which quotes
    the whole value and does not know units.

    Args:
        error: The SDK's error.
        config: The configuration.
    """
    own = wrong_values(config, (*SETTINGS.values(), *wings.settings()))
    sdk = [one for one in error.errors if not any(f"config['{name}']" in one for name in own)]
    sentences = [*own.values(), *(f"{printable(one)}." for one in sdk)]
    return ConfigError(f"Wrong settings: {' '.join(sentences)}")


def read_config(paths: tuple[str, ...]) -> tuple[dict[str, Any], bool]:
    """Read the files of ``--config``.

    Args:
        paths: Paths of files, later ones overriding earlier ones; ``ENV`` means the environment.

    Returns:
        The settings of the files, and whether to read settings from the environment too.

    Raises:
        ConfigError: A file cannot be read.
    """
    config: dict[str, Any] = {}
    for path in paths:
        if path == "ENV":
            continue
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise ConfigError(f"--config {path} cannot be read: {reason}.") from None
        found = _parse_object("--config", path, text, "Correct the file.", _unique_names)
        found.pop(SCHEMA_HINT, None)
        config |= found
    return config, "ENV" in paths


def checked_file(option: str, file: IO[str], advice: str) -> tuple[dict[str, Any], str]:
    """Read the JSON object in the file of an option, and close the file.

    Args:
        option: Name of the option, for messages.
        file: The file.
        advice: What to do if the file is wrong; a sentence.

    Returns:
        The object, and the text of the file.

    Raises:
        ConfigError: The file holds no JSON object, for example because it was only partly written.
    """
    with file:
        # Programs write these files in UTF-8, whatever the locale of this process is.
        if isinstance(file, io.TextIOWrapper):
            file.reconfigure(encoding="utf-8")
        try:
            text = file.read()
        except UnicodeDecodeError:
            text = "\0"  # no JSON either
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise ConfigError(f"{option} {file.name} is empty. {_EMPTIED} {advice}")
    return _parse_object(option, file.name, text, advice), text


def check_state(state: Mapping[str, Any]) -> None:
    """Refuse what is not a state.

    Args:
        state: The document in the file of ``--state``.

    Raises:
        ConfigError: It has no bookmarks, or something in it cannot be used.
    """
    # Otherwise a STATE message or a catalog would pass for a state without bookmarks.
    bookmarks = state.get("bookmarks", {} if not state or QUOTA in state else None)
    if not isinstance(bookmarks, dict) or not all(isinstance(one, dict) for one in bookmarks.values()):
        raise ConfigError(f"The state has no usable bookmarks. {STATE_ADVICE}")
    for stream, own in bookmarks.items():
        try:
            check_names(own)
        except ValueError as error:
            raise ConfigError(
                f"The state of the stream {stream} cannot be used: {error}. Correct the state file, or "
                "remove the stream's entry to load it again."
            ) from None
    used = state.get(QUOTA, {})
    if not isinstance(used, dict) or not all(_is_count(one) for one in used.values()):
        raise ConfigError(f"The state's count of calls, {QUOTA}, cannot be used. {STATE_ADVICE}")
    account = state.get(ACCOUNT, {})
    if not isinstance(account, dict) or not isinstance(account.get("id", ""), str):
        raise ConfigError(f"The state's name of the account, {ACCOUNT}, cannot be used. {STATE_ADVICE}")


def unwrapped_state(state: dict[str, Any]) -> dict[str, Any]:
    """Take a state out of the wrappers that other programs put around it.

    Meltano's ``singer_state``, with its ``completed`` and ``partial`` parts, and a whole STATE message.
    """
    match state:
        case {"type": "STATE", "value": dict(inner)} | {"singer_state": dict(inner)}:
            return inner
        case {"completed": _} | {"partial": _}:
            parts = [state.get(name) or {} for name in ("completed", "partial")]
            found = [unwrapped_state(one) for one in parts if isinstance(one, dict) and "singer_state" in one]
            bookmarks: dict[str, Any] = {}
            for one in found:
                bookmarks |= one.get("bookmarks") or {}
            return {name: value for one in found for name, value in one.items()} | {"bookmarks": bookmarks}
    return state


def _is_count(value: Any) -> bool:
    match value:
        case {"day": str(), "used": int(), **others}:
            return isinstance(others.get("limit", 0), int) and is_saved(others.get("minutes", {}))
        case _:
            return False


Pairs = list[tuple[str, Any]]
"""Names and values of a JSON object, in the order of the text."""


def _parse_object(
    option: str, name: str, text: str, advice: str, make: Callable[[Pairs], dict[str, Any]] = dict
) -> dict[str, Any]:
    """Parse a JSON object.

    Args:
        option: Name of the option that names the file, for messages.
        name: Name of the file.
        text: Its text.
        advice: What to do if the file is wrong; a sentence.
        make: Makes each object, nested ones included.

    Raises:
        ConfigError: The text is something else.
    """
    try:
        document = json.loads(text, object_pairs_hook=make)
    except (ValueError, RecursionError) as error:
        match error:
            case json.JSONDecodeError(msg="Extra data", lineno=line) if line > 1 and option == "--state":
                raise ConfigError(
                    f"{option} {name} has more than one line of JSON. Keep the last line only."
                ) from None
            case json.JSONDecodeError(lineno=line, colno=column, msg=message):
                where = f"line {line}, column {column}: {message}"
            case RecursionError():
                where = "it is nested too deeply"
            case _:
                where = "a number in it is too long"
        raise ConfigError(f"{option} {name} is not JSON ({where}). {advice}") from None
    except _DuplicateError as error:
        raise ConfigError(f"{option} {name} has {error} twice. Remove one of them.") from None
    if not isinstance(document, dict):
        raise ConfigError(f"{option} {name} is a JSON {type(document).__name__}, not an object. {advice}")
    return document


class _DuplicateError(Exception):
    """An object has two values of the same name; the text is that name."""


def _unique_names(pairs: Pairs) -> dict[str, Any]:
    """Make an object, and refuse two values of the same name: one of them would be ignored silently."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _DuplicateError(printable(name)[:40])
        found[name] = value
    return found


def from_environment(
    schema: Mapping[str, Any], prefix: str, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Read settings from environment variables such as ``TAP_INFUSIONSOFT_API_KEY``.

    Args:
        schema: JSON schema of the configuration.
        prefix: How the variables begin; the name of the setting follows in capitals.
        environment: The environment.

    Returns:
        The settings as texts, which `as_declared` converts. Empty variables count as not set.
    """
    variables = {name: prefix + name.upper() for name in schema["properties"]}
    return {
        name: _from_utf8(environment[variable])
        for name, variable in variables.items()
        if environment.get(variable)
    }


def _from_utf8(value: str) -> str:
    """Decode an environment variable again, as UTF-8 if it is UTF-8: Python took the locale's encoding."""
    try:
        return os.fsencode(value).decode()
    except UnicodeError:
        return value


def as_declared(config: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Convert texts to the types of their settings, and leave out settings that are null.

    Environment variables are texts, and Meltano passes fractions as texts. Lists may be JSON or ``a,b,c``.
    Conversely, people write ids without quotes, so numbers become texts where the setting takes texts.

    Args:
        config: The configuration as given.
        schema: JSON schema of the configuration.

    Raises:
        ConfigError: A text cannot be converted; the message names the setting.
    """
    return {
        name: _convert(name, value, schema["properties"].get(name, {}))
        for name, value in config.items()
        if value is not None
    }


def _convert(name: str, value: Any, inner: Mapping[str, Any]) -> Any:
    """Convert the value of the setting ``name`` with the JSON schema ``inner``."""
    types = inner.get("type", ())
    if "array" in types:
        if isinstance(value, str):
            listed = _parse_list(value)
            value = [part.strip() for part in value.split(",") if part.strip()] if listed is None else listed
        if isinstance(value, list):
            return [_convert_scalar(name, one, inner["items"].get("type", ())) for one in value]
        return value
    return _convert_scalar(name, value, types)


def _parse_list(text: str) -> list[Any] | None:
    """Parse a JSON list; None if the text is something else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _convert_scalar(name: str, value: Any, types: Sequence[str]) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "string" in types:
        return str(value)
    if not isinstance(value, str) or "string" in types:
        return value
    for kind, convert in _FROM_TEXT.items():
        if kind in types:
            try:
                return convert(value)
            except (ValueError, KeyError, RecursionError):
                article = "an" if kind[0] in "aeio" else "a"
                raise ConfigError(f"{name} is {value[:40]!r}; it must be {article} {kind}.") from None
    return value


_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "boolean": lambda text: {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
        text.lower()
    ],
    "object": json.loads,
}
"""JSON type -> how to convert a text to it."""

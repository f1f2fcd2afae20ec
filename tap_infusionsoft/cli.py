"""The command line: one clear line for every way in which a run can end, and an exit code that tells it."""

from __future__ import annotations

import errno
import json
import logging
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from singer_sdk.exceptions import ConfigurationError, MappingError
from singer_sdk.plugin_base import SingerCommand

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.redact import printable
from tap_infusionsoft.errors import ConfigError, Exit, OutputLostError, TapError, exit_for, explain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from singer_sdk.exceptions import ConfigValidationError


class HonestCommand(SingerCommand):
    """The tap's command. Expected failures end in one line on stderr instead of a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn what went wrong into a message and an exit code."""
        if sys.stdout is None:
            self._end(str(OutputLostError(OSError(errno.EBADF, "it is closed"))), Exit.FAILED)
        try:
            return super().main(*args, **kwargs)
        except TapError as error:
            self._end(str(error), error.exit_code)
        except KeapError as error:
            self._end(explain(error), exit_for(error.fault))
        except (ConfigurationError, MappingError) as error:
            self._end(f"Wrong settings: {printable(str(error))}", Exit.CONFIG)
        except OSError as error:
            # Of a file or stdout that the SDK writes; lost calls are KeapErrors.
            sys.stdout = None  # closing it would fail again, with a traceback
            self._end(str(OutputLostError(error)), Exit.FAILED)

    def excepthook(
        self,
        exc_type: type[BaseException],
        exc_value: BaseException,
        exc_traceback: TracebackType | None,
    ) -> None:
        """Tell a defect of the tap by its place and name: what it says may quote a secret or a record."""
        self.logger.warning("Unexpected failure, here:", exc_info=(exc_type, exc_value, exc_traceback))
        self.logger.error(
            "The run failed: %s, see the lines above. Please report it with them.", exc_type.__name__
        )

    def _end(self, line: str, code: Exit) -> NoReturn:
        self.logger.error("%s", line)
        sys.exit(code)


def check_log_level(*variables: str) -> None:
    """End the process if the first of these environment variables that is set names no log level."""
    name = next((name for name in variables if os.environ.get(name)), None)
    if name is not None and os.environ[name].upper() not in logging.getLevelNamesMapping():
        error = ConfigError(
            f"{name} is {printable(os.environ[name])[:40]!r}; it must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL."
        )
        logging.basicConfig(format="%(asctime)s | %(levelname)-8s | %(name)-30s | %(message)s")
        logging.getLogger("tap-infusionsoft").error("%s", error)
        sys.exit(error.exit_code)


def settings_error(error: ConfigValidationError) -> ConfigError:
    """What the SDK found wrong with the settings, as one line."""
    return ConfigError("Wrong settings: " + "; ".join(printable(one) for one in error.errors) + ".")


def read_config(paths: tuple[str, ...]) -> tuple[dict[str, Any], bool]:
    """Read the files of ``--config``, later ones over earlier ones; ``ENV`` stands for the environment.

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
        config |= _object("--config", path, text, "Correct the file.", _once)
    return config, "ENV" in paths


def checked_file(option: str, file: IO[str], advice: str) -> tuple[dict[str, Any], str]:
    """The JSON object in the file of an option, and its text. Closes the file.

    Raises:
        ConfigError: There is none in it, as in a file that was written only in part.
    """
    with file:
        try:
            text = file.read()
        except UnicodeDecodeError:
            text = ""
    text = text.removeprefix("\ufeff")
    return _object(option, file.name, text, advice), text


def check_catalog(catalog: dict[str, Any]) -> None:
    """Refuse what is no Singer catalogue.

    Raises:
        ConfigError: It has no streams, or one that is not as Singer's are.
    """
    streams = catalog.get("streams")
    if not isinstance(streams, list) or not streams:
        raise ConfigError("--catalog holds no list of streams. Discover again.")
    for place, entry in enumerate(streams, 1):
        name = entry.get("tap_stream_id") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            raise ConfigError(f"--catalog: stream {place} has no tap_stream_id. Discover again.")
        if entry.get("stream", name) != name:
            raise ConfigError(
                f"--catalog: {name} has another name in stream. Make them equal, or discover again."
            )
        if not isinstance(entry.get("schema"), dict) or not isinstance(
            entry["schema"].get("properties"), dict
        ):
            raise ConfigError(f"--catalog: the stream {name} has no schema with properties. Discover again.")
        for column, inner in entry["schema"]["properties"].items():
            if not isinstance(inner, dict) or not _TYPES.issuperset(_listed(inner.get("type", "string"))):
                raise ConfigError(
                    f"--catalog: the column {printable(column)} of {name} has no type. Discover again."
                )
        metadata = entry.get("metadata", [])
        if not isinstance(metadata, list) or not all(_is_metadata(one) for one in metadata):
            raise ConfigError(
                f"--catalog: the metadata of {name} is no list of breadcrumbs and settings. Discover again."
            )


_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


def _listed(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def _is_metadata(value: Any) -> bool:
    match value:
        case {"breadcrumb": list(), "metadata": dict()}:
            return True
        case _:
            return False


Pairs = list[tuple[str, Any]]


def _object(
    option: str, name: str, text: str, advice: str, pairs: Callable[[Pairs], dict[str, Any]] = dict
) -> dict[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        match error:
            case json.JSONDecodeError(lineno=line, colno=column, msg=message):
                where = f"line {line}, column {column}: {message}"
            case RecursionError():
                where = "it is nested too deeply"
            case _:
                where = "a number in it is too long"
        raise ConfigError(f"{option} {name} is not JSON ({where}). {advice}") from None
    except _TwiceError as error:
        raise ConfigError(f"{option} {name} says {error} twice. Remove one of them.") from None
    if not isinstance(document, dict):
        raise ConfigError(f"{option} {name} holds a JSON {type(document).__name__}, not an object. {advice}")
    return document


class _TwiceError(Exception):
    """A name stands twice in an object; says which."""


def _once(pairs: Pairs) -> dict[str, Any]:
    """An object in which no name stands twice: nobody could tell which one is meant."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceError(printable(name)[:40])
        found[name] = value
    return found


def from_environment(
    schema: Mapping[str, Any], prefix: str, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Settings from environment variables such as ``TAP_INFUSIONSOFT_API_KEY``.

    All are texts, which `as_declared` makes of the right type; empty ones count as not set.
    """
    variables = {name: prefix + name.upper() for name in schema["properties"]}
    return {name: environment[variable] for name, variable in variables.items() if environment.get(variable)}


def as_declared(config: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as the schema has them: those that are null left out, and texts made what they stand for.

    Meltano and the environment can give fractions as text only, lists come as JSON or ``a,b,c``, and people write
    ids without quotes.

    Raises:
        ConfigError: A text is not what its setting needs; names the setting.
    """
    return {
        name: _declared(name, value, schema["properties"].get(name, {}))
        for name, value in config.items()
        if value is not None
    }


def _declared(name: str, value: Any, inner: Mapping[str, Any]) -> Any:
    kinds = inner.get("type", ())
    if "array" in kinds:
        if isinstance(value, str):
            listed = _parsed(value, list)
            value = [part.strip() for part in value.split(",") if part.strip()] if listed is None else listed
        if isinstance(value, list):
            return [_scalar(name, one, inner["items"].get("type", ())) for one in value]
        return _scalar(name, value, ())
    return _scalar(name, value, kinds)


def _parsed(text: str, kind: type) -> Any:
    """What a text says in JSON, if that is of this kind; else None."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, kind) else None


def _scalar(name: str, value: Any, kinds: Sequence[str]) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "string" in kinds:
        return str(value)
    if not isinstance(value, str) or "string" in kinds:
        return value
    for kind, convert in _FROM_TEXT.items():
        if kind in kinds:
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

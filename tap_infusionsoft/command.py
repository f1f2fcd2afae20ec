"""The command line: one clear line for every way in which a run can end, and an exit code that tells it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from singer_sdk.plugin_base import SingerCommand

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.redact import printable
from tap_infusionsoft.errors import ConfigError, TapError, exit_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.exceptions import ConfigValidationError


class HonestCommand(SingerCommand):
    """The tap's command. Expected failures end in one line on stderr instead of a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn what went wrong into a message and an exit code."""
        try:
            return super().main(*args, **kwargs)
        except (TapError, KeapError) as error:
            self.logger.error("%s", error)  # noqa: TRY400  # a traceback would bury the line
            sys.exit(error.exit_code if isinstance(error, TapError) else exit_for(error.fault))


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
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise ConfigError(f"--config {path} cannot be read: {reason}.") from None
        config |= _object("--config", path, text, "Correct the file.")
    return config, "ENV" in paths


def checked_file(option: str, file: IO[str], advice: str) -> IO[str]:
    """The file of an option, once it is known to hold a JSON object.

    Raises:
        ConfigError: It does not, as a file that was written only in part.
    """
    try:
        text = file.read()
    except UnicodeDecodeError:
        text = ""
    _object(option, file.name, text, advice)
    return io.StringIO(text)


def _object(option: str, name: str, text: str, advice: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = (
            f"line {error.lineno}, column {error.colno}: {error.msg}"
            if isinstance(error, json.JSONDecodeError)
            else "nesting"
        )
        raise ConfigError(f"{option} {name} is not JSON ({where}). {advice}") from None
    if not isinstance(document, dict):
        raise ConfigError(f"{option} {name} holds a JSON {type(document).__name__}, not an object. {advice}")
    return document


def from_environment(
    schema: Mapping[str, Any], prefix: str, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Settings from environment variables such as ``TAP_INFUSIONSOFT_API_KEY``.

    Text settings are taken as they are. Lists may be JSON or ``a,b,c``; numbers and objects are JSON.

    Raises:
        ConfigError: A variable does not hold what its setting needs; names it.
    """
    found: dict[str, Any] = {}
    for name, inner in schema.get("properties", {}).items():
        variable = prefix + name.upper()
        if variable not in environment:
            continue
        value, kinds = environment[variable], inner.get("type", "string")
        if "string" in kinds:
            found[name] = value
            continue
        try:
            found[name] = json.loads(value)
        except json.JSONDecodeError:
            if "array" not in kinds:
                wanted = " or ".join(kind for kind in kinds if kind != "null")
                raise ConfigError(f"The environment variable {variable} must hold a JSON {wanted}.") from None
            found[name] = [part.strip() for part in value.split(",") if part.strip()]
        if "array" in kinds and not isinstance(found[name], list):
            found[name] = [found[name]]
    return _as_declared(found, schema)


def _as_declared(found: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Ids in lists are strings, also where the environment gives numbers."""
    for name, value in found.items():
        items = schema["properties"][name].get("items", {})
        if isinstance(value, list) and "string" in items.get("type", ()):
            found[name] = [str(one) for one in value]
    return found

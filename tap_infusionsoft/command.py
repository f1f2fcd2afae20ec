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
    from collections.abc import Mapping, Sequence

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

    Lists may be JSON or ``a,b,c``; everything else is text, which `as_declared` makes of the right type.
    """
    found: dict[str, Any] = {}
    for name, inner in schema["properties"].items():
        value = environment.get(prefix + name.upper())
        if value is None:
            continue
        if "array" not in inner.get("type", ()):
            found[name] = value
            continue
        try:
            listed = json.loads(value)
        except json.JSONDecodeError:
            listed = [part.strip() for part in value.split(",") if part.strip()]
        found[name] = listed if isinstance(listed, list) else [listed]
    return found


def as_declared(config: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with numbers where numbers are declared, and text where text is.

    Meltano and the environment can give fractions as text only, and people write ids without quotes.

    Raises:
        ConfigError: A text is not the number that its setting needs; names the setting.
    """
    found = dict(config)
    for name, value in config.items():
        inner = schema["properties"].get(name, {})
        kinds = inner.get("type", ())
        if isinstance(value, list) and "array" in kinds:
            found[name] = [_scalar(name, one, inner["items"]["type"]) for one in value]
        else:
            found[name] = _scalar(name, value, kinds)
    return found


def _scalar(name: str, value: Any, kinds: Sequence[str]) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "string" in kinds:
        return str(value)
    if not isinstance(value, str):
        return value
    for kind, convert in (("integer", int), ("number", float)):
        if kind in kinds:
            try:
                return convert(value)
            except ValueError:
                raise ConfigError(
                    f"{name} is {value[:40]!r}; it must be a{'n' * (kind == 'integer')} {kind}."
                ) from None
    return value

"""`batch_config`: where records go that are written to files, and how.

The SDK declares the setting, but passes on what it does not understand. Here every member is checked before
the first call, so that a run never finds out in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "encoding": ("format", "compression"),
    "storage": ("root", "prefix", "params"),
}
"""Member -> its own members."""
_DEFAULT_SIZE = 10_000
"""Records of a file, as in the SDK (0.54.9)."""
_FORMATS = "jsonl. Files of other formats would differ in their types from one to the next"


@dataclass(frozen=True, slots=True)
class Batches:
    """How records are written to files.

    Attributes:
        root: Folder or URL of the files.
        prefix: Beginning of their names.
        params: What the file system of the URL needs, such as credentials.
        is_compressed: Whether they are compressed with gzip.
        size: Most records of a file.
    """

    root: str
    prefix: str = ""
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_compressed: bool = True
    size: int = _DEFAULT_SIZE


def wants_batches(config: Mapping[str, Any]) -> bool:
    """Whether `batch_config` asks for files. Without an encoding it does not, as in the SDK from 0.55 on."""
    given = config.get("batch_config")
    return bool(given) and (not isinstance(given, dict) or given.get("encoding") is not None)


def read_batches(config: Mapping[str, Any]) -> Batches | None:
    """Check `batch_config`.

    Args:
        config: The configuration.

    Returns:
        How to write files; None if records go to stdout.

    Raises:
        ConfigError: It asks for something that the tap cannot do; the message names the member.
    """
    if not wants_batches(config):
        return None
    given = config["batch_config"]
    if not isinstance(given, dict):
        raise ConfigError("batch_config must be an object with encoding and storage. Correct it.")
    _check_names(given, (*_MEMBERS, "batch_size"), "")
    inner = {name: given.get(name) or {} for name in _MEMBERS}
    for name, names in _MEMBERS.items():
        if not isinstance(inner[name], dict):
            raise ConfigError(f"batch_config: {name} must be an object. Correct it.")
        _check_names(inner[name], names, f"{name}.")
    encoding, storage = inner["encoding"], inner["storage"]
    _one_of(encoding.get("format"), "encoding.format", ("jsonl",), f"{_FORMATS}")
    compression = encoding.get("compression")
    if compression is not None:
        _one_of(compression, "encoding.compression", ("gzip", "none"), "gzip or none")
    root, prefix, params = storage.get("root"), storage.get("prefix"), storage.get("params")
    if not isinstance(root, str) or not root:
        said = "missing" if root is None else f"{root!r}"
        raise ConfigError(
            f"batch_config: storage.root is {said}; it must be a folder, or a URL such as file:///data/keap. "
            "Correct it."
        )
    if not isinstance(prefix, str | None) or not isinstance(params, dict | None):
        raise ConfigError(
            "batch_config: storage.prefix must be a string, and storage.params an object. Correct them."
        )
    return Batches(root, prefix or "", params or {}, compression != "none", _size(given.get("batch_size")))


def without_nulls(given: Any) -> Any:
    """The setting without members that are null, which is the same as leaving them out."""
    if not isinstance(given, dict):
        return given
    return {name: without_nulls(value) for name, value in given.items() if value is not None}


def _size(value: Any) -> int:
    if value is None:
        return _DEFAULT_SIZE
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(
            f"batch_config: batch_size is {value!r}; it must be a whole number of at least 1. "
            "Correct it, or leave it out."
        )
    return value


def _one_of(value: Any, name: str, words: tuple[str, ...], said: str) -> None:
    if value not in words:
        what = "missing" if value is None else f"{value!r}"
        raise ConfigError(f"batch_config: {name} is {what}; it must be {said}. Correct it.")


def _check_names(given: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
    for name, value in given.items():
        if name not in known and value is not None:
            raise ConfigError(
                f"batch_config: there is no {path}{name}. Correct or remove it."
                f"{did_you_mean(str(name), known)}"
            )

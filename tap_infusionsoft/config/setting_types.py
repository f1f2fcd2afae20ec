"""How a setting is declared: one class per type of value.

A declaration says what a setting takes and what it does. The JSON schema, the entries in docs/settings.md and
meltano.yml, and the checks with their messages all come from it. `config.schema` is the catalog of
declarations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from singer_sdk import typing as th

from tap_infusionsoft.config.relative_dates import Moment, parse_date
from tap_infusionsoft.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Json = dict[str, Any]
T = TypeVar("T")
"""Type of the checked value."""
D = TypeVar("D")
"""Type of the default: `T`, or None for a setting that has no default value."""

_LONGEST_QUOTE = 40
"""Characters of a wrong value that a message quotes."""


class _Named(Struct, frozen=True):
    name: str


class Setting(_Named, Generic[T, D], frozen=True, kw_only=True):
    """A setting, or a key of an object inside one.

    Attributes:
        name: Name in the configuration.
        title: A few words, for forms such as Meltano's.
        text: What the setting does. `description` adds the limits.
        default: Value where the configuration has none, or null.
        secret: Never show the value.
        required: The object that it is a key of must have it.
    """

    title: str = ""
    text: str
    default: D
    secret: bool = False
    required: bool = False

    def __post_init__(self) -> None:
        """Refuse a default that the setting itself would not take."""
        if self.default is not None:
            default = list(self.default) if isinstance(self.default, tuple) else self.default
            self._check(default, f"the default of {self.name}")

    @property
    def _json_type(self) -> Json:
        """The JSON schema of the value, without documentation."""
        raise NotImplementedError

    def _check(self, value: Any, label: str) -> T:
        """Return the checked value, or raise ConfigError. Null never gets here."""
        raise NotImplementedError

    @property
    def limits(self) -> str:
        """Limits and unit of a number, as in ``from 1 to 16 calls``; empty for other types."""
        return ""

    @property
    def description(self) -> str:
        """What the setting does, with its limits."""
        return f"{self.text} {self.limits.capitalize()}." if self.limits else self.text

    @property
    def json_property(self) -> th.Property[Any]:
        """The JSON schema of the setting."""
        return th.Property(
            self.name,
            th.CustomType(self._json_type),
            required=self.required,
            default=list(self.default) if isinstance(self.default, tuple) else self.default,
            description=self.description,
            secret=self.secret,
            title=self.title or None,
        )

    def read(self, config: Mapping[str, Any], label: str = "") -> T | D:
        """Return the checked value, or the default if it is missing or null.

        Args:
            config: The configuration, or the object that the setting is a key of.
            label: What messages call the value; empty for the name of the setting.

        Raises:
            ConfigError: The setting does not take the value; the message quotes it and says what it takes.
        """
        value = config.get(self.name)
        return self.default if value is None else self._check(value, label or self.name)

    def _wrong(self, label: str, value: Any, must: str) -> ConfigError:
        """The error for a value that the setting does not take.

        Args:
            label: What the message calls the value.
            value: The value; quoted, unless it is secret.
            must: What it must be instead.
        """
        quoted = "(hidden)" if self.secret else repr(value)
        if len(quoted) > _LONGEST_QUOTE:
            quoted = f"{quoted[:_LONGEST_QUOTE]}..."
        return ConfigError(f"{label} is {quoted}; it must be {must}.")


class Text(Setting[str, D], frozen=True):
    """A text; an empty one counts as not set."""

    @property
    def _json_type(self) -> Json:
        return {"type": ["string"]}

    def _check(self, value: Any, label: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(label, value, "a string")
        return value

    def read(self, config: Mapping[str, Any], label: str = "") -> str | D:
        """Return the checked text, or the default if it is missing, null or empty."""
        return super().read(config, label) or self.default


class Date(Text[None], frozen=True, kw_only=True):
    """A date in one of the forms that `parse_date` takes.

    Attributes:
        ends: The date ends a period, so a day is read as its last moment.
    """

    default: None = None
    ends: bool = False

    def moment(self, config: Mapping[str, Any], now: datetime) -> Moment | None:
        """The date as a moment, or None if it is not set.

        Args:
            config: The configuration.
            now: Time of the run, from which relative dates count back.

        Raises:
            ConfigError: The value is not a date.
        """
        text = self.read(config)
        if text is None:
            return None
        try:
            return parse_date(text, now, end=self.ends)
        except ValueError as error:
            raise ConfigError(f"{self.name}: {error}.") from None


class OneOf(Setting[str, D], frozen=True, kw_only=True):
    """One of a few words.

    Attributes:
        words: The words.
    """

    words: tuple[str, ...]

    @property
    def _json_type(self) -> Json:
        return {"type": ["string"], "enum": [*self.words, *([] if self.required else [None])]}

    def _check(self, value: Any, label: str) -> str:
        for word in self.words:
            if value == word:
                return word
        *others, last = self.words
        raise self._wrong(label, value, f"{', '.join(others)} or {last}")


class Flag(Setting[bool, bool], frozen=True):
    """True or false."""

    @property
    def _json_type(self) -> Json:
        return {"type": ["boolean"]}

    def _check(self, value: Any, label: str) -> bool:
        if not isinstance(value, bool):
            raise self._wrong(label, value, "true or false")
        return value


class _Bounded(Setting[T, D], frozen=True, kw_only=True):
    """A number within limits, or a list of such numbers.

    Attributes:
        least: The least number.
        most: The greatest number.
        unit: What is counted, as in ``seconds``.
    """

    least: float
    most: float
    unit: str = ""

    @property
    def limits(self) -> str:
        return f"from {self.least:,.10g} to {self.most:,.10g} {self.unit}".rstrip()

    @property
    def _json_limits(self) -> Json:
        return {"minimum": self.least, "maximum": self.most}

    def _number(self, value: Any, label: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._wrong(label, value, f"a number {self.limits}")
        if not self.least <= value <= self.most:  # refuses NaN, too
            raise self._wrong(label, value, self.limits)
        return float(value)


class Number(_Bounded[float, D], frozen=True):
    """A number within limits."""

    @property
    def _json_type(self) -> Json:
        return {"type": ["number"], **self._json_limits}

    def _check(self, value: Any, label: str) -> float:
        return self._number(value, label)


class Integer(_Bounded[int, D], frozen=True):
    """A whole number within limits."""

    @property
    def _json_type(self) -> Json:
        return {"type": ["integer"], **self._json_limits}

    def _check(self, value: Any, label: str) -> int:
        number = self._number(value, label)
        if not number.is_integer():
            raise self._wrong(label, value, f"a whole number {self.limits}")
        return int(number)


class Numbers(_Bounded[tuple[float, ...], tuple[float, ...]], frozen=True):
    """A list of numbers, each within the limits."""

    @property
    def _json_type(self) -> Json:
        return {"type": ["array"], "items": {"type": ["number"], **self._json_limits}}

    def _check(self, value: Any, label: str) -> tuple[float, ...]:
        if not isinstance(value, list):
            raise self._wrong(label, value, f"a list of numbers {self.limits}")
        return tuple(self._number(one, f"{label}: value {place}") for place, one in enumerate(value, 1))


class Texts(Setting[tuple[str, ...], None], frozen=True, kw_only=True):
    """A list of texts, without the blanks around them.

    Attributes:
        kind: What the texts are. Ids may also be integers, and the result has each id or address once.
    """

    default: None = None
    kind: Literal["ids", "emails", "names"] = "names"

    @property
    def _json_type(self) -> Json:
        item = ["string", "integer"] if self.kind == "ids" else ["string"]
        return {"type": ["array"], "items": {"type": item}}

    def _check(self, value: Any, label: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self._wrong(label, value, "a list of strings")
        for place, one in enumerate(value, 1):
            is_id = self.kind == "ids" and isinstance(one, int) and not isinstance(one, bool)
            if not isinstance(one, str) and not is_id:
                raise self._wrong(f"{label}: value {place}", one, "a string")
        texts = tuple(str(one).strip() for one in value)
        match self.kind:
            case "ids":
                return tuple(dict.fromkeys(_check_id(text, label) for text in texts))
            case "emails":
                return tuple(dict.fromkeys(_check_email(text, label) for text in texts))
            case "names":
                return texts


def _check_id(text: str, label: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{label}: {text!r} is not an id. Keap's ids are whole numbers, such as 91.")
    return text


def _check_email(text: str, label: str) -> str:
    # A comma or semicolon would end Keap's filter, and Keap takes a * at the end only.
    if not text.strip("*") or set(text) & set(",; ") or "*" in text[:-1]:
        raise ConfigError(
            f"{label}: {text!r} is neither an email address nor the beginning of one with a * at the end."
        )
    return text


class _Objects(Setting[T, None], frozen=True, kw_only=True):
    """A setting that holds objects.

    Attributes:
        keys: The keys that an object can have.
    """

    default: None = None
    keys: tuple[Setting[Any, Any], ...]

    @property
    def _json_object(self) -> Json:
        # Without defaults: jsonschema would have the SDK put them into objects, which fails for other values.
        properties = (replace(key, default=None).json_property for key in self.keys)
        return dict(th.ObjectType(*properties, additional_properties=False).type_dict)

    def _check_object(self, value: Any, label: str) -> Json:
        """Return the checked values of an object's keys, with defaults for those that are missing or null.

        Args:
            value: The object.
            label: What messages call it.
        """
        if not isinstance(value, dict):
            raise self._wrong(f"{self.name}: {label}", value, "an object")
        names = {key.name for key in self.keys}
        unknown = next((name for name in value if name not in names), None)
        if unknown is not None:
            raise ConfigError(
                f"{self.name}: {label} cannot have {unknown!r}.{did_you_mean(unknown, names)} "
                f"It can have: {', '.join(sorted(names))}."
            )
        return {key.name: key.read(value, f"{self.name}: {key.name} of {label}") for key in self.keys}


class ObjectByStream(_Objects[dict[str, Json]], frozen=True):
    """An object per stream, by the name of the stream."""

    @property
    def _json_type(self) -> Json:
        return {"type": ["object"], "additionalProperties": self._json_object}

    def _check(self, value: Any, label: str) -> dict[str, Json]:
        if not isinstance(value, dict):
            raise self._wrong(label, value, "an object")
        return {stream: self._check_object(one, stream) for stream, one in value.items()}


class ListOfObjects(_Objects[list[Json]], frozen=True, kw_only=True):
    """A list of objects.

    Attributes:
        noun: What messages call one of them, before its number.
    """

    noun: str

    @property
    def _json_type(self) -> Json:
        return {"type": ["array"], "items": self._json_object}

    def _check(self, value: Any, label: str) -> list[Json]:
        if not isinstance(value, list):
            raise self._wrong(label, value, "a list of objects")
        return [self._check_object(one, f"{self.noun} {place}") for place, one in enumerate(value, 1)]

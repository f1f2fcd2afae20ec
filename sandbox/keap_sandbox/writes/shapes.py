"""What Keap's documents allow in a request body: types, lengths, choices, time formats, members."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from keap_sandbox.responses import bad_request
from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.tables import Row

__all__ = [
    "ADDRESS", "BOOL", "CUSTOM_FIELDS", "EMAIL", "FAX", "INT", "LIST", "NUMBER", "PHONE", "SOCIAL_ACCOUNT",
    "TEXT", "Shape", "date", "date_time", "integer", "list_of", "number", "object_of", "one_of", "properties",
    "required", "text", "texts", "validated",
]  # fmt: skip

_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "list": (list,),
    "object": (dict,),
    "bool": (bool,),
    "int": (int,),
    "number": (int, float),
    "any": (object,),
}
_MAXIMUM = {"int": 2**31 - 1}  # unless the property declares its own maximum


@dataclass(frozen=True, slots=True)
class Shape:
    """The rules for one value.

    Attributes:
        kind: JSON type.
        max_length: Characters allowed in a text, 0 for any number. Or one maximum for each value of the
            `field` next to it, such as BILLING.
        choices: Values allowed; empty for any.
        minimum: Smallest number allowed.
        maximum: Largest number allowed.
        format: ``date-time`` or ``date``, for a text.
        members: Members of an object.
        items: Rules for the items of a list.
        required: Whether an object must have this member.
    """

    kind: str
    max_length: int | Mapping[str, int] = 0
    choices: tuple[object, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    format: str = ""
    members: Mapping[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    required: bool = False


TEXT, BOOL, INT, NUMBER, LIST = (Shape(kind) for kind in ("text", "bool", "int", "number", "list"))


def text(max_length: int | Mapping[str, int]) -> Shape:
    """A text of at most ``max_length`` characters."""
    return Shape("text", max_length=max_length)


def one_of(*choices: object) -> Shape:
    """One of these words or numbers."""
    return Shape("text" if isinstance(choices[0], str) else "int", choices=choices)


def integer(minimum: int, maximum: int | None = None) -> Shape:
    """A whole number within these bounds, both inclusive.

    Args:
        minimum: Smallest number allowed.
        maximum: Largest number allowed; None for the largest 32-bit integer.
    """
    return Shape("int", minimum=minimum, maximum=maximum)


def number(minimum: float) -> Shape:
    """A number not below ``minimum``."""
    return Shape("number", minimum=minimum)


def date_time() -> Shape:
    """A date with a time."""
    return Shape("text", format="date-time")


def date() -> Shape:
    """A date without a time."""
    return Shape("text", format="date")


def object_of(members: Mapping[str, Shape]) -> Shape:
    """An object with these members and no others."""
    return Shape("object", members=members)


def list_of(items: Shape) -> Shape:
    """A list whose items all have this shape."""
    return Shape("list", items=items)


def required(shape: Shape) -> Shape:
    """Mark a member that an object must have."""
    return replace(shape, required=True)


def texts(*names: str) -> dict[str, Shape]:
    """Properties that hold text of any length."""
    return dict.fromkeys(names, TEXT)


def properties(shape: Shape, *names: str) -> dict[str, Shape]:
    """Properties that share a shape.

    Args:
        shape: The rules for each of them.
        *names: Their names.
    """
    return dict.fromkeys(names, shape)


def validated(body: Row, allowed: Mapping[str, Shape], prefix: str = "") -> Row:
    """Check a request body and return it.

    Args:
        body: The body, or an object inside it.
        allowed: The properties that it may have, with the rules for each. Any property that is not required
            may be null.
        prefix: Path of the object inside the body, for error messages: ``utm_parameters.`` for instance.

    Raises:
        KeapError: 400 for an unknown property, a value that breaks a rule, or a missing required property.
    """
    for name, value in body.items():
        shape = allowed.get(name)
        if shape is None:
            raise bad_request(f"Unrecognized property {prefix + name!r}", prefix + name)
        if value is not None:
            _check(value, shape, prefix + name, body)
    for name, shape in allowed.items():
        if shape.required and (body.get(name) is None or body[name] == ""):
            raise bad_request(f"{prefix}{name} is required", prefix + name)
    return body


def _check(value: Any, shape: Shape, name: str, siblings: Row) -> None:
    wrong = not isinstance(value, _TYPES[shape.kind])
    if wrong or (isinstance(value, bool) and shape.kind in {"int", "number"}):
        raise bad_request(f"{name} must be of type {shape.kind}", name)
    if shape.choices and value not in shape.choices:
        raise bad_request(f"{name} must be one of {', '.join(map(str, shape.choices))}", name)
    _check_size(value, shape, name, siblings)
    if shape.format and not _is_time(value, bare_date=shape.format == "date"):
        raise bad_request(f"{name} must be a {shape.format}", name)
    if shape.members:
        validated(value, shape.members, f"{name}.")
    if shape.items is None:
        return
    for item in value:
        if item is None:
            raise bad_request(f"{name} must not hold null", name)
        _check(item, shape.items, name, siblings)


def _check_size(value: Any, shape: Shape, name: str, siblings: Row) -> None:
    max_length = shape.max_length
    if not isinstance(max_length, int):
        max_length = max_length.get(str(siblings.get("field")), max(max_length.values()))
    if max_length and len(value) > max_length:
        raise bad_request(f"{name} must not be longer than {max_length} characters", name)
    if shape.minimum is not None and value < shape.minimum:
        raise bad_request(f"{name} must be at least {shape.minimum:g}", name)
    maximum = _MAXIMUM.get(shape.kind) if shape.maximum is None else shape.maximum
    if maximum is not None and value > maximum:
        raise bad_request(f"{name} must be at most {maximum:g}", name)


def _is_time(value: str, *, bare_date: bool) -> bool:
    moment = parse_moment(value, bare_date=bare_date)
    return moment is not None and (not bare_date or "T" not in value)


# Shapes that several kinds of records share

_LINE = text({"BILLING": 75, "SHIPPING": 100, "OTHER": 100})
_CODE = text({"BILLING": 15, "SHIPPING": 20, "OTHER": 15})
ADDRESS = object_of(
    {
        "country": text(100),
        "line1": _LINE,
        "line2": _LINE,
        "locality": text({"BILLING": 50, "SHIPPING": 100, "OTHER": 100}),
        "region": text(50),
        "field": one_of("ADDRESS_FIELD_UNSPECIFIED", "BILLING", "SHIPPING", "OTHER"),
        "postal_code": _CODE,
        "zip_code": _CODE,
        "zip_four": text(10),
        **texts("country_code", "region_code"),
    }
)
EMAIL = {
    "email": text({"EMAIL1": 75, "EMAIL2": 100, "EMAIL3": 100}),
    "field": one_of("EMAIL_FIELD_UNSPECIFIED", "EMAIL1", "EMAIL2", "EMAIL3"),
    "opt_in_reason": TEXT,
}
PHONE = object_of(
    {
        "number": text({"PHONE1": 40, "PHONE2": 40, "PHONE3": 40, "PHONE4": 20, "PHONE5": 20}),
        "field": one_of("PHONE_NUMBER_FIELD_UNSPECIFIED", "PHONE1", "PHONE2", "PHONE3", "PHONE4", "PHONE5"),
        **texts("extension", "type", "number_e164"),
    }
)
FAX = object_of({**texts("number", "type"), "field": one_of("FAX_NUMBER_FIELD_UNSPECIFIED", "FAX1", "FAX2")})
SOCIAL_ACCOUNT = object_of(
    {
        "name": text(255),
        "type": required(
            one_of(
                "SOCIAL_ACCOUNT_TYPE_UNSPECIFIED", "FACEBOOK", "LINKED_IN", "TWITTER", "INSTAGRAM",
                "SNAPCHAT", "YOUTUBE", "PINTEREST",
            )
        ),
    }
)  # fmt: skip
CUSTOM_FIELDS = list_of(object_of({"id": TEXT, "content": Shape("any")}))
"""Values of custom fields. `Writable` checks that the fields exist when it stores the record."""

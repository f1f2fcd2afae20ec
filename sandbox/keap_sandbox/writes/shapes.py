"""The shapes of what is written, as Keap's documents give them: types, lengths, choices, forms of time, members."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from keap_sandbox.responses import bad_request
from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.tables import Row

__all__ = [
    "ADDRESS", "BOOL", "CUSTOM_FIELDS", "EMAIL", "FAX", "INT", "LIST", "NUMBER", "PHONE", "SOCIAL_ACCOUNT", "TEXT",
    "Shape", "day", "integer", "list_of", "moment", "needed", "number", "object_of", "one_of", "properties", "text",
    "texts", "typed",
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
_LARGEST = {"int": 2**31 - 1}  # but for the few that are declared larger


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value must be.

    Attributes:
        kind: Its JSON type.
        longest: Most characters of a text; or, by the `field` beside it, such as BILLING.
        choices: The values there are; empty for any.
        least: Smallest number.
        most: Largest number.
        form: ``date-time`` or ``date``.
        members: Of an object.
        items: Of a list.
        required: Whether an object must have it.
    """

    kind: str
    longest: int | Mapping[str, int] = 0
    choices: tuple[object, ...] = ()
    least: float | None = None
    most: float | None = None
    form: str = ""
    members: Mapping[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    required: bool = False


TEXT, BOOL, INT, NUMBER, LIST = (Shape(kind) for kind in ("text", "bool", "int", "number", "list"))


def text(longest: int | Mapping[str, int]) -> Shape:
    """A text of so many characters at most."""
    return Shape("text", longest=longest)


def one_of(*choices: object) -> Shape:
    """One of some words or numbers."""
    return Shape("text" if isinstance(choices[0], str) else "int", choices=choices)


def integer(least: int, most: int | None = None) -> Shape:
    """A whole number from ``least`` on."""
    return Shape("int", least=least, most=most)


def number(least: float) -> Shape:
    """A number from ``least`` on."""
    return Shape("number", least=least)


def moment() -> Shape:
    """A date-time."""
    return Shape("text", form="date-time")


def day() -> Shape:
    """A date."""
    return Shape("text", form="date")


def object_of(members: Mapping[str, Shape]) -> Shape:
    """An object with these members and no others."""
    return Shape("object", members=members)


def list_of(items: Shape) -> Shape:
    """A list."""
    return Shape("list", items=items)


def needed(shape: Shape) -> Shape:
    """A member that an object must have."""
    return replace(shape, required=True)


def texts(*names: str) -> dict[str, Shape]:
    """Properties that hold texts."""
    return dict.fromkeys(names, TEXT)


def properties(shape: Shape, *names: str) -> dict[str, Shape]:
    """Properties of one shape."""
    return dict.fromkeys(names, shape)


def typed(body: Row, allowed: Mapping[str, Shape], within: str = "") -> Row:
    """The body, if all its properties are known and of the right shape."""
    for name, value in body.items():
        shape = allowed.get(name)
        if shape is None:
            raise bad_request(f"Unrecognized property {within + name!r}", within + name)
        if value is not None:
            _check(value, shape, within + name, body)
    for name, shape in allowed.items():
        if shape.required and (body.get(name) is None or body[name] == ""):
            raise bad_request(f"{within}{name} is required", within + name)
    return body


def _check(value: Any, shape: Shape, name: str, beside: Row) -> None:
    wrong = not isinstance(value, _TYPES[shape.kind])
    if wrong or (isinstance(value, bool) and shape.kind in {"int", "number"}):
        raise bad_request(f"{name} must be of type {shape.kind}", name)
    if shape.choices and value not in shape.choices:
        raise bad_request(f"{name} must be one of {', '.join(map(str, shape.choices))}", name)
    _check_size(value, shape, name, beside)
    if shape.form and not _is_time(value, bare_date=shape.form == "date"):
        raise bad_request(f"{name} must be a {shape.form}", name)
    if shape.members:
        typed(value, shape.members, f"{name}.")
    for item in value if shape.items is not None else ():
        assert shape.items is not None  # noqa: S101  # or there would be nothing to go over
        if item is None:
            raise bad_request(f"{name} must not hold null", name)
        _check(item, shape.items, name, beside)


def _check_size(value: Any, shape: Shape, name: str, beside: Row) -> None:
    longest = shape.longest
    if not isinstance(longest, int):
        longest = longest.get(str(beside.get("field")), max(longest.values()))
    if longest and len(value) > longest:
        raise bad_request(f"{name} must not be longer than {longest} characters", name)
    if shape.least is not None and value < shape.least:
        raise bad_request(f"{name} must be at least {shape.least:g}", name)
    most = _LARGEST.get(shape.kind) if shape.most is None else shape.most
    if most is not None and value > most:
        raise bad_request(f"{name} must be at most {most:g}", name)


def _is_time(value: str, *, bare_date: bool) -> bool:
    moment = parse_moment(value, bare_date=bare_date)
    return moment is not None and (not bare_date or "T" not in value)


# What several records have.

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
        "type": needed(
            one_of(
                "SOCIAL_ACCOUNT_TYPE_UNSPECIFIED", "FACEBOOK", "LINKED_IN", "TWITTER", "INSTAGRAM", "SNAPCHAT",
                "YOUTUBE", "PINTEREST",
            )
        ),
    }
)  # fmt: skip
CUSTOM_FIELDS = list_of(object_of({"id": TEXT, "content": Shape("any")}))
"""Values of custom fields; whether the fields exist is checked where they are put into the record."""

"""What is sent arrives: the sandbox reads requests as the library of the service does."""

from __future__ import annotations

import xmlrpc.client
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keap_sandbox.xmlrpc.parsing import parse
from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.client.http import ExchangeError
from tap_infusionsoft.xmlrpc.request_body import body_of
from tap_infusionsoft.xmlrpc.wire_text import FORBIDDEN

WALL = datetime(2026, 3, 14, 12, 30, 5)  # noqa: DTZ001  # Eastern


def arrived(*arguments: Any) -> list[Any]:
    return parse(body_of("DataService.query", arguments)).params


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("a<b>&c]]>\"'", "a<b>&c]]>\"'"),
        ("a\x00\x0b\x1f\ufffe\uffffb\ud83d", "ab"),
        ("a\r\nb\tc ", "a\r\nb\tc "),
        ("Müller ū 😀", "Müller ū 😀"),
        ("&#11;", "&#11;"),
        ("", ""),
        (7, 7),
        (-(2**31), -(2**31)),
        (2**31 - 1, 2**31 - 1),
        (True, True),
        (1.5, 1.5),
        (Decimal("0.10"), 0.1),
        (b"\x00\xff", b"\x00\xff"),
        (WALL, WALL),
        (datetime(2026, 3, 14, 16, 30, 5, 999, tzinfo=UTC), WALL),
        (datetime(2026, 3, 14, 17, 30, 5, tzinfo=timezone(timedelta(hours=1))), WALL),
        (pendulum.datetime(2026, 3, 14, 16, 30, 5), WALL),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2026, 11, 1, 1, 30)),  # noqa: DTZ001  # the second one
        (date(2026, 3, 14), datetime(2026, 3, 14)),  # noqa: DTZ001
        (datetime(1, 1, 1), datetime(1, 1, 1)),  # noqa: DTZ001
        ([], []),
        (("a", 1), ["a", 1]),
        ({}, {}),
        ({"Id": 2**31}, {"Id": "2147483648"}),
        ({"Id": [1, 2**40]}, {"Id": [1, "1099511627776"]}),
        ({"Score": 1.5, "Sum": Decimal("2.50")}, {"Score": "1.5", "Sum": "2.50"}),
        ({"Na\x0bme": {"since": "2013\x00"}}, {"Name": {"since": "2013"}}),
        ({"Born": date(1980, 2, 29)}, {"Born": datetime(1980, 2, 29)}),  # noqa: DTZ001
    ],
)
def test_an_argument_arrives(sent: Any, expected: Any) -> None:
    (found,) = arrived(sent)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        (None, "it is null"),
        ({"Id": None}, "it is null"),
        (2**31, "it is a whole number of more than 32 bits"),
        (float("nan"), "it is no finite number"),
        (Decimal("Infinity"), "it is no finite number"),
        ({"Score": float("inf")}, "it is no finite number"),
        ({1, 2}, "it is a set"),
    ],
)
def test_an_argument_that_cannot_be_sent_is_named(argument: Any, reason: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        body_of("DataService.query", ("key", argument))
    assert caught.value.fault.kind is Kind.BAD_REQUEST
    assert caught.value.fault.text == f"argument 1 of DataService.query cannot be sent: {reason}"


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())))
def test_all_conditions_arrive(conditions: dict[str, Any]) -> None:
    (found,) = arrived(conditions)

    def cleaned(value: Any) -> Any:
        if isinstance(value, list):
            return [cleaned(one) for one in value]
        if isinstance(value, int) and not -(2**31) <= value < 2**31:
            return str(value)
        return FORBIDDEN.sub("", value) if isinstance(value, str) else value

    assert found == {cleaned(name): cleaned(value) for name, value in conditions.items()}


def test_another_library_reads_it_too() -> None:
    parameters, method = xmlrpc.client.loads(body_of("DataService.query", ("k", {"City": "a&b\r"})))
    assert (parameters, method) == (("k", {"City": "a&b\r"}), "DataService.query")

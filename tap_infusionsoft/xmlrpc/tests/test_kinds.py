"""Every kind of value, from the wire to the record and to what the log says about it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from tap_infusionsoft.client.call import Answer
from tap_infusionsoft.records.record_builder import RecordBuilder
from tap_infusionsoft.records.record_plan import RecordPlan
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpc, XmlRpcCall
from tap_infusionsoft.xmlrpc.table_streams import table_stream
from tap_infusionsoft.xmlrpc.tables import Table
from tap_infusionsoft.xmlrpc.tests.kinds import KINDS, TEXTS, Kind
from tap_infusionsoft.xmlrpc.tests.wire import page, struct
from tests.virtual import VirtualClock

TABLE = Table(
    name="Contact",
    about="Contacts",
    ids="Id OwnerID CompanyID LeadSourceId",
    integers="Employees",
    numbers="Score Balance",
    texts="City FirstName LastName Email Phone1 Phone2 StreetAddress1 State PostalCode",
    times="DateCreated LastUpdated",
    days="Birthday",
    booleans="IsPaid",
    blobs="Content",
)
COLLECTION = table_stream(TABLE)
CALL = XmlRpcCall(
    "DataService.query",
    ROWS,
    arguments=("Contact", 1000, 0, {}, [*TABLE.fields], "Id", True),
    limit=1,
    times=frozenset({"DateCreated", "LastUpdated"}),
    days=frozenset({"Birthday"}),
)
EXTENSIONS = b'methodResponse xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"'


def usual(number: int) -> dict[str, bytes]:
    """The members of a row of 20 fields that needs no repair."""
    when = b"<value><dateTime.iso8601>201603%02dT08:15:00</dateTime.iso8601></value>" % (number % 28 + 1)
    return {
        **{name: b"<value>%s %d</value>" % (name.encode(), number) for name in TABLE.texts.split()},
        **dict.fromkeys(TABLE.ids.split(), b"<value><i4>%d</i4></value>" % (number + 7)),
        "Id": b"<value><i4>%d</i4></value>" % number,
        "Employees": b"<value><i4>3</i4></value>",
        "Score": b"<value><double>%d.25</double></value>" % number,
        "Balance": b"<value><double>1.0E-5</double></value>",
        **dict.fromkeys(("DateCreated", "LastUpdated", "Birthday"), when),
        "IsPaid": b"<value><boolean>1</boolean></value>",
        "Content": b"<value><base64>aGk=</base64></value>",
    }


def row(number: int, kind: Kind | None = None) -> bytes:
    members = usual(number)
    if kind is not None:
        members[kind.field] = kind.element
        if not kind.wire:
            del members[kind.field]
    return struct(**members)


def records(body: bytes) -> tuple[dict[int, dict[str, Any]], list[str]]:
    """The records of a response by their ids, and what the log says."""
    document, fault = XmlRpc().read(Answer(200, {}, body), CALL, 0, VirtualClock().now())
    assert fault is None
    assert [one["Id"] for one in document[ROWS]] == sorted(one["Id"] for one in document[ROWS])
    schema = {"properties": COLLECTION.properties}
    builder = RecordBuilder(RecordPlan(COLLECTION, schema, defaultdict(lambda: True)), pytest.fail)
    found: dict[int, dict[str, Any]] = {}
    for record in builder.records(document[ROWS], {}):
        assert isinstance(record, dict)
        found[record["Id"]] = record
    return found, builder.repairs.messages()


CLEAN, SAID = records(page(*map(row, range(1, 1001))))


def test_usual_rows_are_read_without_a_word() -> None:
    assert SAID == []
    assert len(CLEAN) == 1000
    assert CLEAN[27] == {
        "Id": 27, "OwnerID": 34, "CompanyID": 34, "LeadSourceId": 34, "Employees": 3,
        "Score": CLEAN[27]["Score"], "Balance": CLEAN[27]["Balance"], "IsPaid": True, "Content": "aGk=",
        "DateCreated": "2016-03-28T12:15:00.000Z", "LastUpdated": "2016-03-28T12:15:00.000Z",
        "Birthday": "2016-03-28",
        **{name: f"{name} 27" for name in TABLE.texts.split()},
    }  # fmt: skip
    assert (str(CLEAN[27]["Score"]), float(CLEAN[27]["Balance"])) == ("27.25", 1e-5)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("place", [1, 2, 3])
def test_each_kind_alone(name: str, place: int) -> None:
    kind = KINDS[name]
    body = page(*(row(number, kind if number == place else None) for number in (1, 2, 3)), root=EXTENSIONS)
    found, said = records(body)
    expected = {number: CLEAN[number] for number in (1, 2, 3)}
    expected[place] = expected[place] | {kind.field: kind.value}
    assert found == expected
    assert type(found[place][kind.field]) is type(kind.value)
    assert said == [f"{told.format('1 value')} ({kind.field} of Id {place})" for told in kind.told]


@pytest.mark.parametrize("kinds", [TEXTS, KINDS], ids=["all texts", "all values"])
def test_all_kinds_in_one_page(kinds: dict[str, Kind]) -> None:
    """They are spread over a page of 1,000 rows of 20 fields; all other rows are as ever."""
    step = 1000 // len(kinds)
    placed = {(place + 1) * step: kind for place, kind in enumerate(kinds.values())}
    found, said = records(
        page(*(row(number, placed.get(number)) for number in range(1, 1001)), root=EXTENSIONS)
    )
    expected = CLEAN | {number: CLEAN[number] | {kind.field: kind.value} for number, kind in placed.items()}
    assert found == expected
    for told in {told for kind in kinds.values() for told in kind.told}:
        where = [f"{kind.field} of Id {number}" for number, kind in placed.items() if told in kind.told]
        (sentence,) = [one for one in said if one.startswith(told.format(_count(len(where))))]
        assert sentence.partition("(")[2].startswith(where[0])


def _count(values: int) -> str:
    return "1 value" if values == 1 else f"{values} values"

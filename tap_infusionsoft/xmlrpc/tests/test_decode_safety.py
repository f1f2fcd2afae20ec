"""No response is read as something else than it is, and none takes more time or memory than its size."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.xmlrpc import decode as codec
from tap_infusionsoft.xmlrpc.decode import FaultError, NotXmlRpcError, decode
from tap_infusionsoft.xmlrpc.decoded import Decoded
from tap_infusionsoft.xmlrpc.flat_rows import flat_rows
from tap_infusionsoft.xmlrpc.tests.wire import PROLOG, page, response, struct, text
from tap_infusionsoft.xmlrpc.wire_text import read_text

ROWS = [
    struct(
        Id=b"<value><i4>%d</i4></value>" % number,
        Name=text(b"Ann &amp; %d" % number),
        Score=b"<value><double>%d.5</double></value>" % number,
        DateCreated=b"<value><dateTime.iso8601>20120314T10:20:30</dateTime.iso8601></value>",
        Empty=text(b""),
    )
    for number in range(7)
]
BODY = page(*ROWS)
VALUES = decode(BODY).value
STARTS = [BODY.index(one) for one in ROWS]
ENDS = [start + len(one) for start, one in zip(STARTS, ROWS, strict=True)]


@pytest.mark.parametrize(
    "value",
    [
        b"<value>a<i4>1</i4></value>",
        b"<value><i4>1</i4>a</value>",
        b"<value><i4>1</i4><i4>2</i4></value>",
        b"<value><i4>1<i4>2</i4></i4></value>",
        b"<value><b>1</b></value>",
        b"<value><value>1</value></value>",
        b"<i4>1</i4>",
        b"<value>1</value><value>2</value>",
        b"<value>1</value>a",
        b"<name>a</name><value>1</value>",
        b"<value><array><value>1</value></array></value>",
        b"<value><array><data></data><data></data></array></value>",
        b"<value><array><data>a</data></array></value>",
        b"<value><struct><value>1</value></struct></value>",
        b"<value><struct><member><name>a</name></member></struct></value>",
        b"<value><struct><member><value>1</value><name>a</name></member></struct></value>",
        b"<value><struct><member><value>1</value></member></struct></value>",
        b"<value><string>a</string",
        b"<value><i4>1</value>",
        b"<value><nil></value>",
        b"<value><dateTime.iso8601>20120314T10:20:30</value>",
    ],
)
def test_what_is_not_as_the_specification_says_is_refused(value: bytes) -> None:
    """Not read in part: what is left over may be rows."""
    member = b"<value><struct><member><name>Id</name>%s</member></struct></value>"
    for body in (response(value), page(member % value), page(member % text(b"1"), member % value)):
        with pytest.raises(NotXmlRpcError, match=r"\w"):
            decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b"<methodResponse><params></params></methodResponse>",
        b"<methodResponse><fault/></methodResponse>",
        b"<methodResponse><params><param><value>1</value></param><param/></params></methodResponse>",
        b"<methodResponse><params><param><value>1</value><value>2</value></param></params></methodResponse>",
        b"<methodResponse><params/><fault><value>1</value></fault></methodResponse>",
        response(text(b"1")) + b"<methodResponse/>",
        page(*ROWS) + b"<!-- and more",
        page(*ROWS).replace(b"<struct>", b"<struct", 1),
    ],
)
def test_a_frame_that_is_not_as_the_specification_says_is_refused(body: bytes) -> None:
    with pytest.raises(NotXmlRpcError, match=r"\w"):
        decode(body)


@pytest.mark.parametrize("around", [b"\x00", b"\x0b \r\n", b"\n\n"])
def test_what_is_before_and_after_a_response_and_between_its_tags_changes_nothing(around: bytes) -> None:
    assert decode(around + BODY + around).value == VALUES
    assert decode(BODY.replace(ROWS[3], around + ROWS[3])).value == VALUES


PIECES = [
    *(b"\x00", b"\x0b", b"\xff", b"\xe9", b"\xed\xa0\xbd", b"\xf0\x9f\x98\x80", b"\xef\xbf\xbf"),
    b"\xef\xb7\x90",
    *(b"&", b"&#11;", b"&#55357;", b"&#56832;", b"&amp", b";", b"]]>", b"<![CDATA[", b"<!--", b"-->"),
    *(b"<?a ?>", b"<", b">", b"/", b"\r", b"\n", b" ", b"0", b"-", b"a", b"<value/>", b"<nil/>", b"<ex:i8>"),
    *(b"</ex:i8>", b"<value>", b"</value>", b"<struct>", b"</struct>", b"<member>", b"</member>", b"<name>"),
    *(b"</name>", b"<i4>", b"</i4>", b"<string>", b"</string>", b"<array><data>", b"</data></array>"),
    *(b"<member><name>Name</name><value>b</value></member>", ROWS[0], b"</struct></value><value><struct>"),
    b"</methodResponse>",
]  # fmt: skip
splices = st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=4).map(b"".join)


def outcome(read: Callable[[bytes], Decoded], body: bytes) -> Decoded | None:
    """What a response holds; None if it is refused or a fault."""
    try:
        return read(body)
    except (NotXmlRpcError, FaultError):
        return None


@given(st.integers(0, len(BODY)), st.integers(0, 40), splices)
def test_no_change_of_a_page_moves_or_loses_a_row_elsewhere(start: int, removed: int, splice: bytes) -> None:
    end = min(start + removed, len(BODY))
    decoded = outcome(decode, BODY[:start] + splice + BODY[end:])
    if decoded is not None:
        before = sum(one <= start for one in ENDS)
        after = sum(one >= end for one in STARTS)
        assert decoded.value[:before] == VALUES[:before]
        assert decoded.value[len(decoded.value) - after :] == VALUES[len(VALUES) - after :]


@given(st.integers(0, len(BODY)), st.integers(0, 40), splices)
def test_the_short_way_gives_what_the_general_way_gives(start: int, removed: int, splice: bytes) -> None:
    wire = read_text(BODY[:start] + splice + BODY[start + removed :])
    flat = flat_rows(wire)
    if flat is not None:
        general = codec._General(wire).decoded()
        assert flat.value == general.value
        assert flat.times == general.times
        assert list(map(list, flat.value)) == list(map(list, general.value))  # in the same order
        assert {path: set(kinds) for path, kinds in flat.repairs.items()} == {
            path: set(kinds) for path, kinds in general.repairs.items()
        }


@given(st.binary(max_size=60))
def test_random_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(NotXmlRpcError):
        decode(body)


MANY = 60_000
BOMBS: dict[str, Callable[[int], bytes]] = {
    "sections of CDATA that do not end": lambda many: page(struct(A=text(b"<![CDATA[" * many))),
    "references": lambda many: page(struct(A=text(b"&#11;" * many))),
    "references of all kinds": lambda many: page(
        struct(A=text(b"".join(b"&#%d;x" % number for number in range(many))))
    ),
    "pairs": lambda many: page(struct(A=text(b"&#55357;&#56832;" * many))),
    "a long number": lambda many: page(struct(A=text(b"&#" + b"1" * many))),
    "a long number of zeros": lambda many: page(struct(A=text(b"&#" + b"0" * many))),
    "a long hexadecimal number": lambda many: page(struct(A=text(b"&#x" + b"0" * many + b"b"))),
    "a long int": lambda many: page(struct(A=b"<value><i4>%s</i4></value>" % (b"1" * many))),
    "a long double": lambda many: page(struct(A=b"<value><double>%s.</double></value>" % (b"1" * many))),
    "ampersands": lambda many: page(struct(A=text(b"&" * many))),
    "bytes of another encoding": lambda many: page(struct(A=text(b"\xe9" * many))),
    "halves in other encodings": lambda many: page(struct(A=text(b"\xed\xa0\xbd\xed\xb8\x80\xe9" * many))),
    "a long name": lambda many: page(struct(**{"A" * many: text(b"1")})),
    "a long tag": lambda many: page(struct(A=b"<value><%s/></value>" % (b"a" * many))),
    "attributes": lambda many: page(
        struct(A=b"<value %s/>" % b" ".join(b'a%d=""' % number for number in range(many // 10)))
    ),
    "comments": lambda many: page(struct(A=text(b"<!-- -->" * many))),
    "open elements": lambda many: PROLOG + b"<methodResponse>" * many,
    "arrays": lambda many: response(b"<value><array><data>" * many),
    "one member again and again": lambda many: page(
        b"<value><struct>%s</struct></value>"
        % (b"<member><name>A</name><value>1</value></member>" * (many // 10))
    ),
    "rows with one repair each": lambda many: page(*[struct(A=text(b"\x0b"))] * (many // 10)),
    "no rows at all": lambda many: page(*[b"<value/>"] * many),
    "blanks": lambda many: PROLOG + b" " * many,
    "a declaration": lambda many: b'<?xml version="1.0" ' + b" " * many,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_time_grows_no_faster_than_size(name: str) -> None:
    """Four times the size takes about four times as long. Were it sixteen, 64 MiB would take hours."""

    def cost(many: int) -> float:
        body = BOMBS[name](many)
        began = time.process_time()
        outcome(decode, body)
        return time.process_time() - began

    cost(MANY // 4)
    assert min(cost(MANY) for _ in range(2)) < 8 * cost(MANY // 4) + 0.3

"""The classic connector's query language: what is said, and what of it Keap can be asked exactly."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.queries.classic.parser import Inexact, Wish, conditions, ids_of, parse, wish
from tap_infusionsoft.queries.filter_rules import of_custom_field, read
from tap_infusionsoft.records.custom_fields import CustomField


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("", []),
        ("{}", []),
        ("'City':'Ogden'", [Wish("City", "equal", ("Ogden",))]),
        ("{'City' : 'Ogden'}", [Wish("City", "equal", ("Ogden",))]),
        ('{"City":"O\'Hara","Id":5}', [Wish("City", "equal", ("O'Hara",)), Wish("Id", "equal", ("5",))]),
        (r"'City':'O\'Hara'", [Wish("City", "equal", ("O'Hara",))]),
        ("'City':'St. Paul, MN'", [Wish("City", "equal", ("St. Paul, MN",))]),
        ("'Id':['1','2', 3]", [Wish("Id", "any", ("1", "2", "3"))]),
        ("'FirstName':'Ann%'", [Wish("FirstName", "beginning", ("Ann",))]),
        ("'FirstName':'%nn%'", [Wish("FirstName", "within", ("nn",))]),
        ("'Email':'%@x.com'", [Wish("Email", "pattern", ("%@x.com",))]),
        ("'Email':'a%b'", [Wish("Email", "pattern", ("a%b",))]),
        ("'Email':'a%b%'", [Wish("Email", "pattern", ("a%b%",))]),
        ("'Id':'%'", [Wish("Id", "anything")]),
        ("'FirstName':'~null~'", [Wish("FirstName", "null")]),
        ("'FirstName':''", [Wish("FirstName", "equal", ("",))]),
        ("'Id':'~>~ 5'", [Wish("Id", "compare", ("5",), ">")]),
        ("'Id':'~<>~5'", [Wish("Id", "compare", ("5",), "!=")]),
        ("'LastUpdated':'~>=~LastSuccessfulRun'", [Wish("LastUpdated", "last run", ("LastSuccessfulRun",), ">=")]),
        ("'LastUpdated':'~>=~ 2016-01-20 08:15:00'",
         [Wish("LastUpdated", "compare", ("2016-01-20 08:15:00",), ">=")]),
    ],
)  # fmt: skip
def test_what_a_query_says(text: str, wishes: list[Wish]) -> None:
    assert parse(text) == wishes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("City", "it cannot be read from 'City' on"),
        ("{'City'}", "it cannot be read from"),
        ("'City':", "it cannot be read from"),
        ("'City':Ogden", "it cannot be read from"),
        ("'City':'Ogden' 'State':'UT'", "it cannot be read from"),
        ("'City':'Ogden', or", "it cannot be read from 'or' on"),
        ("'City':'O''Hara'", "it cannot be read from"),
        ("'City':['a', 'b'", "it cannot be read from"),
        (
            "'City':'A', 'City':'B'",
            "two conditions for City; it takes one for each field. For the one or the other",
        ),
        ("'Id':'~=~5'", "'~=~5' is none of ~null~, ~>~"),
        ("'Id':'~>~'", "> needs one plain value behind it"),
        ("'Id':'~>~5%'", "> needs one plain value"),
        ("'Id':'~>~~null~'", "> needs one plain value"),
        ("'LastUpdated':'LastSuccessfulRun'", "'LastSuccessfulRun' is none of"),
    ],
)
def test_what_says_nothing_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse(text)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except ValueError:
        return
    assert all(isinstance(one, Wish) for one in found)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8), st.text(alphabet=st.characters(exclude_characters="%~"), max_size=12)
    )
)
def test_quoted_values_come_back_as_they_are(pairs: dict[str, str]) -> None:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    text = ",".join(f"{quoted(field)}:{quoted(value)}" for field, value in pairs.items())
    if "LastSuccessfulRun" not in pairs.values():
        assert parse(f"{{{text}}}") == [Wish(field, "equal", (value,)) for field, value in pairs.items()]


def _said(notations: str, value: str) -> list[str]:
    return [
        str(one) for one in conditions([read(one) for one in notations.split()], wish("Field", f"{value!r}"))
    ]


@pytest.mark.parametrize(
    ("notations", "value", "said"),
    [
        ("given_name*", "Ann", ["given_name==Ann"]),
        ("given_name*", "Ann%", ["given_name==Ann*"]),
        ("company_name name*", "Acme", ["company_name==Acme"]),
        ("company_name name*", "Acme%", ["name==Acme*"]),
        ("name~", "%cm%", ["name==cm"]),
        ("title*~", "Ac%", ["title==Ac*"]),
        ("ids[] id<>", "5", ["ids==5"]),
        ("ids[] id<>", "12, 30", ["ids==12,30"]),
        ("ids[] id<>", "~>=~5", ["id>=5"]),
        ("id<!>", "~<>~5", ["id!=5"]),
        ("emails[]", "a@x.com", ["emails==a@x.com"]),
        ("category_id(NONE)", "~null~", ["category_id==NONE"]),
        ("is_public?", "1", ["is_public==true"]),
        ("is_public?", "False", ["is_public==false"]),
        ("order_type=ONLINE|OFFLINE", "Online", ["order_type==ONLINE"]),
        ("amount<!>", "~<~9.5", ["amount<9.5"]),
        # Eastern time: five hours behind UTC in winter, four in summer.
        ("since_time@> until_time@<", "~>=~2026-01-31", ["since_time==2026-01-31T05:00:00.000Z"]),
        ("since_time@> until_time@<", "~>=~2026-07-31 08:15:00", ["since_time==2026-07-31T12:15:00.000Z"]),
        ("since_time@> until_time@<", "~>~2026-01-31 08:15:00", ["since_time==2026-01-31T13:15:01.000Z"]),
        ("since_time@> until_time@<", "~<~2026-01-31 08:15:00", ["until_time==2026-01-31T13:14:59.999Z"]),
        ("since_time@> until_time@<", "~<=~2026-01-31 08:15:00", ["until_time==2026-01-31T13:15:00.999Z"]),
        ("start_time<>@", "~>=~2026-01-31", ["start_time>=2026-01-31T05:00:00.000Z"]),
        ("start_time<>@", "~<~2026-01-31", ["start_time<=2026-01-31T04:59:59.999Z"]),
        ("since_time@> until_time@<", "2026-01-31%",
         ["since_time==2026-01-31T05:00:00.000Z", "until_time==2026-02-01T04:59:59.999Z"]),
        ("since_time@> until_time@<", "2026-03-%",
         ["since_time==2026-03-01T05:00:00.000Z", "until_time==2026-04-01T03:59:59.999Z"]),
        ("start_time<>@", "2025%",
         ["start_time>=2025-01-01T05:00:00.000Z", "start_time<=2026-01-01T04:59:59.999Z"]),
    ],
)  # fmt: skip
def test_what_keap_can_be_asked(notations: str, value: str, said: list[str]) -> None:
    assert _said(notations, value) == said


@pytest.mark.parametrize(
    ("notations", "value", "says"),
    [
        ("", "Ann", "no filter of Keap says just that"),
        ("name", "Ann%", "Keap does not look for how it begins"),
        ("name*", "%nn%", "Keap does not look inside of it"),
        ("name*", "%nn", "beginnings only, not for endings or for a % in the middle"),
        ("name*", "%", "rows that have any value there"),
        ("name*", "~null~", "rows without a value there"),
        ("name*", "~>~A", "Keap does not compare it that way"),
        ("name*", "", "Keap cannot be asked for empty text"),
        ("name~", "Acme", "takes a value for a part of what is there"),
        ("name*", "Ann*", "to Keap this value means something else"),
        ("name*", "An*n%", "Keap does not look for how it begins"),
        ("description(NONE)", "NONE", "to Keap this value means something else"),
        ("name*", "a,b", "Keap would not take it: name: Keap takes no comma"),
        ("contact_id", "5,6", "Keap takes one value there, not several"),
        ("contact_id", "Ann", "Keap would not take it: contact_id takes whole numbers"),
        ("order_type=ONLINE|OFFLINE", "Other", "takes one of ONLINE, OFFLINE"),
        ("since_time@> until_time@<", "2026-01-31", "write a day as '2026-01-31%'"),
        ("since_time@> until_time@<", "~<>~2026-01-31", "Keap does not compare it that way"),
        ("since_time@> until_time@<", "~null~", "rows without a value there"),
        ("since_time@> until_time@<", "~>=~soon", "'soon' is not a time such as"),
        ("since_time@> until_time@<", "~>=~2026-02-30", "'2026-02-30' is not a time such as"),
        ("since_time@> until_time@<", "~>=~LastSuccessfulRun", "not the time that the stream's bookmark goes by"),
        ("since_time@> until_time@<", "20%", "only a year, month or day can stand before the %"),
        ("since_time@> until_time@<", "2026-13%", "is not a time such as"),
        ("since_time@>", "2026%", "Keap does not compare it"),
        ("created_time@", "~>=~2026-01-31", "Keap does not compare it"),
    ],
)  # fmt: skip
def test_what_keap_cannot_be_asked_exactly_is_refused(notations: str, value: str, says: str) -> None:
    with pytest.raises(Inexact, match=re.escape(says)):
        _said(notations, value)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("TEXT", "Red", "_X==Red"),
        ("TEXT", "Re%", "_X==Re*"),
        ("WHOLE_NUMBER", "~>=~5", "_X>=5"),
        ("YES_NO", "1", "_X==1"),
        # A day without a time is the same day everywhere.
        ("DATE", "2026-01-31", "_X==2026-01-31T00:00:00.000Z"),
        ("DATE", "~>=~2026-01-31", "_X>=2026-01-31T00:00:00.000Z"),
        ("DATE_TIME", "~>=~2026-01-31", "_X>=2026-01-31T05:00:00.000Z"),
        ("LIST_BOX", "red", None),
        ("LIST_BOX", "%red%", None),
        ("TEXT", "~null~", None),
        ("DATE_TIME", "2026-01-31", None),
    ],
)
def test_custom_fields(kind: str, value: str, said: str | None) -> None:
    known = of_custom_field(CustomField(id="5", column="cf_x", name="_X", label="X", kind=kind))
    asked = wish("_X", f"{value!r}")
    if said is None:
        with pytest.raises(Inexact):
            conditions([known], asked)
    else:
        assert [str(one) for one in conditions([known], asked)] == [said]


def test_lists_of_ids() -> None:
    assert ids_of(wish("Id", "'12,30'")) == ("12", "30")
    assert ids_of(wish("Id", "['12', 30]")) == ("12", "30")
    assert ids_of(wish("Id", "'12'")) == ()
    assert ids_of(wish("Name", "'Ann, Bob'")) == ()

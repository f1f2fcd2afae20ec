"""The classic connector's query language: how it is read, and which criteria Keap can answer exactly."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.queries.classic.compile import value_forms
from tap_infusionsoft.queries.classic.parser import Criterion, parse, parse_criterion
from tap_infusionsoft.queries.classic.tables import Field
from tap_infusionsoft.queries.classic.translate import InexactError, translate
from tap_infusionsoft.queries.filter_rules import custom_field_filter, parse_filter
from tap_infusionsoft.records.custom_fields import CustomField
from tap_infusionsoft.streams.registry import COLLECTIONS


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        ("", []),
        ("{}", []),
        ("'City':'Ogden'", [Criterion("City", "equals", ("Ogden",))]),
        ("{'City' : 'Ogden'}", [Criterion("City", "equals", ("Ogden",))]),
        (
            '{"City":"O\'Hara","Id":5}',
            [Criterion("City", "equals", ("O'Hara",)), Criterion("Id", "equals", ("5",))],
        ),
        (r"'City':'O\'Hara'", [Criterion("City", "equals", ("O'Hara",))]),
        ("'City':'St. Paul, MN'", [Criterion("City", "equals", ("St. Paul, MN",))]),
        ("'Id':['1','2', 3]", [Criterion("Id", "one of", ("1", "2", "3"))]),
        ("'FirstName':'Ann%'", [Criterion("FirstName", "starts with", ("Ann",))]),
        ("'FirstName':'%nn%'", [Criterion("FirstName", "contains", ("nn",))]),
        ("'Email':'%@x.com'", [Criterion("Email", "pattern", ("%@x.com",))]),
        ("'Email':'a%b'", [Criterion("Email", "pattern", ("a%b",))]),
        ("'Email':'a%b%'", [Criterion("Email", "pattern", ("a%b%",))]),
        ("'Id':'%'", [Criterion("Id", "anything")]),
        ("'FirstName':'~null~'", [Criterion("FirstName", "null")]),
        ("'FirstName':''", [Criterion("FirstName", "equals", ("",))]),
        ("'Id':'~>~ 5'", [Criterion("Id", "compare", ("5",), ">")]),
        ("'Id':'~<>~5'", [Criterion("Id", "compare", ("5",), "!=")]),
        (
            "'LastUpdated':'~>=~LastSuccessfulRun'",
            [Criterion("LastUpdated", "since last run", ("LastSuccessfulRun",), ">=")],
        ),
        (
            "'LastUpdated':'~>=~ 2016-01-20 08:15:00'",
            [Criterion("LastUpdated", "compare", ("2016-01-20 08:15:00",), ">=")],
        ),
        (
            "{'DateCreated': {'before': '2016-02-01', 'since': '2016-01-01 08:00:00'}}",
            [Criterion("DateCreated", "range", ("2016-01-01 08:00:00", "2016-02-01"))],
        ),
        (
            "'DateCreated':{'since':'2016'},'City':'A'",
            [Criterion("DateCreated", "range", ("2016", "")), Criterion("City", "equals", ("A",))],
        ),
    ],
)
def test_a_query_string_is_read_as_criteria(text: str, criteria: list[Criterion]) -> None:
    assert parse(text) == criteria


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("City", "it cannot be read from 'City' onwards"),
        ("{'City'}", "it cannot be read from"),
        ("'City':", "it cannot be read from"),
        ("'City':Ogden", "it cannot be read from"),
        ("'City':'Ogden' 'State':'UT'", "it cannot be read from"),
        ("'City':'Ogden', or", "it cannot be read from 'or' onwards"),
        ("'City':'O''Hara'", "it cannot be read from"),
        ("'City':['a', 'b'", "it cannot be read from"),
        (
            "'City':'A', 'City':'B'",
            "two criteria for City, and takes one for each field. For rows that meet one or the other",
        ),
        ("'Id':'~=~5'", "'~=~5' is not ~null~, nor one of ~>~"),
        ("'Id':'~>~'", "> takes a single value without wildcards"),
        ("'Id':'~>~5%'", "> takes a single value without wildcards"),
        ("'Id':'~>~~null~'", "> takes a single value without wildcards"),
        ("'DateCreated':{}", "it cannot be read from"),
        ("'DateCreated':{'since':'2016'", "it cannot be read from"),
        ("'DateCreated':{'until':'2016'}", "DateCreated: a range has since, before or both"),
        ("'DateCreated':{'since':''}", "DateCreated: a range has since, before or both"),
        ("'DateCreated':{'since':'2016','since':'2017'}", "DateCreated: a range has since, before or both"),
        ("'LastUpdated':'LastSuccessfulRun'", "'LastSuccessfulRun' is not ~null~, nor one of"),
    ],
)
def test_text_that_is_no_query_string_is_refused_with_a_reason(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse(text)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except ValueError:
        return
    assert all(isinstance(criterion, Criterion) for criterion in found)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8), st.text(alphabet=st.characters(exclude_characters="%~"), max_size=12)
    )
)
def test_quoted_values_are_read_back_unchanged(pairs: dict[str, str]) -> None:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    text = ",".join(f"{quoted(field)}:{quoted(value)}" for field, value in pairs.items())
    if "LastSuccessfulRun" not in pairs.values():
        assert parse(f"{{{text}}}") == [
            Criterion(field, "equals", (value,)) for field, value in pairs.items()
        ]


def _translated(notations: str, value: str) -> list[str]:
    """The conditions for a criterion, given the notations of the filters on its field."""
    filters = [parse_filter(notation) for notation in notations.split()]
    return [str(condition) for condition in translate(filters, parse_criterion("Field", repr(value)))]


@pytest.mark.parametrize(
    ("notations", "value", "conditions"),
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
        # US Eastern is five hours behind UTC in winter, four in summer.
        ("since_time@> until_time@<", "~>=~2026-01-31", ["since_time==2026-01-31T05:00:00.000Z"]),
        ("since_time@> until_time@<", "~>=~2026-07-31 08:15:00", ["since_time==2026-07-31T12:15:00.000Z"]),
        ("since_time@> until_time@<", "~>~2026-01-31 08:15:00", ["since_time==2026-01-31T13:15:01.000Z"]),
        ("since_time@> until_time@<", "~<~2026-01-31 08:15:00", ["until_time==2026-01-31T13:14:59.999Z"]),
        ("since_time@> until_time@<", "~<=~2026-01-31 08:15:00", ["until_time==2026-01-31T13:15:00.999Z"]),
        ("start_time<>@", "~>=~2026-01-31", ["start_time>=2026-01-31T05:00:00.000Z"]),
        ("start_time<>@", "~<~2026-01-31", ["start_time<=2026-01-31T04:59:59.999Z"]),
        (
            "since_time@> until_time@<",
            "2026-01-31%",
            ["since_time==2026-01-31T05:00:00.000Z", "until_time==2026-02-01T04:59:59.999Z"],
        ),
        (
            "since_time@> until_time@<",
            "2026-03-%",
            ["since_time==2026-03-01T05:00:00.000Z", "until_time==2026-04-01T03:59:59.999Z"],
        ),
        (
            "start_time<>@",
            "2025%",
            ["start_time>=2025-01-01T05:00:00.000Z", "start_time<=2026-01-01T04:59:59.999Z"],
        ),
    ],
)
def test_a_criterion_becomes_conditions_that_say_the_same(
    notations: str, value: str, conditions: list[str]
) -> None:
    assert _translated(notations, value) == conditions


@pytest.mark.parametrize(
    ("notations", "value", "says"),
    [
        ("", "Ann", "there is no filter for exactly this field"),
        ("name", "Ann%", "Keap cannot search for the beginning of a value there"),
        ("name*", "%nn%", "Keap cannot search inside the text there"),
        ("name*", "%nn", "the beginning of a value only, not for its end or a % in the middle"),
        ("name*", "%", "rows with any value there"),
        ("name*", "~null~", "rows without a value there"),
        ("name*", "~>~A", "Keap does not support this comparison there"),
        ("name*", "", "Keap cannot search for empty text"),
        ("name~", "Acme", "Keap searches for the value as a part of the field"),
        ("name*", "Ann*", "Keap does not take this value literally"),
        ("name*", "An*n%", "Keap cannot search for the beginning of a value there"),
        ("description(NONE)", "NONE", "Keap does not take this value literally"),
        ("name*", "a,b", "Keap would reject it: name: Keap does not take a comma"),
        ("contact_id", "5,6", "Keap takes a single value there"),
        ("contact_id", "Ann", "Keap would reject it: contact_id takes whole numbers"),
        ("order_type=ONLINE|OFFLINE", "Other", "takes one of ONLINE, OFFLINE"),
        ("since_time@> until_time@<", "2026-01-31", "Write a day as '2026-01-31%'"),
        ("since_time@> until_time@<", "~<>~2026-01-31", "Keap does not support this comparison there"),
        ("since_time@> until_time@<", "~null~", "rows without a value there"),
        ("since_time@> until_time@<", "~>=~soon", "'soon' is not a time such as"),
        ("since_time@> until_time@<", "~>=~2026-02-30", "'2026-02-30' is not a time such as"),
        ("since_time@> until_time@<", "~>=~LastSuccessfulRun", "the stream's bookmark goes by another time"),
        ("since_time@> until_time@<", "20%", "only a year, month or day can come before the %"),
        ("since_time@> until_time@<", "2026-13%", "is not a time such as"),
        ("since_time@>", "2026%", "Keap does not support this comparison there"),
        ("created_time@", "~>=~2026-01-31", "Keap does not support this comparison there"),
    ],
)
def test_a_criterion_that_keap_cannot_answer_exactly_is_refused_with_a_reason(
    notations: str, value: str, says: str
) -> None:
    with pytest.raises(InexactError, match=re.escape(says)):
        _translated(notations, value)


@pytest.mark.parametrize(
    ("kind", "value", "condition"),
    [
        ("TEXT", "Red", "_X==Red"),
        ("TEXT", "Re%", "_X==Re*"),
        ("WHOLE_NUMBER", "~>=~5", "_X>=5"),
        ("YES_NO", "1", "_X==1"),
        # A date without a time of day has no time zone.
        ("DATE", "2026-01-31", "_X==2026-01-31T00:00:00.000Z"),
        ("DATE", "~>=~2026-01-31", "_X>=2026-01-31T00:00:00.000Z"),
        ("DATE_TIME", "~>=~2026-01-31", "_X>=2026-01-31T05:00:00.000Z"),
        ("LIST_BOX", "red", None),
        ("LIST_BOX", "%red%", None),
        ("TEXT", "~null~", None),
        ("DATE_TIME", "2026-01-31", None),
    ],
)
def test_criteria_on_custom_fields_depend_on_their_type(kind: str, value: str, condition: str | None) -> None:
    known = custom_field_filter(CustomField(id="5", column="cf_x", name="_X", label="X", kind=kind))
    criterion = parse_criterion("_X", repr(value))
    if condition is None:
        with pytest.raises(InexactError):
            translate([known], criterion)
    else:
        assert [str(one) for one in translate([known], criterion)] == [condition]


def test_a_list_is_sent_with_commas_so_its_values_cannot_have_any() -> None:
    emails = [parse_filter("emails[]")]
    assert [str(one) for one in translate(emails, parse_criterion("Email", "['a@x.com', 'b@x.com']"))] == [
        "emails==a@x.com,b@x.com"
    ]
    with pytest.raises(InexactError, match="none can contain one"):
        translate(emails, parse_criterion("Email", "['a,b', 'c']"))


@pytest.mark.parametrize(
    ("stream", "field", "forms"),
    [
        ("contacts", Field("given_name", ("given_name",)), ["a value", "Ab%"]),
        ("contacts", Field("id", ("ids", "contact_id")), ["a value", "1,2,3", "~>~ and other comparisons"]),
        ("contacts", Field("notes"), []),
        (
            "contacts",
            Field("update_time", ("start_update_time", "end_update_time")),
            ["~>=~ and ~<=~ with a time", "~>=~LastSuccessfulRun"],
        ),
        ("notes", Field("title", ("title",)), ["Ab%", "%ab%"]),
        ("tasks", Field("assigned_to_user_id", ("user_id",)), ["a value", "1,2,3", "~null~"]),
        ("campaigns", Field("id"), ["a value", "1,2,3"]),  # it has a path for each row
        ("campaigns", Field("name", ("name",)), ["%ab%"]),
        (
            "order_payments",
            Field("invoice_id", ("invoice_id",)),
            ["a value"],
        ),  # a call for each order already
    ],
)
def test_messages_list_the_forms_that_a_value_can_have(stream: str, field: Field, forms: list[str]) -> None:
    assert value_forms(COLLECTIONS[stream], field) == forms


def test_ids_can_be_listed_with_commas_or_in_brackets() -> None:
    assert parse_criterion("Id", "'12,30'").listed == ("12", "30")
    assert parse_criterion("Id", "['12', 30]").listed == ("12", "30")
    assert parse_criterion("Id", "'12'").listed == ()
    assert parse_criterion("Name", "'Ann, Bob'").listed == ()


@pytest.mark.parametrize("notations", ["since_time@> until_time@<", "name*"])
def test_a_range_in_braces_is_refused_with_what_to_write_instead(notations: str) -> None:
    (criterion,) = parse("{'X': {'since': '2026-01-01', 'before': '2026-02-01'}}")
    filters = [parse_filter(one) for one in notations.split()]
    with pytest.raises(InexactError, match="it takes no range in braces; write '~>=~2026-01-01'"):
        translate(filters, criterion)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r"'O\'Brien'", "O'Brien"),
        (r"'a\\b'", r"a\b"),
        (r"'C:\new'", r"C:\new"),
        (r"'back\slash'", r"back\slash"),
        (r'"Z\u00fcrich"', "Z\u00fcrich"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r"'\u00f'", r"\u00f"),
    ],
)
def test_a_backslash_stands_for_itself_unless_it_escapes_something(written: str, value: str) -> None:
    (found,) = parse(f"{{'City':{written}}}")
    assert found.value == value

"""The pages and pictures of streams say what the declarations say, and can be read on a phone."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.streams.registry import COLLECTIONS, GROUPS
from tap_infusionsoft.streams.relations import columns
from tests.relations import DECLARED
from tests.test_docs import ROOT, headings
from tools import stream_pages
from tools.diagram import CHARACTER, WIDTH, Box, Pointer, picture
from tools.stream_pages import CORE, FOLDER, LOOKED_UP, RELATIONS, boxes

FILES = stream_pages.files()
PAGES = [name for name in FILES if name.endswith(".md")]
PICTURES = [name for name in FILES if name.endswith(".svg")]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", FILES)
def test_generated_pages_are_up_to_date(name: str) -> None:
    path = ROOT / name
    if not path.exists() or path.read_text(encoding="utf-8") != FILES[name]:
        pytest.fail(f"{name} does not say what the code says. Run `make docs`.")


def test_no_page_is_left_of_what_is_gone() -> None:
    assert stream_pages.stale(ROOT) == []
    assert {f"{FOLDER}/{group.name}.md" for group in GROUPS} == {*PAGES}


# --- pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_page_has_every_stream_of_its_group_and_every_column(group: Any) -> None:
    text = FILES[f"{FOLDER}/{group.name}.md"]
    sections = dict(zip(*[iter(re.split(r"^## (\w+)$", text, flags=re.MULTILINE)[1:])] * 2, strict=True))
    assert [*sections] == [one.name for one in group.collections]
    for one in group.collections:
        told = re.findall(r"^\| `([^`]+)` \| \*[a-z -]+\* · .+ \|$", sections[one.name], re.MULTILINE)
        assert told == [path for path, _ in columns(one.schema["properties"])]
        assert ("Selected by default: yes" in sections[one.name]) is one.selected_by_default
        for relation in one.relations.values():
            assert not relation.stream or f"[{relation.target}](" in sections[one.name]


@pytest.mark.parametrize("name", [*PAGES, f"{FOLDER}/relations.md"])
def test_links_of_pages_lead_to_a_section_or_file(name: str) -> None:
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]+))?\)", (ROOT / name).read_text(encoding="utf-8"))
    assert links
    anchors = {page: headings(ROOT / name if not page else (ROOT / name).parent / page) for page, _ in links}
    for page, heading in links:
        assert not page or ((ROOT / name).parent / page).exists(), page
        assert not heading or heading in anchors[page], f"{page}#{heading}"


def test_the_list_for_programs_has_every_relation() -> None:
    told = yaml.safe_load(FILES[RELATIONS])
    points = {f"{one['stream']}.{one['column']}": one for one in told["relations"]}
    assert points.keys() == DECLARED.keys()
    for column, relation in DECLARED.items():
        one = points[column]
        assert f"{one['to']}.{one['field']}" == relation.target
        assert (one.get("none", ""), one.get("may_dangle", False)) == (relation.none, relation.may_dangle)
    nowhere = {f"{one['stream']}.{one['column']}": one["why"] for one in told["elsewhere"]}
    assert nowhere["orders.order_items[].special.special_item_id"] == "No stream lists such items."
    assert not nowhere.keys() & points.keys()


# --- pictures --------------------------------------------------------------------------------------------


def texts(svg: str) -> list[tuple[float, str, str]]:
    """Return where each text of a picture begins, what it says and its color."""
    found = ET.XML(svg).iter(f"{SVG}text")
    return [(float(one.attrib["x"]), str(one.text), one.attrib["fill"]) for one in found]


def verticals(svg: str) -> dict[str, set[tuple[float, float, float]]]:
    """Return the vertical lines of a picture by color: where they are, from where to where."""
    found: dict[str, set[tuple[float, float, float]]] = defaultdict(set)
    for path in ET.XML(svg).iter(f"{SVG}path"):
        if path.attrib.get("stroke") in {None, "#fff"}:
            continue
        for row, across, port in re.findall(r"M\d+ ([\d.]+)H(\d+)q[-\d ]+V([\d.]+)", path.attrib["d"]):
            first, last = sorted((float(row), float(port)))
            found[path.attrib["stroke"]].add((float(across), first, last))
    return found


def check(svg: str) -> None:
    """Check that nothing in a picture is outside of its box, or drawn over something else."""
    root = ET.XML(svg)
    assert float(root.attrib["width"]) == WIDTH <= 390 - 2 * 13  # what a phone's page leaves to a picture
    _, *rectangles = root.iter(f"{SVG}rect")
    (side,) = {float(one.attrib["x"]) + float(one.attrib["width"]) for one in rectangles}
    tops = [float(one.attrib["y"]) for one in rectangles]
    bottoms = [top + float(one.attrib["height"]) for top, one in zip(tops, rectangles, strict=True)]
    assert all(below > above for above, below in zip(bottoms, tops[1:], strict=False))
    assert bottoms[-1] < float(root.attrib["height"])
    for left, text, _ in texts(svg):
        assert left + len(text) * CHARACTER <= side, text
    lines = [(color, *one) for color, found in verticals(svg).items() for one in found]
    for color, across, first, last in lines:
        assert side < across + 4 < WIDTH
        for other, beside, start, end in lines:
            assert color == other or across != beside or last < start or end < first, (color, other)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_can_be_read_at_the_width_of_a_phone(name: str) -> None:
    check(FILES[name])


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_picture_has_every_relation_of_its_group(group: Any) -> None:
    names = [one.name for one in group.collections]
    drawn = {(box.name, pointer.target) for box in boxes(names) for pointer in box.pointers}
    declared = {
        (one.name, relation.stream)
        for one in group.collections
        for relation in one.relations.values()
        if relation.stream and relation.stream not in LOOKED_UP
    }
    # Orders have their items in a list, which order_items has with the order's id.
    assert declared - drawn <= {(target, stream) for stream, target in drawn} | {
        ("orders", stream) for name, stream in drawn if name == "order_items"
    }
    assert drawn <= declared
    svg = FILES[f"{FOLDER}/{group.name}.svg"]
    said = " ".join(text for _, text, _ in texts(svg))
    colors = [color for _, text, color in texts(svg) if text in names and color == "#fff"]
    assert len(colors) == len({target for _, target in drawn if target in names})
    for _, target in drawn:
        assert (f"→ {target}" in said) is (target not in names)
    ends = sum(len(found) for found in verticals(svg).values())
    assert ends == len([1 for _, target in drawn if target in names])


def test_the_picture_of_the_core_has_those_that_people_join() -> None:
    assert {*CORE} <= COLLECTIONS.keys()
    assert all(COLLECTIONS[name].selected_by_default for name in CORE)
    drawn = {(box.name, pointer.target) for box in boxes(CORE, outside=False) for pointer in box.pointers}
    assert {("orders", "contacts"), ("order_items", "products"), ("contact_tags", "tags")} <= drawn
    assert {target for _, target in drawn} <= {*CORE}


_NAMES = [f"{'x' * (3 + 4 * number)}_{number}" for number in range(9)]
_POINTERS = st.builds(
    Pointer,
    st.lists(st.sampled_from(_NAMES), min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from([*_NAMES, "somewhere & else"]),
)


@given(st.lists(st.lists(_POINTERS, max_size=3), min_size=1, max_size=9))
def test_any_picture_can_be_read(found: list[list[Pointer]]) -> None:
    drawn = [Box(name, ("id",), tuple(each)) for name, each in zip(_NAMES, found, strict=False)]
    check(picture("Made up <&>", drawn))

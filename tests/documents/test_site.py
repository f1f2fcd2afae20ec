"""The documentation site: every page is in the navigation, links stay in the site, and bad ones are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import site
from tools.site import ROOT, SiteError, assemble, pages, problems


def test_every_page_is_in_the_navigation_and_every_link_leads_into_the_site(tmp_path: Path) -> None:
    assemble(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.md")} == {*pages().values()}
    assert "](../queries.md)" in (tmp_path / "streams" / "index.md").read_text()
    assert "](files/meltano.yml)" in (tmp_path / "account.md").read_text()
    assert (tmp_path / "files" / "meltano.yml").read_text() == (ROOT / "meltano.yml").read_text()
    assert "](sandbox.md)" in (tmp_path / "contributing.md").read_text()


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one page, and a navigation that lists it."""
    folder = tmp_path / "repository" / "docs"
    folder.mkdir(parents=True)
    monkeypatch.setattr(site, "ROOT", folder.parent)
    monkeypatch.setattr(site, "DOCS", folder)
    monkeypatch.setattr(site, "CONFIG", folder.parent / "zensical.toml")
    site.CONFIG.write_text('[project]\nnav = [{ "A" = [{ "B" = "index.md" }] }]\n')
    return folder


def assembled(docs: Path, text: str) -> str:
    (docs / "index.md").write_text(text)
    assemble(docs.parent / "out")
    return (docs.parent / "out" / "index.md").read_text()


def test_code_is_left_alone_and_bars_in_tables_lose_their_backslash(docs: Path) -> None:
    text = "`[a](b.md)`\n\n```\n[a](c.md)\n| `a \\| b` |\n```\n"
    assert assembled(docs, text) == text
    assert assembled(docs, "| `a \\| <b>` |\n") == "| <code>a &#124; &lt;b></code> |\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a](b.md)", "index.md links to .*b.md, which does not exist"),
        ("[a](../../x)", "which does not exist"),
        ("[a](../folder)", "links to the folder folder"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(docs: Path, text: str, said: str) -> None:
    (docs.parent / "folder").mkdir()
    with pytest.raises(SiteError, match=said):
        assembled(docs, text)


def test_a_page_that_the_navigation_lacks_is_refused(docs: Path) -> None:
    (docs / "new.md").write_text("# New\n")
    with pytest.raises(SiteError, match=r"lacks \['new.md'\]"):
        assembled(docs, "# Index\n")


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<a href="b/">b</a>', "leads nowhere"),
        ('<a href="a/#y">a</a>', "no such heading"),
        ('<a href="#y">a</a>', "no such heading"),
        ('<a href="http://example.com/">a</a>', "not a well-formed https address"),
        ('<a href="https://exam ple.com/">a</a>', "not a well-formed https address"),
        ('<a href="https://nowhere">a</a>', "not a well-formed https address"),
        ('<img src="x.svg" alt="a picture">', "leads nowhere"),
        ('<img src="a/index.html">', "has no text"),
        ('<script src="https://example.com/x.js"></script>', "from elsewhere"),
        ("<p>Things:\n- one\n- two</p>", "was taken for text"),
    ],
)
def test_what_is_wrong_in_a_built_page_is_found(tmp_path: Path, html: str, said: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "index.html").write_text('<h1 id="x">A</h1><a href="..">up</a>')
    good = (
        '<a href="a/#x">a</a> <a href="https://example.com/a#b">b</a> <a href="http://127.0.0.1:8080">c</a>'
    )
    (tmp_path / "index.html").write_text(f"{good}<p>fine - really</p>")
    assert problems(tmp_path) == []
    (tmp_path / "index.html").write_text(good + html)
    (found,) = problems(tmp_path)
    assert said in found

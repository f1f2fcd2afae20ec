"""The documentation site: its pages are put together, and what the generator makes of them is checked.

`make site` does both.

The pages are those of ``docs/``, the examples, and the documents in `PAGES`. Their links are written for
readers of the repository; here they are pointed at pages, and files that are no pages are copied, so that no
link leads out of the site.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CONFIG = ROOT / "zensical.toml"
PAGES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "sandbox/README.md": "sandbox.md",
    "findings/README.md": "findings.md",
    "examples/README.md": "examples/index.md",
    "tap_infusionsoft/xmlrpc/README.md": "legacy.md",
}
"""Document outside of ``docs/`` -> its page in the site; each example has one as well."""
FILES = "files"
"""Folder of the site for files that pages link to and that are no pages."""

_FENCED = re.compile(r"^( *)```.*?^\1```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"(?<=\]\()(?!\w+:)([^)\s#]*)(#[^)\s]*)?(?=\))")
_LOOSE = re.compile(r"^(?:[-*|] |\d+\. |```|#{1,6} )", re.MULTILINE)
"""What a paragraph of a page never begins a line with, unless the generator took a list or table for text."""


class SiteError(Exception):
    """Something is wrong with the pages; the message names them."""


def pages() -> dict[Path, str]:
    """Return all pages: file -> path in the site."""
    found = {path: path.relative_to(DOCS).as_posix() for path in sorted(DOCS.rglob("*.md"))}
    others = {ROOT / source: page for source, page in PAGES.items() if (ROOT / source).exists()}
    hosts = {path: f"examples/{path.parent.name}.md" for path in sorted(ROOT.glob("examples/*/README.md"))}
    return found | others | hosts


def listed(nav: list[Any]) -> Iterator[str]:
    """Yield the pages that the navigation lists."""
    for entry in nav:
        (target,) = entry.values()
        if isinstance(target, str):
            yield target
        else:
            yield from listed(target)


def assemble(out: Path) -> None:
    """Write the pages, and the files that they link to, into a folder.

    Args:
        out: The folder, which is replaced.

    Raises:
        SiteError: A link leads nowhere, or the navigation and the pages differ.
    """
    known = pages()
    nav = [*listed(tomllib.loads(CONFIG.read_text(encoding="utf-8"))["project"]["nav"])]
    if sorted(nav) != sorted(known.values()):
        missing, stale = sorted({*known.values()} - {*nav}), sorted({*nav} - {*known.values()})
        raise SiteError(f"the navigation in {CONFIG.name} lacks {missing}, and lists in vain {stale}")
    shutil.rmtree(out, ignore_errors=True)
    for path in DOCS.rglob("*"):
        if path.is_file() and path.suffix != ".md":
            target = out / path.relative_to(DOCS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    for path, page in known.items():
        target = out / page
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_rewritten(path, page, known, out), encoding="utf-8")


def _rewritten(path: Path, page: str, known: dict[Path, str], out: Path) -> str:
    """Return the text of a document with its links as the site needs them."""

    def link(match: re.Match[str]) -> str:
        place, heading = match[1], match[2] or ""
        if not place:
            return heading
        target = (path.parent / unquote(place)).resolve()
        return posixpath.relpath(_place(target, path, known, out), posixpath.dirname(page) or ".") + heading

    def prose(text: str) -> str:
        # Bars in the code of a table are escaped for GitHub; the generator would show the backslash.
        text = "".join(
            re.sub(_CODE, _unescaped, line) if line.startswith("|") else line
            for line in text.splitlines(keepends=True)
        )
        kept: list[str] = []

        def keep(match: re.Match[str]) -> str:
            kept.append(match[0])
            return f"\0{len(kept) - 1}\0"

        linked = _LINK.sub(link, _CODE.sub(keep, text))
        return re.sub(r"\0(\d+)\0", lambda match: kept[int(match[1])], linked)

    text, parts, end = path.read_text(encoding="utf-8"), [], 0
    for fence in _FENCED.finditer(text):
        parts += [prose(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, prose(text[end:])])


def _unescaped(match: re.Match[str]) -> str:
    if r"\|" not in match[0]:
        return match[0]
    inside = match[0].strip("`").replace("&", "&amp;").replace("<", "&lt;").replace(r"\|", "&#124;")
    return f"<code>{inside}</code>"


def _place(target: Path, source: Path, known: dict[Path, str], out: Path) -> str:
    """Return where in the site a file is that a document links to, and copy it there if it is no page."""
    if target in known:
        return known[target]
    name = source.relative_to(ROOT)
    if not target.is_relative_to(ROOT) or not target.exists():
        raise SiteError(f"{name} links to {target}, which does not exist")
    if target.is_relative_to(DOCS):
        return target.relative_to(DOCS).as_posix()
    if target == ROOT / "README.md":
        return known[DOCS / "index.md"]
    if target.is_dir():
        raise SiteError(f"{name} links to the folder {target.relative_to(ROOT)}; link to a file in it")
    place = f"{FILES}/{target.relative_to(ROOT).as_posix()}"
    (out / place).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(target, out / place)
    return place


class Page(HTMLParser):
    """What is to be checked of a page.

    Attributes:
        ids: Anchors.
        links: Where links lead.
        loaded: What a browser loads with the page.
        problems: What is wrong with the page by itself.
    """

    def __init__(self, text: str) -> None:
        """Read a page.

        Args:
            text: Its HTML.
        """
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.problems: list[str] = []
        self._paragraph: list[str] | None = None
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") in {"stylesheet", "icon"}:
            self.loaded.append(values["href"])
        elif tag in {"script", "img", "iframe"} and "src" in values:
            self.loaded.append(values["src"])
            if tag == "img" and not values.get("alt"):
                self.problems.append(f"{values['src']} has no text for those who do not see it")
        if tag == "p":
            self._paragraph = []

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "p" and self._paragraph is not None:
            text = "".join(self._paragraph)
            if _LOOSE.search(text):
                self.problems.append(f"a list, table or block was taken for text: {text.strip()[:80]!r}")
            self._paragraph = None

    @override
    def handle_data(self, data: str) -> None:
        if self._paragraph is not None:
            self._paragraph.append(data)


def problems(site: Path) -> list[str]:
    """Return what is wrong with a built site: links, anchors, and what pages load.

    Links to other sites are checked for their form only, so that a check needs no network.

    Args:
        site: Folder of the site.
    """
    parsed = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in parsed.items():
        name = path.relative_to(site)
        if name.name == "404.html":
            continue  # its links are absolute, because it is shown at any depth
        found += [f"{name}: {problem}" for problem in page.problems]
        found += [f"{name}: {link}: {why}" for link in page.links if (why := _wrong(link, path, parsed))]
        for source in page.loaded:
            if urlsplit(source).scheme not in {"", "data"}:
                found.append(f"{name}: loads {source} from elsewhere")
            elif not source.startswith("data:") and (why := _wrong(source, path, parsed)):
                found.append(f"{name}: {source}: {why}")
    return found


def _wrong(link: str, path: Path, parsed: dict[Path, Page]) -> str:
    """Return what is wrong with a link, or an empty text."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
        well_formed = parts.scheme == "https" and "." in (parts.hostname or "") and not re.search(r"\s", link)
        return "" if well_formed or local or parts.scheme == "mailto" else "not a well-formed https address"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.exists():
        return "leads nowhere"
    anchor = unquote(parts.fragment)
    if anchor and target in parsed and anchor not in parsed[target].ids:
        return "there is no such heading"
    return ""


def main() -> None:
    """Run one of the two steps: ``assemble`` or ``check``."""
    out = ROOT / "output"
    match sys.argv[1:]:
        case ["assemble"]:
            assemble(out / "pages")
        case ["check"]:
            if found := problems(out / "site"):
                raise SiteError("\n".join(found))
            sys.stdout.write("The site is in output/site: open output/site/index.html\n")
        case _:
            raise SystemExit("usage: python -m tools.site assemble|check")


if __name__ == "__main__":
    try:
        main()
    except SiteError as error:
        raise SystemExit(f"{error}") from None

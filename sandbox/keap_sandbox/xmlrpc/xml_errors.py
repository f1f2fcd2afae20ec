"""Says what is wrong with XML in the words of Xerces, the parser of Java.

Measured by sending requests to Apache ws-xmlrpc 3.1.3 on Java 17. Expat finds the errors; here they get their
names.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["XmlError", "decoded", "words"]

PREMATURE = "Premature end of file."
_IN_PROLOG = "Content is not allowed in prolog."
_BEFORE_ROOT = "The markup in the document preceding the root element must be well-formed."
_AFTER_ROOT = "The markup in the document following the root element must be well-formed."
_TRAILING = "Content is not allowed in trailing section."
_REFERENCE_IN_PROLOG = "Reference is not allowed in prolog."
_UNCLOSED = "XML document structures must start and end within the same entity."
_CONTENT = "The content of elements must consist of well-formed character data or markup."
_TARGET = 'The processing instruction target matching "[xX][mM][lL]" is not allowed.'
_CDATA_END = (
    'The character sequence "]]>" must not appear in content unless used to mark the end of a CDATA section.'
)
_DECLARATION = re.compile(r"<\?xml\b(.*?)\?>", re.DOTALL)
_ENCODING = re.compile(r"""\bencoding\s*=\s*["']([^"']*)["']""")
_VERSION = re.compile(r"""\bversion\s*=\s*["']([^"']*)["']""")
_ATTRIBUTES = re.compile(r"""(?:\s+(?:version|encoding|standalone)\s*=\s*(?:"[^"]*"|'[^']*'))*\s*""")
_NAME = r"[^\W\d][\w.:-]*"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


_SIZES = {2: (0xC2, 0xDF), 3: (0xE0, 0xEF), 4: (0xF0, 0xF7)}
"""The first bytes of UTF-8 sequences, by their size."""


class XmlError(Exception):
    """What is wrong.

    Attributes:
        reading: The request could not even be read.
    """

    def __init__(self, text: str, *, reading: bool = False) -> None:
        super().__init__(text)
        self.reading = reading


def decoded(body: bytes) -> tuple[str, str]:
    """Decode a document as its byte order mark or its XML declaration says.

    Args:
        body: The document.

    Returns:
        The text, and what is wrong after it, if it ends before the document does.

    Raises:
        XmlError: The declaration is wrong, or its encoding unknown.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace"), ""
    body = body.removeprefix(codecs.BOM_UTF8)
    declaration = _DECLARATION.match(body[:200].decode("latin-1"))
    if declaration:
        _check_declaration(declaration[1])
    found = _ENCODING.search(declaration[1]) if declaration else None
    encoding = found[1] if found else "utf-8"
    if not encoding:
        raise XmlError('Invalid encoding name "".')
    try:
        name = codecs.lookup(encoding).name
        if name == "utf-8":
            end, problem = _utf8_problem(body)
            return body[:end].decode(), problem
        if name.startswith("utf-16"):
            raise XmlError(_IN_PROLOG)
        return body.decode(encoding), ""
    except UnicodeDecodeError as error:
        problem = f'Byte "{body[error.start]}" is not a member of the (7-bit) ASCII character set.'
        return body[: error.start].decode(encoding, "replace"), problem
    except (LookupError, ValueError):
        raise XmlError(encoding, reading=True) from None


def _utf8_problem(body: bytes) -> tuple[int, str]:
    """Return where a text stops being UTF-8, and what is wrong there."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        start = error.start
        first, rest = body[start], body[start + 1 : start + 4]
        size = next((n for n, (least, most) in _SIZES.items() if least <= first <= most), 1)
        good = next((n for n, byte in enumerate(rest) if byte & 0xC0 != 0x80), len(rest))  # noqa: PLR2004
        if first == 0xED and good:  # noqa: PLR2004 - a surrogate
            good = 0
        planes = (first << 2) & 0x1C | (rest[0] >> 4) & 3 if rest else 0
        if size == 4 and planes > 0x10 and good >= 1:  # noqa: PLR2004
            found = f"must not exceed 0x10 but found 0x{planes:x}."
            return start, f"High surrogate bits in UTF-8 sequence {found}"
        return start, f"Invalid byte {min(good + 2, size)} of {size}-byte UTF-8 sequence."
    return len(body), ""


def _check_declaration(declaration: str) -> None:
    """Raise an error if something is wrong with what an XML declaration says."""
    if not declaration.strip():
        raise XmlError(_TARGET)
    if re.search(r"""\bversion\s*=\s*[^"'\s]""", declaration):
        raise XmlError('The value following "version" in the XML declaration must be a quoted string.')
    if not _ATTRIBUTES.fullmatch(declaration):
        raise XmlError("A pseudo attribute name is expected.")
    version = _VERSION.search(declaration)
    if version is None:
        raise XmlError("The version is required in the XML declaration.")
    if version[1] not in {"1.0", "1.1"}:
        raise XmlError(f'XML version "{version[1]}" is not supported, only XML 1.0 is supported.')


def words(error: expat.ExpatError, text: str, at: int, opened: Sequence[str]) -> str:
    """Return what Xerces says where expat says something else.

    Args:
        error: What expat says.
        text: The document.
        at: Where in the text the error is.
        opened: The names of the elements that are open there, as they are written.
    """
    find = _BY_CODE.get(error.code, _token)
    return find(text, at, opened)


def _mismatch(_: str, __: int, opened: Sequence[str]) -> str:
    if not opened:
        return _BEFORE_ROOT
    name = opened[-1]
    return f'The element type "{name}" must be terminated by the matching end-tag "</{name}>".'


def _no_element(text: str, _: int, __: Sequence[str]) -> str:
    rest = _DECLARATION.sub("", text, 1) if text.startswith("<?xml") else text
    return PREMATURE if not rest.strip() else _UNCLOSED


def _syntax(text: str, at: int, _: Sequence[str]) -> str:
    if text[at : at + 1] == "&":
        return _REFERENCE_IN_PROLOG
    return _BEFORE_ROOT if text[at : at + 1] == "<" else _IN_PROLOG


def _junk(text: str, at: int, _: Sequence[str]) -> str:
    return _AFTER_ROOT if text[at : at + 1] == "<" else _TRAILING


def _undefined(text: str, at: int, _: Sequence[str]) -> str:
    name = re.match(rf"&({_NAME})", text[at:])
    return f'The entity "{name[1] if name else ""}" was referenced, but not declared.'


def _bad_reference(text: str, at: int, _: Sequence[str]) -> str:
    found = re.match(r"&#x?[0-9a-fA-F]+", text[at:])
    return f'Character reference "{found[0] if found else ""}" is an invalid XML character.'


def _unbound(text: str, at: int, _: Sequence[str]) -> str:
    found = re.match(rf"<(({_NAME.replace(':', '')}):[\w.-]+)", text[at:])
    prefix, name = (found[2], found[1]) if found else ("", "")
    return f'The prefix "{prefix}" for element "{name}" is not bound.'


def _unclosed(text: str, at: int, opened: Sequence[str]) -> str:
    token = text[at:]
    if token.startswith("</") and opened and token[2:].strip() != opened[-1]:
        return _mismatch(text, at, opened)
    return _UNCLOSED


def _token(text: str, at: int, opened: Sequence[str]) -> str:
    """Name what no token of XML begins with."""
    start = max(text.rfind("&", 0, at), text.rfind("<", 0, at))
    if start < 0 or re.search("[>;]", text[start:at]):
        start = at
    token = text[start:]
    if not opened and not token.startswith("<"):
        return _TRAILING if re.search("<[^?!]", text[:at]) else _syntax(text, at, opened)
    if token.startswith("</"):
        return _end_tag(text, at, opened, token)
    if token.startswith("<!--") and "--" in token[4:]:
        return 'The string "--" is not permitted within comments.'
    if token.startswith("<"):
        return _tag(token, _CONTENT if opened else _BEFORE_ROOT)
    if token.startswith("&"):
        return _reference(token)
    forbidden = _FORBIDDEN.match(text, at)
    if forbidden:
        where = "was found in the element content of the document."
        return f"An invalid XML character (Unicode: 0x{ord(forbidden[0]):x}) {where}"
    return _CDATA_END if "]]>" in text[max(at - 2, 0) : at + 3] else _CONTENT


def _end_tag(text: str, at: int, opened: Sequence[str], token: str) -> str:
    if opened and re.match(rf"</{re.escape(opened[-1])}(?![\w.:-])", token):
        return f"The end-tag for element type \"{opened[-1]}\" must end with a '>' delimiter."
    return _mismatch(text, at, opened)


def _reference(token: str) -> str:
    if re.match(r"&#x(?![0-9a-fA-F])", token):
        return 'A hexadecimal representation must immediately follow the "&#x" in a character reference.'
    if re.match(r"&#(?![0-9x])", token):
        return 'A decimal representation must immediately follow the "&#" in a character reference.'
    if token.startswith("&#"):
        return "The character reference must end with the ';' delimiter."
    name = re.match(rf"&({_NAME})", token)
    if name:
        return f"The reference to entity \"{name[1]}\" must end with the ';' delimiter."
    return "The entity name must immediately follow the '&' in the entity reference."


def _tag(token: str, otherwise: str) -> str:
    name = re.match(rf"<({_NAME})", token)
    if name is None:
        return otherwise
    attributes = rf"""(?:\s+{_NAME}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*"""
    rest = re.sub(rf"^<{re.escape(name[1])}{attributes}", "", token)
    attribute = re.match(rf"\s+({_NAME})\s*(=?)\s*(.?)", rest, re.DOTALL)
    if attribute is None:
        return f'Element type "{name[1]}" must be followed by either attribute specifications, ">" or "/>".'
    if not attribute[2]:
        ending = "must be followed by the ' = ' character."
        return f'Attribute name "{attribute[1]}" associated with an element type "{name[1]}" {ending}'
    if attribute[3] in {'"', "'"}:
        ending = "must not contain the '<' character."
        return f'The value of attribute "{attribute[1]}" associated with an element type "{name[1]}" {ending}'
    element = f'associated with an  element type  "{name[1]}".'
    return f'Open quote is expected for attribute "{attribute[1]}" {element}'


def _twice(text: str, at: int, _: Sequence[str]) -> str:
    token = text[text.rfind("<", 0, at + 1) :]
    name = re.match(rf"<({_NAME})", token)
    names = re.findall(rf"\s({_NAME})\s*=", token.partition(">")[0])
    double = next((one for n, one in enumerate(names) if one in names[:n]), "")
    return f'Attribute "{double}" was already specified for element "{name[1] if name else ""}".'


def _always(text: str) -> Callable[[str, int, Sequence[str]], str]:
    return lambda _, __, ___: text


_CODES = expat.errors.codes
_BY_CODE: dict[int, Callable[[str, int, Sequence[str]], str]] = {
    _CODES[expat.errors.XML_ERROR_SYNTAX]: _syntax,
    _CODES[expat.errors.XML_ERROR_NO_ELEMENTS]: _no_element,
    _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: _unclosed,
    _CODES[expat.errors.XML_ERROR_TAG_MISMATCH]: _mismatch,
    _CODES[expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE]: _twice,
    _CODES[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: _junk,
    _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: _undefined,
    _CODES[expat.errors.XML_ERROR_BAD_CHAR_REF]: _bad_reference,
    _CODES[expat.errors.XML_ERROR_MISPLACED_XML_PI]: _always(_TARGET),
    _CODES[expat.errors.XML_ERROR_UNBOUND_PREFIX]: _unbound,
    _CODES[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION]: _always(_UNCLOSED),
}
"""By the code of expat; any other is about a token."""

"""Responses for tests, byte by byte."""

from __future__ import annotations

PROLOG = b'<?xml version="1.0" encoding="UTF-8"?>'


def response(value: bytes, prolog: bytes = PROLOG, root: bytes = b"methodResponse") -> bytes:
    tag = root.split()[0]
    return b"%s<%s><params><param>%s</param></params></%s>" % (prolog, root, value, tag)


def struct(**members: bytes) -> bytes:
    inner = b"".join(
        b"<member><name>%s</name>%s</member>" % (name.encode(), value) for name, value in members.items()
    )
    return b"<value><struct>%s</struct></value>" % inner


def page(*rows: bytes, **how: bytes) -> bytes:
    return response(b"<value><array><data>%s</data></array></value>" % b"".join(rows), **how)


def text(inner: bytes) -> bytes:
    return b"<value>%s</value>" % inner

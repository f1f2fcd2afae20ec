"""Callers of the XML-RPC API for each test, and a sandbox with a small data table of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.xmlrpc import selection

from .calling import Caller
from .names import Names, proxy, view


@pytest.fixture
def call(box: Sandbox) -> Iterator[Caller]:
    with closing(Caller(box)) as caller:
        yield caller


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    rows = Names()
    monkeypatch.setattr(selection, "TABLES", {"Names": view(rows)})
    return rows


@pytest.fixture
def keap(box: Sandbox) -> Iterator[Any]:
    with proxy(box) as client:
        yield client

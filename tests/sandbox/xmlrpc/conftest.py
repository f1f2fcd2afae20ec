"""A caller of the XML-RPC API for each test."""

from __future__ import annotations

import pytest

from keap_sandbox import Sandbox

from .calling import Caller


@pytest.fixture
def call(box: Sandbox) -> Caller:
    return Caller(box)

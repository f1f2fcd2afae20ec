"""The switches."""

from __future__ import annotations

import pytest

from keap_sandbox.switches import BadSwitchError, Switches


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latency", "-1"),
        ("latency", "nan"),
        ("latency", "inf"),
        ("latency", "soon"),
        ("second_limit", "-2"),
        ("minute_limit", 1.5),
        ("tenant_day_limit", -1),
        ("oauth_expires_in", -1),
        ("expired_status", "404"),
        ("v1_limit_max", 0),
        ("page_token_lifetime", -0.1),
        ("day_limit", 10**400),
        ("day_limit", True),
    ],
)
def test_a_switch_refuses_a_number_out_of_its_range(name: str, value: object) -> None:
    switches = Switches()
    before = switches.as_dict()
    with pytest.raises(BadSwitchError, match=f"switch {name}: "):
        switches.set(name, value)
    assert switches.as_dict() == before


def test_every_switch_with_a_number_has_a_range_that_includes_its_default() -> None:
    switches = Switches()
    for name, value in switches.as_dict().items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            switches.set(name, value)
            with pytest.raises(BadSwitchError):
                switches.set(name, -1e30)
            with pytest.raises(BadSwitchError):
                switches.set(name, 1e30)


def test_if_one_switch_is_wrong_none_is_changed() -> None:
    switches = Switches()
    with pytest.raises(BadSwitchError, match="none of offset, keyset"):
        switches.update({"ids": "integers", "paging": "x"})
    assert switches.ids == "strings"
    switches.update({"page_token_bound": "true", "latency": "0.5", "minute_limit": 5})
    assert (switches.page_token_bound, switches.latency, switches.minute_limit) == (True, 0.5, 5)

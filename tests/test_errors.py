"""What users are told about a fault: what happened, and what they can do about it."""

from __future__ import annotations

import pytest

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.errors import ADVICE, ENDS_RUN, NO_CONTACT, Exit, ends_run, exit_for, explain


def failed(kind: Kind) -> KeapError:
    return KeapError(Fault(kind), Call("/v2/contacts"), "GET /v2/contacts failed: Keap said so.")


def test_every_kind_of_fault_has_advice_of_its_own() -> None:
    assert ADVICE.keys() == set(Kind)
    assert all(advice.endswith(".") for advice in ADVICE.values())
    assert len(set(ADVICE.values())) == len(Kind)


def test_a_failure_is_explained_by_what_happened_and_then_by_what_to_do() -> None:
    assert explain(failed(Kind.FORBIDDEN)) == (
        "GET /v2/contacts failed: Keap said so. The credential may not read this. Use one of an admin user, "
        "or deselect the stream."
    )


def test_what_an_api_knows_better_is_said_instead() -> None:
    error = KeapError(Fault(Kind.UNAVAILABLE, advice="Wait."), Call("/v2/contacts"), "It failed.")
    assert explain(error, unserved="Deselect it.") == "It failed. Wait."


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.DAY_QUOTA, Exit.QUOTA),
        (Kind.DAY_SHARE, Exit.QUOTA),
        (Kind.DAY_MOST, Exit.QUOTA),
        (Kind.RUN_OVER, Exit.QUOTA),
        (Kind.WRONG_KEY, Exit.CONFIG),
        (Kind.TOKEN_FILE_LOCKED, Exit.CONFIG),
        (Kind.SERVER_ERROR, Exit.FAILED),
        (Kind.UNREACHABLE, Exit.FAILED),
    ],
)
def test_the_exit_code_tells_quota_settings_and_failures_apart(kind: Kind, code: Exit) -> None:
    assert exit_for(Fault(kind)) is code


@pytest.mark.parametrize("kind", Kind)
def test_a_fault_ends_the_run_if_every_other_stream_would_meet_it(kind: Kind) -> None:
    assert ends_run(failed(kind), answered=True) is (kind in ENDS_RUN)
    assert ends_run(failed(kind), answered=False) is (kind in ENDS_RUN | NO_CONTACT)

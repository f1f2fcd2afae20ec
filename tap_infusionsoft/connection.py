"""From settings and state to the client of a Keap account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tap_infusionsoft.cli import ACCOUNT, QUOTA
from tap_infusionsoft.client.auth.refreshing import Bearer, Credential, Grant, OAuthCredential
from tap_infusionsoft.client.client import KeapClient
from tap_infusionsoft.client.daily_quota import Budget
from tap_infusionsoft.client.http import HttpTransport
from tap_infusionsoft.client.rate_limit import Pacer
from tap_infusionsoft.client.tenant import Tenant

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.client.http import Limits
    from tap_infusionsoft.client.redact import Redactor
    from tap_infusionsoft.config.settings import Settings


def connect(
    settings: Settings,
    state: dict[str, Any],
    accounts: Mapping[str, str],
    *,
    clock: Clock,
    limits: Limits,
    agent: str,
    redactor: Redactor,
    rng: random.Random | None = None,
) -> KeapClient:
    """Return the client of the account that settings name. Nothing is sent yet.

    Args:
        settings: The settings.
        state: The state. It counts the calls, and names the account.
        accounts: Where an account is named besides the state -> that account.
        clock: The time to go by.
        limits: Bounds of every HTTP exchange.
        agent: The User-Agent header.
        redactor: Learns every secret.
        rng: For the random part of waits.
    """
    credential: Credential
    if isinstance(settings.credential, Grant):
        credential = OAuthCredential(settings.credential, settings.api_url, clock, agent, redactor)
    else:
        credential = Bearer(settings.credential)
    transport = HttpTransport(
        settings.api_url,
        credential,
        clock,
        agent,
        replace(limits, file=settings.max_file_bytes),
        settings.concurrency + 1,
    )
    budget = Budget(
        settings.share,
        clock,
        settings.owner,
        state.setdefault(QUOTA, {}),
        settings.requests_per_hour,
        settings.max_calls_per_run,
    )
    pacer = Pacer(
        settings.requests_per_second,
        clock,
        settings.requests_per_minute,
        budget.hour,
        settings.documented_per_minute,
    )
    return KeapClient(
        transport,
        credential,
        pacer,
        budget,
        settings.waits,
        clock,
        redactor,
        rng,
        settings.max_run_hours * 3600,
        tenant=Tenant(state.setdefault(ACCOUNT, {}), accounts),
    )

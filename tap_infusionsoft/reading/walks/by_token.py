"""By page token, in Keap's own order: REST v2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.client.page_tokens import SeenTokens, next_token
from tap_infusionsoft.reading.walks.walk import Walk, WalkError

if TYPE_CHECKING:
    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page


class WalkByToken(Walk):
    """Follows the token in each answer. A token that comes twice would never end."""

    def __init__(self, plan: ReadPlan, piece: Slice) -> None:
        super().__init__(plan, piece)
        self._seen = SeenTokens()

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call with the next page's token.

        Raises:
            WalkError: The tokens do not come to an end.
        """
        del page
        token = next_token(reply.document, self.plan.collection.endpoint.token)
        if token is None:
            return None
        fault = self._seen.add(token)
        if fault is not None:
            raise WalkError(fault)
        return reply.call.with_params(page_token=token)

"""Claims: who has a case in hand."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.case import Case
from graph.schema.claim_payload import (
    CaseClaimed,
    ClaimCaseInput,
    ClaimCaseResult,
    ClaimReleased,
    ReleaseClaimInput,
    ReleaseClaimResult,
)
from graph.schema.resolved import mutating
from services.claim import claim
from services.release_claim import release_claim


@strawberry.type
class ClaimMutation:
    """To take in hand and to give out of hand."""

    @mutating(
        "Takes a case in hand for twenty minutes, so that two do not call the same person; again, for as long again. "
        "It keeps others from claiming it and from nothing else.",
        Action.CLAIM_CASE,
    )
    async def claim_case(self, info: Info, input: ClaimCaseInput) -> ClaimCaseResult:
        """The case as claimed."""
        actor, id = info.context.account(), uuid_of("Case", input.id)
        await info.context.next_mutation()
        row = await claim(info.context.runtime, actor, id, input.version)
        return CaseClaimed(case=Case.of(row))

    @mutating("Gives a case out of hand before the claim is over by itself.", Action.CLAIM_CASE)
    async def release_claim(self, info: Info, input: ReleaseClaimInput) -> ReleaseClaimResult:
        """The case as it stands."""
        actor, id = info.context.account(), uuid_of("Case", input.id)
        await info.context.next_mutation()
        row = await release_claim(info.context.runtime, actor, id, input.version)
        return ClaimReleased(case=Case.of(row))

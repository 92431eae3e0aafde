"""Unmerging: what was one person turns out to be two, and both go on as themselves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from models.case import Case
from models.check_in import CheckIn
from models.database import service_transaction
from models.declaration import Declaration
from models.person_merge import PersonMerge
from models.state import CaseEventKind, CaseState, DeclarationState
from services.change_case import advance, counted, note, save_case
from services.count_change import CountChange, add_counts
from services.identity_field import IdentityField
from services.lock_persons import locked_pair
from services.merge_images import NOTHING_REPORTED, Standing, images, put, standing_without, still
from services.merge_persons import KEPT_COLUMNS
from services.problem import Conflict, Current, NotFound
from services.rehash_people import current_hashes
from services.runtime import Runtime

# Raw, because only those go back that still lead where the merge has led them.
_CASES = "UPDATE illness_case SET person_id = $1 WHERE person_id = $2 AND id = ANY($3::uuid[])"
_KEYS = "UPDATE person_key SET person_id = $1 WHERE person_id = $2 AND hash = ANY($3::text[])"


async def unmerge_persons(
    runtime: Runtime, actor: Actor, merged_case_id: UUID, version: int | None = None
) -> PersonMerge:
    """Takes the merge of this case into another one back: both cases and both persons are as they were, with all that
    was done since on its own side.

    `version` is the merged case's that the caller has seen. Doing it again is the same answer. Raises NotFound where
    the actor may not see both cases, Conflict: STALE_VERSION, NOT_MERGED, NEWER_MERGE (one that was made since with
    either of the two: that one is undone first), ANONYMOUS.
    """
    if not may(actor, Action.MERGE_PERSONS):
        raise NotFound
    # The service's login: what leads to a person is in nobody's range. Both cases come through `visible`.
    async with service_transaction() as connection:
        if not await visible(actor, Case, connection).filter(id=merged_case_id).exists():
            raise NotFound
        merges = PersonMerge.filter(merged_case_id=merged_case_id).order_by("-id").using_db(connection)
        asked = await merges.first()
        if asked is None:
            raise Conflict("NOT_MERGED", Current("CASE", merged_case_id))
        if asked.undone_at is not None:
            version = None
        pair = await locked_pair(connection, actor, (asked.case_id, None), (merged_case_id, version))
        # Read again under the locks: of two who undo it at once the second finds it done.
        merge = await PersonMerge.filter(id=asked.id).select_for_update().using_db(connection).get()
        if merge.undone_at is not None:
            return merge
        await _refuse(connection, merge)
        return await _Unmerge(runtime, actor, connection, merge, *pair).make()


async def _refuse(connection: AsyncpgDBClient, merge: PersonMerge) -> None:
    if not merge.detail:
        raise Conflict("ANONYMOUS", Current("CASE", merge.case_id))
    people, cases = [merge.person_id, merge.merged_person_id], [merge.case_id, merge.merged_case_id]
    newer = PersonMerge.filter(
        Q(person_id__in=people) | Q(merged_person_id__in=people) | Q(case_id__in=cases) | Q(merged_case_id__in=cases),
        undone_at__isnull=True,
        id__gt=merge.id,
    )
    # What the newer one has before and after of includes what this one made.
    if found := await newer.order_by("-id").using_db(connection).first():
        raise Conflict("NEWER_MERGE", Current("CASE", found.case_id), {"merge": found.id})


class _Unmerge:
    """One merge taken back in its transaction, whose two cases are locked."""

    def __init__(
        self,
        runtime: Runtime,
        actor: Actor,
        connection: AsyncpgDBClient,
        merge: PersonMerge,
        kept: Case,
        merged: Case,
    ) -> None:
        self.runtime, self.actor, self.connection = runtime, actor, connection
        self.merge, self.kept, self.merged = merge, kept, merged
        self.now = runtime.clock.now()
        self.detail: dict[str, Any] = runtime.sealer.open(f"person_merge:{merge.id}", merge.detail)
        self.counts: list[CountChange] = []

    async def make(self) -> PersonMerge:
        kept, merged, merge = self.kept, self.merged, self.merge
        self._give_back_fields()
        if "resting" in self.detail:
            await self._give_back_standing()
            self._wake()
            await save_case(self.connection, merged, "state_before", "merged_into")
            await self._give_back_declarations()
        kept.version += 1
        await kept.save(using_db=self.connection, update_fields=["version", *KEPT_COLUMNS])
        await self._two_persons()
        merge.undone_at, merge.undone_by = self.now, self.actor.account_id
        # What it has kept of both has served; less is left to be found.
        merge.detail = b""
        await merge.save(using_db=self.connection, update_fields=["undone_at", "undone_by", "detail"])
        await add_counts(self.connection, self.counts)
        for case, other in ((kept, merged), (merged, kept)):
            await note(
                *(self.connection, self.runtime.sealer, self.actor, case, CaseEventKind.UNMERGED, self.now),
                subject=merge.id,
                detail={"case": str(other.id), "kept": str(kept.id)},
            )
        await record(
            self.connection,
            self.actor,
            "unmerge_persons",
            self.now,
            [str(kept.id), str(merged.id)],
            area_no=kept.area_no,
            detail={"merge": str(merge.id)},
        )
        return merge

    def _give_back_fields(self) -> None:
        kept, sealer, after = self.kept, self.runtime.sealer, self.detail["fields"]["after"]
        identity = sealer.open(f"case:{kept.id}", kept.identity)
        now = images(identity, kept, [IdentityField(name) for name in after])
        if back := still(now, after, self.detail["fields"]["before"]):
            put(self.runtime, identity, kept, back)
            kept.identity = sealer.seal(f"case:{kept.id}", identity)

    async def _give_back_standing(self) -> None:
        said = self.detail["standing"]
        since = await self._reported_since()
        own = standing_without(
            Standing.of(self.kept), Standing.read(said["after"]), Standing.read(said["before"]), since
        )
        own.onto(self.kept)

    async def _reported_since(self) -> Standing:
        """What the kept case's own reports and check-ins have said since the merge."""
        found = NOTHING_REPORTED
        mine = {"case_id": self.kept.id}
        for row in await Declaration.filter(**mine, submitted_at__gt=self.merge.at).using_db(self.connection):
            found = found.worst_of(Standing(row.severe, row.high_risk, row.verified, row.danger, row.rank))
        for check in await CheckIn.filter(**mine, at__gt=self.merge.at).using_db(self.connection):
            found = found.worst_of(Standing(check.severe, check.high_risk, False, check.danger, check.rank))
        return found

    def _wake(self) -> None:
        """The merged case goes on where it was; a check-in that fell due meanwhile was missed."""
        merged, before = self.merged, self.detail["resting"]
        merged.state_before = self.merge.state_before
        rested = advance(merged, "UNMERGE", self.now)
        lost_from = before["state_before"]
        merged.state_before = CaseState(lost_from) if lost_from else lost_from
        merged.claimed_by = UUID(before["claimed_by"]) if before["claimed_by"] else None
        merged.claimed_until, merged.check_in_due = _moment(before["claimed_until"]), _moment(before["check_in_due"])
        merged.merged_into = None
        self.counts.append(counted(self.runtime.clock, merged, rested, self.now))

    async def _give_back_declarations(self) -> None:
        accepted = {UUID(id): (state, _moment(at)) for id, state, at in self.detail["accepted"]}
        rows = (
            await Declaration.filter(id__in=list(accepted), state=DeclarationState.ACCEPTED, handled_at=self.merge.at)
            .order_by("id")
            .select_for_update()
            .using_db(self.connection)
        )
        day = self.runtime.clock.day(self.now)
        for row in rows:
            state, row.handled_at = accepted[row.id]
            row.state, row.version = DeclarationState(state), row.version + 1
            await row.save(using_db=self.connection, update_fields=["state", "handled_at", "version"])
            self.counts.append(CountChange(row.area_id, row.area_no, row.disease, day, pending=1, acted_at=self.now))

    async def _two_persons(self) -> None:
        """The other person's cases and keys lead to them again; keys that a rotation has made anew, too."""
        mine, theirs = self.merge.person_id, self.merge.merged_person_id
        if mine == theirs:
            return
        renamed = await current_hashes(self.runtime, self.connection, mine)
        keys = {found for key in self.detail["keys"] for found in (key, renamed.get(key, key))}
        await self.connection.execute_query(_KEYS, [theirs, mine, sorted(keys)])
        await self.connection.execute_query(_CASES, [theirs, mine, self.detail["cases"]])
        self.merged.person_id = theirs


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

"""Merging: a station says that two cases are of one person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import F

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import service_transaction
from models.declaration import Declaration
from models.identifier import uuid7
from models.person_merge import PersonMerge
from models.state import WAITING_DECLARATION_STATES, CaseEventKind, CaseState, DeclarationState
from services.change_case import advance, counted, locked_case, note, save_case
from services.count_change import CountChange, add_counts
from services.identity_field import IdentityField
from services.lock_persons import locked_pair
from services.merge_images import Standing, images, put
from services.problem import Conflict, Current, InvalidInput, NotFound
from services.runtime import Runtime
from triage.fault import Fault

KEPT_COLUMNS = (
    *("identity", "phone_hash", "sex", "age_band", "severe", "high_risk", "danger", "rank", "verified"),
    *("test_on", "vaccine_doses", "release_on"),
)
"""What a merge may change of the case that is kept."""

# Raw, because each moves all rows of a person at once and has to say which they were.
_KEYS = """
WITH moved AS (UPDATE person_key SET person_id = $1 WHERE person_id = $2 RETURNING hash) SELECT hash FROM moved
"""
_CASES = """
WITH moved AS (UPDATE illness_case SET person_id = $1 WHERE person_id = $2 RETURNING id) SELECT id FROM moved
"""


async def merge_persons(
    runtime: Runtime,
    actor: Actor,
    keep: tuple[UUID, int | None],
    merge: tuple[UUID, int | None],
    take: Collection[IdentityField] = (),
) -> PersonMerge:
    """Makes the persons of two cases one; `keep` and `merge` are a case with the version that the caller has seen.

    Two open cases of one disease become one: the second rests in the first. Other cases are episodes of one person, and
    stay what they are. `take` names what the first takes over from the second of who the person is; without it, all
    stays as the first has it. Merging again what is merged already is the same answer.

    Raises NotFound, InvalidInput (the same case twice), and Conflict: STALE_VERSION, WRONG_STATE, KEEP_THE_OTHER (the
    second is further on: keep that one), ALREADY_MERGED (the second, with another one), SAME_PERSON (two episodes of
    one person already), ANONYMOUS.
    """
    if not may(actor, Action.MERGE_PERSONS):
        raise NotFound
    # The service's login: what leads to a person is in nobody's range. Both cases come through `visible`.
    async with service_transaction() as connection:
        if keep[0] == merge[0]:
            await locked_case(connection, actor, keep[0])
            raise InvalidInput((Fault(("merge_case_id",), "SAME_CASE"),))
        if done := await _merged_already(connection, actor, keep[0], merge[0]):
            return done
        kept, merged = await locked_pair(connection, actor, keep, merge)
        now = runtime.clock.now()
        made = _Merge(runtime, actor, connection, kept, merged, now)
        return await made.make(take)


async def _merged_already(
    connection: AsyncpgDBClient, actor: Actor, kept_id: UUID, merged_id: UUID
) -> PersonMerge | None:
    found = PersonMerge.filter(case_id=kept_id, merged_case_id=merged_id, undone_at__isnull=True)
    # One's own alone, so that nobody learns from an answer what lies outside their areas.
    return await found.filter(account_id=actor.account_id).using_db(connection).first()


class _Merge:
    """One merge in its transaction, whose two cases are locked."""

    def __init__(
        self,
        runtime: Runtime,
        actor: Actor,
        connection: AsyncpgDBClient,
        kept: Case,
        merged: Case,
        now: datetime,
    ) -> None:
        self.runtime, self.actor, self.connection = runtime, actor, connection
        self.kept, self.merged, self.now = kept, merged, now
        self.id = uuid7()
        self.one_case = kept.disease == merged.disease and kept.closed_at is None and merged.closed_at is None
        self.counts: list[CountChange] = []

    async def make(self, take: Collection[IdentityField]) -> PersonMerge:
        kept, merged = self.kept, self.merged
        await self._refuse()
        detail: dict[str, Any] = {"fields": self._take(take)}
        state_before = CaseState(merged.state)
        if self.one_case:
            detail["standing"] = self._stand()
            detail["resting"] = self._rest()
            await save_case(self.connection, merged, "state_before", "merged_into")
            detail["accepted"] = await self._accept()
        kept.version += 1
        await kept.save(using_db=self.connection, update_fields=["version", *KEPT_COLUMNS])
        row = PersonMerge(
            id=self.id,
            case_id=kept.id,
            area_no=kept.area_no,
            merged_case_id=merged.id,
            person_id=kept.person_id,
            merged_person_id=merged.person_id,
            state_before=state_before,
            at=self.now,
            account_id=self.actor.account_id,
            detail=b"",
        )
        detail |= await self._one_person()
        row.detail = self.runtime.sealer.seal(f"person_merge:{self.id}", detail)
        await row.save(using_db=self.connection, force_create=True)
        await add_counts(self.connection, self.counts)
        await self._tell(take)
        return row

    async def _refuse(self) -> None:
        for case in (self.kept, self.merged):
            if not case.identity:
                raise Conflict("ANONYMOUS", Current("CASE", case.id))
            if case.state is CaseState.MERGED:
                values: dict[str, object] = {"state": case.state.value, "act": "MERGE", "allowed": ("UNMERGE",)}
                raise Conflict("WRONG_STATE", Current("CASE", case.id), values)
        # Who has confirmed somebody goes on with that case: the other one would begin anew.
        if self.one_case and self.merged.confirmed_at and not self.kept.confirmed_at:
            raise Conflict("KEEP_THE_OTHER", Current("CASE", self.merged.id))
        if not self.one_case and self.kept.person_id == self.merged.person_id:
            raise Conflict("SAME_PERSON", Current("CASE", self.merged.id))
        before = PersonMerge.filter(merged_case_id=self.merged.id, undone_at__isnull=True)
        if await before.using_db(self.connection).exists():
            raise Conflict("ALREADY_MERGED", Current("CASE", self.merged.id))

    def _take(self, take: Collection[IdentityField]) -> dict[str, Any]:
        """Puts the fields chosen into the kept case; what they were before and are after, where they differ."""
        kept, sealer = self.kept, self.runtime.sealer
        identity = sealer.open(f"case:{kept.id}", kept.identity)
        other = sealer.open(f"case:{self.merged.id}", self.merged.identity)
        fields = [field for field in IdentityField if field in take]
        before, theirs = images(identity, kept, fields), images(other, self.merged, fields)
        chosen = {name: image for name, image in theirs.items() if image != before[name]}
        if not chosen:
            return {"before": {}, "after": {}}
        put(self.runtime, identity, kept, chosen)
        kept.identity = sealer.seal(f"case:{kept.id}", identity)
        return {"before": {name: before[name] for name in chosen}, "after": chosen}

    def _stand(self) -> dict[str, Any]:
        """The person is as badly ill as either case says."""
        before = Standing.of(self.kept)
        after = before.worst_of(Standing.of(self.merged))
        after.onto(self.kept)
        return {"before": before.image(), "after": after.image()}

    def _rest(self) -> dict[str, Any]:
        """Moves the merged case to its rest; what it was like before."""
        merged = self.merged
        before = {
            "state_before": merged.state_before,
            "claimed_by": str(merged.claimed_by) if merged.claimed_by else None,
            "claimed_until": merged.claimed_until,
            "check_in_due": merged.check_in_due,
        }
        state = advance(merged, "MERGE", self.now)
        merged.state_before, merged.merged_into = state, self.kept.id
        self.counts.append(counted(self.runtime.clock, merged, state, self.now))
        return before

    async def _accept(self) -> list[list[Any]]:
        """Of a case that its station has confirmed there is nothing left to settle: as for a report that joins one."""
        if self.kept.confirmed_at is None:
            return []
        waiting = Declaration.filter(case_id=self.merged.id, state__in=WAITING_DECLARATION_STATES)
        rows = await waiting.order_by("id").select_for_update().using_db(self.connection)
        await (
            Declaration.filter(id__in=[row.id for row in rows])
            .using_db(self.connection)
            .update(state=DeclarationState.ACCEPTED, handled_at=self.now, version=F("version") + 1)
        )
        day = self.runtime.clock.day(self.now)
        self.counts += [
            CountChange(row.area_id, row.area_no, row.disease, day, pending=-1, acted_at=self.now) for row in rows
        ]
        return [[str(row.id), row.state, row.handled_at] for row in rows]

    async def _one_person(self) -> dict[str, Any]:
        """All cases and keys of the other person are the kept one's now; which they were."""
        kept, merged = self.kept.person_id, self.merged.person_id
        if kept == merged:
            return {"cases": [], "keys": []}
        _, keys = await self.connection.execute_query(_KEYS, [kept, merged])
        _, cases = await self.connection.execute_query(_CASES, [kept, merged])
        return {"cases": [str(row["id"]) for row in cases], "keys": [row["hash"] for row in keys]}

    async def _tell(self, take: Collection[IdentityField]) -> None:
        chosen = sorted(field.value for field in take)
        for case, other in ((self.kept, self.merged), (self.merged, self.kept)):
            detail = {"case": str(other.id), "kept": str(self.kept.id), "taken": chosen}
            await note(
                *(self.connection, self.runtime.sealer, self.actor, case, CaseEventKind.MERGED, self.now),
                subject=self.id,
                detail=detail,
            )
        await record(
            self.connection,
            self.actor,
            "merge_persons",
            self.now,
            [str(self.kept.id), str(self.merged.id)],
            area_no=self.kept.area_no,
            detail={"merge": str(self.id), "taken": chosen},
        )

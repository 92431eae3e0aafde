"""Which packs the person of a case could be given now, and what stands against each."""

from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.visible import names, visible
from models.case import Case
from models.stock import StockBalance
from services.dispense_pack import last_given
from services.patient_report import patient_report
from services.runtime import Runtime
from services.seen import Seen
from triage.lifecycle import CASE
from triage.pack import Pack, Refusal, refusals


@dataclass(frozen=True, slots=True)
class PackOption:
    """A pack of the protocol in force, every reason against giving it now, and how many the station has.

    `possible` where there is none, one is there, and the case is in a state in which packs are given. Consent is asked
    for when the pack is given, and is no reason here.
    """

    pack: Pack
    reasons: tuple[Refusal, ...]
    in_stock: int
    possible: bool


async def pack_options(
    runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, case: Case, seen: Seen
) -> list[PackOption]:
    """The packs in the protocol's order; none for whoever gives no medicine or may not see this person.

    What the reasons tell of the person is a look at them, and noted in `seen`.
    """
    if not may(actor, Action.DISPENSE_PACK) or not names(actor, case) or not case.identity:
        return []
    today = runtime.clock.day()
    protocol = runtime.protocols.judging(case.disease, today)
    if protocol is None or not protocol.packs:
        return []
    seen.person(case.id)
    report, last = await patient_report(runtime, connection, case), await last_given(connection, case)
    stock = visible(actor, StockBalance, connection).filter(station_id=actor.station_id or case.station_id or "")
    balances = {row.pack: row.balance for row in await stock}
    doctor = actor.doctor and may(actor, Action.PRESCRIBE)
    open_to_it = "DISPENSE" in CASE.allowed(case.state)
    options = []
    for pack in protocol.packs:
        given_on = runtime.clock.day(last[pack.code]) if pack.code in last else None
        reasons = refusals(pack, report, today, doctor=doctor, consent=True, given_on=given_on)
        held = balances.get(pack.code, 0)
        options.append(PackOption(pack, reasons, held, open_to_it and not reasons and held > 0))
    return options

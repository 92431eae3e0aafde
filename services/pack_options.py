"""Which packs the person of a case could be given now, and what stands against each."""

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.visible import names, visible
from models.case import Case
from models.stock import StockBalance
from services.dispense_pack import last_given
from services.patient_report import patient_reports
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
    runtime: Runtime, actor: Actor, seen: Seen, connection: AsyncpgDBClient, cases: Sequence[Case]
) -> dict[Case, list[PackOption]]:
    """The packs of each case in the protocol's order; none for whoever gives no medicine or may not see the person.

    What the reasons tell of a person is a look at them, and noted in `seen`.
    """
    if not may(actor, Action.DISPENSE_PACK):
        return {}
    today = runtime.clock.day()
    asked = [case for case in cases if names(actor, case) and case.identity]
    if not asked:
        return {}
    reports = await patient_reports(runtime, connection, asked)
    last = await last_given(connection, [case.id for case in asked])
    stations = {actor.station_id or case.station_id or "" for case in asked}
    balances = {
        (row.station_id, row.pack): row.balance
        for row in await visible(actor, StockBalance, connection).filter(station_id__in=sorted(stations))
    }
    doctor = actor.doctor and may(actor, Action.PRESCRIBE)
    found: dict[Case, list[PackOption]] = {}
    for case in asked:
        protocol = runtime.protocols.judging(case.disease, today)
        if protocol is None or not protocol.packs:
            continue
        seen.person(case.id)
        station, given = actor.station_id or case.station_id or "", last[case.id]
        open_to_it = "DISPENSE" in CASE.allowed(case.state)
        found[case] = []
        for pack in protocol.packs:
            given_on = runtime.clock.day(given[pack.code]) if pack.code in given else None
            reasons = refusals(pack, reports[case.id], today, doctor=doctor, consent=True, given_on=given_on)
            held = balances.get((station, pack.code), 0)
            found[case].append(PackOption(pack, reasons, held, open_to_it and not reasons and held > 0))
    return found

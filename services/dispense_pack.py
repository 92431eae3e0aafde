"""Giving out a pack of medicine: by the protocol's conditions, with consent, and out of a station's stock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import staff_transaction
from models.dispensing import Dispensing
from models.identifier import uuid7
from models.state import CaseEventKind, StockChange
from models.station import Station
from services.batch import padded
from services.change_case import advance, counted, locked_case, note, save_case
from services.count_change import add_counts
from services.patient_report import patient_report
from services.problem import InvalidInput, NotFound, Problem
from services.record_contact import NOTE_LENGTH, REPEAT_WITHIN
from services.runtime import Runtime
from services.stock_change import Step, change_stock, lock_balance
from services.stock_station import stock_station
from services.text_faults import text_faults
from triage.fault import Fault
from triage.faults import check_in_faults
from triage.pack import Pack, Refusal, refusals
from triage.protocol import Protocol
from triage.report import Report


class PackRefused(Problem):
    """The protocol's conditions for the pack are not met; every reason is there at once."""

    code = "PACK_REFUSED"

    def __init__(self, pack: Pack, reasons: tuple[Refusal, ...], protocol: str) -> None:
        """At least one reason."""
        super().__init__(", ".join(reason.code for reason in reasons))
        self.pack, self.reasons, self.protocol = pack, reasons, protocol


@dataclass(frozen=True, slots=True)
class Answers:
    """What whoever gives the pack has asked and measured on the spot; it counts before what is on file."""

    onset_on: date | None = None
    pregnant: bool | None = None
    breastfeeding: bool | None = None
    vitals: Mapping[str, float | bool] = field(default_factory=dict)

    def known(self, report: Report) -> Report:
        """The report with what was found on the spot."""
        return replace(
            report,
            onset_on=self.onset_on or report.onset_on,
            pregnant=report.pregnant if self.pregnant is None else self.pregnant,
            breastfeeding=report.breastfeeding if self.breastfeeding is None else self.breastfeeding,
            vitals={**report.vitals, **self.vitals},
        )

    def record(self) -> dict[str, object]:
        """What is kept of it, sealed."""
        found = {"onset_on": self.onset_on, "pregnant": self.pregnant, "breastfeeding": self.breastfeeding}
        return {name: value for name, value in found.items() if value is not None} | {"vitals": dict(self.vitals)}


@dataclass(frozen=True, slots=True)
class PackOrder:
    """One pack that is to be given. `consent` says that the person has agreed in writing.

    Without a station it is taken from the giver's own, or else from that of the case.
    """

    pack: str
    consent: bool = False
    answers: Answers = field(default_factory=Answers)
    words: str | None = None
    station_id: str | None = None


async def dispense_pack(
    runtime: Runtime, actor: Actor, case_id: UUID, order: PackOrder, version: int | None = None
) -> tuple[Case, Dispensing]:
    """Gives the pack and takes it from the stock, in one transaction: neither without the other.

    The same order by the same account within a minute gets what it got. Raises PackRefused with every reason,
    OutOfStock, InvalidInput, NotFound, Conflict (WRONG_STATE, STALE_VERSION).
    """
    if not may(actor, Action.DISPENSE_PACK):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await locked_case(connection, actor, case_id)
        now = runtime.clock.now()
        today = runtime.clock.day(now)
        protocol = runtime.protocols.judging(case.disease, today)
        pack = _pack(protocol, order, today)
        if given := await _given(connection, actor, case, pack, now):
            return case, given
        case = await locked_case(connection, actor, case_id, version)
        before = advance(case, "DISPENSE", now)
        report = order.answers.known(await patient_report(runtime, connection, case))
        last = (await last_given(connection, [case.id]))[case.id]
        day = runtime.clock.day(last[pack.code]) if pack.code in last else None
        doctor = actor.doctor and may(actor, Action.PRESCRIBE)
        if reasons := refusals(pack, report, today, doctor=doctor, consent=order.consent, given_on=day):
            raise PackRefused(pack, reasons, protocol.version if protocol else "")
        station = await stock_station(actor, connection, order.station_id or actor.station_id or case.station_id)
        row = _row(runtime, actor, case, station, order, protocol.version if protocol else "", now)
        balance = await lock_balance(connection, station, pack.code)
        step = Step(pack.code, -1, StockChange.DISPENSED, dispensing_id=row.id)
        await row.save(using_db=connection, force_create=True)
        await change_stock(connection, actor, station, balance, step, now)
        await save_case(connection, case)
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        detail: dict[str, object] = {"pack": pack.code, "protocol": row.protocol}
        kind = CaseEventKind.PACK_DISPENSED
        await note(connection, runtime.sealer, actor, case, kind, now, subject=row.id, detail=detail)
        await record(connection, actor, "dispense_pack", now, [str(case.id)], area_no=case.area_no, detail=detail)
    return case, row


async def last_given(connection: AsyncpgDBClient, case_ids: Collection[UUID]) -> dict[UUID, dict[str, datetime]]:
    """When each pack was last given to the person of each case, by the case and the pack's code."""
    found: dict[UUID, dict[str, datetime]] = {case_id: {} for case_id in case_ids}
    for row in await Dispensing.filter(case_id__in=padded(case_ids)).order_by("at").using_db(connection):
        found[row.case_id][row.pack] = row.at
    return found


def place_of(id: UUID) -> str:
    """Where what was said at a dispensing is sealed."""
    return f"dispensing:{id}"


def _pack(protocol: Protocol | None, order: PackOrder, today: date) -> Pack:
    """The pack of the protocol in force. Raises InvalidInput with every fault of the order."""
    pack = protocol.pack(order.pack) if protocol else None
    faults = []
    if protocol is None or pack is None:
        faults.append(Fault(("pack",), "UNKNOWN_CODE", {"code": order.pack[:32]}))
    else:
        asked = Report(onset_on=order.answers.onset_on, vitals=order.answers.vitals)
        found = check_in_faults(asked, protocol, today)
        faults += [Fault(("answers", *fault.path), fault.code, fault.values) for fault in found]
    if order.words is not None:
        faults += text_faults(("note",), order.words, NOTE_LENGTH)
    if pack is None or faults:
        raise InvalidInput(tuple(faults))
    return pack


async def _given(connection: AsyncpgDBClient, actor: Actor, case: Case, pack: Pack, now: datetime) -> Dispensing | None:
    mine = Dispensing.filter(case_id=case.id, pack=pack.code, account_id=actor.account_id)
    given = mine.filter(at__gt=now - REPEAT_WITHIN)
    return await given.order_by("-id").using_db(connection).first()


def _row(
    runtime: Runtime, actor: Actor, case: Case, station: Station, order: PackOrder, protocol: str, now: datetime
) -> Dispensing:
    row = Dispensing(
        id=uuid7(),
        case_id=case.id,
        area_no=case.area_no,
        station_id=station.id,
        pack=order.pack,
        quantity=1,
        at=now,
        account_id=actor.account_id,
        consent=order.consent,
        protocol=protocol,
    )
    kept = {"note": order.words, "answers": order.answers.record()}
    row.note = runtime.sealer.seal(place_of(row.id), kept)
    return row

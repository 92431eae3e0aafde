"""Looking through a whole answer for anything that its reader may not see."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from access.actor import Actor
from models.state import Role
from tests.integration.scope.oracle import TREATS, Oracle
from tests.integration.scope.planted import Token, staff_name, tokens
from tests.integration.scope.values import decoded

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_ALL_DAYS = ("declared", "severe", "highRisk", "pending", "confirmed", "contacted")
_OF_ALERTS = ("raised", "open", "acknowledged")
_KIND = {
    "AlertConnection": "alert",
    "CaseConnection": "case",
    "DeclarationConnection": "declaration",
    "DutyConnection": "duty",
    "TransferConnection": "transfer",
    "ReferralConnection": "referral",
    "CertificateConnection": "certificate",
    "MyCertificateConnection": "own_certificate",
}

_KEPT_FROM_OTHERS = (
    *("confirmedAt", "contactedAt", "closedAt", "nextCheckInDue", "lastCheckInAt", "checksMissed", "unreached"),
    *("testOn", "releaseOn", "release", "claimedBy", "claimedUntil", "mergedInto", "previous", "timeline"),
)
"""What a resident is told only of a case that was opened from their own phone, or not at all."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that should not be there, and where."""

    path: str
    what: str


class Judge:
    """Judges the answers to one actor against the oracle."""

    def __init__(
        self,
        oracle: Oracle,
        actor: Actor,
        variables: Mapping[str, Any],
        *,
        open_wall: bool = False,
        revealed: UUID | None = None,
    ) -> None:
        """`open_wall` judges the database's wall alone, which hides rows and knows no roles of areas or stations.

        `revealed` is the case whose person was asked for with a reason.
        """
        self._revealed = revealed
        self._entered: str | None = None
        self._oracle, self._actor = oracle, actor
        self._open_wall = open_wall
        sent = orjson.dumps(variables).decode()
        # What the caller typed is no news to the caller, where a refusal repeats it.
        self._sent = tokens(sent)
        self._sent_ids = set(_ids_in(variables))
        self._sent_texts = {value for value in variables.values() if isinstance(value, str)}

    def leaks(self, payload: Mapping[str, Any], new: frozenset[UUID | str] = frozenset()) -> list[Leak]:
        """Everything wrong with an answer; `new` are identifiers that the operation itself has made."""
        payload = named(payload)
        self._entered = _entered(payload.get("data"))
        found = list(self._values(payload.get("data"), "data", new))
        found += self._texts(payload.get("data"), "data", refusal=False)
        found += self._texts(payload.get("errors"), "errors", refusal=True)
        found += [
            Leak("errors", f"an identifier of somebody else's: {id}")
            for id in _ids_in(payload.get("errors"))
            if id not in self._sent_ids and self._hidden(id)
        ]
        return found

    def _texts(self, value: Any, path: str, *, refusal: bool) -> list[Leak]:
        text = orjson.dumps(value).decode() if value else ""
        return [
            Leak(path, f"{token.what} of {token.whose} {token.number}")
            for token in tokens(text) - (self._sent if refusal else set())
            if not self._oracle.reads(self._actor, token) and not self._reveals(token)
            # The names of staff are the program's to keep, and nothing that the database walls.
            if token.what != "staff" or not (self._open_wall or staff_name(token.number) == self._entered)
        ]

    def _reveals(self, token: Token) -> bool:
        return self._revealed is not None and self._oracle.reveals(self._actor, self._revealed, token)

    def _hidden(self, id: UUID) -> bool:
        return self._oracle.knows(id) and not self._oracle.sees(self._actor, id)

    def _hidden_code(self, text: str) -> bool:
        if text in self._oracle.rows.certificates:
            return not self._oracle.certified(self._actor, text)
        return text in self._oracle.receipts and not self._oracle.holds(self._actor, text)

    def _values(self, value: Any, path: str, new: frozenset[UUID | str], parent: str = "") -> Iterator[Leak]:
        if isinstance(value, list):
            for place, one in enumerate(value):
                yield from self._values(one, f"{path}.{place}", new, parent)
        elif isinstance(value, dict):
            yield from self._object(value, path, parent)
            for key, one in value.items():
                yield from self._values(one, f"{path}.{key}", new, str(value.get("__typename", "")))
        elif isinstance(value, str):
            if value not in new and value not in self._sent_texts and self._hidden_code(value):
                yield Leak(path, f"somebody else's receipt or certificate: {value}")
            for id in _ids_in(value):
                if id not in new and self._hidden(id):
                    yield Leak(path, f"an identifier of somebody else's: {id}")

    def _object(self, value: dict[str, Any], path: str, parent: str) -> Iterator[Leak]:
        actor, oracle = self._actor, self._oracle
        match value.get("__typename"):
            case "Case" if not self._open_wall and actor.kind == "ACCOUNT" and actor.role not in TREATS:
                if parent != "Alert":
                    yield Leak(path, f"a case below {parent or 'the root'} for {actor.role}")
            case "Case" if actor.kind == "RESIDENT":
                yield from self._own_case(value, path)
            case "Evidence" if value.get("url") and (actor.kind != "ACCOUNT" or actor.role not in TREATS):
                yield Leak(path, f"a ticket to a picture for {actor.role or actor.kind}")
            case "Evidence" if (row := oracle.rows.photos.get(key_of(value.get("id")))) and row["removed_at"]:
                yield Leak(path, "a photo that was taken away")
            case "Certificate" if value.get("url") and (actor.kind != "ACCOUNT" or actor.role not in TREATS):
                yield Leak(path, f"a ticket to a certificate for {actor.role or actor.kind}")
            case "TimelineDetail" if actor.role is Role.HOSPITAL and not self._open_wall:
                if value.get("value") in {*oracle.grove.hospitals} - {actor.station_id}:
                    yield Leak(path, "which other hospital was asked")
            case "Duty":
                yield from self._duty(value, path)
            case "AreaSummary":
                yield from self._summary(value, path)
            case "StationConnection" if not self._open_wall and path != "data.hospitals":
                yield from self._stations(value, path)
            case "StationSummary" if not self._open_wall:
                yield from self._stations({"nodes": [value.get("station") or {}]}, path)
            case "StaffAccount" | "Account" if parent != "Session" and not self._open_wall:
                area = oracle.rows.accounts.get(key_of(value.get("id")))
                own = key_of(value.get("id")) == actor.account_id
                if area is not None and not own and not oracle.reaches(actor, "account", area["area_id"]):
                    yield Leak(path, "an account of another area, or seen by a role that sees none")
            case "Staff" if not self._open_wall and not oracle.names_staff(actor):
                yield Leak(path, "a member of staff, for a role that sees no work of theirs")

    def _duty(self, value: dict[str, Any], path: str) -> Iterator[Leak]:
        """Who is on duty is told to those who keep the roster; the database hides it from who sees no case there."""
        id = key_of(value.get("id"))
        row = self._oracle.rows.duties.get(id)
        if row is None:
            return
        kept = (
            self._oracle.reaches(self._actor, "identity", row["area_id"])
            if self._open_wall
            else self._oracle.keeps(self._actor, id)
        )
        if not kept:
            yield Leak(path, f"who is on duty in {row['area_id']}")

    def _own_case(self, value: dict[str, Any], path: str) -> Iterator[Leak]:
        """A resident is told how ill somebody is only as far as they have said it themselves."""
        own = self._oracle.own(self._actor)
        said = [
            one
            for one in self._oracle.rows.declarations.values()
            if one["id"] in own and one["case_id"] == key_of(value.get("id"))
        ]
        for name, column in (("severe", "severe"), ("highRisk", "high_risk")):
            if value.get(name) is not None and value[name] != any(one[column] for one in said):
                yield Leak(f"{path}.{name}", "what somebody else has reported of the same person")
        if value.get("person") is not None:
            yield Leak(f"{path}.person", "the person of a case, for a resident")
        if self._oracle.opened(self._actor, key_of(value.get("id"))):
            return
        if value.get("state") not in (None, "SUSPECTED"):
            yield Leak(f"{path}.state", "how a case stands that was opened from another phone")
        for name in _KEPT_FROM_OTHERS:
            if value.get(name):
                yield Leak(f"{path}.{name}", "of a case that was opened from another phone")

    def _summary(self, value: dict[str, Any], path: str) -> Iterator[Leak]:
        area = decoded(str((value.get("area") or {}).get("id", ""))).partition(":")[2]
        if not self._open_wall and not self._oracle.reaches(self._actor, "summary", area):
            yield Leak(path, f"the figures of {area}, which lies outside")
        if value.get("from") is not None or value.get("to") is not None:
            return
        expected = self._oracle.counts(area, self._actor, str(value.get("disease")))
        below = value.get("alerts") or {}
        for name in _ALL_DAYS:
            if value.get(name) is not None and value[name] != expected[name]:
                yield Leak(f"{path}.{name}", f"{value[name]} where {expected[name]} are to be seen of {area}")
        for name in _OF_ALERTS:
            if below.get(name) is not None and below[name] != expected[name]:
                yield Leak(f"{path}.alerts.{name}", f"{below[name]} where {expected[name]} are to be seen of {area}")

    def _stations(self, value: dict[str, Any], path: str) -> Iterator[Leak]:
        for one in [*(value.get("nodes") or []), *((edge.get("node") or {}) for edge in value.get("edges") or [])]:
            station = decoded(str(one.get("id", ""))).partition(":")[2]
            row = self._oracle.rows.watched["station"].get(station)
            if row is not None and not self._oracle.reaches(self._actor, "station", row.area_id):
                yield Leak(path, f"the station {station}, which lies outside, in a list")

    def page(self, connection: Any, path: str, area_id: str | None, size: int, *, narrowed: bool) -> list[Leak]:
        """A page that says that more follows than the actor could see; or, not narrowed, that hides or adds rows."""
        kind = _KIND.get(str((connection or {}).get("__typename")))
        nodes, info = (connection or {}).get("nodes"), (connection or {}).get("pageInfo")
        if kind is None or nodes is None or info is None:
            return []
        total = self._oracle.visible(self._actor, kind, area_id)
        if info.get("hasNextPage") and total <= len(nodes):
            return [Leak(f"{path}.pageInfo", f"more than {len(nodes)} where {total} are to be seen")]
        if not narrowed and len(nodes) != min(size, total):
            return [Leak(path, f"{len(nodes)} rows where {min(size, total)} of {total} were to be seen")]
        return []


def named(value: Any) -> Any:
    """The same answer under the fields' own names: `Case__state`, as it is asked within a fragment, is `state`."""
    if isinstance(value, dict):
        return {key if key.startswith("__") else key.rpartition("__")[2]: named(one) for key, one in value.items()}
    return [named(one) for one in value] if isinstance(value, list) else value


def _ids_in(value: Any) -> Iterator[UUID]:
    """Every UUID in a value, also within opaque ids and cursors."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _ids_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _ids_in(one)
    elif isinstance(value, str):
        for text in (value, decoded(value)):
            for match in _UUID.finditer(text):
                yield UUID(match[0])


def _entered(data: Any) -> str | None:
    """The name of whoever has just signed in, which is told to whoever knew the password."""
    (found,) = (data or {"": None}).values()
    if not isinstance(found, Mapping) or found.get("__typename") != "Session":
        return None
    return (found.get("account") or {}).get("displayName")


def key_of(id: Any) -> Any:
    """The UUID in a global id; None where there is none."""
    text = decoded(str(id)).partition(":")[2]
    return UUID(text) if _UUID.fullmatch(text) else None

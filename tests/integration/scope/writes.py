"""What each mutation may change: the roles that may, and the tables in whose rows it shows, within their area alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from access.actor import Actor
from models.state import Role
from tests.integration.scope.grove import Grove
from tests.integration.scope.oracle import CARE, LEADS

_COUNTERS = frozenset({"area_count", "ack_histogram"})
_HANDLED = frozenset({"declaration", "case_event", "transfer", "illness_case", "alert"})
_MOVED = frozenset({"case_grant", "submission", "assessment", "check_in", "contact_attempt", "dispensing", "evidence"})
_FOLLOW = frozenset({"case_grant", "case_event", "transfer"})
_TESTED = frozenset({"release_test", "illness_case", "case_event"})
_CARED = frozenset({"illness_case", "case_event"})
_STOCKED = frozenset({"stock_entry", "stock_balance"})
_REFERRED = _CARED | {"referral", "case_grant"}
_CERTIFIED = frozenset({"certificate", "illness_case", "case_event"})


@dataclass(frozen=True, slots=True)
class Writes:
    """Rows of these tables, of areas of accounts of these roles; `anywhere` is for whom no area is asked.

    `own` is the actor's own account, finished or not, and no other one. `along` are tables whose rows follow a person
    wherever they are.
    """

    tables: frozenset[str]
    roles: frozenset[Role] = frozenset()
    kinds: frozenset[str] = frozenset()
    anywhere: bool = False
    own: bool = False
    along: frozenset[str] = frozenset()
    moves: bool = False
    """Whether rows leave the actor's area, or come: then each was or is there."""


NOTHING = Writes(frozenset())

WRITES: dict[str, Writes] = {
    "requestVerification": NOTHING,
    "verifyPhone": NOTHING,
    "signIn": NOTHING,
    "signOut": NOTHING,
    "moveClock": NOTHING,
    # A session without its account's row (the drawn actors have none) changes nothing, whatever is typed.
    "signInWithProvider": NOTHING,
    "changePassword": NOTHING,
    "refreshSession": NOTHING,
    "renewSession": NOTHING,
    "claimReceipt": Writes(frozenset({"case_grant"}), kinds=frozenset({"RESIDENT"})),
    "beginSecondFactor": Writes(frozenset({"account"}), own=True),
    "confirmSecondFactor": Writes(frozenset({"account"}), own=True),
    "acknowledgeAlert": Writes(_COUNTERS | {"alert"}, CARE),
    "acknowledgeAlerts": Writes(_COUNTERS | {"alert"}, CARE),
    "acceptDeclarations": Writes(_COUNTERS | {"declaration", "case_event", "transfer"}, CARE),
    "confirmCases": Writes(_COUNTERS | {"alert", "illness_case", "declaration", "case_event", "transfer"}, CARE),
    "resolveAlert": Writes(_COUNTERS | {"alert", "illness_case"}, CARE),
    "confirmCase": Writes(_COUNTERS | {"alert", "illness_case", "declaration", "case_event", "transfer"}, CARE),
    "dismissCase": Writes(_COUNTERS | {"alert", "illness_case", "declaration", "case_event", "transfer"}, CARE),
    "acceptDeclaration": Writes(_COUNTERS | {"declaration", "case_event", "transfer"}, CARE),
    "rejectDeclaration": Writes(_COUNTERS | _HANDLED, CARE),
    "markDuplicate": Writes(_COUNTERS | _HANDLED, CARE),
    "requestInformation": Writes(_COUNTERS | {"declaration", "case_event", "transfer"}, CARE),
    "completeDeclaration": Writes(
        _COUNTERS | _HANDLED | {"assessment", "person_key", "evidence"}, CARE, frozenset({"RESIDENT"})
    ),
    "withdrawDeclaration": Writes(_COUNTERS | _HANDLED, kinds=frozenset({"RESIDENT"})),
    "rerouteDeclaration": Writes(_COUNTERS | _HANDLED | _MOVED, CARE, along=_COUNTERS | _FOLLOW, moves=True),
    "returnDeclaration": Writes(_COUNTERS | _HANDLED | _MOVED, CARE, along=_COUNTERS | _FOLLOW, moves=True),
    "handOverCase": Writes(_FOLLOW | {"illness_case"}, CARE),
    "acceptHandOver": Writes(
        _COUNTERS | _HANDLED | _MOVED | _TESTED | {"certificate", "referral", "person_merge"},
        CARE,
        along=_COUNTERS | _FOLLOW,
        moves=True,
    ),
    # The case lies with the ward that has asked, whoever answers.
    "refuseHandOver": Writes(_FOLLOW, CARE, along=_FOLLOW),
    "cancelHandOver": Writes(_FOLLOW, CARE),
    "declareFor": Writes(
        _COUNTERS
        | {"alert", "illness_case", "declaration", "submission", "assessment", "case_grant", "person", "person_key"},
        CARE,
        anywhere=True,
    ),
    "checkIn": Writes(_COUNTERS | {"alert", "illness_case", "case_event", "check_in"}, CARE, frozenset({"RESIDENT"})),
    "recordContact": Writes(_COUNTERS | _CARED | {"contact_attempt"}, CARE),
    "dispensePack": Writes(_COUNTERS | _CARED | _STOCKED | {"dispensing"}, CARE),
    "receiveStock": Writes(_STOCKED, CARE),
    "returnStock": Writes(_STOCKED, CARE),
    "correctStock": Writes(_STOCKED, CARE),
    "referCase": Writes(_COUNTERS | _REFERRED, CARE),
    "cancelReferral": Writes(_COUNTERS | _REFERRED, CARE),
    "startTransfer": Writes(_COUNTERS | _REFERRED, CARE),
    # No hospital stands in the drawn trees: whose a referral is, the table holds.
    "acceptReferral": NOTHING,
    "refuseReferral": NOTHING,
    "admitCase": NOTHING,
    "dischargeCase": NOTHING,
    "recordDeath": Writes(_COUNTERS | _REFERRED | {"alert"}, CARE),
    "markLost": Writes(_COUNTERS | _CARED, CARE),
    "markFound": Writes(_COUNTERS | _CARED, CARE),
    "claimCase": Writes(frozenset({"illness_case", "case_event"}), CARE),
    "releaseClaim": Writes(frozenset({"illness_case", "case_event"}), CARE),
    # Whose a case is changes with the person, also of one that lies elsewhere; all else of it stays.
    "mergePersons": Writes(
        _COUNTERS | {"illness_case", "declaration", "case_event", "person_key", "person_merge"},
        CARE,
        along=frozenset({"illness_case"}),
    ),
    "unmergePersons": Writes(
        _COUNTERS | {"illness_case", "declaration", "case_event", "person_key", "person_merge"},
        CARE,
        along=frozenset({"illness_case"}),
    ),
    "correctPerson": Writes(frozenset({"illness_case", "case_event", "person_key"}), CARE),
    "requestUpload": NOTHING,
    "attachEvidence": Writes(frozenset({"evidence", "case_event"}), CARE, frozenset({"RESIDENT"})),
    "removeEvidence": Writes(frozenset({"evidence", "case_event"}), CARE, frozenset({"RESIDENT"})),
    "sendReleaseTest": Writes(_TESTED | {"evidence"}, kinds=frozenset({"RESIDENT"})),
    "recordReleaseTest": Writes(_COUNTERS | _TESTED, CARE),
    "verifyReleaseTest": Writes(_COUNTERS | _TESTED, CARE),
    "refuseReleaseTest": Writes(_COUNTERS | _TESTED, CARE),
    "releaseCase": Writes(_COUNTERS | _CERTIFIED, CARE),
    "signCertificate": Writes(_COUNTERS | _CERTIFIED, frozenset({Role.STATION_HEAD})),
    "signCertificates": Writes(_COUNTERS | _CERTIFIED, frozenset({Role.STATION_HEAD})),
    "revokeCertificate": Writes(_COUNTERS | _CERTIFIED, frozenset({Role.STATION_HEAD})),
    "renewCertificate": Writes(frozenset({"certificate"}), CARE),
    "erasePerson": Writes(
        frozenset(
            {"illness_case", "declaration", "submission", "alert", "case_grant", "person", "person_key", "evidence"}
        ),
        frozenset({Role.DEPARTMENT}),
    ),
    "revealPerson": NOTHING,
    "resetPassword": Writes(frozenset({"account"}), LEADS | {Role.ADMINISTRATOR}),
    "disableAccount": Writes(frozenset({"account"}), frozenset({Role.DEPARTMENT, Role.ADMINISTRATOR})),
    "enableAccount": Writes(frozenset({"account"}), frozenset({Role.DEPARTMENT, Role.ADMINISTRATOR})),
    "changeAccount": Writes(frozenset({"account"}), frozenset({Role.DEPARTMENT, Role.ADMINISTRATOR})),
    "addDuty": Writes(frozenset({"duty"}), LEADS),
    "changeDuty": Writes(frozenset({"duty"}), LEADS),
    "endDuty": Writes(frozenset({"duty"}), LEADS),
    # Anybody declares in any ward; the rows of that ward and no other ones are written.
    "declare": Writes(
        _COUNTERS
        | {"alert", "illness_case", "declaration", "submission", "assessment", "case_grant", "person", "person_key"},
        frozenset(Role),
        frozenset({"ANONYMOUS", "RESIDENT", "ACCOUNT"}),
        anywhere=True,
    ),
}
"""Every mutation of the schema; what is not here may not be asked for, and a test says so."""


WALLED = frozenset(
    {
        "acknowledgeAlert",
        "acknowledgeAlerts",
        "acceptDeclaration",
        "acceptDeclarations",
        "rejectDeclaration",
        "markDuplicate",
        "requestInformation",
        "confirmCases",
        "resolveAlert",
        "confirmCase",
        "dismissCase",
        "recordContact",
        "dispensePack",
        "receiveStock",
        "returnStock",
        "correctStock",
        "markLost",
        "markFound",
        "claimCase",
        "releaseClaim",
        "recordReleaseTest",
        "verifyReleaseTest",
        "refuseReleaseTest",
        "releaseCase",
        "signCertificate",
        "signCertificates",
        "revokeCertificate",
        "renewCertificate",
        "addDuty",
        "changeDuty",
        "endDuty",
    }
)
"""Those that write under the application's login, and so behind both walls."""


def trespasses(
    grove: Grove, actor: Actor, name: str, ward: str | None, changed: Iterable[tuple[str, str, str | None]]
) -> list[str]:
    """The changes that this actor's mutation should not have made. `ward` is where a declaration was sent."""
    rule = WRITES[name]
    found = []
    changes = list(changed)
    there = {(table, key) for table, key, area in changes if grove.below(area, actor.area_id)}
    for table, key, area in changes:
        if table not in rule.tables:
            found.append(f"{table} {key} of {area}: {name} does not write that table")
        elif rule.own:
            if key != str(actor.account_id):
                found.append(f"{table} {key}: {name} is about one's own account")
        elif rule.anywhere:
            if area is not None and area != ward:
                found.append(f"{table} {key} of {area}: {name} was sent to {ward}")
        elif (
            (table in rule.along and actor.restriction is None and actor.role in rule.roles)
            or (actor.kind in rule.kinds and actor.phone_hash is not None)
            or (rule.moves and (table, key) in there and actor.restriction is None and actor.role in rule.roles)
        ):
            continue
        elif actor.restriction is not None or actor.role not in rule.roles or _outside(grove, actor, table, area):
            found.append(f"{table} {key} of {area}: outside of what {actor.role} of {actor.area_id} may change")
    return found


def _outside(grove: Grove, actor: Actor, table: str, area: str | None) -> bool:
    """A person is of no area: they are reached through a case, which has one."""
    if area is None and table in ("person", "person_key"):
        return False
    return not grove.below(area, actor.area_id)

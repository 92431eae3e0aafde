"""What each mutation may change: the roles that may, and the tables in whose rows it shows, within their area alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from access.actor import Actor
from models.state import Role
from tests.integration.scope.grove import Grove
from tests.integration.scope.oracle import CARE, LEADS, TREATS, Oracle
from tests.integration.scope.rows import Change

_COUNTERS = frozenset({"area_count", "ack_histogram"})
_HANDLED = frozenset({"declaration", "case_event", "transfer", "illness_case", "alert"})
_MOVED = frozenset({"case_grant", "submission", "assessment", "check_in", "contact_attempt", "dispensing", "evidence"})
_RELEASED = frozenset({"certificate", "release_test", "referral", "person_merge"})
_FOLLOW = frozenset({"case_grant", "case_event", "transfer"})
_TESTED = frozenset({"release_test", "illness_case", "case_event"})
_CARED = frozenset({"illness_case", "case_event"})
_STOCKED = frozenset({"stock_entry", "stock_balance"})
_REFERRED = _CARED | {"referral", "case_grant"}
_CERTIFIED = frozenset({"certificate", "illness_case", "case_event"})
_HOSPITAL = frozenset({Role.HOSPITAL})


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
    whole: bool = False
    """Whether it is done to a person: also to the case, wherever it lies, that rests in one of the actor's area."""


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
    "rerouteDeclaration": Writes(
        _COUNTERS | _HANDLED | _MOVED | _RELEASED, CARE, along=_COUNTERS | _FOLLOW, moves=True, whole=True
    ),
    "returnDeclaration": Writes(
        _COUNTERS | _HANDLED | _MOVED | _RELEASED, CARE, along=_COUNTERS | _FOLLOW, moves=True, whole=True
    ),
    "handOverCase": Writes(_FOLLOW | {"illness_case"}, CARE),
    "acceptHandOver": Writes(
        _COUNTERS | _HANDLED | _MOVED | _RELEASED,
        CARE,
        along=_COUNTERS | _FOLLOW,
        moves=True,
        whole=True,
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
    # Who is heard of again, or calls for help, is one person with one alert, wherever that is.
    "checkIn": Writes(
        _COUNTERS | {"alert", "illness_case", "case_event", "check_in"}, CARE, frozenset({"RESIDENT"}), whole=True
    ),
    "recordContact": Writes(_COUNTERS | _CARED | {"contact_attempt"}, CARE),
    "dispensePack": Writes(_COUNTERS | _CARED | _STOCKED | {"dispensing"}, CARE),
    "receiveStock": Writes(_STOCKED, CARE),
    "returnStock": Writes(_STOCKED, CARE),
    "correctStock": Writes(_STOCKED, CARE),
    "referCase": Writes(_COUNTERS | _REFERRED, CARE),
    "cancelReferral": Writes(_COUNTERS | _REFERRED, CARE),
    "startTransfer": Writes(_COUNTERS | _REFERRED, TREATS),
    "acceptReferral": Writes(_COUNTERS | _REFERRED, _HOSPITAL),
    "refuseReferral": Writes(_COUNTERS | _REFERRED, _HOSPITAL),
    "admitCase": Writes(_COUNTERS | _REFERRED, _HOSPITAL),
    "dischargeCase": Writes(_COUNTERS | _REFERRED, _HOSPITAL),
    # Nobody is called for the dead any more, wherever an alert of theirs is.
    "recordDeath": Writes(_COUNTERS | _REFERRED | {"alert"}, TREATS, whole=True),
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
    # A photo is of no area until it is somebody's.
    "attachEvidence": Writes(frozenset({"evidence", "case_event"}), CARE, frozenset({"RESIDENT"}), moves=True),
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
        frozenset({"illness_case", "declaration", "submission", "alert", "case_grant", "person", "person_key"})
        | {"evidence", "case_event", "transfer", "referral", "certificate", "check_in", "contact_attempt"}
        | {"dispensing", "person_merge", "release_test"},
        frozenset({Role.DEPARTMENT}),
        # A merge lies with the case that was kept.
        along=frozenset({"person_merge"}),
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


def trespasses(oracle: Oracle, actor: Actor, name: str, ward: str | None, changes: Iterable[Change]) -> list[str]:
    """The changes that this actor's mutation should not have made. `ward` is where a declaration was sent.

    `oracle` knows how everything stood before.
    """
    rule, changes = WRITES[name], list(changes)
    there = {(one.table, one.key) for one in changes if oracle.grove.below(one.area_id, actor.area_id)}
    acts = actor.restriction is None and actor.role in rule.roles
    found = []
    for one in changes:
        text = f"{one.table} {one.key} of {one.area_id}"
        if one.table not in rule.tables:
            found.append(f"{text}: {name} does not write that table")
        elif rule.own:
            if one.key != str(actor.account_id):
                found.append(f"{text}: {name} is about one's own account")
        elif rule.anywhere:
            if one.area_id is not None and one.area_id != ward:
                found.append(f"{text}: {name} was sent to {ward}")
        elif actor.kind in rule.kinds and actor.phone_hash is not None:
            if not _own(oracle, actor, one):
                found.append(f"{text}: of a case that the resident has not declared")
        elif acts and actor.role is Role.HOSPITAL:
            if not _sent(oracle, actor, one):
                found.append(f"{text}: of a case that was not sent to {actor.station_id}")
        elif acts and (one.table in rule.along or (rule.moves and (one.table, one.key) in there)):
            continue
        elif not acts or (_outside(oracle.grove, actor, one) and not _of_one_here(oracle, actor, one, rule.whole)):
            found.append(f"{text}: outside of what {actor.role} of {actor.area_id} may change")
    return found


def _outside(grove: Grove, actor: Actor, change: Change) -> bool:
    """A person is of no area: they are reached through a case, which has one."""
    if change.area_id is None and change.table in ("person", "person_key"):
        return False
    return not grove.below(change.area_id, actor.area_id)


def _of_one_here(oracle: Oracle, actor: Actor, change: Change, whole: bool) -> bool:
    """Whether a row that lies elsewhere is of somebody here.

    What a household has in common lies with one of them, and goes with the last of them. If `whole`, a case that rests
    in one of the actor's area is here too, and so is a figure of where such a case lies.
    """
    here = {case for case, row in oracle.rows.cases.items() if oracle.grove.below(row["area_id"], actor.area_id)}
    resting = {case for case in oracle.rows.resting if whole and oracle.goes_on(case) in here}
    if change.table == "submission":
        people = oracle.rows.declarations.values()
        return any(one["case_id"] in here | resting for one in people if str(one["submission_id"]) == change.key)
    if change.case_id is not None:
        return UUID(change.case_id) in resting
    return change.area_id in {oracle.rows.cases[case]["area_id"] for case in resting}


def _own(oracle: Oracle, actor: Actor, change: Change) -> bool:
    """Whether it is of a case that the resident has declared, or of the one that such a case rests in."""
    if change.case_id is None:
        return True
    return oracle.goes_on(UUID(change.case_id)) in {oracle.goes_on(id) for id in oracle.claimable(actor)}


def _sent(oracle: Oracle, actor: Actor, change: Change) -> bool:
    """Whether it is of a case that was opened to the hospital, or a figure of where such a case lies."""
    cases = {case for case in oracle.rows.cases if oracle.granted(actor, "case", oracle.goes_on(case))}
    if change.case_id is not None:
        return UUID(change.case_id) in cases
    return change.area_id in {oracle.rows.cases[case]["area_id"] for case in cases}

"""Role x place x action x object, as a table: what each caller gets of each root field.

The words of a cell:
  open     answered, wherever the object is; of what does not exist at all NOT_FOUND
  null     answered with null
  login    UNAUTHENTICATED
  none     NOT_FOUND, of one's own place too
  place    answered where the object is at the caller's place or below it, NOT_FOUND everywhere else
  here     answered where the object is at the caller's place itself
  station  answered where the object is of the caller's own station
  own      answered where it is the caller's own household, NOT_FOUND everywhere else

A hospital stands at a post like the others, and was asked to take the person whose case is there: that one is its own,
and nothing of the area. Its cell comes last and may be left out where it is none.
"""

from dataclasses import dataclass

CALLERS = (
    "anonymous",
    "resident",
    "STATION_STAFF",
    "STATION_HEAD",
    "MEDICAL_CENTRE",
    "COMMITTEE",
    "DEPARTMENT",
    "ADMINISTRATOR",
    "HOSPITAL",
)
PLACES = ("ward", "sibling", "elsewhere", "district", "root", "nothing")
"""Where an object is: the ward of the caller's kind of post, another ward of its district, a ward of another district,
the district above, the root; or nowhere, for what does not exist."""

POSTS = ("ward", "district", "root")
"""Where an account works."""

_TEXT = """
field                            object        anonymous resident staff   head    centre  committee department admin
Query.me                         -             null      null     open    open    open    open      open       open open
Query.installation               -             open      open     open    open    open    open      open       open open
Query.protocol                   -             open      open     open    open    open    open      open       open open
Query.areas                      root=Area     open      open     open    open    open    open      open       open open
Query.area                       code=code     open      open     open    open    open    open      open       open open
Query.publicSummary              areaId=Area   open      open     open    open    open    open      open       open open
Query.receipt                    code=receipt  open      open     open    open    open    open      open       open open
Query.myDeclarations             -             login     open     none    none    none    none      none       none
Query.exportMyData               -             login     open     none    none    none    none      none       none
Query.stations                   areaId=Area   login     none     place   place   place   place     place      place
Query.alerts                     areaId=Area   login     none     place   place   place   place     place      none
Query.transfers                  areaId=Area   login     none     place   place   place   none      place      none
Query.certificates               areaId=Area   login     none     place   place   place   none      place      none none
Query.myCertificates             -             login     open     none    none    none    none      none       none none
Query.verifyCertificate          -             open      open     open    open    open    open      open       open open
Query.cases                      areaId=Area   login     none     place   place   place   none      place      none
Query.worklist                   areaId=Area   login     none     place   place   place   none      place      none
Query.declarations               areaId=Area   login     none     place   place   place   none      place      none
Query.areaSummary                areaId=Area   login     none     place   place   place   place     place      place
Query.accounts                   areaId=Area   login     none     none    place   place   none      place      place
Query.duties                     areaId=Area   login     none     none    place   place   none      place      none
Query.case                       id=Case       login     none     place   place   place   none      place      none here
Query.duplicates                 caseId=Case   login     none     place   place   place   none      place      none
Query.stock                      stationId=Station login none     place   place   place   none      place      none
Query.auditTrail                 caseId=Case   login     none     none    place   place   none      place      none
Query.node                       id=Area       open      open     open    open    open    open      open       open open
Query.node                       id=Station    open      open     open    open    open    open      open       open open
Query.node                       id=Alert      none      none     place   place   place   place     place      none
Query.node                       id=Case       none      own      place   place   place   none      place      none here
Query.node                       id=Declaration none     own      place   place   place   none      place      none here
Query.node                       id=Account    none      none     none    here    place   none      place      place
Query.node                       id=Duty       none      none     none    station place   none      place      none
Mutation.declare                 -             open      open     open    open    open    open      open       open open
Mutation.declareFor              -             login     none     open    open    open    none      open       none
Mutation.requestVerification     -             open      open     open    open    open    open      open       open open
Mutation.verifyPhone             -             open      open     open    open    open    open      open       open open
Mutation.signIn                  -             open      open     open    open    open    open      open       open open
Mutation.signInWithProvider      -             open      open     open    open    open    open      open       open open
Mutation.refreshSession          -             open      open     open    open    open    open      open       open open
Mutation.renewSession            -             open      open     open    open    open    open      open       open open
Mutation.signOut                 -             open      open     open    open    open    open      open       open open
Mutation.changePassword          -             login     none     open    open    open    open      open       open open
Mutation.beginSecondFactor       -             login     none     open    open    open    open      open       open open
Mutation.confirmSecondFactor     -             login     none     open    open    open    open      open       open open
Mutation.claimReceipt            code=receipt  login     own      none    none    none    none      none       none
Mutation.acknowledgeAlert        id=Alert      login     none     place   place   place   none      place      none
Mutation.acknowledgeAlerts      alerts=Alert  login     none     place   place   place   none      place      none
Mutation.resolveAlert            id=Alert      login     none     place   place   place   none      place      none
Mutation.confirmCase             id=Case       login     none     place   place   place   none      place      none
Mutation.confirmCases           cases=Case    login     none     place   place   place   none      place      none
Mutation.dismissCase             id=Case       login     none     place   place   place   none      place      none
Mutation.mergePersons            keepCaseId=Case login   none     place   place   place   none      place      none
Mutation.unmergePersons          caseId=Case   login     none     place   place   place   none      place      none
Mutation.correctPerson           caseId=Case   login     none     place   place   place   none      place      none
Mutation.claimCase               id=Case       login     none     place   place   place   none      place      none
Mutation.releaseClaim            id=Case       login     none     place   place   place   none      place      none
Mutation.acceptDeclaration       id=Declaration login    none     place   place   place   none      place      none
Mutation.acceptDeclarations      declarations=Declaration login none  place   place   place   none      place      none
Mutation.rejectDeclaration       id=Declaration login    none     place   place   place   none      place      none
Mutation.markDuplicate           id=Declaration login    none     place   place   place   none      place      none
Mutation.checkIn                 caseId=Case   login     own      place   place   place   none      place      none
Mutation.checkIn                 declarationId=Declaration login own  place   place   place   none      place      none
Mutation.requestInformation      id=Declaration login    none     place   place   place   none      place      none
Mutation.completeDeclaration     id=Declaration login    own      place   place   place   none      place      none
Mutation.withdrawDeclaration     id=Declaration login    own      none    none    none    none      none       none
Mutation.requestUpload           -             open      open     open    open    open    open      open       open open
Mutation.attachEvidence          caseId=Case   none      none     place   place   place   none      place      none
Mutation.attachEvidence          declarationId=Declaration none own place place   place   none      place      none
Mutation.removeEvidence          id=Evidence    login    own      place   place   place   none      place      none
Mutation.rerouteDeclaration      id=Declaration login    none     place   place   place   none      place      none
Mutation.returnDeclaration       id=Declaration login    none     place   place   place   none      place      none
Mutation.handOverCase            caseId=Case   login     none     place   place   place   none      place      none
Mutation.acceptHandOver          id=Transfer   login     none     place   place   place   none      place      none
Mutation.refuseHandOver          id=Transfer   login     none     place   place   place   none      place      none
Mutation.cancelHandOver          id=Transfer   login     none     place   place   place   none      place      none
Mutation.recordContact           caseId=Case   login     none     place   place   place   none      place      none
Mutation.dispensePack            caseId=Case   login     none     place   place   place   none      place      none
Mutation.receiveStock            stationId=Station login none     place   place   place   none      place      none
Mutation.returnStock             stationId=Station login none     place   place   place   none      place      none
Mutation.correctStock            stationId=Station login none     place   place   place   none      place      none
Query.referrals                  areaId=Area   login     none     place   place   place   none      place      none
Query.hospitals                  -             login     none     open    open    open    none      open       none
Mutation.referCase               caseId=Case   login     none     place   place   place   none      place      none
Mutation.cancelReferral          caseId=Case   login     none     place   place   place   none      place      none
Mutation.acceptReferral          id=Referral   login     none     none    none    none    none      none       none here
Mutation.refuseReferral          id=Referral   login     none     none    none    none    none      none       none here
Mutation.admitCase               id=Referral   login     none     none    none    none    none      none       none here
Mutation.dischargeCase           id=Referral   login     none     none    none    none    none      none       none here
Mutation.startTransfer           id=Referral   login     none     place   place   place   none      place      none here
Mutation.recordDeath             caseId=Case   login     none     place   place   place   none      place      none here
Mutation.markLost                caseId=Case   login     none     place   place   place   none      place      none
Mutation.markFound               caseId=Case   login     none     place   place   place   none      place      none
Mutation.sendReleaseTest  declarationId=Declaration login own none none none none none none none
Mutation.recordReleaseTest       caseId=Case   login     none     place   place   place   none      place      none none
Mutation.verifyReleaseTest       id=ReleaseTest login    none     place   place   place   none      place      none none
Mutation.refuseReleaseTest       id=ReleaseTest login    none     place   place   place   none      place      none none
Mutation.releaseCase             id=Case       login     none     place   place   place   none      place      none none
Mutation.signCertificate         id=Certificate login    none     none    place   none    none      none       none none
Mutation.signCertificates certificates=Certificate login none none place none none none none none
Mutation.revokeCertificate       id=Certificate login    none     none    place   none    none      none       none none
Mutation.renewCertificate        caseId=Case   login     none     place   place   place   none      place      none none
Mutation.revealPerson            caseId=Case   login     none     none    none    none    place     none       none
Mutation.erasePerson             caseId=Case   login     none     none    none    none    none      place      none
Mutation.resetPassword           accountId=Account login none     none    station place   none      place      place
Mutation.disableAccount          accountId=Account login none     none    none    none    none      place      place
Mutation.enableAccount           accountId=Account login none     none    none    none    none      place      place
Mutation.changeAccount           accountId=Account login none     none    none    none    none      place      place
Mutation.addDuty                 stationId=Station login none     none    station place   none      place      none
Mutation.changeDuty              id=Duty       login     none     none    station place   none      place      none
Mutation.endDuty                 id=Duty       login     none     none    station place   none      place      none
Mutation.moveClock               -             login     none     none    none    none    none      none       open
Subscription.alerts              areaId=Area   login     none     place   place   place   place     place      none
Subscription.areaSummary         areaId=Area   login     none     place   place   place   place     place      place
Subscription.worklistChanged     areaId=Area   login     none     place   place   place   none      place      none
Subscription.referralsChanged    -             login     none     none    none    none    none      none       none open
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A root field, the argument that names an object and its kind, and each caller's cell."""

    field: str
    argument: str
    kind: str
    cells: dict[str, str]


def lines() -> list[Line]:
    """The table, read."""
    found = []
    for text in _TEXT.strip().splitlines()[1:]:
        field, named, *cells = text.split()
        cells += ["none"] * (len(CALLERS) - 1 == len(cells))
        argument, _, kind = named.removeprefix("-").partition("=")
        found.append(Line(field, argument, kind, dict(zip(CALLERS, cells, strict=True))))
    return found

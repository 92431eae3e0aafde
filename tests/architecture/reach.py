"""Which types of the API bear something of a person, and by which fields they are reached.

A new type or field fails the walk until it is entered here: that is the moment to think of who may see it.
"""

from collections.abc import Iterator

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

BEARS: dict[str, str] = {
    "Account": "a member of staff: name, role and place",
    "Alert": "that somebody is ill, how badly and in which ward",
    "AlertEvent": "what happened to an alert, and who did it",
    "AskedInformation": "what a station has asked of somebody",
    "Assessment": "what is wrong with somebody",
    "AuditEntry": "who has looked at somebody's case",
    "Case": "somebody's illness",
    "Certificate": "whose isolation is over, by its case, and who has signed it",
    "CheckIn": "how somebody was on a day",
    "ContactAttempt": "how somebody was called, what was said and by whom",
    "Declaration": "somebody's report",
    "Dispensing": "what medicine somebody was given",
    "Duty": "a member of staff: the name and telephone of whoever is called",
    "Evidence": "a photo of somebody's test or identity paper, as a ticket to look at it",
    "Escalation": "how long somebody was not helped",
    "MyCertificate": "that somebody of one's household may go out again, with the paper that says who",
    "MyContact": "a household's phone, street and e-mail",
    "MyData": "all of a household",
    "MyDeclaration": "a household's report with its receipt",
    "MyLook": "who has looked at somebody's case",
    "MySession": "when somebody was signed in",
    "PackOption": "what stands against giving somebody a medicine",
    "DuplicateCandidate": "that two may be one person",
    "Person": "who somebody is",
    "PersonMerge": "that two cases are one person's",
    "Receipt": "a household's receipt",
    "ReceiptCase": "somebody's illness, on the receipt",
    "ReceiptDeclaration": "somebody's report, on the receipt",
    "Referral": "that somebody was sent to a hospital, and why",
    "ReportedPerson": "who somebody is, as reported",
    "Session": "what lets in as somebody",
    "Staff": "a member of staff: the name",
    "StaffAccount": "a member of staff: name, role, place and sign-in",
    "TimelineDetail": "what was said of somebody's case, and who somebody was before it was put right",
    "TimelineEntry": "what was done to somebody's case, and by whom",
    "Transfer": "that somebody is ill and has moved, why, and who sent and took the case",
    "Vitals": "what was measured of somebody",
    "WorkItem": "what somebody's case calls for",
    "ReleaseTest": "what a test of somebody has shown, and who has seen it",
}
"""Types that bear something of a person, and what."""

_TREE = "the public tree of areas and who answers for it"
_RULES = "the published rules of triage"
_FIGURES = "counts; that they tell nothing of what is outside is held by the recount"
_REFUSAL = "a refusal: a code and a text"
_PLAIN = "the plain answer to one's own act"
_HOLDER = "holds what bears something and nothing beside"

BARE: dict[str, str] = {
    "Advice": _RULES,
    "AccountChanged": _HOLDER,
    "AlertAcknowledged": _HOLDER,
    "AlertResolved": _HOLDER,
    "AlertsAcknowledged": _HOLDER,
    "AlertSummary": _FIGURES,
    "Area": _TREE,
    "AreaSummary": _FIGURES,
    "CaseClaimed": _HOLDER,
    "CaseConfirmed": _HOLDER,
    "CaseDismissed": _HOLDER,
    "CasesConfirmed": _HOLDER,
    "ClaimReleased": _HOLDER,
    "CheckedIn": _HOLDER,
    "CaseMoved": _HOLDER,
    "ClockMoved": _PLAIN,
    "Conflict": _HOLDER,
    "ContactRecorded": _HOLDER,
    "DaySummary": _FIGURES,
    "DeclarationsAccepted": _HOLDER,
    "DeclarationChanged": _HOLDER,
    "EvidenceAttached": _HOLDER,
    "EvidenceRemoved": _PLAIN,
    "Duplicates": _HOLDER,
    "FieldProblem": _REFUSAL,
    "Installation": _PLAIN,
    "InvalidCode": _REFUSAL,
    "InvalidCredentials": _REFUSAL,
    "InvalidInput": _REFUSAL,
    "IsolationRules": _RULES,
    "MissingValue": "a criterion and a value's code, below an assessment, which bears it",
    "NotFound": _REFUSAL,
    "OutOfStock": _REFUSAL,
    "Pack": _RULES,
    "PackDispensed": _HOLDER,
    "PageInfo": "cursors, which are looked into like every text of an answer",
    "PackReason": "a rule's text, below an option or a refusal",
    "PackRefused": "a refusal: what stands against a pack, to whoever wanted to give it",
    "PasswordReset": _PLAIN,
    "PersonCorrected": _HOLDER,
    "PersonErased": _HOLDER,
    "PersonRevealed": _HOLDER,
    "PersonsMerged": _HOLDER,
    "PersonsUnmerged": _HOLDER,
    "Protocol": _RULES,
    "ProtocolCriterion": _RULES,
    "ProtocolResponse": _RULES,
    "PublicDay": _FIGURES,
    "PublicSummary": _FIGURES,
    "Reason": "a criterion's text, below an alert or an assessment, which bear it",
    "ReceiptClaimed": _HOLDER,
    "ReceiptStation": _TREE,
    "ReceiptStatus": "where a receipt stands, for whoever has its code: states and days, nothing of who it is",
    "ReferralChanged": _HOLDER,
    "ReferralCount": _FIGURES,
    "ReferralsChange": _FIGURES,
    "ResponseStep": _RULES,
    "RosterChanged": _HOLDER,
    "SecondFactorBegun": _PLAIN,
    "SecondFactorNeeded": _REFUSAL,
    "SessionRenewed": _PLAIN,
    "SignedOut": _PLAIN,
    "SocketOnly": _REFUSAL,
    "Station": _TREE,
    "StationStock": "how many packs a station has",
    "StationSummary": _FIGURES,
    "StockBalance": "how many packs a station has",
    "StockChanged": _HOLDER,
    "StockEntry": "how many packs a station had, and who of the staff changed it; nobody who was given one",
    "TooManyRequests": _REFUSAL,
    "UploadTicket": _PLAIN,
    "TransferChanged": _HOLDER,
    "VerificationSent": _PLAIN,
    "Vital": _RULES,
    "Word": _RULES,
    "WorkCount": _FIGURES,
    "WorklistChange": _FIGURES,
    "CaseReleased": _HOLDER,
    "CertificateChanged": _HOLDER,
    "CertificateVerification": "whether a code is one of a certificate, the station and the day; nothing of a person",
    "CertificatesSigned": _HOLDER,
    "NotReleasable": _REFUSAL,
    "ReleaseOutlook": "whether an isolation may end, below a case, which bears it",
    "ReleaseTestTaken": _HOLDER,
}
"""Types that bear nothing of a person themselves, and what they are instead."""

_ALERT = "alert: within the area, for the roles that hear alerts"
_OUTLINE = "outline: a case without its person, for the roles that hear alerts"
_CASE = "case: within the area or granted, for the roles that care; to a resident an outline of their own"
_DECLARATION = "declaration: within the area or granted, for the roles that care; to a resident their own"
_CHECK_IN = "with its case, for the roles that care; to a resident what their own phone has sent"
_ASSESSMENT = "with its case or declaration"
_IDENTITY = "identity: for the roles that care, within the area or granted"
_REPORTED = "identity: as reported, for the roles that care and for whoever has sent it"
_STAFF = "staff: the name of whoever acted, for the roles that hear alerts"
_ACCOUNT = "account: within the area, for the roles that lead"
_OWN = "own: what the resident's proven phone has declared or claimed"
_SELF = "one's own account or session"
_DUTY = "duty: within the area, for those who keep its roster"
_EVIDENCE = "with its case or declaration, for the roles that care; its picture not to whoever has sent it"
_CARE = "care: with its case, for the roles that care, within the area or granted"
_TIMELINE = "with its case, for the roles that care; what is told of a line with the person"
_REFERRAL = "referral: within the area for the roles that care, or to one's own hospital while it is not over"
_TRANSFER = "transfer: from or to the area, for the roles that care; of a granted case too"
_SENT = "the receipt of what the operation itself has sent"

COVERED: dict[str, str] = {
    "AccountChanged.account": _ACCOUNT,
    "Alert.acknowledgedBy": _STAFF,
    "Alert.case": _OUTLINE,
    "Alert.escalations": _ALERT,
    "Alert.resolvedBy": _STAFF,
    "AlertAcknowledged.alert": _ALERT,
    "AlertAcknowledged.alerts": _ALERT,
    "AlertConnection.nodes": _ALERT,
    "AlertEdge.node": _ALERT,
    "AlertEvent.alert": _ALERT,
    "AlertEvent.by": _STAFF,
    "AlertResolved.alert": _ALERT,
    "AuditEntry.by": _STAFF,
    "AuditEntryConnection.nodes": "audit: of a case within the area, for the roles that lead",
    "AuditEntryEdge.node": "audit: of a case within the area, for the roles that lead",
    "Case.alerts": _ALERT,
    "Case.assessment": _ASSESSMENT,
    "Case.claimedBy": _STAFF,
    "Case.contacts": _CARE,
    "Case.declarations": _DECLARATION,
    "Case.dispensings": _CARE,
    "Case.episodes": _CASE,
    "Case.mergedInto": _CASE,
    "Case.merges": _CARE,
    "Case.packs": _CARE,
    "Case.evidence": _EVIDENCE,
    "Case.person": _IDENTITY,
    "Case.previous": _CASE,
    "CaseClaimed.case": _CASE,
    "Case.referrals": _CARE,
    "Case.transfers": _TRANSFER,
    "CaseConfirmed.case": _CASE,
    "ClaimReleased.case": _CASE,
    "CaseConnection.nodes": _CASE,
    "CaseDismissed.case": _CASE,
    "CaseEdge.node": _CASE,
    "CheckIn.enteredBy": _STAFF,
    "CheckIn.vitals": "identity: as reported, for the roles that care; to a resident what their own phone has sent",
    "CheckInConnection.nodes": _CHECK_IN,
    "CheckInEdge.node": _CHECK_IN,
    "CheckedIn.case": _CASE,
    "CheckedIn.checkIn": _SENT,
    "CaseMoved.case": _CASE,
    "Conflict.by": _STAFF,
    "Conflict.changes": _TIMELINE,
    "Conflict.current": "what the object itself asks for",
    "ContactAttempt.by": _STAFF,
    "ContactRecorded.case": _CASE,
    "Declaration.asked": _REPORTED,
    "Declaration.assessment": _ASSESSMENT,
    "Declaration.case": _CASE,
    "Declaration.evidence": _EVIDENCE,
    "Declaration.enteredBy": _STAFF,
    "Declaration.reported": "identity: as reported, for the roles that care and for whoever has sent it",
    "DeclarationChanged.declaration": _DECLARATION,
    "DeclarationConnection.nodes": _DECLARATION,
    "DeclarationEdge.node": _DECLARATION,
    "Dispensing.by": _STAFF,
    "DuplicateCandidate.case": _CASE,
    "Duplicates.candidates": _CASE,
    "Duplicates.case": _CASE,
    "DutyConnection.nodes": _DUTY,
    "EvidenceAttached.evidence": _EVIDENCE,
    "DutyEdge.node": _DUTY,
    "Mutation.changePassword": _SELF,
    "Mutation.confirmSecondFactor": _SELF,
    "Mutation.declare": _SENT,
    "Mutation.declareFor": _SENT,
    "Mutation.refreshSession": _SELF,
    "Mutation.signIn": _SELF,
    "Mutation.signInWithProvider": _SELF,
    "Mutation.verifyPhone": _SELF,
    "MyData.declarations": _OWN,
    "MyData.looks": _OWN,
    "MyData.sessions": _OWN,
    "MyDeclaration.contact": _OWN,
    "MyDeclaration.declaration": _OWN,
    "PackDispensed.case": _CASE,
    "PackDispensed.dispensing": _CARE,
    "PersonCorrected.case": _CASE,
    "PersonErased.cases": _CASE,
    "PersonMerge.by": _STAFF,
    "PersonMerge.kept": _CASE,
    "PersonMerge.merged": _CASE,
    "PersonMerge.undoneBy": _STAFF,
    "PersonRevealed.person": "a committee, for one case of its area, with a reason",
    "PersonsMerged.merge": _CARE,
    "PersonsUnmerged.merge": _CARE,
    "Query.case": _CASE,
    "Query.exportMyData": _OWN,
    "Query.me": _SELF,
    "Query.node": "what the object itself asks for",
    "Receipt.declarations": _SENT,
    "ReceiptCase.assessment": _SENT,
    "ReceiptClaimed.declarations": _OWN,
    "ReceiptDeclaration.case": _SENT,
    "Referral.case": _CASE,
    "Referral.requestedBy": _STAFF,
    "ReferralChanged.case": _CASE,
    "ReferralChanged.referral": _CARE,
    "ReferralConnection.nodes": _REFERRAL,
    "ReferralEdge.node": _REFERRAL,
    "ReportedPerson.vitals": "with the report",
    "RosterChanged.duty": _DUTY,
    "Session.account": _SELF,
    "StaffAccountConnection.nodes": _ACCOUNT,
    "StaffAccountEdge.node": _ACCOUNT,
    "StockEntry.by": _STAFF,
    "Subscription.alerts": _ALERT,
    "Transfer.answeredBy": _STAFF,
    "Transfer.askedBy": _STAFF,
    "Transfer.case": _CASE,
    "TransferChanged.transfer": _TRANSFER,
    "TransferConnection.nodes": _TRANSFER,
    "TransferEdge.node": _TRANSFER,
    "WorkItem.alert": _ALERT,
    "WorkItem.case": _CASE,
    "WorkItemConnection.nodes": _CASE,
    "WorkItemEdge.node": _CASE,
    "TimelineEntry.alert": _ALERT,
    "TimelineEntry.by": _STAFF,
    "TimelineEntry.declaration": _DECLARATION,
    "TimelineEntry.details": _TIMELINE,
    "TimelineEntryConnection.nodes": _TIMELINE,
    "TimelineEntryEdge.node": _TIMELINE,
    "Case.certificates": _CASE,
    "Case.releaseTests": _CASE,
    "CaseReleased.case": _CASE,
    "Certificate.case": _CASE,
    "Certificate.revokedBy": _STAFF,
    "Certificate.signedBy": _STAFF,
    "CertificateChanged.certificate": _CASE,
    "CertificateConnection.nodes": _CASE,
    "CertificateEdge.node": _CASE,
    "MyCertificateConnection.nodes": _OWN,
    "MyCertificateEdge.node": _OWN,
    "ReleaseTest.verifiedBy": _STAFF,
    "ReleaseTestTaken.test": _CASE,
}
"""Every field that leads straight to a type that bears something, and what the scope tests hold it against."""


def objects(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    """Every object type of ours that is no root."""
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    return {
        name: type_
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__") and type_ not in roots
    }


def unclassed(schema: GraphQLSchema) -> list[str]:
    """Types of which nobody has said what they bear; pages are of what their rows are."""
    pages = ("Connection", "Edge")
    return [name for name in objects(schema) if not name.endswith(pages) and (name in BEARS) == (name in BARE)]


def leading(schema: GraphQLSchema) -> Iterator[str]:
    """Every field whose value may be of a type that bears something, as `Case.person`."""
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root]
    for type_ in (*objects(schema).values(), *roots):
        for name, field in type_.fields.items():
            if any(member in BEARS for member in _members(schema, get_named_type(field.type))):
                yield f"{type_.name}.{name}"


def _members(schema: GraphQLSchema, type_: GraphQLNamedType) -> list[str]:
    if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
        return [member.name for member in schema.get_possible_types(type_)]
    return [type_.name]

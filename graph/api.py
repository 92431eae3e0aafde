"""The API: the roots made one schema, and the schema one endpoint."""

import strawberry
from starlette.routing import BaseRoute, Route, WebSocketRoute
from strawberry.schema.config import StrawberryConfig

from graph.admission import Admission
from graph.certificate_page import certificate_page_routes
from graph.executor import EventExecutor
from graph.limits import Limits
from graph.over_http import OverHttp
from graph.over_websocket import OverWebSocket
from graph.papers import paper_routes
from graph.prepare_trusted import prepare_trusted
from graph.resolvers.accounts import AccountMutation, AccountQuery
from graph.resolvers.alerts import AlertMutation, AlertQuery, AlertSubscription
from graph.resolvers.areas import AreaQuery
from graph.resolvers.bulk import BulkMutation
from graph.resolvers.care import CareMutation
from graph.resolvers.cases import CaseMutation, CaseQuery
from graph.resolvers.certificates import CertificateMutation, CertificateQuery
from graph.resolvers.check_ins import CheckInMutation
from graph.resolvers.claims import ClaimMutation
from graph.resolvers.closing import ClosingMutation
from graph.resolvers.committees import CommitteeMutation
from graph.resolvers.credentials import CredentialMutation
from graph.resolvers.declarations import DeclarationMutation, DeclarationQuery
from graph.resolvers.evidence import EvidenceMutation
from graph.resolvers.handling import HandlingMutation
from graph.resolvers.installation import InstallationMutation, InstallationQuery
from graph.resolvers.merges import MergeMutation, MergeQuery
from graph.resolvers.node import NodeQuery
from graph.resolvers.own import OwnMutation, OwnQuery
from graph.resolvers.public import PublicQuery
from graph.resolvers.referrals import ReferralMutation, ReferralQuery, ReferralSubscription
from graph.resolvers.releases import ReleaseMutation
from graph.resolvers.rosters import RosterMutation, RosterQuery
from graph.resolvers.session import SessionMutation, SessionQuery
from graph.resolvers.stock import StockMutation, StockQuery
from graph.resolvers.summary import SummaryQuery, SummarySubscription
from graph.resolvers.trail import TrailQuery
from graph.resolvers.transfers import TransferMutation, TransferQuery
from graph.resolvers.verification import VerificationMutation
from graph.resolvers.work import WorkQuery, WorkSubscription
from graph.running import Engine, MadeReady, Schema
from graph.schema.care_problem import CARE_HANDLERS
from graph.schema.moments import MOMENTS
from graph.schema.problem import HANDLERS
from graph.schema.release_payload import RELEASE_HANDLERS
from graph.schema.resolved import actions, describe_inputs
from graph.trusted import Trusted
from graph.uploads import evidence_routes
from services.runtime import Runtime

PATH = "/graphql"


@strawberry.type(description="What can be read.")
class Query(
    SessionQuery,
    InstallationQuery,
    AreaQuery,
    DeclarationQuery,
    OwnQuery,
    AlertQuery,
    CaseQuery,
    MergeQuery,
    StockQuery,
    ReferralQuery,
    CertificateQuery,
    SummaryQuery,
    PublicQuery,
    TrailQuery,
    TransferQuery,
    AccountQuery,
    RosterQuery,
    NodeQuery,
    WorkQuery,
):
    """The parts, and nothing of its own."""


@strawberry.type(description="What can be done. A refusal that the caller can act on is data, in the answer's union.")
class Mutation(
    DeclarationMutation,
    HandlingMutation,
    TransferMutation,
    OwnMutation,
    VerificationMutation,
    SessionMutation,
    CredentialMutation,
    AccountMutation,
    AlertMutation,
    CaseMutation,
    MergeMutation,
    BulkMutation,
    ClaimMutation,
    CareMutation,
    StockMutation,
    ReferralMutation,
    ClosingMutation,
    EvidenceMutation,
    ReleaseMutation,
    CertificateMutation,
    CheckInMutation,
    CommitteeMutation,
    RosterMutation,
    InstallationMutation,
):
    """The parts, and nothing of its own."""


@strawberry.type(description="What can be watched, over WebSocket (graphql-transport-ws) or server-sent events.")
class Subscription(AlertSubscription, ReferralSubscription, SummarySubscription, WorkSubscription):
    """The parts, and nothing of its own."""


def build_schema() -> Schema:
    """The schema, checked as a whole. Raises NoAction for a root field that does not say what it lets its caller do."""
    actions(Query, Mutation, Subscription)
    describe_inputs(Mutation)
    return Schema(
        execution_context_class=EventExecutor,
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=[MadeReady],
        exception_handlers=(*HANDLERS, *CARE_HANDLERS, *RELEASE_HANDLERS),
        config=StrawberryConfig(auto_camel_case=True, scalar_map=MOMENTS),
    )


def build_admission(runtime: Runtime, limits: Limits) -> Admission:
    """The admission of the API's root fields."""
    return Admission(limits, runtime, actions(Query, Mutation, Subscription))


def api_routes(
    runtime: Runtime,
    limits: Limits | None = None,
    trusted: Trusted | None = None,
    admission: Admission | None = None,
) -> list[BaseRoute]:
    """The endpoint over each of its transports."""
    bounds = limits or Limits()
    admission = admission or build_admission(runtime, bounds)
    engine = Engine(build_schema(), bounds, trusted, admission.parsed)
    if trusted is not None:
        prepare_trusted(engine, trusted)
    return [
        Route(PATH, OverHttp(engine, runtime, admission)),
        WebSocketRoute(PATH, OverWebSocket(engine, runtime, admission)),
        *evidence_routes(runtime),
        *paper_routes(runtime),
        *certificate_page_routes(runtime),
    ]

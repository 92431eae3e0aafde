"""Every bound of the API in one place; `graph.scan`, `graph.measure` and `graph.variables` hold requests to them."""

from dataclasses import dataclass, field

from graph.admission_bounds import AdmissionBounds
from services.page import LARGEST_PAGE


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask for at once. Sizes in bytes, times in seconds."""

    body: int = 1_000_000
    body_seconds: float = 15.0
    batch: int = 0
    """Operations in one JSON array; 0 takes no arrays at all."""

    document: int = 20_000
    tokens: int = 600
    nesting: int = 50
    """Brackets of any kind inside each other, which lists and objects in literals are as well."""
    operations: int = 10
    fragments: int = 100
    directives: int = 50
    node_directives: int = 4
    overlaps: int = 1_000
    """Comparisons of fields that stand under one name: of n fields there would be n * n, and more through fragments."""
    faults: int = 5
    """After so many mistakes in one document the search for more ends."""

    depth: int = 12
    aliases: int = 30
    root_fields: int = 30
    introspections: int = 2
    """Of `__schema` and `__type` in one operation: each may print the whole schema."""
    cost: int = 60_000
    """Fields times the rows that they are asked of."""
    page: int = LARGEST_PAGE

    variables: int = 200_000
    variable_depth: int = 20
    variable_values: int = 2_000

    introspection: bool = True
    suggestions: bool = True
    """Whether a message says "Did you mean": it names to a stranger what they have not found."""

    persisted: int = 0
    """Documents that are kept by the hash that a client has sent with them; 0 keeps none."""
    persisted_bytes: int = 4_000_000

    compiled: bool = True
    """Whether operations are compiled; graphql-core runs them otherwise."""
    compiled_fields: int = 20_000
    """Fields of all operations that are kept compiled: each takes about three kilobytes."""
    documents_kept: int = 512
    tokens_kept: int = 60_000
    """Of all documents kept: each token of a parsed document takes about a kilobyte."""
    operation_seconds: float = 20.0
    socket_init_seconds: float = 10.0
    socket_idle_seconds: float = 60.0
    socket_operations: int = 50
    socket_subscriptions: int = 50
    account_sockets: int = 100
    account_operations: int = 500
    account_subscriptions: int = 300
    address_sockets: int = 5_000
    socket_send_seconds: float = 10.0
    heartbeat_seconds: float = 15.0
    shared: bool = True
    """Whether subscribers who get the same are given it from one execution."""
    admission: AdmissionBounds = field(default_factory=AdmissionBounds)

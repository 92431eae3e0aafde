"""Reading and compiling the trusted documents when the server starts."""

import structlog

from graph.documents import Unfit
from graph.manifest import sha256
from graph.running import Engine
from graph.trusted import Trusted

_LONGEST_REASON = 200

logger = structlog.get_logger(__name__)


def prepare_trusted(engine: Engine, trusted: Trusted) -> int:
    """Compiles as many as are kept, so that the first who sends one need not wait; gives how many fit.

    One that does not fit this version is logged; it is refused when it is sent.
    """
    fit = 0
    for text in trusted.texts[: engine.limits.documents_kept]:
        try:
            ready = engine.documents.read(text)
        except Unfit as unfit:
            logger.warning("trusted_document_refused", sha256=sha256(text), reason=str(unfit)[:_LONGEST_REASON])
            continue
        fit += 1
        for name in ready.names:
            engine.plans.of(ready, name)
    return fit

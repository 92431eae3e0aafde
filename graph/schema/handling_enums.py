"""The enums of handling declarations, each value with its meaning."""

from graph.schema.described import describe
from services.reject_declaration import RejectReason

__all__ = ["RejectReason"]

describe(
    RejectReason,
    "Why a station does not take a report.",
    {
        "NEGATIVE_TEST": "The test was negative.",
        "NOT_A_RESIDENT": "The person does not live there.",
        "INCOMPLETE": "What is missing was not to be had.",
        "PRANK": "Nobody is ill.",
        "OTHER": "For another reason.",
    },
)

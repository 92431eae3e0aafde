"""The enums of photos, each value with its meaning."""

from graph.schema.described import describe
from models.state import EvidenceKind

__all__ = ["EvidenceKind"]

describe(
    EvidenceKind,
    "What a photo shows.",
    {
        "TEST": "A test and its result.",
        "IDENTITY_PAPER": "An identity paper.",
    },
)

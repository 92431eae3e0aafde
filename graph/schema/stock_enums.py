"""The enums of stocks, each value with its meaning."""

from graph.schema.described import describe
from models.state import StockChange

__all__ = ["StockChange"]

describe(
    StockChange,
    "Why a station's stock of a pack has changed.",
    {
        "RECEIVED": "Packs have come.",
        "DISPENSED": "One was given to somebody.",
        "RETURNED": "Packs were sent back to where they came from.",
        "CORRECTED": "A count has shown that the balance was wrong.",
    },
)

"""The enums of contacts with people, each value with its meaning."""

from graph.schema.described import describe
from models.state import ContactOutcome
from services.record_contact import AdviceGiven

__all__ = ["AdviceGiven", "ContactOutcome"]

describe(
    ContactOutcome,
    "How an attempt to reach somebody ended.",
    {
        "REACHED": "Somebody spoke with the person, or with whoever cares for them.",
        "NO_ANSWER": "Nobody answered.",
        "WRONG_NUMBER": "The number is somebody else's.",
        "REFUSED": "The person did not want to hear anything; nobody was advised.",
    },
)
describe(
    AdviceGiven,
    "What somebody was told to do.",
    {
        "ISOLATE": "Stay at home, apart from the others of the household.",
        "REST_AND_DRINK": "Rest, drink and eat enough.",
        "WATCH_FOR_SIGNS": "Watch for signs of danger, and know them.",
        "CHECK_IN": "Report symptoms and measurements as often as the protocol says.",
        "TAKE_MEDICINE": "Take the medicine that was given, and how.",
        "COME_TO_STATION": "Come to the station.",
        "CALL_EMERGENCY": "Call 115.",
        "GO_TO_HOSPITAL": "Go to a hospital.",
    },
)

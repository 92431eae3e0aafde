"""How many messages are on their way at once: arithmetic, and nothing else."""

from dataclasses import dataclass

LANES = 12
"""How many messages a relay has on their way at once, at most."""

KEPT_FOR_REDS = 4
"""How many of these only a call to a RED alert may take: what else hangs at a gateway never fills every lane."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many more may be sent now: `reds` in all, and of these `others` that are no reds."""

    reds: int
    others: int


def room(reds: int, others: int, gateways: int = LANES) -> Room:
    """The room beside so many that are on their way, where the gateways take `gateways` more at the moment."""
    free = max(0, min(LANES - reds - others, gateways))
    return Room(free, max(0, min(LANES - KEPT_FOR_REDS - others, free)))

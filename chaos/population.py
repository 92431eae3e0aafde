"""The people of a run: the replay's, moved to the run's day, lot after lot for as long as it lasts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from chaos.installation import MOMENT
from simulation.calendar_of_march import ZONE
from simulation.household import Household
from simulation.population import draw_households
from simulation.quota import Quota
from simulation.ward import Ward

DAY = MOMENT.astimezone(ZONE).date()
_LOT = 3_000
_HIGH_RISK = 0.015
_STREET_LENGTH = 200
_LONG_STREET = "ngõ hẻm ấp ổ ố ộ ệ ế ặ ằ ậ ầ ụ ự " * 6


def people(seed: int, wards: Sequence[Ward], severe: float) -> Iterator[Household]:
    """Households without end; each has a number and a phone of its own. `severe` is the share of severe reports."""
    number = 0
    wanted = Quota(_LOT, round(_LOT * severe), round(_LOT * _HIGH_RISK))
    for lot in range(1_000_000):
        for household in draw_households(seed * 1_000 + lot, wanted, wards):
            number += 1
            yield _moved(household, number)


def _moved(household: Household, number: int) -> Household:
    days = DAY - household.day
    moved = tuple(
        replace(
            person,
            test_on=person.test_on + days,
            onset_on=None if person.onset_on is None else person.onset_on + days,
            # Nobody who was sent is taken for somebody else: one person is one case here.
            name=f"{person.name} {_letters(number)}",
        )
        for person in household.people
    )
    return replace(
        household,
        number=number,
        day=DAY,
        moment=household.moment + timedelta(days=days.days),
        phone=f"+8495{number:07d}",
        # As long as an address may be: a screen that hangs is to have much waiting for it.
        street=f"{household.street} {_LONG_STREET}"[:_STREET_LENGTH],
        people=moved,
    )


def _letters(number: int) -> str:
    """A number as letters: a name has no digits."""
    return "".join(chr(ord("A") + int(digit)) for digit in str(number))

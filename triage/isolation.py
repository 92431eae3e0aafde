"""The rules of home isolation and follow-up."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Isolation:
    """Days count from the day of the positive test, which is day 0, never from the day it was declared.

    `release_day` is for a negative test; a person still positive waits until one of the two later days, the earlier
    for the fully vaccinated (`fully_vaccinated_doses` or more). `check_ins_per_day` are expected, and
    `missed_check_ins` of them in a row from a high-risk person raise an alert.
    """

    release_day: int
    release_day_positive_vaccinated: int
    release_day_positive_unvaccinated: int
    fully_vaccinated_doses: int
    check_ins_per_day: int
    missed_check_ins: int

    def release_on(self, test_on: date, still_positive: bool, vaccine_doses: int | None) -> date:
        """The first day on which the person may be released. Doses that are not known count as none."""
        if not still_positive:
            days = self.release_day
        elif (vaccine_doses or 0) >= self.fully_vaccinated_doses:
            days = self.release_day_positive_vaccinated
        else:
            days = self.release_day_positive_unvaccinated
        return test_on + timedelta(days=days)

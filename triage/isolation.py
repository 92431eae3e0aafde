"""The rules of home isolation and follow-up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

CHECK_IN_GRACE_HOURS = 4
"""How late a check-in may come where a protocol does not say it."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """Days count from the day of the positive test, which is day 0, never from the day it was declared.

    `release_day` is for a negative test; a person still positive waits until one of the two later days, the earlier
    for the fully vaccinated (`fully_vaccinated_doses` or more). `check_ins_per_day` are expected, each
    at most `check_in_grace_hours` late, and `missed_check_ins` of them in a row from somebody at risk raise an alert.
    """

    release_day: int
    release_day_positive_vaccinated: int
    release_day_positive_unvaccinated: int
    fully_vaccinated_doses: int
    check_ins_per_day: int
    missed_check_ins: int
    check_in_grace_hours: int = CHECK_IN_GRACE_HOURS

    @property
    def check_in_interval(self) -> timedelta:
        """How far apart two check-ins are."""
        return timedelta(days=1) / self.check_ins_per_day

    def check_in_due(self, since: datetime) -> datetime:
        """When the next check-in is missed, counted from the last one or from the beginning of the isolation."""
        return since + self.check_in_interval + timedelta(hours=self.check_in_grace_hours)

    def missed(self, due: datetime, now: datetime) -> tuple[int, datetime]:
        """How many check-ins have been missed once `due` has passed, and when the next one is.

        More than one where nobody has looked for a while: a person was silent all that time.
        """
        missed = 1 + (now - due) // self.check_in_interval
        return missed, due + missed * self.check_in_interval

    def release_on(self, test_on: date, still_positive: bool, vaccine_doses: int | None) -> date:
        """The first day on which the person may be released. Doses that are not known count as none."""
        if not still_positive:
            days = self.release_day
        elif (vaccine_doses or 0) >= self.fully_vaccinated_doses:
            days = self.release_day_positive_vaccinated
        else:
            days = self.release_day_positive_unvaccinated
        return test_on + timedelta(days=days)

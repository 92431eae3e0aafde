"""Who a case is: unsealed for those who may see a person, and for nobody else."""

from dataclasses import dataclass
from datetime import date

from access.actor import Actor
from access.visible import names
from models.case import Case
from services.runtime import Runtime
from services.seen import Seen
from triage.age import age_on


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as reported; `age_years` is today's, the greatest possible where only the birth year is known."""

    name: str
    birth_date: date | None
    birth_year: int | None
    phone: str
    national_id: str | None
    street: str
    age_years: int | None


def identify(runtime: Runtime, actor: Actor, case: Case, seen: Seen) -> Identity | None:
    """The person of a case; None where the actor may not see persons, or not this one, and where nobody is left to see.

    Whoever is unsealed is noted in `seen`, which has to be written before anybody is shown the answer.

    Raises UnsealError for an identity that was changed or belongs to another row.
    """
    if not case.identity or not names(actor, case):
        return None
    person = opened(runtime, case)
    seen.person(case.id)
    return person


def opened(runtime: Runtime, case: Case) -> Identity:
    """The person of a case that is not anonymous, for whoever has asked already whether they may be seen.

    Raises UnsealError for an identity that was changed or belongs to another row.
    """
    sealed = runtime.sealer.open(f"case:{case.id}", case.identity)
    birth_date = _text(sealed, "birth_date")
    born = date.fromisoformat(birth_date) if birth_date else None
    year = sealed.get("birth_year")
    birth_year = year if isinstance(year, int) else None
    age = age_on(born, birth_year, runtime.clock.day())
    return Identity(
        name=_text(sealed, "name") or "",
        birth_date=born,
        birth_year=birth_year,
        phone=_text(sealed, "phone") or "",
        national_id=_text(sealed, "national_id"),
        street=_text(sealed, "street") or "",
        age_years=age.months_high // 12 if age else None,
    )


def _text(sealed: dict[str, object], key: str) -> str | None:
    value = sealed.get(key)
    return value if isinstance(value, str) else None

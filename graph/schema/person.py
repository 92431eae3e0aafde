"""Who somebody is: for those who care for them."""

from datetime import date

import strawberry

from services.identify import Identity


@strawberry.type(description="Who a case is about, for the staff who care for them, and whom it was revealed to.")
class Person:
    """See the description."""

    name: str = strawberry.field(description="The full name.")
    birth_date: date | None = strawberry.field(description="The date of birth; null where only the year is known.")
    birth_year: int | None = strawberry.field(description="The year of birth, where the date is not known.")
    age: int | None = strawberry.field(description="The age today in completed years; the greatest possible of a year.")
    phone: str = strawberry.field(description="The household's telephone number, in E.164 form.")
    national_id: str | None = strawberry.field(description="The national identity number, where it was given.")
    street: str = strawberry.field(description="House number and street.")

    @classmethod
    def of(cls, identity: Identity) -> "Person":
        """The person of an unsealed identity."""
        return cls(
            name=identity.name,
            birth_date=identity.birth_date,
            birth_year=identity.birth_year,
            age=identity.age_years,
            phone=identity.phone,
            national_id=identity.national_id,
            street=identity.street,
        )

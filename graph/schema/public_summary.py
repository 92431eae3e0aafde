"""What everybody may know of an area."""

import datetime as time

import strawberry

from graph.schema.area import Area
from graph.schema.resolved import resolved
from services.public_figures import METRICS, Figures
from services.public_summary import PublicSummary as Read
from services.published import DAYS


@strawberry.type(description="By how much the published counts grew on one day; null for less than a step of ten.")
class PublicDay:
    """See the description."""

    date: time.date = strawberry.field(description="The day.")
    declared: int | None = strawberry.field(description="People declared.")
    confirmed: int | None = strawberry.field(description="Cases confirmed.")
    severe: int | None = strawberry.field(description="Declarations assessed as severe.")
    high_risk: int | None = strawberry.field(description="Declarations assessed as high-risk.")


@strawberry.type(
    description="The counts of an area for everybody, rounded down to a multiple of ten; null where there are fewer "
    "than ten, or none. Those of an area with few parts are told lower still, where they would say too much of a part."
)
class PublicSummary:
    """See the description."""

    area: Area = strawberry.field(description="The area, with all below it.")
    disease: str = strawberry.field(description="The code of the disease counted.")
    day: time.date = strawberry.field(description="The last day counted, which is over.")
    as_of: time.datetime = strawberry.field(description="The moment of the figures: the end of that day.")
    declared: int | None = strawberry.field(description="People declared.")
    confirmed: int | None = strawberry.field(description="Cases confirmed.")
    severe: int | None = strawberry.field(description="Declarations assessed as severe.")
    high_risk: int | None = strawberry.field(description="Declarations assessed as high-risk.")
    figures: strawberry.Private[Figures]
    read: strawberry.Private[Read]

    @classmethod
    def of(cls, read: Read, figures: Figures | None = None) -> "PublicSummary":
        """The summary as read, or the part of it that is about another area."""
        found = figures or read.figures
        return cls(
            area=Area.of(found.area),
            disease=read.disease,
            day=read.day,
            as_of=read.as_of,
            figures=found,
            read=read,
            **{metric: found.told(metric) or None for metric in METRICS},
        )

    @resolved("The last 30 days in order, also those on which nothing happened.")
    def by_day(self) -> list[PublicDay]:
        """Nothing to wait for."""
        first = self.day - time.timedelta(days=DAYS - 1)
        return [
            PublicDay(
                date=first + time.timedelta(days=number),
                **{metric: self.figures.on(metric, number) or None for metric in METRICS},
            )
            for number in range(DAYS)
        ]

    @resolved("The same for each of its parts. They need not add up to it.")
    def children(self) -> list["PublicSummary"]:
        """Nothing to wait for."""
        return [PublicSummary.of(self.read, part) for part in self.figures.parts]

"""What an area looks like in figures."""

import datetime as time

import strawberry

from graph.context import Info
from graph.schema.area import Area
from graph.schema.resolved import resolved
from graph.schema.station import Station
from services import summarise
from services.summary_days import DayCounts
from services.summary_stations import StationSummary as ReadStation
from services.summary_totals import Counts


@strawberry.type(description="How an area answers its alerts.")
class AlertSummary:
    """See the description."""

    summary: strawberry.Private[summarise.Summary]

    @resolved("Alerts raised within the days.")
    async def raised(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).alerts

    @resolved("Alerts that nobody had taken at the end of the last day.")
    async def open(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).open_alerts

    @resolved("How often an alert was taken within the days; one raised again and taken again counts twice.")
    async def acknowledged(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).acknowledged

    @resolved("Alerts that are open past their due time as of now.")
    async def overdue(self, info: Info) -> int:
        """From the index of open alerts."""
        return await info.context.loaders.overdue.load(self.summary) or 0

    @resolved("Median time from raised (or raised again) to taken, in seconds, at most 5 % off; null where none was.")
    async def median_time_to_acknowledge(self, info: Info) -> float | None:
        """From the histogram."""
        return (await _times(info, self.summary))[0]

    @resolved("Nine of ten were taken within so many seconds, at most 5 % off; null where none was.")
    async def p90_time_to_acknowledge(self, info: Info) -> float | None:
        """From the histogram."""
        return (await _times(info, self.summary))[1]


@strawberry.type(description="The figures of one day, of the installation's time zone.")
class DaySummary:
    """See the description."""

    date: time.date = strawberry.field(description="The day.")
    declared: int = strawberry.field(description="People declared.")
    confirmed: int = strawberry.field(description="Cases confirmed.")
    active: int = strawberry.field(description="Cases confirmed and not at an end, on the evening of the day.")
    hospitalised: int = strawberry.field(description="People in hospital, on the evening of the day.")
    completed: int = strawberry.field(description="Cases whose isolation was ended.")
    deceased: int = strawberry.field(description="People who have died.")
    severe: int = strawberry.field(description="Declarations assessed as severe.")
    high_risk: int = strawberry.field(description="Declarations assessed as high-risk.")
    open_alerts: int = strawberry.field(description="Alerts that nobody had taken, on the evening of the day.")

    @classmethod
    def of(cls, day: DayCounts) -> "DaySummary":
        """The day's figures."""
        counts = day.counts
        return cls(
            date=day.date,
            declared=counts.declared,
            confirmed=counts.confirmed,
            active=counts.active,
            hospitalised=counts.hospitalised,
            completed=counts.completed,
            deceased=counts.deceased,
            severe=counts.severe,
            high_risk=counts.high_risk,
            open_alerts=counts.open_alerts,
        )


@strawberry.type(description="How one station handles what it receives.")
class StationSummary:
    """See the description."""

    station: Station = strawberry.field(description="The station.")
    read: strawberry.Private[ReadStation]

    @resolved("People declared for it.")
    async def received(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.read.summary)).declared

    @resolved("Declarations that nobody has settled yet.")
    async def pending(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.read.summary)).pending

    @resolved("Cases confirmed.")
    async def confirmed(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.read.summary)).confirmed

    @resolved("Cases whose person somebody has spoken with.")
    async def contacted(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.read.summary)).contacted

    @resolved("People in hospital.")
    async def hospitalised(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.read.summary)).hospitalised

    @resolved("Cases whose isolation was ended.")
    async def completed(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.read.summary)).completed

    @resolved("People who have died.")
    async def deceased(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.read.summary)).deceased

    @resolved("Alerts that nobody has taken.")
    async def open_alerts(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.read.summary)).open_alerts

    @resolved("Alerts that are open past their due time as of now.")
    async def overdue(self, info: Info) -> int:
        """From the index of open alerts."""
        return await info.context.loaders.overdue.load(self.read.summary) or 0

    @resolved("Median time from raised to taken, in seconds; null where none was.")
    async def p50(self, info: Info) -> float | None:
        """From the histogram."""
        return (await _times(info, self.read.summary))[0]

    @resolved("Nine of ten alerts were taken within so many seconds; null where none was.")
    async def p90(self, info: Info) -> float | None:
        """From the histogram."""
        return (await _times(info, self.read.summary))[1]

    @resolved("When its staff last did something.")
    async def last_action_at(self, info: Info) -> time.datetime | None:
        """From the counters."""
        return (await _totals(info, self.read.summary)).last_action_at

    @resolved("Whether a screen of the station is connected right now.")
    async def connected_now(self, info: Info) -> bool:
        """From what the processes report every few seconds."""
        return bool(await info.context.loaders.connected.load(self.read.station.id))

    @resolved("How many people are on duty there right now, by its roster.")
    async def on_duty(self, info: Info) -> int:
        """From the hours of its roster."""
        cover = await info.context.loaders.cover.load(self.read.station.id)
        return cover.on_duty(_here_and_now(info)) if cover else 0

    @resolved(
        "Whether nobody can be reached there: no screen is connected and nobody is on duty. Its alerts then go to the "
        "level above at once. Always false where the installation keeps no rosters."
    )
    async def uncovered(self, info: Info) -> bool:
        """From the hours of its roster and what the processes report."""
        cover = await info.context.loaders.cover.load(self.read.station.id)
        return cover is not None and cover.uncovered(_here_and_now(info))


@strawberry.type(description="The figures of an area, with all below it. What is not asked for is not counted.")
class AreaSummary:
    """See the description."""

    area: Area = strawberry.field(description="The area.")
    as_of: time.datetime = strawberry.field(description="The moment of the figures.")
    disease: str = strawberry.field(description="The code of the disease counted.")
    from_: time.date | None = strawberry.field(
        name="from", description="The first day counted; null for all until `to`."
    )
    to: time.date | None = strawberry.field(description="The last day counted; null for until now.")
    summary: strawberry.Private[summarise.Summary]

    @classmethod
    def of(cls, summary: summarise.Summary) -> "AreaSummary":
        """The summary; its figures are read when they are asked for."""
        return cls(
            area=Area.of(summary.area),
            as_of=summary.as_of,
            disease=summary.disease,
            from_=summary.from_,
            to=summary.to,
            summary=summary,
        )

    @resolved("People declared within the days.")
    async def declared(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).declared

    @resolved("Cases confirmed within the days.")
    async def confirmed(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).confirmed

    @resolved("Cases confirmed and not at an end, at the end of the last day.")
    async def active(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).active

    @resolved("People in hospital, at the end of the last day.")
    async def hospitalised(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).hospitalised

    @resolved("Cases whose isolation was ended within the days.")
    async def completed(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).completed

    @resolved("People who have died within the days.")
    async def deceased(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).deceased

    @resolved("Declarations of the days that were assessed as severe.")
    async def severe(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).severe

    @resolved("Declarations of the days that were assessed as high-risk.")
    async def high_risk(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).high_risk

    @resolved("Declarations that nobody had settled at the end of the last day.")
    async def pending(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).pending

    @resolved("Cases whose person somebody first spoke with within the days.")
    async def contacted(self, info: Info) -> int:
        """From the counters."""
        return (await _totals(info, self.summary)).contacted

    @resolved("How its alerts are answered.")
    def alerts(self) -> AlertSummary:
        """Nothing to wait for."""
        return AlertSummary(summary=self.summary)

    @resolved("Day by day in order, also days on which nothing happened; without `from` the last 30.")
    async def by_day(self, info: Info) -> list[DaySummary]:
        """Loaded for all summaries of the answer at once."""
        return [DaySummary.of(day) for day in await info.context.loaders.days.load(self.summary) or ()]

    @resolved("The same for each of its parts.")
    async def children(self, info: Info) -> list["AreaSummary"]:
        """Loaded for all summaries of the answer at once."""
        return [AreaSummary.of(one) for one in await info.context.loaders.parts.load(self.summary) or ()]

    @resolved("How each station within the area handles what it receives.")
    async def stations(self, info: Info) -> list[StationSummary]:
        """Loaded for all summaries of the answer at once."""
        found = await info.context.loaders.summary_stations.load(self.summary) or ()
        return [StationSummary(station=Station.of(one.station), read=one) for one in found]


def _here_and_now(info: Info) -> time.datetime:
    clock = info.context.runtime.clock
    return clock.now().astimezone(clock.zone())


async def _totals(info: Info, summary: summarise.Summary) -> Counts:
    return await info.context.loaders.totals.load(summary) or Counts()


async def _times(info: Info, summary: summarise.Summary) -> tuple[float | None, float | None]:
    found = await info.context.loaders.times.load(summary)
    return (found.p50, found.p90) if found else (None, None)

"""A scrape of a real server, as Prometheus would read it."""

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.client import Api

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Scrape:
    """What a page says: the value of each series, and its text."""

    values: dict[tuple[str, Labels], float]
    text: str

    @property
    def names(self) -> set[str]:
        """The names of all series."""
        return {name for name, _ in self.values}

    def sum(self, name: str, **labels: str) -> float:
        """The sum of the series of this name that have these labels."""
        wanted = frozenset(labels.items())
        return sum(value for (found, has), value in self.values.items() if found == name and wanted <= has)

    def labels(self, label: str) -> set[str]:
        """Every value of a label, of whichever series."""
        return {value for _, has in self.values for name, value in has if name == label}


def read(text: str) -> Scrape:
    """The page as series. Raises ValueError for what Prometheus would not take."""
    values = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return Scrape(values, text)


async def scrape(api: Api, path: str = "/metrics", **headers: str) -> Scrape:
    """Fetches and reads the page."""
    reply = await api.get(path, **headers)
    assert reply.status == 200, reply.body
    kind = {name.lower(): value for name, value in reply.headers.items()}["content-type"]
    assert kind.startswith("text/plain; version=0.0.4")
    return read(reply.body.decode())

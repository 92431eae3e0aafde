"""What was acknowledged to clients, held against what there is: every promise, and where it was broken."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chaos.accounts import Accounts
from chaos.book import Book, Sent
from simulation.journal import Entry, Faults, Journal, compare
from simulation.recount import recount

_MOST = 5
_GROWTH = 40.0
"""The most MiB by which a server may grow in a long run."""

_UNWANTED = "NOT_WANTED"


class Promise(StrEnum):
    """What may never happen. The text is what a person reads."""

    LOST = "an acknowledged declaration is lost"
    DUPLICATED = "a declaration was taken twice"
    UNANSWERED = "a client was never answered, or wrongly"
    MISSING = "an alert is missing at a subscriber"
    TWICE = "an alert came twice to a subscriber"
    OUT_OF_ORDER = "alerts came out of order"
    NEVER_HAPPENED = "a subscriber was told of what never happened"
    UNDONE = "what staff did and was told is done is not"
    NOT_SENT = "a message was never sent"
    UNRECOGNISABLE = "a message was repeated under another id"
    MISCOUNTED = "counters differ from a recount"
    MEMORY = "a server's memory grew"
    TRAIL = "the audit's chain is broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise that was broken, how often, and some examples."""

    promise: Promise
    count: int
    examples: tuple[str, ...]


@dataclass(slots=True)
class Ledger:
    """All that is compared; `log` is the alert log read anew from the run's begin, `peaks` MiB of each server."""

    book: Book
    accounts: Accounts
    log: Sequence[Entry]
    journals: Sequence[Journal]
    peaks: Mapping[str, float]
    growth: float
    """By how many MiB the server that was never killed has grown after it was warm."""
    memory: int
    trail: str | None
    """What is wrong with the audit's chain, None where nothing is."""

    def findings(self) -> list[Finding]:
        """Every promise that was broken."""
        found: dict[Promise, list[str]] = {}
        for promise, text in self._all():
            found.setdefault(promise, []).append(text)
        return [Finding(promise, len(texts), tuple(texts[:_MOST])) for promise, texts in found.items()]

    def _all(self) -> Iterable[tuple[Promise, str]]:
        yield from self._declarations()
        yield from self._alerts()
        yield from self._messages()
        yield from ((Promise.UNANSWERED, text) for text in self.book.wrong)
        yield from ((Promise.MISCOUNTED, area) for area in self.accounts.miscounted)
        for name, peak in self.peaks.items():
            if peak > self.memory:
                yield Promise.MEMORY, f"{name} held {peak:.0f} MiB; {self.memory} are allowed"
        if self.growth > _GROWTH:
            yield Promise.MEMORY, f"the server that was never killed grew by {self.growth:.0f} MiB"
        if self.trail is not None:
            yield Promise.TRAIL, self.trail

    def _declarations(self) -> Iterable[tuple[Promise, str]]:
        kept = self.accounts.submissions
        for key, sent in self.book.sent.items():
            if sent.receipts and key not in kept:
                yield Promise.LOST, f"{key} has the receipt {sent.receipts[0]} and is not there"
                continue
            yield from self._declaration(key, sent)
        for key in kept.keys() - self.book.sent.keys():
            yield Promise.DUPLICATED, f"{key} is there and nobody sent it"
        people = sum(len(self.book.sent[key].household.people) for key in kept.keys() & self.book.sent.keys())
        if (cases := self.accounts.whole["cases"]) > people:
            yield Promise.DUPLICATED, f"{cases} cases of {people} people"

    def _declaration(self, key: str, sent: Sent) -> Iterable[tuple[Promise, str]]:
        if len(set(sent.receipts)) > 1:
            yield Promise.DUPLICATED, f"{key} got the receipts {', '.join(sorted(set(sent.receipts)))}"
        if (there := self.accounts.submissions.get(key)) is None:
            return
        if sent.receipts and there.code not in sent.receipts:
            yield Promise.LOST, f"{key} got the receipt {sent.receipts[0]} and {there.code} is kept"
        wanted = len(sent.household.people)
        if there.people < wanted:
            yield Promise.LOST, f"{key} is there with {there.people} of {wanted} people"
        if there.cases > wanted or there.people > wanted:
            yield (
                Promise.DUPLICATED,
                f"{key} made {there.people} declarations and {there.cases} cases of {wanted} people",
            )

    def _alerts(self) -> Iterable[tuple[Promise, str]]:
        faults = compare(self.log, self.journals)
        yield from _told(faults)
        if len(self.log) < self.accounts.whole["events"]:
            yield Promise.MISSING, f"the log has {self.accounts.whole['events']} events and gives {len(self.log)}"
        raised = Counter(entry.alert for entry in self.log if entry.change == "RAISED")
        yield from ((Promise.TWICE, f"{alert} was raised twice") for alert, times in raised.items() if times > 1)
        kept = self.accounts.submissions.keys() & self.book.sent.keys()
        wanted = recount(self.book.sent[key].household for key in kept).whole.alerts
        if len(raised) < wanted:
            yield Promise.MISSING, f"{len(raised)} alerts were raised; the reports ask for {wanted}"
        if len(raised) > wanted:
            yield Promise.NEVER_HAPPENED, f"{len(raised)} alerts were raised; the reports ask for {wanted}"
        yield from self._staff()

    def _staff(self) -> Iterable[tuple[Promise, str]]:
        done = Counter((entry.alert, entry.change) for entry in self.log)
        for change, alerts in (("ACKNOWLEDGED", self.book.acknowledged), ("RESOLVED", self.book.resolved)):
            for alert in alerts:
                times = done[alert, change]
                if times != 1:
                    yield (Promise.UNDONE if times == 0 else Promise.TWICE), f"{alert} was {change} {times} times"

    def _messages(self) -> Iterable[tuple[Promise, str]]:
        messages, taken = self.accounts.messages, self.accounts.taken
        for message in messages.values():
            unwanted = message.state == "DROPPED" and message.reason == _UNWANTED
            held = message.state == "QUEUED" and message.may_wait
            if message.goes_in not in taken and not unwanted and not held:
                name = f"{message.kind} {message.id}"
                yield Promise.NOT_SENT, f"{name} is {message.state} ({message.reason}) after {message.attempts} tries"
        told = Counter(message.subject for message in messages.values() if message.kind == "RECEIVED")
        for key, there in self.accounts.submissions.items():
            if not told[there.id]:
                yield Promise.NOT_SENT, f"nobody was told that {key} has arrived"
        called = {message.subject for message in messages.values() if message.kind == "ALERT"}
        for alert in self.accounts.reds - called:
            yield Promise.NOT_SENT, f"nobody was called to the red alert {alert}"
        for id in taken.keys() - messages.keys():
            yield Promise.UNRECOGNISABLE, f"the gateway took {id}, which is no message"
        for id, says in self.accounts.says.items():
            # A text of several says less when it is sent again and somebody has taken an alert meanwhile.
            if len(says) > 1 and id in messages and not messages[id].gathers:
                yield Promise.UNRECOGNISABLE, f"the gateway was told {len(says)} different things as {id}"


def _told(faults: Faults) -> Iterable[tuple[Promise, str]]:
    never = [text for text in faults.examples if "never got" in text]
    twice = [text for text in faults.examples if "twice" in text]
    for promise, count, examples in (
        (Promise.MISSING, faults.lost, never),
        (Promise.TWICE, faults.duplicated, twice),
        (Promise.OUT_OF_ORDER, faults.misplaced, []),
        (Promise.NEVER_HAPPENED, faults.foreign, []),
    ):
        for number in range(count):
            yield promise, examples[number] if number < len(examples) else f"{number + 1} of {count}"

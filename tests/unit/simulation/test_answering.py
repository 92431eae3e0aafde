"""Which alerts the simulated stations take, and when."""

from datetime import UTC, datetime, timedelta

from simulation.answering import Answering

BEGIN = datetime(2022, 3, 11, tzinfo=UTC)
END = BEGIN + timedelta(days=12)


def heard(count: int, *, twice_each: bool = False) -> Answering:
    """Stations that have heard of so many cases, an hour between each."""
    answering = Answering(1, END)
    for number in range(count):
        at = min(BEGIN + timedelta(hours=number), END)
        answering.hear(f"alert-{number}", f"case-{number}", "ward", "AMBER", at)
        if twice_each:
            answering.hear(f"second-{number}", f"case-{number}", "ward", None, at)
    return answering


def test_four_in_ten_alerts_are_taken() -> None:
    assert len(heard(1000).due(END)) == 400


def test_of_a_case_with_two_alerts_one_is_taken_for_both() -> None:
    taken = heard(1000, twice_each=True).due(END)
    assert len({answer.alert.partition("-")[2] for answer in taken}) == len(taken) == 400


def test_alerts_are_taken_in_the_order_in_which_they_are_due() -> None:
    answering = heard(50)
    early = answering.due(BEGIN + timedelta(hours=20))
    assert [answer.due for answer in early] == sorted(answer.due for answer in early)
    assert answering.next_due is not None
    assert answering.next_due > BEGIN + timedelta(hours=20)
    assert answering.due(BEGIN + timedelta(hours=20)) == []


def test_nothing_is_left_for_after_the_end() -> None:
    answering = heard(1000)
    answering.due(END)
    assert answering.next_due is None

"""What is written down as a replay goes."""

from simulation.course import Course


def test_the_rate_is_of_people_and_not_of_households() -> None:
    course = Course(people=10)
    assert course.rate() == 0.0
    course.accepted(4, 0.01)
    assert course.declared == 4
    assert course.rate() > 4

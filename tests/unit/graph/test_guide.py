"""The guide's operations are operations of this API, and its page is what the story says."""

import re

import pytest
from graphql import parse, validate

from graph.api import build_schema
from graph.guide.page import documents, up_to_date
from graph.guide.steps import Step, answers, chapters

SCHEMA = build_schema()._schema
STEPS = [step for chapter in chapters() for step in chapter.steps]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_an_operation_of_the_guide_is_valid(step: Step) -> None:
    assert validate(SCHEMA, parse(step.query)) == []
    assert step.text


def test_what_a_step_takes_was_kept_by_one_before() -> None:
    kept = {"password", "sms_code", "colleague", "committee", "anybody"}
    for step in STEPS:
        assert step.places <= kept, step.title
        assert step.user in kept, step.title
        kept |= set(step.keep)


def test_every_step_was_lived_and_has_a_title_of_its_own() -> None:
    assert [step.title for step in STEPS] == list(answers())


def test_the_page_says_what_the_story_says() -> None:
    assert up_to_date(), "run `khaibao guide --write` and look at the difference"


def test_no_two_operations_have_one_name() -> None:
    # What makes types of them names the types by the operations.
    names = [re.search(r"\w+ (\w+)", step.query)[1] for step in STEPS]  # type: ignore[index]  # a nameless one fails here
    assert len(set(names)) == len(names)


def test_each_operation_is_a_file_of_its_own() -> None:
    assert len(documents()) == len(STEPS)
    assert all(name.endswith(".graphql") and name.isascii() for name in documents())

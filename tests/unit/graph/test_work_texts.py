"""The worklist has words for every kind of work, in both languages."""

from datetime import date

import pytest

from graph.language import Language
from graph.work_texts import to_do_text, why_text, work_texts
from services.work_kind import WorkKind


@pytest.mark.parametrize("kind", WorkKind)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_kind_says_why_and_what_to_do(kind: WorkKind, language: Language) -> None:
    assert why_text(kind, language, 2, date(2022, 3, 24))
    assert to_do_text(kind, language).endswith(".")


def test_no_text_is_of_a_kind_that_is_not() -> None:
    assert list(work_texts()) == list(WorkKind)


def test_numbers_and_days_stand_in_the_text() -> None:
    assert why_text(WorkKind.UNREACHED, "en", 3) == "Attempts that reached nobody: 3"
    assert why_text(WorkKind.RELEASE_DUE, "vi", 0, date(2022, 3, 24)).endswith("24/03/2022")

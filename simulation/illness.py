"""What an invented person has: symptoms that are severe or are not, conditions, a test and its day."""

import random
from datetime import date, timedelta

# Fatigue is common and the two others are not: the reported severe were mostly tired.
_SEVERE_SYMPTOMS = (("fatigue",), ("fatigue", "dyspnoea"), ("dyspnoea",), ("chest_pain",), ("fatigue", "chest_pain"))
_SEVERE_WEIGHTS = (78, 8, 7, 4, 3)
_MILD_SYMPTOMS = (
    ("cough", 0.60),
    ("sore_throat", 0.50),
    ("fever", 0.42),
    ("runny_nose", 0.38),
    ("headache", 0.33),
    ("muscle_pain", 0.28),
    ("loss_of_smell", 0.14),
    ("diarrhoea", 0.06),
    ("vomiting", 0.03),
)
_CONDITIONS = (
    "hypertension",
    "diabetes",
    "cardiovascular",
    "obesity",
    "chronic_lung",
    "chronic_kidney",
    "chronic_liver",
)
_CONDITION_WEIGHTS = (36, 24, 14, 8, 8, 5, 3)
_RARE_CONDITIONS = ("cancer", "neurological", "haematological", "immunosuppressed", "tuberculosis", "other")

# Days from the test to the declaration: three in four within 48 hours, nobody outside a window of five days.
_DAYS_SINCE_TEST = (45, 30, 13, 8, 4)


def draw_symptoms(severe: bool, draw: random.Random) -> tuple[str, ...]:
    """The symptoms ticked; one of fatigue, dyspnoea and chest pain is among them exactly where `severe`."""
    chosen = list(draw.choices(_SEVERE_SYMPTOMS, _SEVERE_WEIGHTS)[0]) if severe else []
    if draw.random() >= 0.1:
        chosen += [symptom for symptom, share in _MILD_SYMPTOMS if draw.random() < share]
    return tuple(chosen)


def draw_conditions(draw: random.Random) -> tuple[str, ...]:
    """At least one underlying condition, at most three."""
    chosen = dict.fromkeys(draw.choices(_CONDITIONS, _CONDITION_WEIGHTS, k=draw.choices((1, 2, 3), (70, 22, 8))[0]))
    if draw.random() < 0.06:
        chosen[draw.choice(_RARE_CONDITIONS)] = None
    return tuple(chosen)[:3]


def condition_share(years: int) -> float:
    """How many people of an age in completed years have an underlying condition."""
    return 0.02 if years < 18 else 0.06 if years < 40 else 0.15 if years < 55 else 0.3


def draw_test_day(day: date, draw: random.Random) -> date:
    """The day of the test of somebody who declares on `day`."""
    return day - timedelta(days=draw.choices(range(len(_DAYS_SINCE_TEST)), _DAYS_SINCE_TEST)[0])


def draw_onset(test_on: date, draw: random.Random) -> date | None:
    """The first day of symptoms, which not everybody remembers."""
    return None if draw.random() < 0.15 else test_on - timedelta(days=draw.choices(range(4), (35, 35, 20, 10))[0])

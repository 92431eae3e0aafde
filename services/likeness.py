"""What speaks for two cases being of one person, and what against it: judged by who they are said to be.

Pure. It decides nothing: a station sees both side by side, with these words.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.identify import Identity
from services.name_match import folded_words

_LEAST_WORDS = 2
_SLIPS = 2
_LETTERS_A_SLIP = 5
"""Two names are similar with one slip in five letters, and at most two: "An" is not "Ân Văn"."""


class LikenessSign(StrEnum):
    """What speaks for one person, the strongest first."""

    SAME_PERSON = "SAME_PERSON"
    SAME_NATIONAL_ID = "SAME_NATIONAL_ID"
    SAME_PHONE_AND_NAME = "SAME_PHONE_AND_NAME"
    SAME_NAME_AND_BIRTH = "SAME_NAME_AND_BIRTH"
    SAME_PHONE_AND_BIRTH = "SAME_PHONE_AND_BIRTH"
    SIMILAR_NAME = "SIMILAR_NAME"


class UnlikenessSign(StrEnum):
    """What speaks against one person."""

    OTHER_NATIONAL_ID = "OTHER_NATIONAL_ID"
    OTHER_NAME = "OTHER_NAME"
    OTHER_BIRTH = "OTHER_BIRTH"
    OTHER_SEX = "OTHER_SEX"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two are. Without a sign for it they are no candidates, whatever does not speak against it."""

    speaks_for: tuple[LikenessSign, ...]
    speaks_against: tuple[UnlikenessSign, ...]

    @property
    def order(self) -> tuple[int, int, int]:
        """What is most alike comes first: by the strongest sign, by what speaks against it, by how many signs."""
        strongest = list(LikenessSign).index(self.speaks_for[0]) if self.speaks_for else len(LikenessSign)
        return strongest, len(self.speaks_against), -len(self.speaks_for)


@dataclass(frozen=True, slots=True)
class Described:
    """Somebody as a case has them."""

    identity: Identity
    sex: str


def likeness(one: Described, other: Described, *, same_person: bool = False, same_key: bool = False) -> Likeness:
    """How alike the two are; the same whichever is named first.

    `same_person` says that they are known as one person already, `same_key` that the national id of one of them leads
    to the other: a report that the other case was joined by has said it, and not the case itself.
    """
    here, there = one.identity, other.identity
    words = folded_words(here.name), folded_words(there.name)
    ids = _number(here.national_id), _number(there.national_id)
    phone = bool(here.phone) and here.phone == there.phone
    name = bool(words[0]) and sorted(words[0]) == sorted(words[1])
    similar = name or _similar(*words)
    birth = _births(here, there)
    found = {
        LikenessSign.SAME_PERSON: same_person,
        LikenessSign.SAME_NATIONAL_ID: same_key or (ids[0] != "" and ids[0] == ids[1]),
        LikenessSign.SAME_PHONE_AND_NAME: phone and similar,
        LikenessSign.SAME_NAME_AND_BIRTH: name and birth is True,
        LikenessSign.SAME_PHONE_AND_BIRTH: phone and birth is True,
        # A name alone is many people's: with a birth that cannot be the same one's it says nothing.
        LikenessSign.SIMILAR_NAME: similar and birth is not False,
    }
    against = {
        UnlikenessSign.OTHER_NATIONAL_ID: bool(ids[0] and ids[1]) and ids[0] != ids[1],
        UnlikenessSign.OTHER_NAME: not similar,
        UnlikenessSign.OTHER_BIRTH: birth is False,
        UnlikenessSign.OTHER_SEX: one.sex != other.sex,
    }
    return Likeness(
        tuple(sign for sign, holds in found.items() if holds), tuple(sign for sign, holds in against.items() if holds)
    )


def _number(text: str | None) -> str:
    return "".join((text or "").split()).upper()


def _births(here: Identity, there: Identity) -> bool | None:
    """Whether both were born on one day, or in one year where no more is known; None where nothing is known."""
    if here.birth_date and there.birth_date:
        return here.birth_date == there.birth_date
    years = [one.birth_date.year if one.birth_date else one.birth_year for one in (here, there)]
    return None if None in years else years[0] == years[1]


def _similar(here: list[str], there: list[str]) -> bool:
    if min(len(here), len(there)) < _LEAST_WORDS:
        return False
    if set(here) <= set(there) or set(there) <= set(here):
        return True
    one, other = "".join(here), "".join(there)
    slips = min(_SLIPS, min(len(one), len(other)) // _LETTERS_A_SLIP)
    return _distance(one, other, slips) <= slips


def _distance(one: str, other: str, most: int) -> int:
    """How many letters have to be added, left out or changed to make one word of the other; `most` + 1 for more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, row[0] = row[0], place
        for column, against in enumerate(other, 1):
            before, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, before + (letter != against)),
            )
        if min(row) > most:
            return most + 1
    return row[-1]

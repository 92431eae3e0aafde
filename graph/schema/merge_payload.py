"""Likely duplicates, merging and unmerging, and putting right who a case is: what it takes and what it answers."""

from datetime import date
from typing import Annotated

import strawberry

from graph.schema.case import Case
from graph.schema.enums import Sex
from graph.schema.merge_enums import IdentityField, LikenessSign, UnlikenessSign
from graph.schema.personal import PersonMerge
from graph.schema.problem import Conflict, InvalidInput, NotFound
from services.correct_person import Correction
from services.find_duplicates import Candidate, Found

_SEEN = "The version you have seen: if somebody has changed it since, that is a conflict."


@strawberry.type(description="A case that may be of the same person.")
class DuplicateCandidate:
    """See the description."""

    case: Case = strawberry.field(description="The case.")
    speaks_for: list[LikenessSign] = strawberry.field(description="What speaks for it, the strongest first.")
    speaks_against: list[UnlikenessSign] = strawberry.field(description="What speaks against it.")

    @classmethod
    def of(cls, found: Candidate) -> "DuplicateCandidate":
        """The candidate that was found."""
        likeness = found.likeness
        return cls(
            case=Case.of(found.case),
            speaks_for=list(likeness.speaks_for),
            speaks_against=list(likeness.speaks_against),
        )


@strawberry.type(description="A case beside those that may be of the same person.")
class Duplicates:
    """See the description."""

    case: Case = strawberry.field(description="The case that was asked for.")
    candidates: list[DuplicateCandidate] = strawberry.field(description="The most alike first; at most 20.")
    looked_through: int = strawberry.field(description="How many cases were compared with it.")

    @classmethod
    def of(cls, found: Found) -> "Duplicates":
        """What was found."""
        return cls(
            case=Case.of(found.case),
            candidates=[DuplicateCandidate.of(one) for one in found.candidates],
            looked_through=found.looked_through,
        )


@strawberry.input(description="Which two cases are of one person.")
class MergePersonsInput:
    """See the description."""

    keep_case_id: strawberry.ID = strawberry.field(description="The id of the case that goes on.")
    merge_case_id: strawberry.ID = strawberry.field(description="The id of the other one.")
    take: list[IdentityField] = strawberry.field(
        default_factory=list,
        description="What the case that goes on takes over from the other one; all else stays as it has it.",
    )
    keep_version: int | None = strawberry.field(default=None, description=_SEEN)
    merge_version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Which merge is taken back.")
class UnmergePersonsInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The id of the case that was merged into another one.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="What is put right of who a case is. What is left out stays.")
class CorrectPersonInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    reason: str = strawberry.field(description="Why, in a few words; kept sealed.")
    full_name: str | None = strawberry.field(default=None, description="The name.")
    birth_date: date | None = strawberry.field(default=None, description="The day of birth; not with `birthYear`.")
    birth_year: int | None = strawberry.field(default=None, description="The year of birth, where no more is known.")
    sex: Sex | None = strawberry.field(default=None, description="The sex.")
    phone: str | None = strawberry.field(default=None, description="The phone.")
    national_id: str | None = strawberry.field(
        default=None, description="The number of the identity paper; an empty one takes it away."
    )
    street: str | None = strawberry.field(default=None, description="Street and house.")
    version: int | None = strawberry.field(default=None, description=_SEEN)

    def correction(self) -> Correction:
        """As the service takes it."""
        return Correction(
            reason=self.reason,
            name=self.full_name,
            birth_date=self.birth_date,
            birth_year=self.birth_year,
            sex=self.sex.value if self.sex else None,
            phone=self.phone,
            national_id=self.national_id,
            street=self.street,
        )


@strawberry.type(description="The two are one person's.")
class PersonsMerged:
    """See the description."""

    merge: PersonMerge = strawberry.field(description="The merge, with both cases as they stand now.")


@strawberry.type(description="The two are two persons' again.")
class PersonsUnmerged:
    """See the description."""

    merge: PersonMerge = strawberry.field(description="The merge that was taken back, with both cases.")


@strawberry.type(description="Who the case is was put right.")
class PersonCorrected:
    """See the description."""

    case: Case = strawberry.field(description="The case as it stands now.")


MergePersonsResult = Annotated[
    PersonsMerged | InvalidInput | NotFound | Conflict,
    strawberry.union("MergePersonsResult", description="The merge, or why the two were not merged."),
]
UnmergePersonsResult = Annotated[
    PersonsUnmerged | NotFound | Conflict,
    strawberry.union("UnmergePersonsResult", description="The merge, or why it was not taken back."),
]
CorrectPersonResult = Annotated[
    PersonCorrected | InvalidInput | NotFound | Conflict,
    strawberry.union("CorrectPersonResult", description="The case, or why nothing was put right."),
]

"""Managing people: what mutations take of their accounts, and what they answer."""

from typing import Annotated

import strawberry

from graph.schema.enums import Role
from graph.schema.problem import Conflict, InvalidInput, NotFound
from graph.schema.staff_account import StaffAccount


@strawberry.input(description="Whose password is reset.")
class ResetPasswordInput:
    """See the description."""

    account_id: strawberry.ID = strawberry.field(description="The account's id.")


@strawberry.input(description="Which account is to sign in no more.")
class DisableAccountInput:
    """See the description."""

    account_id: strawberry.ID = strawberry.field(description="The account's id.")


@strawberry.input(description="Which account is to sign in again.")
class EnableAccountInput:
    """See the description."""

    account_id: strawberry.ID = strawberry.field(description="The account's id.")


@strawberry.input(description="What an account is to be. What is left out stays, but for the station.")
class ChangeAccountInput:
    """See the description."""

    account_id: strawberry.ID = strawberry.field(description="The account's id.")
    version: int = strawberry.field(
        description="The version you have seen: if somebody has changed it since, that is a conflict."
    )
    role: Role | None = strawberry.field(default=None, description="Its new role, of those below your own.")
    area_id: strawberry.ID | None = strawberry.field(default=None, description="Its new area, of those in yours.")
    station_id: strawberry.ID | None = strawberry.field(
        default=None, description="Its station in that area; without it the area's own, where the role belongs to one."
    )
    doctor: bool | None = strawberry.field(
        default=None, description="Whether the person is a doctor, who may prescribe."
    )


@strawberry.type(description="The password was reset, and every session of the account has ended.")
class PasswordReset:
    """See the description."""

    temporary_password: str = strawberry.field(
        description="Shown this once. It has to be changed at the next sign-in, before anything else."
    )


@strawberry.type(description="The account was changed; what it had open has ended.")
class AccountChanged:
    """See the description."""

    account: StaffAccount | None = strawberry.field(
        description="The account as it stands now; null where it has left what you see."
    )


ResetPasswordResult = Annotated[
    PasswordReset | NotFound | Conflict,
    strawberry.union("ResetPasswordResult", description="A password for one sign-in, or why there is none."),
]
DisableAccountResult = Annotated[
    AccountChanged | NotFound,
    strawberry.union("DisableAccountResult", description="The account, or that there is none of yours."),
]
EnableAccountResult = Annotated[
    AccountChanged | NotFound,
    strawberry.union("EnableAccountResult", description="The account, or that there is none of yours."),
]
ChangeAccountResult = Annotated[
    AccountChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("ChangeAccountResult", description="The account, or why it stays as it is."),
]

"""What proves who one is: what mutations take of it, and what they answer."""

from typing import Annotated

import strawberry

from graph.schema.account import Session
from graph.schema.problem import (
    Conflict,
    InvalidCode,
    InvalidCredentials,
    InvalidInput,
    SecondFactorNeeded,
    TooManyRequests,
)


@strawberry.input(description="Who signs in by way of the department's own provider.")
class SignInWithProviderInput:
    """See the description."""

    id_token: str = strawberry.field(description="The ID token that the provider (OpenID Connect) has just given.")
    code: str | None = strawberry.field(
        default=None,
        description="The code that the account's authenticator app shows, where it has one and the provider asked for "
        "no second factor of its own.",
    )


@strawberry.input(description="A new password for oneself.")
class ChangePasswordInput:
    """See the description."""

    current_password: str = strawberry.field(description="The present one.")
    new_password: str = strawberry.field(
        description="At least 12 characters, not the user name, no simple row; capitals and signs are not asked for."
    )


@strawberry.input(description="The proof that an app has the secret.")
class ConfirmSecondFactorInput:
    """See the description."""

    code: str = strawberry.field(description="The code that the app shows now.")


@strawberry.type(
    description="A secret for an app that makes codes; counts once `confirmSecondFactor` has a code of it."
)
class SecondFactorBegun:
    """See the description."""

    secret: str = strawberry.field(description="To be typed into the app; shown this once.")
    uri: str = strawberry.field(description="The same as an otpauth URI, to be drawn as a QR code.")


SignInWithProviderResult = Annotated[
    Session | SecondFactorNeeded | InvalidCredentials | TooManyRequests,
    strawberry.union("SignInWithProviderResult", description="A session, or why there is none."),
]
ChangePasswordResult = Annotated[
    Session | InvalidCredentials | InvalidInput | TooManyRequests,
    strawberry.union("ChangePasswordResult", description="A new session, or why the password stays."),
]
BeginSecondFactorResult = Annotated[
    SecondFactorBegun | Conflict,
    strawberry.union("BeginSecondFactorResult", description="The secret, or why there is none."),
]
ConfirmSecondFactorResult = Annotated[
    Session | InvalidCode | Conflict,
    strawberry.union("ConfirmSecondFactorResult", description="A new session, or why the factor does not count yet."),
]

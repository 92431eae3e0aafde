"""What a mutation refuses, as data that the caller can act on."""

from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from graph.context import Context, Info
from graph.messages import conflict_text, fault_path, fault_text, problem_text
from graph.schema.alert import Alert
from graph.schema.case import Case
from graph.schema.declaration import Declaration
from graph.schema.duty import duty_or_none
from graph.schema.node import Node
from graph.schema.staff import Staff, load_staff
from graph.schema.staff_account import StaffAccount
from graph.schema.timeline import TimelineEntry
from services import problem
from services.changes_since import changes_since


@strawberry.interface(description="Why a mutation was refused.")
class Problem:
    """See the description."""

    # No enum: a receipt has a code too, and whoever asks for both in one selection could not if their types differed.
    code: str = strawberry.field(
        description="For programs, and it stays the same: INVALID_INPUT, NOT_FOUND, CONFLICT, INVALID_CREDENTIALS, "
        "SECOND_FACTOR_NEEDED, INVALID_CODE, SOCKET_ONLY, NOT_RELEASABLE, PACK_REFUSED, OUT_OF_STOCK or "
        "TOO_MANY_REQUESTS."
    )
    message: str = strawberry.field(description="For people, in the language of Accept-Language (vi, en).")


@strawberry.type(description="What is wrong with one field of an input.")
class FieldProblem:
    """See the description."""

    path: str = strawberry.field(
        description="Which field of the input, as it was sent: `people.0.vitals.spo2`; places count from 0."
    )
    code: str = strawberry.field(description="What is wrong, for programs: REQUIRED, OUT_OF_BOUNDS, IN_FUTURE, ...")
    message: str = strawberry.field(description="What is wrong, for people.")


@strawberry.type(description="Fields of the input are wrong. All of them are listed, and nothing was written.")
class InvalidInput(Problem):
    """See the description."""

    fields: list[FieldProblem] = strawberry.field(description="Every fault, each with its place.")


@strawberry.type(description="There is no such thing, or it is outside your jurisdiction: you cannot tell which.")
class NotFound(Problem):
    """See the description."""


@strawberry.type(description="User name, password and code do not belong together: you cannot tell which is wrong.")
class InvalidCredentials(Problem):
    """See the description."""


@strawberry.type(description="The account has a second factor: send the same again with the code that its app shows.")
class SecondFactorNeeded(Problem):
    """See the description."""


@strawberry.type(description="This is for the WebSocket that is to stay open: send it there.")
class SocketOnly(Problem):
    """See the description."""


@strawberry.type(description="This is not the newest code that was sent or is shown, or it was used, or it is too old.")
class InvalidCode(Problem):
    """See the description."""

    tries_left: int | None = strawberry.field(
        description="How often you may still try; 0 where another code has to be asked for, null where an app shows "
        "the next one by itself. Of a phone it does not say whether a code was ever sent."
    )


@strawberry.type(description="Too often within too short a time.")
class TooManyRequests(Problem):
    """See the description."""

    retry_after: int = strawberry.field(description="After how many seconds it may be tried again.")


@strawberry.type(description="Somebody else was first, or the present state does not allow it.")
class Conflict(Problem):
    """See the description."""

    reason: str = strawberry.field(
        description="For programs. Of what was changed meanwhile: STALE_VERSION, STALE_BALANCE, "
        "IDEMPOTENCY_KEY_REUSED. Of what somebody else has done: ALREADY_ACKNOWLEDGED, ALREADY_CLAIMED, "
        "ALREADY_REFERRED, HAND_OVER_WAITS, TEST_VERIFIED, TEST_REFUSED. Of how it stands: WRONG_STATE, "
        "TOO_FEW_ATTEMPTS, ANONYMOUS. Of two cases: SAME_PERSON, KEEP_THE_OTHER, ALREADY_MERGED, NOT_MERGED, "
        "NEWER_MERGE. Of accounts: SECOND_FACTOR_SET, NO_PASSWORD."
    )
    current: Node | None = strawberry.field(description="The object as it stands now, where there is one to see.")
    by: Staff | None = strawberry.field(description="Who was first, where somebody was.")
    state: str | None = strawberry.field(
        default=None, description="Of WRONG_STATE: the state that the object is in, which does not allow the act."
    )
    allowed: list[str] = strawberry.field(
        default_factory=list,
        description="Of WRONG_STATE: the acts that the state allows, whoever may do them; `allowedActions` of the "
        "object are yours.",
    )
    changes: list[TimelineEntry] = strawberry.field(
        default_factory=list,
        description="Of STALE_VERSION of a case that you may see: what was changed since the version that you have "
        "seen, oldest first; at most 50.",
    )


class InvalidInputHandler(strawberry.ExceptionHandler[problem.InvalidInput, InvalidInput]):
    """From the services' refusal to the API's."""

    def handle(self, exception: problem.InvalidInput, *, field: StrawberryField, info: Info) -> InvalidInput:
        """Every fault with its path and text."""
        info.context.told(exception.code)
        language = info.context.language
        return InvalidInput(
            code=exception.code,
            message=problem_text("INVALID_INPUT", language),
            fields=[
                FieldProblem(path=fault_path(fault.path), code=fault.code, message=fault_text(fault, language))
                for fault in exception.faults
            ],
        )


class NotFoundHandler(strawberry.ExceptionHandler[problem.NotFound, NotFound]):
    """From the services' refusal to the API's."""

    def handle(self, exception: problem.NotFound, *, field: StrawberryField, info: Info) -> NotFound:
        """Says no more than that."""
        info.context.told(exception.code)
        info.context.refused(info.field_name, exception.code)
        return NotFound(code=exception.code, message=problem_text("NOT_FOUND", info.context.language))


class InvalidCredentialsHandler(strawberry.ExceptionHandler[problem.InvalidCredentials, InvalidCredentials]):
    """From the services' refusal to the API's."""

    def handle(
        self, exception: problem.InvalidCredentials, *, field: StrawberryField, info: Info
    ) -> InvalidCredentials:
        """Says not which part is wrong."""
        info.context.told(exception.code)
        info.context.refused(info.field_name, exception.code)
        message = problem_text(exception.text, info.context.language)
        return InvalidCredentials(code=exception.code, message=message)


class SecondFactorNeededHandler(strawberry.ExceptionHandler[problem.SecondFactorNeeded, SecondFactorNeeded]):
    """From the services' refusal to the API's."""

    def handle(
        self, exception: problem.SecondFactorNeeded, *, field: StrawberryField, info: Info
    ) -> SecondFactorNeeded:
        """Says what is missing."""
        info.context.told(exception.code)
        message = problem_text("SECOND_FACTOR_NEEDED", info.context.language)
        return SecondFactorNeeded(code=exception.code, message=message)


class SocketOnlyHandler(strawberry.ExceptionHandler[problem.SocketOnly, SocketOnly]):
    """From the services' refusal to the API's."""

    def handle(self, exception: problem.SocketOnly, *, field: StrawberryField, info: Info) -> SocketOnly:
        """Says where it belongs."""
        info.context.told(exception.code)
        info.context.refused(info.field_name, exception.code)
        return SocketOnly(code=exception.code, message=problem_text("SOCKET_ONLY", info.context.language))


class InvalidCodeHandler(strawberry.ExceptionHandler[problem.InvalidCode, InvalidCode]):
    """From the services' refusal to the API's."""

    def handle(self, exception: problem.InvalidCode, *, field: StrawberryField, info: Info) -> InvalidCode:
        """With the tries that are left."""
        info.context.told(exception.code)
        info.context.refused(info.field_name, exception.code)
        message = problem_text("INVALID_CODE", info.context.language)
        return InvalidCode(code=exception.code, message=message, tries_left=exception.tries_left)


class TooManyRequestsHandler(strawberry.ExceptionHandler[problem.TooManyRequests, TooManyRequests]):
    """From the services' refusal to the API's."""

    def handle(self, exception: problem.TooManyRequests, *, field: StrawberryField, info: Info) -> TooManyRequests:
        """With the seconds to wait."""
        info.context.told(exception.code)
        info.context.refused(info.field_name, exception.code)
        message = problem_text("TOO_MANY_REQUESTS", info.context.language)
        return TooManyRequests(code=exception.code, message=message, retry_after=exception.retry_after)


class ConflictHandler(strawberry.ExceptionHandler[problem.Conflict, Conflict]):
    """From the services' refusal to the API's."""

    async def handle(self, exception: problem.Conflict, *, field: StrawberryField, info: Info) -> Conflict:
        """With the object as it stands now, read after the refused transaction has ended."""
        info.context.told(exception.code)
        context = info.context
        changes = await _changes(exception, context)
        first = exception.values.get("account_id") or (changes[-1].line.account_id if changes else None)
        state, allowed = exception.values.get("state"), exception.values.get("allowed")
        return Conflict(
            code=exception.code,
            message=conflict_text(exception.reason, context.language),
            reason=exception.reason,
            current=await _current(exception.current, context),
            by=await load_staff(info, first) if isinstance(first, UUID) else None,
            state=str(state) if state else None,
            allowed=[str(act) for act in allowed] if isinstance(allowed, tuple | list) else [],
            changes=changes,
        )


HANDLERS = (
    InvalidInputHandler(),
    NotFoundHandler(),
    InvalidCredentialsHandler(),
    SecondFactorNeededHandler(),
    SocketOnlyHandler(),
    InvalidCodeHandler(),
    TooManyRequestsHandler(),
    ConflictHandler(),
)


async def _current(current: problem.Current, context: Context) -> Node | None:
    if current.id is None:
        return None
    if current.kind == "ALERT":
        alert = await context.loaders.alerts.load(current.id)
        if alert:
            context.operation.seen.page("see_alert", [alert.id])
        return Alert.of(alert) if alert else None
    if current.kind == "DECLARATION":
        declaration = await context.loaders.declarations.load(current.id)
        if declaration:
            context.operation.seen.page("see_declaration", [declaration.id])
        return Declaration.of(declaration) if declaration else None
    if current.kind == "DUTY":
        return await duty_or_none(context, current.id)
    if current.kind == "ACCOUNT":
        account = await context.loaders.people.load(current.id)
        return StaffAccount.of(account) if account else None
    if current.kind == "CASE":
        case = await context.loaders.cases.load(current.id)
        if case:
            context.operation.seen.page("see_case", [case.id])
        return Case.of(case) if case else None
    return None


async def _changes(conflict: problem.Conflict, context: Context) -> list[TimelineEntry]:
    seen, version = conflict.values.get("seen"), conflict.values.get("version")
    if conflict.current.kind != "CASE" or conflict.current.id is None or conflict.reason != "STALE_VERSION":
        return []
    # Through the loader, and so through the first wall: whoever does not find the case learns nothing of it here.
    case = await context.loaders.cases.load(conflict.current.id)
    if case is None or not isinstance(seen, int) or not isinstance(version, int):
        return []
    async with context.operation.reading() as connection:
        lines = await changes_since(context.actor, connection, case.id, seen, version)
    return [TimelineEntry.of(line, case) for line in lines]

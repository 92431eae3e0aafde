"""Accounts, for those who manage people."""

from uuid import UUID

import strawberry

from access.policy import Action
from graph.context import Context, Info
from graph.global_id import key_of, uuid_of
from graph.schema.arguments import After, AreaId, First, area_key
from graph.schema.page import Connection, connected
from graph.schema.people import (
    AccountChanged,
    ChangeAccountInput,
    ChangeAccountResult,
    DisableAccountInput,
    DisableAccountResult,
    EnableAccountInput,
    EnableAccountResult,
    PasswordReset,
    ResetPasswordInput,
    ResetPasswordResult,
)
from graph.schema.resolved import mutating, querying
from graph.schema.staff_account import StaffAccount
from services.change_account import NewPost, change_account
from services.disable_account import disable_account
from services.enable_account import enable_account
from services.list_people import list_people
from services.reset_password import reset_password


@strawberry.type
class AccountQuery:
    """To read."""

    @querying("The accounts of an area, in the order of the tree.", Action.SEE_ACCOUNTS)
    async def accounts(
        self, info: Info, area_id: AreaId = None, first: First = None, after: After = None
    ) -> Connection[StaffAccount]:
        """One page."""
        context = info.context
        async with context.operation.reading() as connection:
            page = await list_people(context.account(), connection, area_key(area_id), first, after)
        return connected(page, StaffAccount.of, after)


@strawberry.type
class AccountMutation:
    """To help and to change."""

    @mutating("Gives somebody whose role is below yours a password for one sign-in.", Action.RESET_PASSWORD)
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> ResetPasswordResult:
        """The password."""
        actor = info.context.account()
        await info.context.next_mutation()
        password = await reset_password(info.context.runtime, actor, uuid_of("Account", input.account_id))
        return PasswordReset(temporary_password=password)

    @mutating("Lets an account sign in no more; what it has open ends at once.", Action.CHANGE_ACCOUNT)
    async def disable_account(self, info: Info, input: DisableAccountInput) -> DisableAccountResult:
        """The account as it stands."""
        actor, id = info.context.account(), uuid_of("Account", input.account_id)
        await info.context.next_mutation()
        await disable_account(info.context.runtime, actor, id)
        return await _changed(info.context, id)

    @mutating("Lets a disabled account sign in again.", Action.CHANGE_ACCOUNT)
    async def enable_account(self, info: Info, input: EnableAccountInput) -> EnableAccountResult:
        """The account as it stands."""
        actor, id = info.context.account(), uuid_of("Account", input.account_id)
        await info.context.next_mutation()
        await enable_account(info.context.runtime, actor, id)
        return await _changed(info.context, id)

    @mutating("Gives an account another role, area or station; what it has open ends at once.", Action.CHANGE_ACCOUNT)
    async def change_account(self, info: Info, input: ChangeAccountInput) -> ChangeAccountResult:
        """The account as it stands."""
        actor, id = info.context.account(), uuid_of("Account", input.account_id)
        station = None if input.station_id is None else key_of("Station", input.station_id)
        post = NewPost(input.role, area_key(input.area_id), station, input.doctor)
        await info.context.next_mutation()
        await change_account(info.context.runtime, actor, id, input.version, post)
        return await _changed(info.context, id)


async def _changed(context: Context, id: UUID) -> AccountChanged:
    row = await context.loaders.people.load(id)
    return AccountChanged(account=StaffAccount.of(row) if row else None)

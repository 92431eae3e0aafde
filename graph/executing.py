"""Executing an operation that is made ready: by its plan where it has one, and else by Strawberry and graphql-core."""

from collections.abc import AsyncGenerator, Iterable
from typing import Any

import strawberry
from graphql import OperationType as Kind
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from graph.context import Context
from graph.engine import Plan

_KINDS = {kind: OperationType(kind.value) for kind in Kind}


async def executed(schema: strawberry.Schema, context: Context, allowed: Iterable[OperationType]) -> ExecutionResult:
    """The result of a query or a mutation. Raises InvalidOperationTypeError for another than is allowed."""
    plan = _plan(context, allowed)
    if plan is not None:
        result = await plan.execute(context, context.request.variables)
        if result is not None:
            return result
    return await schema.execute(
        context.request.query,
        variable_values=context.request.variables,
        context_value=context,
        operation_name=context.request.operation_name,
        allowed_operation_types=allowed,
    )


async def streamed(
    schema: strawberry.Schema, context: Context, allowed: Iterable[OperationType]
) -> AsyncGenerator[Any, None]:
    """The results of any operation: a subscription's until it ends, and one of the others."""
    plan = _plan(context, allowed)
    if plan is not None:
        if plan.kind.value != OperationType.SUBSCRIPTION.value:
            return _only(schema, context, allowed)
        source = plan.subscribe(context, context.request.variables)
        if source is not None:
            return source
    stream: AsyncGenerator[Any, None] = await schema.stream(
        context.request.query,
        variable_values=context.request.variables,
        context_value=context,
        operation_name=context.request.operation_name,
        allowed_operation_types=allowed,
    )
    return stream


async def _only(
    schema: strawberry.Schema, context: Context, allowed: Iterable[OperationType]
) -> AsyncGenerator[ExecutionResult, None]:
    yield await executed(schema, context, allowed)


def _plan(context: Context, allowed: Iterable[OperationType]) -> Plan | None:
    """The plan where its kind of operation is allowed; of any other Strawberry has the words."""
    plan = context.plan
    return plan if plan is not None and _KINDS[plan.kind] in allowed else None

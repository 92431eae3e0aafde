"""Compiled operations of a Strawberry schema: a valid document becomes plain functions, and they answer.

A library of its own: it imports Strawberry and graphql-core and nothing of the program round it. `plan_of` compiles one
operation, `Plan.execute` and `Plan.subscribe` run it; `Prepared` is the same with its variables. Whatever it does not
know it leaves to graphql-core, and says so before any resolver has run. What an answer is, is graphql-core's to say:
the tests compare the two.
"""

from graph.engine.plan import Plan, Prepared, plan_of
from graph.engine.ready import Ready

__all__ = ["Plan", "Prepared", "Ready", "plan_of"]

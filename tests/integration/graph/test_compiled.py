"""The same reads of a drawn world, compiled and by graphql-core: the same bytes, from as many statements at most."""

import os
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import asyncpg
import orjson

from access.actor import Actor
from graph.api import build_schema
from graph.context import Context
from graph.request import GraphQLRequest
from graph.running import NO_STREAM, Engine
from models.database import DatabaseUrls
from services.runtime import Runtime
from tests.integration.fuzz.fuzzing import LIMITS
from tests.integration.fuzz.staffed import plant_staffed
from tests.integration.scope.drawing import Drawing
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.values import Values
from tests.integration.statements import Statements

OPERATIONS = int(os.environ.get("KHAIBAO_SCOPE_CASES", "300"))

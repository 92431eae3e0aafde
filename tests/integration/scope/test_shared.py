"""What a subscriber is given from an execution for many is what it would have been given alone, byte for byte."""

import os
import random
from collections import Counter

import asyncpg

from models.database import DatabaseUrls
from services.runtime import Runtime
from tests.integration.scope.grove import plant
from tests.integration.scope.shared import Together

ROUNDS = int(os.environ.get("KHAIBAO_SHARED_ROUNDS", "4"))
SEED = os.environ.get("KHAIBAO_SCOPE_SEED", "0")


async def test_whoever_shares_an_execution_is_given_what_they_would_be_given_alone(
    ground: Runtime, urls: DatabaseUrls, owner: asyncpg.Connection
) -> None:
    heard: Counter[str] = Counter()
    for number in range(ROUNDS):
        seed = f"{SEED}/shared/{number}"
        grove = await plant(ground, urls, owner, random.Random(seed))
        one = Together(grove, random.Random(f"{seed}/steps"), seed)
        await one.run()
        heard += one.heard
    # Else nothing was proven: of those who share, and of whom persons are named to.
    assert min(heard["alone"], heard["shared"], heard["named"]) > 0, heard

"""Valid, nearly valid and mangled operations over the whole schema: no fault of ours, and none takes a second."""

import os
import random
from collections import Counter
from datetime import timedelta

import asyncpg
import pytest

from models.database import DatabaseUrls
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.fuzz.fuzzing import Defect, Fuzzing
from tests.integration.fuzz.staffed import plant_staffed

OPERATIONS = int(os.environ.get("KHAIBAO_SCOPE_CASES", "1500"))
SEED = os.environ.get("KHAIBAO_SCOPE_SEED", "0")
PROGRESS = os.environ.get("KHAIBAO_SCOPE_PROGRESS")
"""The number of an open file to tell how many operations are through, when a soak has started us."""

ON_ONE_TREE = 750


# The libraries leave a field's coroutine behind where one beside it fails at once, or its stream is closed.
@pytest.mark.filterwarnings("ignore:coroutine '(Executor|GraphQLCoreConverter):RuntimeWarning")
async def test_whatever_is_asked_the_answer_is_an_answer(
    ground: Runtime, urls: DatabaseUrls, owner: asyncpg.Connection
) -> None:
    done, defects, codes = 0, dict[str, Defect](), Counter[str]()
    while done < OPERATIONS:
        chance = random.Random(f"{SEED}/{done}")
        grove = await plant_staffed(ground, urls, owner, chance)
        fuzzing = Fuzzing(grove, chance, defects)
        await fuzzing.run(min(ON_ONE_TREE, OPERATIONS - done))
        done += fuzzing.done
        codes += fuzzing.codes
        # Somebody may have moved it to the end of time.
        ground.clock.follow(MOMENT, timedelta())
        if PROGRESS:
            os.write(int(PROGRESS), b"%d\n" % fuzzing.done)
    print(f"{done} operations, answered with {dict(codes)}")
    assert not defects, "\n\n".join(defect.text() for defect in defects.values())
    assert all(codes[code] for code in ("BAD_REQUEST", "InvalidInput", "NOT_FOUND")), codes

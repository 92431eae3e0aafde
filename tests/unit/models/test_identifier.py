"""Identifiers that sort by the moment they were made."""

import pickle
import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from models.identifier import first_of, moment_of, uuid7


def test_it_is_a_uuid_like_any_other() -> None:
    made = uuid7()
    assert type(made) is UUID
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made == UUID(str(made)) == UUID(bytes=made.bytes) == pickle.loads(pickle.dumps(made))
    assert hash(made) == hash(UUID(str(made)))
    assert made.is_safe is UUID(str(made)).is_safe


def test_thousands_are_all_different_and_sort_as_they_were_made() -> None:
    made = []
    for _ in range(2_000):
        made.append(uuid7())
        before = time.time_ns()
        while time.time_ns() - before < 1_000:
            # What is made within a quarter of a microsecond may come in either order.
            pass
    assert len(set(made)) == len(made)
    assert made == sorted(made)


def test_it_tells_its_moment() -> None:
    begun = datetime.now(UTC) - timedelta(milliseconds=1)
    made = uuid7()
    assert begun <= moment_of(made) <= datetime.now(UTC)
    assert first_of(moment_of(made)) <= made

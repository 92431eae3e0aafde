"""The chaos run on Debian's PostgreSQL 15 and Redis, and with faults built in, each of which it must find."""

from pathlib import Path

import pytest

from chaos.fault import Kind
from chaos.ledger import Promise
from tests.acceptance.test_chaos import chaos
from tests.servers.conftest import POSTGRES

pytestmark = pytest.mark.servers

PLANTED = [
    (
        "naive-cursor,lost-reply-resent",
        ["--seconds", "8", "--only", "gateway_lost", "--spacing", "1"],
        {Promise.MISSING, Promise.UNRECOGNISABLE},
    ),
    (
        "publish-before-commit,key-not-honoured,retry-forgotten",
        ["--seconds", "8", "--only", "gateway_errors", "--spacing", "1"],
        {Promise.NEVER_HAPPENED, Promise.DUPLICATED, Promise.NOT_SENT},
    ),
    (
        "unbounded-queue",
        [
            *("--seconds", "14", "--hang", "--silent", "20", "--servers", "1", "--memory", "225"),
            *("--only", "subscriber_cut", "--spacing", "5"),
        ],
        {Promise.MEMORY},
    ),
]
"""Faults that are built in, a schedule that brings them out, and the promises that are then found broken."""


def test_nothing_is_lost_on_debians_postgresql_and_redis(tmp_path: Path) -> None:
    code, found, said = chaos(
        tmp_path,
        *("--seconds", "34", "--spacing", "1", "--subscribers", "120", "--seed", "2"),
        *("--postgres", str(POSTGRES), "--redis"),
    )
    assert (code, found["findings"], found["unexpected"]) == (0, [], {}), said
    assert found["kinds"].keys() == {kind.name for kind in Kind}


@pytest.mark.parametrize(("plant", "schedule", "promises"), PLANTED, ids=[plant for plant, _, _ in PLANTED])
def test_what_is_built_in_is_found(plant: str, schedule: list[str], promises: set[Promise], tmp_path: Path) -> None:
    code, found, said = chaos(
        tmp_path, "--plant", plant, *schedule, "--subscribers", "16", "--severe", "1", "--drain", "8"
    )
    assert code == 1
    assert promises <= {Promise[one["promise"]] for one in found["findings"]}, said

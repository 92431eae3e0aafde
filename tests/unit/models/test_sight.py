"""Who may be answered by another's reading: only whoever a statement is told exactly the same of."""

from models.alone import Alone
from models.bounds import NOTHING


def test_who_was_looked_up_shares_nothing_with_who_is_presumed_nor_these_with_others_of_another_version() -> None:
    sights = [Alone(NOTHING).sight, Alone(NOTHING, 1).sight, Alone(NOTHING, 2).sight]
    assert len(set(sights)) == 3
    assert Alone(NOTHING, 2).sight == sights[2]
